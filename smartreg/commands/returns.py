"""`import FOLDER`, `import WORKBOOK`: the workbooks that came back. Each is one import of all its sheets, in one
commit, with the list of the workbooks; the values are those of whom it was sent to, as the list says. What cannot go in
is written anew, with its wrong cells coloured and commented, beside the text of a mail.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from smartreg.commands.export import ExportOptions, prepare_export
from smartreg.commands.guide import keeper_mailbox, value_name
from smartreg.commands.import_ import (
    NOTHING_WRITTEN,
    PlannedImport,
    RefusedImport,
    open_run,
    plan_run,
    pointer_of,
    read_bundle,
)
from smartreg.commands.workbooks import WorkbookEvent, read_events, with_events
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.findings import Finding, in_order
from smartreg.core.messages import Language, Message, Text, joined, plural, verbatim
from smartreg.core.values import Json, Location, RecordId, short_id
from smartreg.edit import Edit, Outcome, RefusedWrite, WriteOptions
from smartreg.exporters import xlsx
from smartreg.exporters.chosen import Guide, OpenQuestion
from smartreg.exporters.origin import Origin, origin_in_sheets, origin_of, sheets_of_records
from smartreg.exporters.sheets import sheet_names
from smartreg.gitio import ON_BEHALF_OF
from smartreg.importing.effects import Imported
from smartreg.importing.findings import UNKNOWN, own_faults, with_way_out
from smartreg.importing.merging import match_columns
from smartreg.importing.options import ImportRequest
from smartreg.readers.foreign import read_grids
from smartreg.readers.sheet import MAX_BYTES, NumberCell, SheetGrid
from smartreg.registry import Registry
from smartreg.tables import Column, Table
from smartreg.workspace.documents import content_of, printable
from smartreg.workspace.output import Output, save
from smartreg.workspace.workspace import Workspace, write

REFUSED = "refused"  # the folder, in that of the workbooks, of those that cannot go in
_SHEET = re.compile(r"\[([^\[\]]+)\]$")
_FOR_THE_COMMAND = re.compile(r"--|smartreg ")
SHOWN = 40  # wrong cells that a mail lists


@dataclass(frozen=True)
class ReturnedWorkbook:
    """What became of a workbook: its file, whom it was sent to (None: the list does not say), the result of each sheet
    by its name, the outcome (None: there is none), the day on which it came back before (then nothing was done), and
    why it cannot go in (`fault`; of wrong cells a RefusedImport), with its sheets."""

    file: Path
    name: str
    on_behalf_of: str | None = None
    results: Mapping[str, Imported] = field(default_factory=dict)
    outcome: Outcome | None = None
    before: str | None = None
    fault: SmartregError | None = None
    grids: tuple[SheetGrid, ...] = ()
    origin: Origin | None = None

    def count(self, action: str) -> int:
        """How many rows have this effect."""
        return sum(result.count(action) for result in self.results.values())

    @property
    def missing(self) -> list[str]:
        """The records whose rows are gone."""
        return [id for result in self.results.values() for id in result.missing]


def import_workbooks(
    workspace: Workspace,
    files: Sequence[Path],
    request: ImportRequest,
    options: WriteOptions,
    ask: Callable[[ReturnedWorkbook], bool] | None = None,
) -> Iterator[ReturnedWorkbook]:
    """Import each workbook by itself, one after the other, as the registry is then."""
    workspace = replace(workspace, past_views={})  # most come from one commit
    for file in files:
        current = replace(workspace, asked=None)  # a further commit is there: read the registry again
        try:
            yield import_workbook(current, file, request, options, ask)
        except (RefusedWrite, UsageFault) as fault:
            yield ReturnedWorkbook(file, printable(file.name), fault=fault)


def import_workbook(
    workspace: Workspace,
    file: Path,
    request: ImportRequest,
    options: WriteOptions,
    ask: Callable[[ReturnedWorkbook], bool] | None = None,
) -> ReturnedWorkbook:
    """Import all sheets of a workbook in one commit; nothing where it came back before. The result has the fault where
    cells are wrong; UsageFault for what is no workbook of this registry."""
    name, digest = printable(file.name), hashlib.sha256(content_of(file, MAX_BYTES)).hexdigest()
    events = read_events(workspace.current.tree)
    earlier = next((event for event in events if event.what == "returned" and event.sha256 == digest), None)
    if earlier is not None:
        return ReturnedWorkbook(file, name, before=earlier.day)
    grids = tuple(read_grids(read_bundle(file, None)))
    origin = origin_of(origin_in_sheets(grids))
    if origin is None or origin.commit is None:
        raise UsageFault(
            Message("{name} does not say from which commit it was exported", name=name),
            Message("import its sheets one by one: smartreg import KIND {name}", name=name),
        )
    _refuse_unknown_commit(workspace, name, origin.commit)
    about = origin.where[-1].partition("=")[2] if origin.each else ""
    sent = next(
        (event for event in events if (event.each, event.value, event.commit) == (origin.each, about, origin.commit)),
        None,
    )
    returned = WorkbookEvent(options.on.isoformat(), "returned", name, origin.each or "", about, origin.commit, digest)
    workbook = ReturnedWorkbook(
        *(file, name),
        on_behalf_of=value_name(workspace.current, sent.each, sent.value) if sent is not None else None,
        grids=grids,
        origin=origin,
    )
    try:
        planned, faults = _plan(workspace, file, grids, origin, request, options)
        if faults:  # those who correct them also see the errors of the other sheets
            try:
                _carry_out(workspace, workbook, planned, returned, replace(options, dry_run=True), None)
            except RefusedImport as refusal:
                faults += [each for each in refusal.outcome.introduced if each.code != UNKNOWN]
            raise _refusal(file, [each for each in faults if each.severity == "error"])
        return _carry_out(workspace, workbook, planned, returned, options, ask)
    except RefusedImport as refusal:
        return replace(workbook, fault=refusal)


def _refuse_unknown_commit(workspace: Workspace, name: str, commit: str) -> None:
    try:
        workspace.git.resolve(commit)
    except UsageFault:
        raise UsageFault(
            Message("{name} was exported at commit {commit}, which is not here", name=name, commit=short_id(commit)),
            Message("run git fetch if it is of this registry"),
        ) from None


def _plan(
    workspace: Workspace,
    file: Path,
    grids: Sequence[SheetGrid],
    origin: Origin,
    request: ImportRequest,
    options: WriteOptions,
) -> tuple[dict[str, PlannedImport], list[Finding]]:
    """The plan of each sheet of records, by its name; each sees what those before it add. And the faults of the sheets
    that have none."""
    registry = workspace.current
    plans: dict[str, PlannedImport] = {}
    faults: list[Finding] = []
    for kind, grid in sheets_of_records(registry.schemas.kinds.values(), grids, origin):
        run = open_run(workspace, kind, file, replace(request, sheet=grid.name))
        base = run.base
        if base is None:
            continue
        own = {name: table for name, table in base.sheets.items() if table.kind.name == kind.name}
        sheet = replace(run.sheet, file=f"{run.sheet.file} [{grid.name}]")
        run = replace(run, registry=registry, sheet=sheet, base=replace(base, sheets=own))
        try:
            planned = plan_run(workspace, run, options)
        except RefusedImport as refusal:
            # What a refused sheet would have added is not unknown.
            faults += [each for each in refusal.outcome.introduced if not faults or each.code != UNKNOWN]
            continue
        if isinstance(planned, PlannedImport):
            plans[grid.name] = planned
            registry = registry.with_writes(planned.edit.writes)
    if not plans and not faults:
        raise UsageFault(
            Message("{name} has no sheet of records", name=printable(file.name)),
            Message("the names of its sheets must be those that it was sent with"),
        )
    return plans, faults


def _carry_out(
    workspace: Workspace,
    found: ReturnedWorkbook,
    planned: Mapping[str, PlannedImport],
    returned: WorkbookEvent,
    options: WriteOptions,
    ask: Callable[[ReturnedWorkbook], bool] | None,
) -> ReturnedWorkbook:
    """Write the plans of all sheets with the list, in one commit; findings come back with sheets, rows and columns."""
    registry = workspace.current
    pointers = [replace(pointer_of(each.run, each.plan), file=each.run.sheet.file) for each in planned.values()]

    def point(findings: Iterable[Finding]) -> tuple[Finding, ...]:
        for pointer in pointers:
            findings = pointer.point(findings)
        return tuple(_in_sheet(each, found.name) for each in findings)

    result = replace(found, results={name: each.result for name, each in planned.items()})
    edit = _edit(registry, result, list(planned.values()), returned)
    confirm = options.confirm
    if confirm is not None and ask is not None:
        question = ask
        options = replace(
            options,
            confirm=lambda out: question(replace(result, outcome=replace(out, introduced=point(out.introduced)))),
        )
    try:
        outcome = write(workspace, registry, edit, options)
    except RefusedWrite as refusal:
        grave = [finding for finding in refusal.outcome.introduced if finding.severity != "info"]
        raise _refusal(found.file, [with_way_out(each) for each in point(own_faults(grave))]) from None
    notes = [_in_sheet(note, found.name) for each in planned.values() for note in each.notes]
    return replace(result, outcome=replace(outcome, introduced=(*point(outcome.introduced), *notes)))


def _edit(
    registry: Registry, result: ReturnedWorkbook, planned: Sequence[PlannedImport], returned: WorkbookEvent
) -> Edit:
    rids = tuple(rid for each in planned for rid in each.edit.records)
    writes = {path: text for each in planned for path, text in each.edit.writes.items()}
    records = "1 record" if len(rids) == 1 else f"{len(rids)} records"
    subject = f"Import {records} from {result.name}" if rids else f"Note that {result.name} came back"
    counts = f"{result.count('added')} added, {result.count('changed')} changed, {result.count('unchanged')} unchanged"
    return Edit(
        "import",
        rids,
        {**writes, **with_events(registry, [returned])},
        subject,
        f"{counts}\nExported from: {returned.commit}",
        decimals={rid: number for each in planned for rid, number in each.edit.decimals.items()},
        trailers=((ON_BEHALF_OF, result.on_behalf_of),) if result.on_behalf_of else (),
    )


def _refusal(file: Path, findings: Sequence[Finding]) -> RefusedImport:
    name = printable(file.name)
    placed = in_order(_in_sheet(finding, name) for finding in findings)
    return RefusedImport(replace(NOTHING_WRITTEN, introduced=tuple(placed)), name)


def _in_sheet(finding: Finding, name: str) -> Finding:
    """The finding in the sheet where it is: `istres.xlsx [Supports]`."""
    sheet = _SHEET.search(finding.where.file) if finding.where.file.startswith(name) else None
    return finding._replace(where=finding.where._replace(file=f"{name} [{sheet[1]}]")) if sheet else finding


# -- what cannot go in -----------------------------------------------------------------------------------------------


def write_refused(workspace: Workspace, refused: ReturnedWorkbook, folder: Output) -> list[Path]:
    """Write the workbook anew, with its wrong cells marked, and the text of a mail; nothing for a file whose cells
    nobody can point at."""
    if not isinstance(refused.fault, RefusedImport) or refused.origin is None:
        return []
    findings = [each for each in refused.fault.outcome.introduced if each.severity == "error"]
    lang = refused.origin.labels or "en"
    folder.path.mkdir(exist_ok=True)
    book, mail = folder.inside(f"{refused.file.stem}.xlsx"), folder.inside(f"{refused.file.stem}.txt")
    save(book, _marked(workspace, refused, refused.origin, findings, lang))
    save(mail, _mail(workspace.current, refused, findings, lang).encode())
    return [book.path, mail.path]


def _marked(
    workspace: Workspace, refused: ReturnedWorkbook, origin: Origin, findings: Sequence[Finding], lang: Language
) -> bytes:
    """The workbook as it came back, as one of ours, with the wrong cells marked."""
    request = ExportOptions(
        *(origin.kinds, origin.where, origin.columns, origin.audience, origin.commit),
        all_tables=True,
        crs=origin.crs,
        labels=origin.labels,
    )
    chosen = prepare_export(workspace, request, xlsx.FORMAT.name).chosen
    tables_by_sheet = sheet_names(chosen.tables, chosen.labels)
    grids = {grid.name: grid for grid in refused.grids}
    filled = {name: _filled(table, grids[name]) for name, table in tables_by_sheet.items() if name in grids}
    places = {name: {row.number: place for place, row in enumerate(grids[name].rows, 1)} for name in filled}
    marks: dict[tuple[str, int, int], Text] = {}
    questions: list[OpenQuestion] = []
    for finding in findings:
        sheet = _SHEET.search(finding.where.file)
        grid = grids.get(sheet[1]) if sheet else None
        if grid is None or grid.name not in filled:
            continue
        table = filled[grid.name]
        row = places[grid.name].get(finding.where.row or 0, 0)
        place = grid.headings.index(finding.where.column) if finding.where.column in grid.headings else 0
        key, text = (table.name, row, place), _for_people(finding)
        marks[key] = joined((marks[key], text), "\n") if key in marks else text
        id = str(grid.rows[row - 1].cells[0] or "") if row else ""
        questions.append(OpenQuestion(RecordId(table.kind.name, id), table.columns[place].name, text))
    heading = Message("{name}: {cells}", name=refused.on_behalf_of or refused.name, cells=_cells_to_correct(len(marks)))
    guide = Guide(heading, (*_what_to_do(workspace.current),), tuple(questions), marks)
    source = {**chosen.source, **({"each": origin.each} if origin.each else {})}
    marked = replace(chosen, tables=tuple(filled.values()), guide=guide, source=source)
    return next(item.content for item in xlsx.export(marked, lang=lang))


def _filled(table: Table, grid: SheetGrid) -> Table:
    """A table with the columns and rows that its sheet has now."""
    shown = match_columns(table, grid.headings)
    columns = tuple(
        table.columns[shown[place]] if place in shown else Column(f"#{place}", verbatim(word), "string", verbatim(""))
        for place, word in enumerate(grid.headings)
    )
    rows = [tuple(_plain(cell) for cell in (*row.cells, *[None] * len(columns))[: len(columns)]) for row in grid.rows]
    names = {column.name for column in columns}
    links = tuple(link for link in table.links if names.issuperset(link.columns))
    return replace(table, columns=columns, make=lambda: iter(rows), links=links)


def _plain(cell: Json) -> Json:
    """A cell as a value: numbers stay numbers."""
    if isinstance(cell, NumberCell):
        number = float(cell)
        return int(number) if number.is_integer() else number
    return cell


def _for_people(finding: Finding) -> Text:
    """What is wrong and what to do, without what only the command can."""
    hint = finding.hint
    if hint is None:
        return finding.message
    parts = Message("{message}; {hint}", message=finding.message, hint=hint)
    return finding.message if _FOR_THE_COMMAND.search(hint.in_("en")) else parts


def _cells_to_correct(number: int) -> Text:
    return plural("{n} cell to correct", "{n} cells to correct", n=number)


def _what_to_do(registry: Registry) -> Iterator[Text]:
    yield Message("This workbook could not be taken as it is: nothing of it is in the registry yet.")
    yield Message("The cells to correct are red; a comment on each says what is wrong.")
    yield Message("The next sheet lists them. Click the row number to go there.")
    contact = keeper_mailbox(registry)
    if contact:
        yield Message("Correct them in this workbook, save it and send it back to {contact}.", contact=contact)
    else:
        yield Message("Correct them in this workbook, save it and send it back to those who sent it to you.")


def _mail(registry: Registry, refused: ReturnedWorkbook, findings: Sequence[Finding], lang: Language) -> str:
    """The text of a mail to those who sent the workbook."""
    name = refused.name
    lines: list[Text] = [
        Message("Subject: {file}: {cells}", file=name, cells=_cells_to_correct(len(findings))),
        verbatim(""),
        Message("Good morning,"),
        verbatim(""),
        Message(
            "thank you for {file}. It could not be taken as it is, and nothing of it is in the registry yet.", file=name
        ),
        Message("These cells are to be corrected; in the workbook attached they are red, with a comment:"),
        verbatim(""),
    ]
    lines += [
        Message("- {place}: {text}", place=_place(finding, refused.grids), text=_for_people(finding))
        for finding in findings[:SHOWN]
    ]
    if len(findings) > SHOWN:
        lines.append(Message("- and {count} more", count=len(findings) - SHOWN))
    lines += [
        verbatim(""),
        Message("Please correct the workbook attached, and send it back."),
        verbatim(""),
        verbatim(registry.config.name),
    ]
    return "".join(f"{line.in_(lang)}\n" for line in lines)


def _place(finding: Finding, grids: Sequence[SheetGrid]) -> Text:
    """Where a cell is, as a spreadsheet names it: sheet, C12 (heading)."""
    where: Location = finding.where
    sheet = _SHEET.search(where.file)
    grid = next((grid for grid in grids if sheet is not None and grid.name == sheet[1]), None)
    if grid is None or where.row is None:
        return verbatim(where.column or where.file)
    if where.column not in grid.headings:
        return Message("{sheet}, row {row}", sheet=grid.name, row=where.row)
    cell = f"{xlsx.column_letters(grid.headings.index(where.column))}{where.row}"
    return Message("{sheet}, {cell} ({column})", sheet=grid.name, cell=cell, column=where.column)
