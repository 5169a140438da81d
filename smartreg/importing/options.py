"""The options of an import, each declared once: its type, its names on the command line, its help, and the key under
which a mapping file keeps it. The command line (`cli/importing/options.py`), the mapping file (`mapping.py`) and the
commands that messages print read them here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

from smartreg.core.values import Json, Words

MOST_M = 10_000  # metres that a namesake may have moved; what moved farther is found by a key

Texts: TypeAlias = tuple[str, ...]


class Option(NamedTuple):
    """How an option is typed: its names (messages print the first) and what help calls its value and says of it. `key`:
    where the mapping file keeps it, for the next file of the same name; `once`: it counts for one run, and no command
    in a message repeats it; `formerly`: its name in earlier versions, which help does not show."""

    names: Texts
    metavar: str | None
    help: Words
    key: str | None = None
    once: bool = False
    formerly: str | None = None


@dataclass(frozen=True)
class ImportRequest:
    """What somebody asks of an import, in the order in which help lists it; what is not given comes from the mapping.
    `word`: what somebody calls the kind (`import sensors`), `preset`: what that says where no column does."""

    maps: Annotated[
        Texts,
        Option(
            ("--map",),
            "COL=PATH",
            Words("fill this field from this column", "cette colonne remplit ce champ"),
            "fields",
        ),
    ] = ()
    constants: Annotated[
        Texts,
        Option(
            ("--constant", "--set"),
            "PATH=VALUE",
            Words("set this value in every record", "cette valeur partout"),
            "constants",
        ),
    ] = ()
    mapping: Annotated[
        str | None,
        Option(
            ("--mapping",),
            "NAME|FILE",
            Words("use a mapping, by its name or file", "une correspondance, par son nom ou son fichier"),
        ),
    ] = None
    dialect: Annotated[
        str | None,
        Option(("--dialect",), "DIALECT", Words("CSV dialect of the file", "comment est écrit le fichier"), "dialect"),
    ] = None
    encoding: Annotated[
        str | None,
        Option(("--encoding",), "NAME", Words("encoding of the file (default: detected)", "trouvé sinon"), "encoding"),
    ] = None
    crs: Annotated[
        str | None,
        Option(
            ("--crs",),
            "EPSG",
            Words("coordinate system of the file, such as EPSG:2154", "coordonnées du fichier, EPSG:2154"),
            "crs",
        ),
    ] = None
    key: Annotated[
        Texts,
        Option(
            ("--key",),
            "COL|PATH",
            Words("columns or fields that match rows to records", "colonnes ou champs qui identifient une ligne"),
            "key",
        ),
    ] = ()
    id_from: Annotated[
        str | None,
        Option(
            ("--id-from",),
            "TEMPLATE",
            Words("build ids from columns: {NAME}-{NUMBER}", "identifiants tirés de colonnes"),
            "id",
        ),
    ] = None
    skip_rows: Annotated[
        Texts,
        Option(("--skip-rows",), "COL=VALUE", Words("skip rows with this value", "écarter ces lignes"), "skip_rows"),
    ] = ()
    absent: Annotated[
        Texts,
        Option(("--absent",), "COL=VALUE", Words("cells that mean unknown", "cellules sans valeur"), "absent"),
    ] = ()
    update: Annotated[
        bool, Option(("--update",), None, Words("update existing records", "modifier les fiches existantes"), once=True)
    ] = False
    sheet: Annotated[
        str | None,
        Option(("--sheet",), "NAME", Words("sheet of the workbook", "quelle feuille d'un classeur"), "sheet"),
    ] = None
    layer: Annotated[
        str | None,
        Option(
            ("--layer",),
            "NAME",
            Words("layer of the map, or file in the archive", "quelle couche, ou quel fichier d'une archive"),
            "layer",
        ),
    ] = None
    package: Annotated[
        str | None,
        Option(
            ("--in",),
            "PACKAGE",
            Words("the datapackage.json that came with an export", "le datapackage.json qui accompagnait un export"),
            once=True,
        ),
    ] = None
    values: Annotated[
        Texts,
        Option(
            ("--values",),
            "COL:A=x,B=y",
            Words(
                "what values of a column mean; COL->FIELD:… fills a field",
                "sens des valeurs ; COL->CHAMP:… remplit un champ",
            ),
            "values",
        ),
    ] = ()
    set_from: Annotated[
        Texts,
        Option(
            ("--set-from",),
            "PATH={COL} {COL}",
            Words("fill a field from several columns", "un champ à partir de colonnes"),
            "set_from",
        ),
    ] = ()
    date_format: Annotated[
        str | None,
        Option(
            ("--date-format",),
            "DD/MM/YYYY",
            Words("date format of the file", "comment sont écrits les jours"),
            "date_format",
        ),
    ] = None
    dates: Annotated[
        Literal["start", "end", "refuse"] | None,
        Option(
            ("--dates",),
            "DAY",
            Words("day that stands for a year, month or time", "le jour que devient une année, un mois, un instant"),
            "dates",
        ),
    ] = None
    keep: Annotated[
        Texts,
        Option(
            ("--keep",),
            "COL",
            Words("keep this column as an attribute", "garder cette colonne comme attribut"),
            "keep",
        ),
    ] = ()
    moved_on: Annotated[
        date | None,
        Option(
            ("--moved-on",),
            "YYYY-MM-DD",
            Words(
                "day since which devices are where the file says",
                "depuis quand les équipements sont où dit le fichier",
            ),
            once=True,
        ),
    ] = None
    correct: Annotated[
        bool,
        Option(
            ("--correct",),
            None,
            Words(
                "correct entry errors about the past; --reason says why",
                "le passé inscrit est une erreur de saisie ; --reason dit pourquoi",
            ),
            once=True,
        ),
    ] = False
    duplicates: Annotated[
        Literal["first", "all", "refuse"] | None,
        Option(
            ("--duplicates",),
            "WHICH",
            Words("what to do with identical rows", "lignes aux mêmes cellules"),
            "duplicates",
            formerly="twins",
        ),
    ] = None
    moved_within: Annotated[
        float | None,
        Option(
            ("--moved-within",),
            "METRES",
            Words(
                "how far a record of the same name may have moved; farther, the row is new",
                "déplacement d'un homonyme ; au-delà, c'est un autre",
            ),
            "moved_within",
        ),
    ] = None
    missing_rows: Annotated[
        Literal["list", "retire"] | None,
        Option(
            ("--missing-rows",),
            "WHAT",
            Words("what to do with records that no longer have a row", "fiches dont la ligne a disparu"),
            once=True,
            formerly="gone",
        ),
    ] = None
    on: Annotated[
        date | None,
        Option(
            ("--on",),
            "YYYY-MM-DD",
            Words("day of --missing-rows retire", "jour de --missing-rows retire"),
            once=True,
        ),
    ] = None
    word: str | None = None
    preset: Mapping[str, Json] = field(default_factory=dict)

    @property
    def retire_on(self) -> date | None:
        """The day on which records that have no row any more are retired; None where they stay."""
        return self.on if self.missing_rows == "retire" else None


class DeclaredOption(NamedTuple):
    """An option with the field of `ImportRequest` that holds it, and the type of one value: `str`, `bool`, `date`,
    `float`, or a `Literal`; `repeated`: it may be given several times."""

    field: str
    option: Option
    type: Any
    repeated: bool

    @property
    def choices(self) -> Texts:
        """The words that are allowed, if these are fixed."""
        return get_args(self.type) if get_origin(self.type) is Literal else ()


@cache
def declared_options() -> tuple[DeclaredOption, ...]:
    """All options, in the order in which they are declared."""
    hints = get_type_hints(ImportRequest, include_extras=True)
    return tuple(
        _declared(item.name, *get_args(hints[item.name])[:2])
        for item in fields(ImportRequest)
        if get_origin(hints[item.name]) is Annotated
    )


def _declared(name: str, type_: Any, option: Option) -> DeclaredOption:
    if get_origin(type_) is tuple:
        return DeclaredOption(name, option, str, True)
    if isinstance(type_, UnionType) or NoneType in get_args(type_):
        (type_,) = (one for one in get_args(type_) if one is not NoneType)
    return DeclaredOption(name, option, type_, False)


def typed_options(request: ImportRequest) -> Iterator[tuple[str, str]]:
    """The options of a request with their values, as a command repeats them: those that may be given several times
    first; without those of one run."""
    for several in (True, False):
        for declared in declared_options():
            if declared.option.once or declared.repeated != several:
                continue
            value = getattr(request, declared.field)
            for text in value if several else () if value is None else (value,):
                yield declared.option.names[0], f"{text:g}" if isinstance(text, float) else str(text)
