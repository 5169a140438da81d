"""`import KIND FILE`"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

from smartreg.cli.dates import day, metres
from smartreg.cli.findings import finding_lines
from smartreg.cli.import_questions import with_answers, with_values
from smartreg.cli.import_rows import figures, findings_csv, rows_csv, summary
from smartreg.cli.parameters import Argument, Option, Reason, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, after_write, json_of, tell, uninterrupted
from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.commands.import_report import Imported, listed
from smartreg.core.errors import UsageFault
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Words, short_id
from smartreg.importers.causes import by_cause
from smartreg.importers.days import ROUNDINGS
from smartreg.importers.formats import VECTORS, WORKBOOKS
from smartreg.importers.mapping import MOST_M, TWINS, ImportRequest, Source

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
        Words("columns or fields by which rows find records", "colonnes ou champs qui identifient une ligne"),
        "COL|PATH",
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

Twins: TypeAlias = Annotated[
    str | None,
    Option(
        ("--twins",),
        Words("rows with the same cells", "lignes aux mêmes cellules"),
        "first|all|refuse",
        choices=TWINS,
    ),
]

MovedWithin: TypeAlias = Annotated[
    str | None,
    Option(
        ("--moved-within",),
        Words(
            "how far a namesake may have moved; beyond, it is new",
            "déplacement d'un homonyme ; au-delà, c'est un autre",
        ),
        "METRES",
    ),
]

Gone: TypeAlias = Annotated[
    str | None,
    Option(
        ("--gone",),
        Words("records whose rows are gone", "fiches dont la ligne a disparu"),
        "list|retire",
        choices=("list", "retire"),
    ),
]

On: TypeAlias = Annotated[
    str | None,
    Option(("--on",), Words("day of --gone retire", "jour de --gone retire"), "YYYY-MM-DD"),
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

MovedOn: TypeAlias = Annotated[
    str | None,
    Option(
        ("--moved-on",),
        Words("since when devices hang where the file says", "depuis quand les équipements sont où dit le fichier"),
        "YYYY-MM-DD",
    ),
]

Correct: TypeAlias = Annotated[
    bool,
    Option(
        ("--correct",),
        Words(
            "what the registry says of the past was entered wrongly; --reason says why",
            "le passé inscrit est une erreur de saisie ; --reason dit pourquoi",
        ),
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
    moved_on: MovedOn,
    correct: Correct,
    twins: Twins,
    moved_within: MovedWithin,
    gone: Gone,
    on: On,
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
        moved_on=day("--moved-on", moved_on) if moved_on else None,
        correct=correct,
        twins=twins,
        moved_within=metres("--moved-within", moved_within, MOST_M) if moved_within else None,
        list_gone=gone == "list",
        retire_gone=_retire_on(gone, on),
    )
    options = writing.options(session, session.today, reason)
    found = session.workspace.current.schemas.kind(kind)
    request = with_values(session, found, Path(file), with_answers(session, found, Path(file), request))
    with working(session, Words("importing", "import")):
        done = _attempted(
            session,
            lambda: import_records(
                session.workspace,
                found,
                Path(file),
                request,
                options,
                lambda plan: session.console.ask(_lines(session, plan)),
            ),
        )
    with after_write(session, done.outcome.written):
        if session.format == "json":
            session.console.write(json_of(done.outcome, figures(done, rows=writing.dry_run)))
            return 0
        if session.format == "csv":
            session.console.write(rows_csv(done))
            return 0
        tell(session, replace(done.outcome, introduced=by_cause(done.outcome.introduced, session.verbose)))
        session.console.show(_lines(session, done))
    if gone == "list":
        session.console.show([line(id) for id in done.missing])
    for note in (*done.notes, *_missing(done)):
        session.console.note(note)
    return 0


def _retire_on(gone: str | None, on: str | None) -> date | None:
    """The day of `--gone retire`. UsageFault where only one of the two is given."""
    if (gone == "retire") == (on is not None):
        return day("--on", on) if on else None
    raise UsageFault(
        Words("--gone retire and --on DAY go together", "--gone retire et --on JOUR vont ensemble"),
        Words("such as --gone retire --on 2026-01-31", "par exemple --gone retire --on 2026-01-31"),
    )


def _attempted(session: Session, work: Callable[[], Imported]) -> Imported:
    """Do the work; a refusal is shown by cause (all of it with -v), or row by row in CSV and JSON."""
    try:
        return uninterrupted(work)
    except RefusedImport as refusal:
        found = refusal.outcome.introduced
        if session.format == "json":
            session.console.write(json_of(refusal.outcome))
        elif session.format == "csv":
            session.console.write(findings_csv(found, session.lang))
        else:
            grave = [finding for finding in found if finding.severity == "error"]
            shown = by_cause(grave, session.verbose)
            session.console.show(finding_lines(session, shown, session.workspace.current))
        raise


def _lines(session: Session, done: Imported) -> list[Line]:
    lang = session.lang
    lines = [line(text.in_(lang)) for text in summary(done)]
    lines.append(line(Span(_read_as(done.source).in_(lang), "dim")))
    if done.ignored:
        left = Words("columns not used: ", "colonnes non utilisées : ").in_(lang)
        lines.append(line(Span(left + ", ".join(done.ignored), "dim")))
    if done.base is not None:
        since = Words("edits since its export at commit ", "modifications depuis son export au commit ").in_(lang)
        lines.append(line(Span(since + short_id(done.base), "dim")))
    elif done.outcome.written:
        kept = Words("mapping: ", "correspondance : ").in_(lang)
        lines.append(line(Span(kept + done.mapping, "dim")))
    return lines


def _missing(done: Imported) -> Iterator[Words]:
    """What became of the records whose rows are gone: nothing, unless they were retired."""
    left = [effect.id for effect in done.effects if effect.action == "gone"]
    if left:
        names = listed(left)
        yield Words(
            f"no longer in the sheet, and kept as they are: {names}; --gone list names all of them, "
            "--gone retire --on DAY ends their life",
            f"absents de la feuille, gardés tels quels : {names} ; --gone list les nomme tous, "
            "--gone retire --on JOUR met fin à leur vie",
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


COMMAND = command(run, writes=True, formats=(*FORMATS, "csv"))
