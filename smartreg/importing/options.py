"""The options of an import, each declared once: its type, its name, its help, and whether a mapping file keeps it. The
command line (`cli/importing/options.py`), the mapping file (`mapping.py`) and the commands that messages print read
them here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json

MOST_M = 10_000  # metres that a namesake may have moved; what moved farther is found by a key

Texts: TypeAlias = tuple[str, ...]


class Option(NamedTuple):
    """An option as it is typed: what help says of it and calls its value; its `names`, where they are not made from its
    field (`skip_rows`: `--skip-rows`). A mapping file keeps it for the next file of the same name, under `key` or the
    name of the field, unless it is for one run (`once`), or `key` is empty.
    `formerly`: its name in earlier versions, which help does not show."""

    help: Text
    metavar: str | None = None
    names: Texts = ()
    key: str | None = None
    once: bool = False
    formerly: str | None = None


@dataclass(frozen=True)
class ImportRequest:
    """The options of one import, in the order in which help lists it; what is not given comes from the mapping. `word`:
    what somebody calls the kind (`import sensors`), `preset`: what that says where no column does."""

    maps: Annotated[
        Texts,
        Option(
            Message("fill this field from this column"),
            "COL=PATH",
            names=("--map",),
            key="fields",
        ),
    ] = ()
    constants: Annotated[
        Texts,
        Option(Message("set this value in every record"), "PATH=VALUE", names=("--constant", "--set")),
    ] = ()
    mapping: Annotated[
        str | None,
        Option(
            Message("use a mapping, by its name or file"),
            "NAME|FILE",
            key="",
        ),
    ] = None
    dialect: Annotated[str | None, Option(Message("CSV dialect of the file"), "DIALECT")] = None
    encoding: Annotated[str | None, Option(Message("encoding of the file (default: detected)"), "NAME")] = None
    crs: Annotated[
        str | None,
        Option(Message("coordinate system of the file, such as EPSG:2154"), "EPSG"),
    ] = None
    key: Annotated[
        Texts,
        Option(
            Message("columns or fields that match rows to records"),
            "COL|PATH",
        ),
    ] = ()
    match: Annotated[
        Literal["key", "place"] | None,
        Option(Message("also match rows to records by where they are"), "place"),
    ] = None
    pairs: Annotated[
        Texts,
        Option(Message("this row is that record; - for a new one"), "ROW=ID", names=("--pair",), once=True),
    ] = ()
    renamed: Annotated[
        Texts,
        Option(Message("this column of the mapping has a new heading"), "OLD=NEW", once=True),
    ] = ()
    id_from: Annotated[
        str | None,
        Option(Message("build ids from columns: {NAME}-{NUMBER}"), "TEMPLATE", key="id"),
    ] = None
    skip_rows: Annotated[Texts, Option(Message("skip rows with this value"), "COL=VALUE")] = ()
    skip_unreadable: Annotated[bool, Option(Message("skip rows that cannot be read"), once=True)] = False
    inside: Annotated[bool, Option(Message("skip rows outside the territory"))] = False
    absent: Annotated[Texts, Option(Message("cells that mean unknown"), "COL=VALUE")] = ()
    update: Annotated[bool, Option(Message("update existing records"), once=True)] = False
    sheet: Annotated[str | None, Option(Message("sheet of the workbook"), "NAME")] = None
    layer: Annotated[
        str | None,
        Option(Message("layer of the map, or file in the archive"), "NAME"),
    ] = None
    export: Annotated[
        str | None,
        Option(
            Message("the export that the file was made from: a file of it, or its commit"),
            "EXPORT|REV",
            names=("--in",),
            once=True,
        ),
    ] = None
    values: Annotated[
        Texts,
        Option(
            Message("what values of a column mean; COL->FIELD:… fills a field"),
            "COL:A=x,B=y",
        ),
    ] = ()
    commune_from: Annotated[
        Literal["outlines", "nearest"] | None,
        Option(Message("commune of rows that name none: whose outline holds the point, or whose centre is nearest")),
    ] = None
    characters: Annotated[
        Literal["repair", "keep"] | None,
        Option(Message("what to do with invisible and wrongly decoded characters"), "WHAT"),
    ] = None
    set_from: Annotated[
        Texts,
        Option(Message("fill a field from several columns"), "PATH={COL} {COL}"),
    ] = ()
    date_format: Annotated[str | None, Option(Message("date format of the file"), "DD/MM/YYYY")] = None
    dates: Annotated[
        Literal["start", "end", "refuse"] | None,
        Option(
            Message("day that stands for a year, month or time"),
            "DAY",
        ),
    ] = None
    keep: Annotated[Texts, Option(Message("keep this column as an attribute"), "COL")] = ()
    moved_on: Annotated[
        date | None,
        Option(
            Message("day since which devices are where the file says"),
            "YYYY-MM-DD",
            once=True,
        ),
    ] = None
    correct: Annotated[
        bool,
        Option(
            Message("correct entry errors about the past; --reason says why"),
            once=True,
        ),
    ] = False
    duplicates: Annotated[
        Literal["first", "all", "refuse"] | None,
        Option(Message("what to do with identical rows"), "WHICH", formerly="twins"),
    ] = None
    moved_within: Annotated[
        float | None,
        Option(
            Message("how far a record of the same name may have moved; farther, the row is new"),
            "METRES",
        ),
    ] = None
    missing_rows: Annotated[
        Literal["list", "retire"] | None,
        Option(
            Message("what to do with records that no longer have a row"),
            "WHAT",
            once=True,
            formerly="gone",
        ),
    ] = None
    on: Annotated[
        date | None,
        Option(Message("day of --missing-rows retire"), "YYYY-MM-DD", once=True),
    ] = None
    word: str | None = None
    preset: Mapping[str, Json] = field(default_factory=dict)

    @property
    def retire_on(self) -> date | None:
        """The day on which records that have no row any more are retired; None where they stay."""
        return self.on if self.missing_rows == "retire" else None


class DeclaredOption(NamedTuple):
    """An option with the field of `ImportRequest` that holds it and the type of one value: `str`, `bool`, `date`,
    `float`, or a `Literal`; `repeated`: it may be given several times. Messages print the first of its `names`; `key`
    is that of mapping files, None where they do not keep it."""

    field: str
    type: Any
    repeated: bool
    names: Texts
    key: str | None
    option: Option

    @property
    def choices(self) -> Texts:
        """The words that are allowed, if these are fixed."""
        return get_args(self.type) if get_origin(self.type) is Literal else ()


@cache
def declared_options() -> tuple[DeclaredOption, ...]:
    """All options, in the order in which they are declared."""
    declared = []
    hints = get_type_hints(ImportRequest, include_extras=True)
    for name in (item.name for item in fields(ImportRequest)):
        if get_origin(hints[name]) is not Annotated:
            continue
        kind, option = get_args(hints[name])
        repeated = kind == Texts
        (type_,) = (str,) if repeated else (each for each in get_args(kind) or (kind,) if each is not NoneType)
        names = option.names or (f"--{name.replace('_', '-')}",)
        key = name if option.key is None else option.key
        declared.append(DeclaredOption(name, type_, repeated, names, None if option.once else key or None, option))
    return tuple(declared)


def typed_options(request: ImportRequest, *, kept: bool = False) -> Iterator[tuple[str, str]]:
    """The options of a request with their values, as a command repeats them: those that may be given several times
    first; only those that are for more than one run where they have to be `kept`. A flag has no value."""
    for several in (True, False):
        for declared in declared_options():
            if (kept and declared.option.once) or declared.repeated != several:
                continue
            value = getattr(request, declared.field)
            if value is True:
                yield declared.names[0], ""
            for text in value if several else () if value in (None, True, False) else (value,):
                yield declared.names[0], f"{text:g}" if isinstance(text, float) else str(text)
