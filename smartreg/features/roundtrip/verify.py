"""`verify`: whether a file matches the registry at the commit that it comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path
from typing import Literal, TypeAlias

from smartreg.commands.choice import COMPUTED
from smartreg.commands.export import Exported, ExportOptions, export_tables, export_ways, prepare_export
from smartreg.commands.verify_report import Reported, compare_report, report_in
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import escape_json
from smartreg.core.messages import SOURCE, Message, languages
from smartreg.core.sheets import about_sheets
from smartreg.core.values import Json, short_id
from smartreg.exporters import Format, Written, csv, format_of, origin_in, scdl
from smartreg.exporters.origin import PACKAGE, Origin, origin_in_package, origin_in_sheets, origin_of
from smartreg.exporters.sheets import guide_sheets, sheet_names
from smartreg.gitio import UNSHALLOW
from smartreg.importing.comparing import Difference, RecordedTable, differences, table_as_shown, table_of_file
from smartreg.readers.sheet import GridRow, SheetGrid
from smartreg.readers.workbook import ABOUT
from smartreg.tables import Table
from smartreg.tables.view import AUDIENCES
from smartreg.workspace.documents import content_of, printable
from smartreg.workspace.workspace import Workspace

MOST = 512 * 1024 * 1024  # bytes of a file
COMPARED_FIELDS = ("registry", "reference_date", "digest")  # what every version of smartreg says alike of one commit

Same: TypeAlias = Literal["bytes", "values", "no"]


@dataclass(frozen=True)
class VerifiedExport:
    """The result for a file: the same `bytes` as the registry gives, the same `values` in other formatting, or neither;
    the commit and its day, the format, what was chosen for it, and the differences."""

    file: str
    form: str
    same: Same
    commit: str
    day: str
    origin: Origin
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class _Given:
    """A file with what is known of it: its name, bytes, format, origin, the table that it is (CSV in a package), and
    the sheets of a workbook: one, where a spreadsheet made it of a CSV file."""

    name: str
    content: bytes
    form: Format
    origin: Origin
    table: str | None
    sheets: tuple[SheetGrid, ...]


def verify(
    workspace: Workspace,
    file: Path,
    package: Path | None = None,
    at: str | None = None,
    texts: Mapping[str, str] | None = None,
) -> VerifiedExport:
    """Make the export or report again at its commit and compare. `package`: the `datapackage.json` with the origin of a
    CSV file (else the one in its folder); `at`: the revision, for a file that does not state its origin; `texts`: the
    conclusion and deliveries that a report was made with. UsageFault if it is not an export of ours or cannot be read,
    StateFault if the commit is not here, or a report differs where a part of the history is missing."""
    if (reported := report_in(content := content_of(file, MOST))) is not None:
        return _verify_report(workspace, printable(file.name), content, reported, at, texts or {})
    given = _read_given(workspace, file, package, at)
    commit = _commit(workspace, given.origin)
    given = replace(given, origin=replace(given.origin, commit=commit))
    day = str(workspace.git.commit_day(commit) or "?")
    result = VerifiedExport(given.name, given.form.name, "bytes", commit, day, given.origin)
    written_so = _as_written_now(given)
    for origin, exported in _re_export(workspace, given):
        if any(item.content == written_so for item in exported.files):
            return replace(result, origin=origin, same="bytes" if written_so == given.content else "values")
    least = min((list(compared) for compared in _compare(workspace, given)), key=len)
    return replace(result, same="no" if least else "values", differences=tuple(least))


def _verify_report(
    workspace: Workspace, name: str, content: bytes, reported: Reported, at: str | None, texts: Mapping[str, str]
) -> VerifiedExport:
    origin = replace(reported.origin, commit=workspace.git.resolve(at)) if at is not None else reported.origin
    commit = _commit(workspace, origin)
    reported = replace(reported, origin=replace(origin, commit=commit))
    differing = compare_report(workspace, name, content, reported, texts)
    if differing:  # perhaps only because the history that it draws on is not all here
        workspace.git.refuse_shallow()
    same: Same = "bytes" if differing is None else "no" if differing else "values"
    day = str(workspace.git.commit_day(commit) or "?")
    return VerifiedExport(name, reported.form, same, commit, day, reported.origin, tuple(differing or ()))


def _as_written_now(given: _Given) -> bytes:
    """The bytes of the file; JSON with the escapes that earlier versions did not write, which says the same values."""
    if not given.form.json:
        return given.content
    try:
        return escape_json(given.content.decode()).encode()
    except UnicodeDecodeError:
        return given.content


def _read_given(workspace: Workspace, file: Path, package: Path | None, at: str | None) -> _Given:
    content, name = content_of(file, MOST), printable(file.name)
    if len(content) > MOST:
        raise UsageFault(Message("{name} is larger than 512 MiB", name=name))
    if name == PACKAGE:
        what = Message("{name} describes the files beside it", name=name)
        raise UsageFault(what, Message("smartreg verify FILE.csv"))
    form = format_of(name, content)
    sheets = tuple(form.tables(name, content)) if form.holds_sheets else ()
    if len(sheets) == 1:
        form = csv.FORMAT
    if at is not None:
        return _Given(name, content, form, Origin(workspace.git.resolve(at), AUDIENCES[-1]), None, sheets)
    origin = origin_of(origin_in_sheets(sheets)) if sheets else origin_in(name, content)
    table = None
    described_by = package or (file.parent / PACKAGE if form.origin is None and origin is None else None)
    if described_by is not None and (package is not None or described_by.is_file()):
        digest = hashlib.sha256(content).hexdigest()
        path = f"{Path(name).stem}.csv" if sheets else name
        origin, table = origin_in_package(printable(described_by.name), content_of(described_by, MOST), path, digest)
    if origin is None:
        raise _no_origin(name, form)
    if table == scdl.NAME:
        form = scdl.FORMAT
    return _Given(name, content, form, origin, table, sheets)


def _no_origin(name: str, form: Format) -> UsageFault:
    hint = Message("give the {package} that came with it (--in FILE), or the commit (--at COMMIT)", package=PACKAGE)
    if form.origin is not None:
        hint = Message("if you know the commit: --at COMMIT")
    return UsageFault(Message("{name} does not name its commit", name=name), hint)


def _commit(workspace: Workspace, origin: Origin) -> str:
    if origin.commit is None:
        raise UsageFault(
            Message("it was exported from an uncommitted state"),
            Message("compare it with a commit: --at COMMIT"),
        )
    try:
        return workspace.git.resolve(origin.commit)
    except UsageFault:
        short, name = short_id(origin.commit), dict(origin.said).get("registry") or "?"
        raise StateFault(
            Message('commit {short} of the registry "{name}" is not here', short=short, name=name),
            UNSHALLOW if workspace.git.is_shallow() else Message("git fetch --all, or run it in that registry"),
        ) from None


def _origins(given: _Given) -> Iterator[Origin]:
    """The possible origins: the stated one, else any audience."""
    has_origin = bool(given.origin.said)
    for audience in (given.origin.audience,) if has_origin else reversed(AUDIENCES):
        yield replace(given.origin, audience=audience)


def _options_of(origin: Origin, all_tables: bool) -> ExportOptions:
    return ExportOptions(
        origin.kinds,
        origin.where,
        origin.columns,
        origin.audience,
        origin.commit,
        all_tables,
        crs=origin.crs,
        labels=origin.labels,
        each=origin.each,
    )


def _re_export(workspace: Workspace, given: _Given) -> Iterator[tuple[Origin, Exported]]:
    """The export in every way that it may have been made."""
    for origin in _origins(given):
        langs = [lang for lang in languages() if given.form.takes("lang") and origin.language in (None, lang)]
        dialects: list[str | None] = [name for name in given.form.dialects if origin.dialect in (None, name)]
        whole = given.form.takes("partitioned") and not (origin.kinds or origin.where or origin.columns)
        ways = [*product(langs or [SOURCE], dialects or [None])]
        for all_tables, partitioned in product((False, True), (False, True)[: 1 + whole]):
            request = replace(_options_of(origin, all_tables), partitioned=partitioned)
            for exported in export_ways(workspace, request, given.form.name, ways):
                yield origin, exported


def _compare(workspace: Workspace, given: _Given) -> Iterator[Iterator[Difference]]:
    """The differences from each export that may be meant."""
    moment = workspace.git.commit_info(given.origin.commit).date if given.origin.commit else None
    authored = moment.date().isoformat() if moment is not None else ""
    for origin in _origins(given):
        made = prepare_export(workspace, _options_of(origin, True), given.form.name)
        head = _origin(origin, made.chosen.origin, authored)
        if given.form.compared == "bytes":
            yield chain(head, [Difference("content", given.name)])
        elif given.form.compared == "sheets":
            yield chain(head, _in_sheets(given, made.chosen.tables))
        else:
            files = export_tables(workspace, _options_of(origin, True), form=given.form.name).files
            yield chain(head, _in_records(given, files, {table.name: table.key for table in made.every}))


def _in_sheets(given: _Given, tables: Sequence[Table]) -> Iterator[Difference]:
    if not given.form.holds_sheets:
        (grid,) = given.sheets or given.form.tables(given.name, given.content)
        yield from differences(grid, table_as_shown(_table_of(given, grid, tables)))
        return
    sheets = {grid.name: grid for grid in given.sheets}
    tables_by_sheet = sheet_names(tables, given.origin.labels)
    for name, table in tables_by_sheet.items():
        if name in sheets:
            yield from differences(sheets[name], table_as_shown(table))
        elif table.main or (table.name not in COMPUTED and next(table.rows(), None) is not None):
            yield Difference("table missing", name)
    for name in sheets.keys() - {*tables_by_sheet, *about_sheets()}:
        if name.casefold() not in guide_sheets():
            yield Difference("table added", name)


def _table_of(given: _Given, grid: SheetGrid, tables: Sequence[Table]) -> Table:
    """The table that a CSV file holds: the one that the package names, else the one with most of its headings."""
    for table in tables:
        if table.name == given.table:
            return table
    names = {heading.casefold() for heading in grid.headings}

    def count_shared(table: Table) -> tuple[int, int]:
        headings = [
            {column.heading.in_("en").casefold(), column.heading.in_("fr").casefold()} for column in table.columns
        ]
        return sum(bool(names & words) for words in headings), -len(headings)

    best = max(tables, key=count_shared)
    if count_shared(best)[0] < min(2, len(names)):
        raise UsageFault(Message("{given} is not a table of this registry", given=given.name))
    return best


def _in_records(given: _Given, files: Sequence[Written], keys: Mapping[str, int]) -> Iterator[Difference]:
    present = {grid.name: grid for grid in given.form.tables(given.name, given.content)}
    items = [item for item in files if item.main]
    if not given.form.single:
        items = [item for item in items if Path(item.name).stem in present]
    grids = [grid for item in items for grid in given.form.tables(item.name, item.content)]
    for grid in grids:
        recorded = table_of_file(grid, keys.get(grid.name, 1))
        if grid.name in present:
            yield from _of_table(present[grid.name], grid, recorded, given.form)
        elif grid.rows and grid.name not in COMPUTED:
            yield Difference("table missing", grid.name)
    for name in present.keys() - {grid.name for grid in grids}:
        if present[name].rows:
            yield from differences(present[name], table_of_file(SheetGrid(name, present[name].headings, ()), 1))


def _of_table(present: SheetGrid, grid: SheetGrid, recorded: RecordedTable, form: Format) -> Iterator[Difference]:
    """Records of JSON have a column for each place that some record fills: none is missing, its cells are."""
    if form.json:
        headings = tuple(dict.fromkeys((*grid.headings, *present.headings)))
        present, grid = _widen(present, headings), _widen(grid, headings)
        recorded = table_of_file(grid, recorded.key)
    yield from differences(present, recorded)


def _widen(grid: SheetGrid, headings: tuple[str, ...]) -> SheetGrid:
    place = {name: index for index, name in enumerate(grid.headings)}
    rows = (
        GridRow(row.number, tuple(row.cells[place[name]] if name in place else None for name in headings))
        for row in grid.rows
    )
    return SheetGrid(grid.name, headings, tuple(rows))


def _origin(origin: Origin, anew: Mapping[str, Json], authored: str) -> Iterator[Difference]:
    """False statements of the file about its origin. Earlier versions gave the author's day as the reference date."""
    stated = dict(origin.said)
    for name in COMPARED_FIELDS:
        earlier = name == "reference_date" and stated.get(name) == authored
        if name in stated and stated[name] != anew.get(name) and not earlier:
            yield Difference("origin", ABOUT, column=name, exported=str(anew.get(name)), present=str(stated[name]))
