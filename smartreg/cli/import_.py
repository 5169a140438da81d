"""`import KIND FILE`"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

from smartreg.cli.import_questions import with_answers, with_values
from smartreg.cli.parameters import Argument, Option, Reason, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, after_write, attempted, json_of, tell
from smartreg.commands.import_ import Imported, import_records
from smartreg.frozen import asdict
from smartreg.importers.days import ROUNDINGS
from smartreg.importers.formats import VECTORS, WORKBOOKS
from smartreg.importers.mapping import ImportRequest, Source
from smartreg.reporters.summing import count
from smartreg.styled import Line, Span, line
from smartreg.values import Words, short_id

NAMED = 6  # so many records are named

KindOf: TypeAlias = Annotated[
    str, Argument("KIND", Words("of which the rows are", "dont relèvent les lignes"), completes="kind")
]
File: TypeAlias = Annotated[
    str,
    Argument(
        "FILE",
        Words("CSV, workbook, JSON, shapefile, GeoPackage…", "CSV, classeur, JSON, shapefile, GeoPackage…"),
        completes="file",
    ),
]
Maps: TypeAlias = Annotated[
    list[str],
    Option(("--map",), Words("this column fills that field", "cette colonne remplit ce champ"), "COL=PATH"),
]
Constants: TypeAlias = Annotated[
    list[str],
    Option(("--constant", "--set"), Words("this value in every record", "cette valeur partout"), "PATH=VALUE"),
]
Mapping: TypeAlias = Annotated[
    str | None,
    Option(
        ("--mapping",),
        Words("a mapping by its name or file", "une correspondance, par son nom ou son fichier"),
        "NAME|FILE",
        completes="file",
    ),
]
Dialect: TypeAlias = Annotated[
    str | None, Option(("--dialect",), Words("how the file is written", "comment est écrit le fichier"), "DIALECT")
]
Encoding: TypeAlias = Annotated[
    str | None, Option(("--encoding",), Words("found by itself otherwise", "trouvé sinon"), "NAME")
]
Crs: TypeAlias = Annotated[
    str | None,
    Option(("--crs",), Words("coordinates of the file, EPSG:2154", "coordonnées du fichier, EPSG:2154"), "EPSG"),
]
Key: TypeAlias = Annotated[
    list[str],
    Option(
        ("--key",),
        Words("fields by which rows find records", "champs par lesquels retrouver les enregistrements"),
        "PATH",
    ),
]
IdFrom: TypeAlias = Annotated[
    str | None,
    Option(("--id-from",), Words("ids from columns: {NAME}-{NUMBER}", "identifiants tirés de colonnes"), "TEMPLATE"),
]
SkipRows: TypeAlias = Annotated[
    list[str],
    Option(("--skip-rows",), Words("leave such rows out", "écarter ces lignes"), "COL=VALUE"),
]
Absent: TypeAlias = Annotated[
    list[str],
    Option(("--absent",), Words("cells that mean unknown", "cellules sans valeur"), "COL=VALUE"),
]
Update: TypeAlias = Annotated[
    bool, Option(("--update",), Words("change records that are there", "modifier les enregistrements existants"))
]

SheetName: TypeAlias = Annotated[
    str | None, Option(("--sheet",), Words("which sheet of a workbook", "quelle feuille d'un classeur"), "NAME")
]

Layer: TypeAlias = Annotated[
    str | None,
    Option(
        ("--layer",),
        Words("which layer of a map, or file of an archive", "quelle couche, ou quel fichier d'une archive"),
        "NAME",
    ),
]

Values: TypeAlias = Annotated[
    list[str],
    Option(
        ("--values",),
        Words(
            "what values of a column mean; COL->FIELD:… fills a field",
            "sens des valeurs ; COL->CHAMP:… remplit un champ",
        ),
        "COL:A=x,B=y",
    ),
]
SetFrom: TypeAlias = Annotated[
    list[str],
    Option(("--set-from",), Words("a field from several columns", "un champ à partir de colonnes"), "PATH={COL} {COL}"),
]
DateFormat: TypeAlias = Annotated[
    str | None, Option(("--date-format",), Words("how days are written", "comment sont écrits les jours"), "DD/MM/YYYY")
]
Dates: TypeAlias = Annotated[
    str | None,
    Option(
        ("--dates",),
        Words("the day that a year, month or moment becomes", "le jour que devient une année, un mois, un instant"),
        "|".join(ROUNDINGS),
        choices=ROUNDINGS,
    ),
]
Keep: TypeAlias = Annotated[
    list[str],
    Option(("--keep",), Words("keep this column as an attribute", "garder cette colonne comme attribut"), "COL"),
]

In: TypeAlias = Annotated[
    str | None,
    Option(
        ("--in",),
        Words("the datapackage.json that came with an export", "le datapackage.json qui accompagnait un export"),
        "PACKAGE",
        completes="file",
    ),
]


def run(
    session: Session,
    writing: Writing,
    kind: KindOf,
    file: File,
    maps: Maps,
    constants: Constants,
    mapping: Mapping,
    dialect: Dialect,
    encoding: Encoding,
    crs: Crs,
    key: Key,
    id_from: IdFrom,
    skip_rows: SkipRows,
    absent: Absent,
    update: Update,
    sheet: SheetName,
    layer: Layer,
    package: In,
    values: Values,
    set_from: SetFrom,
    date_format: DateFormat,
    dates: Dates,
    keep: Keep,
    reason: Reason,
) -> int:
    request = ImportRequest(
        tuple(maps),
        tuple(constants),
        mapping,
        dialect,
        encoding,
        crs,
        tuple(key),
        id_from,
        tuple(skip_rows),
        tuple(absent),
        update,
        sheet,
        layer,
        package,
        values=tuple(values),
        set_from=tuple(set_from),
        date_format=date_format,
        dates=dates,
        keep=tuple(keep),
    )
    options = writing.options(session, session.today, reason)
    found = session.workspace.current.schemas.kind(kind)
    request = with_values(session, found, Path(file), with_answers(session, found, Path(file), request))
    with working(session, Words("importing", "import")):
        done = attempted(session, lambda: import_records(session.workspace, found, Path(file), request, options))
    with after_write(session, done.outcome.written):
        if session.format == "json":
            session.console.write(json_of(done.outcome, _figures(done)))
            return 0
        tell(session, done.outcome)
        session.console.show(_lines(session, done))
    for note in (*done.notes, *_missing(done)):
        session.console.note(note)
    return 0


def _figures(done: Imported) -> dict[str, object]:
    return {
        "mapping": done.mapping,
        "source": asdict(done.source),
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "skipped_rows": list(done.skipped),
        "ignored_columns": list(done.ignored),
        "exported_from": done.base,
        "missing": list(done.missing),
        "longer_ids": list(done.longer),
    }


def _lines(session: Session, done: Imported) -> list[Line]:
    figures = [count(number) for number in (done.added, done.changed, done.unchanged, len(done.skipped))]
    told = Words(
        "{} added, {} changed, {} unchanged, {} rows left out",
        "ajouts : {}, modifications : {}, sans changement : {}, lignes écartées : {}",
    )
    lines = [line(told.in_(session.lang).format(*figures))]
    lines.append(line(Span(_read_as(done.source).in_(session.lang), "dim")))
    if done.ignored:
        left = Words("columns not used: ", "colonnes non utilisées : ").in_(session.lang)
        lines.append(line(Span(left + ", ".join(done.ignored), "dim")))
    if done.base is not None:
        since = Words("edits since its export at commit ", "modifications depuis son export au commit ").in_(
            session.lang
        )
        lines.append(line(Span(since + short_id(done.base), "dim")))
    elif done.outcome.written:
        kept = Words("mapping: ", "correspondance : ").in_(session.lang)
        lines.append(line(Span(kept + done.mapping, "dim")))
    return lines


def _missing(done: Imported) -> Iterator[Words]:
    """What became of the records whose rows are gone from an export that came back: nothing."""
    if done.missing:
        more = f" (+ {len(done.missing) - NAMED})" if len(done.missing) > NAMED else ""
        names = ", ".join(done.missing[:NAMED]) + more
        yield Words(
            f"no longer in the sheet, and kept as they are: {names}; smartreg retire ends the life of a record",
            f"absents de la feuille, gardés tels quels : {names} ; smartreg retire met fin à leur vie",
        )


def _read_as(source: Source) -> Words:
    """How the sheet was taken to be written."""
    if source.form in WORKBOOKS:
        return Words(f"read as: workbook, sheet {source.sheet}", f"lu comme : classeur, feuille {source.sheet}")
    if source.form in VECTORS:
        parts = ", ".join(filter(None, (VECTORS[source.form], source.encoding, source.sheet and f"“{source.sheet}”")))
        return Words(f"read as: {parts}", f"lu comme : {parts}")
    if source.form != "csv":
        return Words(f"read as: {source.form}", f"lu comme : {source.form}")
    sign = "TAB" if source.delimiter == "\t" else source.delimiter
    comma = source.decimal == ","
    return Words(
        f"read as: {source.encoding}, separator {sign}, decimal {'comma' if comma else 'point'}",
        f"lu comme : {source.encoding}, séparateur {sign}, {'virgule décimale' if comma else 'point décimal'}",
    )


COMMAND = command(run, writes=True, formats=FORMATS)
