"""`import`: the rows of a sheet as records, all or nothing, in one commit with the mapping that made them and the keys
of its rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding, in_order
from smartreg.core.messages import Message, Text, joined
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import RecordId, path_text, short_id
from smartreg.domain.crs import projection
from smartreg.edit import Edit, Outcome, RefusedWrite, WriteOptions
from smartreg.exporters import FORMATS, format_of, origin_in
from smartreg.exporters.origin import PACKAGE, Origin, origin_in_package, origin_in_sheets, origin_of, sheets_of_records
from smartreg.gitio import OP, REASON
from smartreg.history import CORRECT
from smartreg.importing.cells import cells_of
from smartreg.importing.characters import Repaired, repair_sheet
from smartreg.importing.columns import conditions
from smartreg.importing.effects import Imported, effects, effects_of_nothing, longer, notes
from smartreg.importing.findings import UNKNOWN, Pointer, own_faults, ranges, with_way_out
from smartreg.importing.identity import UNSURE, Identities, RowIdentity
from smartreg.importing.keys import Key, SourceKeys, keys_text
from smartreg.importing.kind_evidence import KindGuess, decide, guess_kinds, is_inventory
from smartreg.importing.mapping import (
    ImportMapping,
    MappingPlace,
    Source,
    mapping_place,
    mapping_text,
    names_file,
    recorded_kind,
)
from smartreg.importing.matching import Ambiguous
from smartreg.importing.merging import Baseline, SheetMerge
from smartreg.importing.naming import ID, Template, key_parts
from smartreg.importing.options import ImportRequest, typed_options
from smartreg.importing.places import commune_path, numbers_typed, place_columns
from smartreg.importing.planning import ImportPlan, ImportRun, find_missing, keys_of, plan_gone, plan_import
from smartreg.importing.profile import Proposal, UnknownValue, find_unknown_values, propose
from smartreg.importing.reading import derive_columns, read_sheet
from smartreg.importing.renaming import MissingColumns, fit_to_sheet
from smartreg.importing.required import unfilled_fault
from smartreg.importing.rows import Draft, Drafts, Reading, drafts, resolve_names
from smartreg.importing.values import DECIMALS
from smartreg.readers.csv import dialect_named
from smartreg.readers.exported import layers_in
from smartreg.readers.foreign import read_grids
from smartreg.readers.formats import (
    FOLDER,
    FORMS,
    READABLE,
    WORKBOOKS,
    Bundle,
    bundle_of,
    companions_of,
    main_file,
    objects_in,
    too_large,
)
from smartreg.readers.sheet import MAX_BYTES, Sheet, SheetGrid
from smartreg.review.notes import describe_last_change
from smartreg.schema import Kind, decimals_typed
from smartreg.tables.view import AUDIENCES
from smartreg.workspace.documents import content_of, printable
from smartreg.workspace.set_ import with_reason
from smartreg.workspace.workspace import Workspace, write


class RefusedImport(RefusedWrite):
    """Rows that cannot come in: `outcome.introduced` says which, with row and column. Nothing was written. `doubts`:
    the rows that may be one of several records, where nothing else is wrong."""

    def __init__(self, outcome: Outcome, file: str, doubts: Sequence[Ambiguous] = ()) -> None:
        super().__init__(outcome)
        self.hint = None
        errors = [finding for finding in outcome.introduced if finding.severity == "error"]
        self.doubts = tuple(doubts) if all(finding.code == UNSURE for finding in errors) else ()
        count = len(errors)
        if count > 1:
            self.message = Message(
                "{file} was not imported: {count} errors; nothing was written", file=file, count=count
            )
        else:
            self.message = Message(
                "{file} was not imported: {count} error; nothing was written", file=file, count=count
            )


NOTHING_WRITTEN = Outcome(Edit("import", (), {}, ""), (), ())


class FileRead(NamedTuple):
    """A file that was read for records of a kind: what lies in it, and its sheet."""

    bundle: Bundle
    sheet: Sheet


def read_file(workspace: Workspace, kind: Kind, file: Path, request: ImportRequest) -> FileRead:
    """Read the sheet that the options choose. UsageFault for what cannot be read."""
    mapping = _mapping_place(workspace, kind, file, request).mapping
    bundle = read_bundle(file, mapping.options.layer)
    return FileRead(bundle, read_sheet(kind, bundle, mapping))


def import_records(
    workspace: Workspace,
    kind: Kind,
    file: Path,
    request: ImportRequest,
    options: WriteOptions,
    ask: Callable[[Imported], bool] | None = None,
    file_read: FileRead | None = None,
) -> Imported:
    """Import the sheet `file` as records of `kind`; where `options` ask before writing, `ask` does, and is given all
    that the import will do. `file_read`: the file, where somebody read it for this kind and these options.
    RefusedImport names the rows that cannot come in; UsageFault for options, columns or a mapping that do not fit. In
    both cases nothing was written."""
    options = with_reason(options) if request.correct else options
    run = open_run(workspace, kind, file, request, file_read)
    planned = plan_run(workspace, run, options)
    if isinstance(planned, Imported):
        return planned
    _run, plan, result, edit, read_notes = planned
    outcome = _carry_out(workspace, run, plan, edit, _with_question(options, ask, result, pointer_of(run, plan)))
    return replace(result, outcome=replace(outcome, introduced=(*outcome.introduced, *read_notes)))


class PlannedImport(NamedTuple):
    """What an import would do: its run and plan, the result as far as it is known, the edit, and notes on values."""

    run: ImportRun
    plan: ImportPlan
    result: Imported
    edit: Edit
    notes: Sequence[Finding]


def plan_run(workspace: Workspace, run: ImportRun, options: WriteOptions) -> PlannedImport | Imported:
    """Plan a run; the result itself where the same sheet was imported before. Raises as `import_records`."""
    kind, request = run.kind, run.request
    broken = run.sheet.faults
    if broken and (not run.sheet.rows or any(fault.where.row in (None, run.sheet.top) for fault in broken)):
        raise _refusal(run, broken)
    read = drafts(run.sheet, _reading(run))
    template = _template(run)
    source = _source(run, read)
    if run.same_again and not read.faults and run.unrepaired is None and request.missing_rows is None:
        return _nothing_new(run, read, source)
    resolved = resolve_names(run.registry, kind, run.sheet.file, run.columns, read.drafts)
    named_drafts = resolved.drafts
    if template is not None:
        named_drafts = [replace(draft, stem=template.stem(draft.row)) for draft in named_drafts]
    identities = _identities(run)
    identified = identities.of(named_drafts)
    rows = identified.rows
    unrepaired = [run.unrepaired] if run.unrepaired else []
    unreadable = [*run.sheet.faults, *unrepaired, *read.faults, *resolved.faults]
    faults = [*unreadable, *own_faults(identified.faults, read.faults)]
    merge = _merge_of(run)
    if merge is not None:  # a cell that cannot be used has no value in its draft, and counts as not edited
        rows, conflicts = merge.merge(rows, workspace.history)
        faults += conflicts
    if any(row.record is None for row in rows) or (faults and not rows):
        faults = [*_check_required(run), *faults]
    plan = plan_import(run, rows)
    faults += own_faults(plan.faults, faults)
    if merge is not None:
        unknown = {fault.where.row for fault in faults if fault.code == UNKNOWN}  # nothing can be looked up there
        others = [row for row in identified.rows if row.number not in unknown]
        faults += merge.check_lookups(others, run.registry.with_writes(plan.writes))
    if faults:
        follow = own_faults(_errors(workspace, run, plan, options), faults, run.unfilled, run.kind.position)
        raise _refusal(run, [*faults, *follow], identified.doubts)
    gone = merge.find_missing(identified.rows) if merge else find_missing(run, rows)
    plan_gone(run, plan, gone)
    result = Imported(
        NOTHING_WRITTEN,
        run.place.path,
        source,
        effects=effects(run, plan, rows, read.skipped, identified.twins),
        ignored=_find_unused_headings(run),
        base=run.base.commit if run.base else None,
        missing=tuple(plan.gone),
        longer=tuple(row.id for row in longer(rows)),
        notes=(
            *_notes_on_origin(run, plan),
            *(merge.notes() if merge else ()),
            *run.sheet.notes,
            *read.remarks,
            *notes(resolved.taken, rows),
            *_status_notes(run, plan),
            *plan.notes,
        ),
        mapped_by=_find_mapper(run),
        at_records=_count_at_records(run, identities, named_drafts, rows),
    )
    edit = _edit(run, plan, result, _source_keys(run, identities.names, plan, rows), options.reason)
    return PlannedImport(run, plan, result, edit, read.notes)


class LikelyKinds(NamedTuple):
    """The kinds of record that the rows of a file may be, the likeliest first; the file as it was read to find out, by
    the name of the kind for which it was; whether it is a workbook of ours that comes back as a whole: with the records
    of several kinds, or sent to somebody; whether anything in it speaks for an inventory."""

    guesses: list[KindGuess]
    files_read: Mapping[str, FileRead]
    comes_back: bool = False
    is_inventory: bool = True

    @property
    def decided(self) -> KindGuess | None:
        """The kind, where enough speaks for it; None: somebody has to say it."""
        return decide(self.guesses)


def likely_kinds(workspace: Workspace, file: Path, request: ImportRequest) -> LikelyKinds:
    """Guess the kind of the rows; there is one guess, without a reason, where the mapping of the file is recorded, or
    the export that it comes from tells. UsageFault for what cannot be read."""
    schemas = workspace.current.schemas
    recorded = recorded_kind(workspace.current, request.mapping or file.name)
    if recorded is not None and recorded in schemas.kinds:
        return LikelyKinds([KindGuess(schemas.kinds[recorded], None, None)], {})
    probe = next(kind for kind in schemas.kinds.values() if ("location", "lon") in kind.by_path)
    bundle, sheet = file_read = read_file(workspace, probe, file, replace(request, mapping=None))
    is_as_sent = request.export is None and not any(typed_options(request, kept=True))
    may_come_back = is_as_sent and sheet.form in WORKBOOKS
    is_read = may_come_back or not sheet.faults
    origin = _origin(workspace, sheet, bundle, file, request.export) if is_read else None
    if may_come_back and origin is not None and _comes_back(schemas.kinds.values(), bundle, origin):
        return LikelyKinds([], {}, comes_back=True)
    if origin is not None and not sheet.faults and len(origin.kinds) == 1 and origin.kinds[0] in schemas.kinds:
        return LikelyKinds([KindGuess(schemas.kinds[origin.kinds[0]], None, None)], {})
    guesses = guess_kinds(workspace.current, sheet)
    found = decide(guesses) is not None or is_inventory(workspace.current, sheet)
    return LikelyKinds(guesses, {probe.name: file_read}, is_inventory=found)


def _comes_back(kinds: Iterable[Kind], bundle: Bundle, origin: Origin) -> bool:
    if origin.commit is None:
        return False  # each sheet by itself: nobody can tell what was edited
    return origin.each is not None or len(list(sheets_of_records(kinds, read_grids(bundle), origin))) > 1


def proposal(
    workspace: Workspace, kind: Kind, file: Path, request: ImportRequest, on: date, file_read: FileRead
) -> Proposal | None:
    """What is known of a sheet that comes in for the first time, and what an import would make of it; None where its
    mapping is recorded or in a file, where the sheet is an export of ours or has faults, and where all its records are
    there. `on`: today."""
    place = _mapping_place(workspace, kind, file, request)
    readable = file_read.sheet.readable_rows
    if place.recorded is not None or names_file(request.mapping or "") or readable.faults:
        return None
    clean = repair_sheet(readable, place.mapping.options.characters)
    bundle, sheet = file_read.bundle, derive_columns(kind, clean.sheet, place.mapping)
    if _base_of(workspace, kind, sheet, bundle, file, request).base:
        return None
    made = propose(workspace.current, kind, sheet, place, request, on)
    if made is None:
        return None
    fault = clean.fault
    return replace(made, to_repair=fault and fault.message, unreadable=file_read.sheet.unreadable)


def unknown_values(
    workspace: Workspace, kind: Kind, file: Path, request: ImportRequest, file_read: FileRead
) -> list[UnknownValue]:
    """The questions about the values of a sheet; nothing where columns or the sheet itself have faults."""
    readable = file_read.sheet.readable_rows
    if readable.faults:
        return []
    place = _fit(workspace, kind, _mapping_place(workspace, kind, file, request), readable, request)
    clean = repair_sheet(readable, place.mapping.options.characters).sheet
    sheet = derive_columns(kind, clean, place.mapping)
    return [] if sheet.faults else find_unknown_values(workspace.current, kind, sheet, place)


def missing_columns(
    workspace: Workspace, kind: Kind, file: Path, request: ImportRequest, file_read: FileRead
) -> MissingColumns | None:
    """The columns that the recorded mapping of a file names and its sheet lacks; None where it lacks none."""
    try:
        _fit(workspace, kind, _mapping_place(workspace, kind, file, request), file_read.sheet, request)
    except MissingColumns as fault:
        return fault
    return None


def _mapping_place(workspace: Workspace, kind: Kind, file: Path, request: ImportRequest) -> MappingPlace:
    word = request.mapping
    text = content_of(Path(word), MAX_BYTES) if word is not None and names_file(word) else None
    return mapping_place(workspace.current, kind, file.name, request, text)


def _fit(workspace: Workspace, kind: Kind, place: MappingPlace, sheet: Sheet, request: ImportRequest) -> MappingPlace:
    """The mapping with the columns of this year's sheet."""
    if sheet.faults:
        return place
    registry = workspace.current
    known = keys_of(registry, place) or SourceKeys()
    return fit_to_sheet(registry, kind, place, sheet, known, request.renamed)


def read_bundle(file: Path, layer: str | None) -> Bundle:
    """The file with those that belong to it (`.dbf` of a shapefile), or what lies in it where it is an archive.
    Of a folder, its files with one object each. UsageFault for what is not there, cannot be read, or is too large."""
    if file.is_dir():
        return _read_folder(file)
    main = main_file(file)
    companions = {ending: content_of(place, MAX_BYTES) for ending, place in companions_of(main).items()}
    bundle = bundle_of(printable(main.name), content_of(main, MAX_BYTES), companions, layer)
    refuse_standard(bundle.name, bundle.content)
    return bundle


def refuse_standard(name: str, content: bytes) -> None:
    """UsageFault for an export in the form of a standard: it holds other things than our records. All of these are
    JSON; of other files, nothing is asked that loads the modules of formats."""
    form = format_of(name, content) if content.startswith((b"[", b"{")) else None
    if form is not None and form.recognizes is not None and form.name not in FORMS:
        raise UsageFault(
            Message("{file} is {form}; import reads {readable}", file=name, form=form.name, readable=READABLE),
            Message("save it as one of these"),
        )


def _read_folder(folder: Path) -> Bundle:
    name, objects, size = printable(folder.resolve().name), {}, 0
    for path, place in objects_in(folder).items():
        objects[printable(path)] = content_of(place, MAX_BYTES - size)
        size += len(objects[printable(path)])
        if size > MAX_BYTES:
            raise too_large(name)
    return Bundle(name, FOLDER, b"", objects)


def open_run(
    workspace: Workspace, kind: Kind, file: Path, request: ImportRequest, file_read: FileRead | None = None
) -> ImportRun:
    """The run of an import of a file. Raises as `import_records`."""
    place = _mapping_place(workspace, kind, file, request)
    bundle, sheet = file_read or read_file(workspace, kind, file, request)
    if request.skip_unreadable and sheet.unreadable:
        left_out = Message("left out, unreadable: rows {rows}", rows=ranges(sheet.unreadable))
        sheet = replace(sheet.readable_rows, notes=(*sheet.notes, left_out))
    base, note = _base_of(workspace, kind, sheet, bundle, file, request)
    if base is not None:
        if sheet.doubled:
            raise UsageFault(
                Message("the heading “{heading}” appears twice", heading=sheet.doubled[0].rpartition(" ")[0]),
                Message("give each column its own heading"),
            )
        place = MappingPlace(place.path, ImportMapping(kind.name, options=ImportRequest(crs=request.crs)), None)
        clean = Repaired(sheet)
    else:
        place = _fit(workspace, kind, place, sheet, request)
        clean = repair_sheet(sheet, place.mapping.options.characters)
        sheet = derive_columns(kind, clean.sheet, place.mapping)
    return ImportRun(workspace.current, workspace.repo, kind, sheet, bundle, place, request, base, note, clean.fault)


def _merge_of(run: ImportRun) -> SheetMerge | None:
    """The merge of an export that comes back; None for any other sheet. UsageFault when the sheet has no ids."""
    if run.base is None:
        return None
    if ID not in [column.path for column in run.columns]:
        raise UsageFault(
            Message("the column of the ids is missing in the sheet"),
            Message("put it back: it says which record a row is"),
        )
    grids: Sequence[SheetGrid] = ()
    if run.sheet.form in WORKBOOKS:
        grids = read_grids(run.bundle)
    elif _holds_lists(run.sheet.form):
        grids = layers_in(run.bundle.name, run.bundle.content)
    return SheetMerge(run.base, run.sheet, run.columns, run.registry, grids, run.request.update)


def _holds_lists(form: str) -> bool:
    """Whether a file of this format holds the lists of the records, too."""
    return form in WORKBOOKS or (form in FORMATS and FORMATS[form].lists)


def _nothing_new(run: ImportRun, read: Drafts, source: Source) -> Imported:
    """The same sheet was imported by the same mapping: later changes by people stay."""
    return Imported(
        NOTHING_WRITTEN,
        run.place.path,
        source,
        effects_of_nothing(run, read.drafts, read.skipped),
        ignored=_find_unused_headings(run),
        mapped_by=_find_mapper(run),
    )


def _notes_on_origin(run: ImportRun, plan: ImportPlan) -> Iterator[Text]:
    """Why nothing was compared with what the sheet was exported from."""
    if run.without_base is not None:
        yield run.without_base
    elif plan.changed and run.lost_origin:
        yield Message(
            "the file no longer says which export it comes from: nothing tells what others have changed since, and "
            "which rows were deleted; --in EXPORT compares it with a file of that export, or with its commit"
        )


def _find_mapper(run: ImportRun) -> Text | None:
    """The person who last changed the recorded mapping that this run follows, and when; None if there is none."""
    repo, file = run.repo, run.place.path
    if run.place.recorded is None or repo is None:
        return None
    status = repo.status((file,))
    if file in status.dirty() | status.untracked:
        return Message("changed here, not committed yet")
    return describe_last_change(repo, file, "HEAD")


def _source(run: ImportRun, read: Drafts) -> Source:
    sheet = run.sheet
    return Source(
        *(sheet.file, run.bundle.digest, sheet.form, sheet.name, sheet.encoding, sheet.delimiter),
        *(read.decimal, len(sheet.rows), len(read.skipped)),
    )


def _find_unused_headings(run: ImportRun) -> tuple[str, ...]:
    """The headings that fill no field and make no id."""
    used = {column.place for column in run.columns} | set(_in_ids(run)) | run.sheet.sources
    used |= set(run.base.places(run.sheet) if run.base else ())
    return tuple(word for index, word in enumerate(run.sheet.headings) if word and index not in used)


def _in_ids(run: ImportRun) -> Iterable[int]:
    """The columns from which ids are made."""
    try:
        return run.template.paths if run.template else ()
    except UsageFault:
        return ()


def _template(run: ImportRun) -> Template | None:
    """The rule for ids. UsageFault where nothing gives one; it also says which fields the sheet lacks."""
    try:
        return run.template
    except UsageFault as fault:
        lacking = next(iter(_check_required(run)), None)
        if run.mapping.options.id_from is not None or fault.hint is None or lacking is None or lacking.hint is None:
            raise
        message, hint = (
            joined([fault.message, lacking.message], Message("; ")),
            joined([fault.hint, lacking.hint], "; "),
        )
        raise UsageFault(message, hint) from None


def _check_required(run: ImportRun) -> list[Finding]:
    """SCH101 where neither a column nor a constant fills a field that every new record needs."""
    return [unfilled_fault(run.kind, run.sheet, run.columns, run.unfilled, _in_ids(run))] if run.unfilled else []


def _reading(run: ImportRun) -> Reading:
    options = run.mapping.options
    return Reading(
        run.columns,
        cells_of(run.registry.schemas.judges[run.kind.name], run.sheet, run.mapping, run.base is not None),
        conditions(run.sheet, options.skip_rows, "--skip-rows"),
        conditions(run.sheet, options.absent, "--absent"),
        dialect_named(options.dialect).decimal,
        projection(run.crs) if run.crs else None,
        run.finder,
        options.inside,
        run.places_commune,
    )


def _status_notes(run: ImportRun, plan: ImportPlan) -> Iterator[Text]:
    """With which status new records begin of which the sheet does not say it."""
    life = run.kind.lifecycle
    path = (life.field,) if life is not None else ()
    if life is None or path in run.constants or any(column.path == path for column in run.columns):
        return
    begun = Counter(record.data[life.field] for record in plan.records if record.rid not in run.registry)
    for status, count in begun.items():
        yield Message(
            "nothing says the {field} of new records: {count} begin as {status}; --constant {field}=… says another",
            field=life.field,
            count=count,
            status=status,
        )


def _count_at_records(
    run: ImportRun, identities: Identities, drafts: Sequence[Draft], rows: Sequence[RowIdentity]
) -> int:
    """How many rows stand where records of the source do, if no row has the key of one, most do, and nobody has said
    whether they are these."""
    is_decided = run.mapping.options.match is not None or not run.kind.position
    if is_decided or not run.known or not run.known.by_id or any(row.record is not None for row in rows):
        return 0
    by_place = replace(identities, by_place=True).of(drafts)
    count = sum(row.record is not None for row in by_place.rows)
    return count if 2 * count > len(rows) else 0


def _refusal(
    run: ImportRun, faults: Sequence[Finding], doubts: Sequence[Ambiguous] = (), outcome: Outcome = NOTHING_WRITTEN
) -> RefusedImport:
    """The refusal, with the sheet of the workbook in the place of each finding."""
    sheet = run.sheet
    faults = in_order(faults)
    if sheet.form in WORKBOOKS and sheet.name and not sheet.file.endswith(f" [{sheet.name}]"):
        place = f"{sheet.file} [{sheet.name}]"
        faults = [
            fault._replace(where=fault.where._replace(file=place)) if fault.where.file == sheet.file else fault
            for fault in faults
        ]
    return RefusedImport(replace(outcome, introduced=tuple(faults)), sheet.file, doubts)


def _carry_out(workspace: Workspace, run: ImportRun, plan: ImportPlan, edit: Edit, options: WriteOptions) -> Outcome:
    """Write the plan with its mapping in one commit; findings come back with rows and columns."""
    try:
        outcome = write(workspace, run.registry, edit, options)
    except RefusedWrite as refusal:
        raise _refusal(run, _placed(run, plan, refusal), outcome=refusal.outcome) from None
    return replace(outcome, introduced=tuple(pointer_of(run, plan).point(outcome.introduced)))


def _placed(run: ImportRun, plan: ImportPlan, refusal: RefusedWrite) -> list[Finding]:
    """The errors and warnings of a refused write, in terms of the sheet."""
    grave = [finding for finding in refusal.outcome.introduced if finding.severity != "info"]
    return list(map(with_way_out, pointer_of(run, plan).point(own_faults(grave))))


def pointer_of(run: ImportRun, plan: ImportPlan) -> Pointer:
    sheets = run.base.mergeable_lists if run.base and _holds_lists(run.sheet.form) else {}
    return Pointer(run.sheet.file, plan.rows, run.columns, tuple(run.constants), sheets, plan.changed)


def _errors(workspace: Workspace, run: ImportRun, plan: ImportPlan, options: WriteOptions) -> Sequence[Finding]:
    """The errors that the plan would add: those who correct the rows that cannot be planned also see those of the
    others."""
    edit = Edit("import", tuple(record.rid for record in plan.records), plan.writes, "")
    try:
        write(workspace, run.registry, edit, replace(options, dry_run=True))
    except RefusedWrite as refusal:
        errors = [finding for finding in _placed(run, plan, refusal) if finding.severity == "error"]
        return [error for error in errors if error.where.path or error.where.row not in plan.provisional]
    return ()


def _with_question(
    options: WriteOptions, ask: Callable[[Imported], bool] | None, result: Imported, pointer: Pointer
) -> WriteOptions:
    """The options, with a question that knows all that the import will do, and findings by row."""
    if options.confirm is None or ask is None:
        return options

    def confirm(outcome: Outcome) -> bool:
        return ask(replace(result, outcome=replace(outcome, introduced=tuple(pointer.point(outcome.introduced)))))

    return replace(options, confirm=confirm)


def _edit(run: ImportRun, plan: ImportPlan, result: Imported, keys: SourceKeys, reason: str | None) -> Edit:
    """The records with the mapping and the keys that made them."""
    mapping = replace(run.settled, source=result.source)
    writes = dict(plan.writes)
    changed = run.place.recorded is not None and run.place.recorded != mapping
    if run.base is None and (writes or changed or (run.known is not None and run.known != keys)):
        writes |= {run.place.path: mapping_text(mapping), run.place.keys: keys_text(keys)}
    count = len(plan.records)
    noun = run.kind.noun if count == 1 else run.kind.folder
    subject = f"Import {count} {noun} from {run.sheet.file}" if count else f"Change the mapping of {run.sheet.file}"
    body = [f"{result.added} added, {result.changed} changed, {result.unchanged} unchanged"]
    body += [f"{len(result.skipped)} rows left out", *([f"{len(plan.retired)} retired"] if plan.retired else [])]
    origin = f"Exported from: {run.base.commit}" if run.base else f"Mapping: {run.place.path}"
    edit = Edit(
        "import",
        tuple(record.rid for record in plan.records),
        writes,
        subject,
        f"{', '.join(body)}\n{origin}",
        decimals=_decimals(run, plan),
    )
    if not run.request.correct:
        return edit
    # A second set of trailers, which names no record: it speaks of all that the import changed.
    return replace(edit, past="corrected", trailers=((OP, CORRECT), (REASON, reason or "")))


def _decimals(run: ImportRun, plan: ImportPlan) -> dict[RecordId, int]:
    """With how many decimals the sheet gives each position; one that is converted has as many as are kept."""
    if run.crs:
        return {record.rid: DECIMALS for record in plan.records}
    pairs = list(place_columns(run.kind, run.columns))
    cells = {record.rid: plan.rows[record.file].cells for record in plan.records if record.file in plan.rows}
    return {
        rid: decimals_typed(text for pair in pairs for text in numbers_typed(pair, row)) for rid, row in cells.items()
    }


def _identities(run: ImportRun) -> Identities:
    """The identities of the rows of this run."""
    options, recorded = run.mapping.options, run.place.recorded
    before, code = recorded.constants if recorded else {}, commune_path(run.kind)
    return Identities(
        run.registry,
        run.kind,
        run.sheet.file,
        run.template,
        key_parts(run.kind, run.sheet, run.columns, options.key),
        run.constants,
        frozenset(path for path, value in run.constants.items() if before.get(path_text(path)) == value),
        run.known or SourceKeys(),
        options.duplicates or "refuse",
        options.moved_within,
        options.match == "place",
        read_pairs(run),
        frozenset({code} if run.places_commune and all(each.path != code for each in run.columns) else ()),
    )


def _source_keys(run: ImportRun, names: Key, plan: ImportPlan, rows: Sequence[RowIdentity]) -> SourceKeys:
    """The keys of the source after this run, which `names` say what they are made of: of the records that it made or
    may change, gone ones included."""
    recorded = run.known or SourceKeys(names)
    is_same = names == recorded.names
    kept = {
        id: key if is_same else ("",) * len(names)  # a record of the source that nothing finds by a key any more
        for id, key in recorded.by_id.items()
        if RecordId(run.kind.name, id) in run.registry
    }
    written = {record.rid.id for record in plan.records}
    own_rows = (row for row in rows if row.id in written or (row.record is not None and row.id in run.ours))
    return SourceKeys(names, {**kept, **{row.id: row.key for row in own_rows}})


def read_pairs(run: ImportRun) -> dict[int, str | None]:
    """The record that `--pair` gives to each row, None for a new one. UsageFault for another form, and for rows and
    records that are not there."""
    rows = {row.number for row in run.sheet.rows}
    pairs: dict[int, str | None] = {}
    for text in run.request.pairs:
        number, equals, id = (part.strip() for part in text.partition("="))
        if not equals or not id or not number.isdecimal():
            raise UsageFault(
                Message('--pair "{text}" is not of the form ROW=ID', text=text),
                Message("such as --pair 12=ep-1042, or --pair 12=- for a new record"),
            )
        if int(number) not in rows:
            raise UsageFault(Message("{file} has no row {number}", file=run.sheet.file, number=number))
        if id != "-" and RecordId(run.kind.name, id) not in run.registry:
            raise UsageFault(
                Message("there is no {kind} {id}", kind=run.kind.name, id=id),
                did_you_mean(id, run.registry.ids(run.kind.name)),
            )
        pairs[int(number)] = None if id == "-" else id
    return pairs


class SheetBaseline(NamedTuple):
    """The base of a sheet, if it has one; else why an export has none (None: it is no export)."""

    base: Baseline | None = None
    note: Text | None = None


def _base_of(
    workspace: Workspace, kind: Kind, sheet: Sheet, bundle: Bundle, file: Path, request: ImportRequest
) -> SheetBaseline:
    """The export that the sheet comes from; nothing where somebody says how to take its columns."""
    typed = (request.maps, request.constants, request.key, request.skip_rows, request.absent, request.values)
    is_mapped = any(typed) or request.mapping or request.id_from or request.set_from or request.keep
    if is_mapped and request.export is not None:
        raise UsageFault(
            Message("--in compares a file with the export that it was made from, whose columns are known"),
            Message("leave out --map, --constant, --key and the like; or leave out --in, and every cell counts"),
        )
    if is_mapped or sheet.faults or (request.crs and request.export is None):
        return SheetBaseline()
    origin = _origin(workspace, sheet, bundle, file, request.export)
    if origin is None:
        return SheetBaseline()
    if origin.commit is None:
        return SheetBaseline(note=Message("it was exported from an uncommitted state: edited cells cannot be detected"))
    try:
        commit = workspace.git.resolve(origin.commit)
    except UsageFault:
        short = short_id(origin.commit)
        return SheetBaseline(
            note=Message(
                "it was exported at commit {short}, which is not here: edited cells cannot be detected", short=short
            )
        )
    # Most files are no exports: what makes one is loaded for those that are.
    from smartreg.commands.baseline import baseline_of

    return SheetBaseline(baseline_of(workspace, kind, origin, commit, sheet))


def _origin(workspace: Workspace, sheet: Sheet, bundle: Bundle, file: Path, export: str | None) -> Origin | None:
    """The origin of a sheet: that of the `export` which it was made from, by its file or revision, else the one that
    the file itself states, or the datapackage.json beside a CSV file."""
    if export is not None:
        return _origin_of_export(workspace, Path(export))
    if sheet.form in WORKBOOKS:
        return origin_of(origin_in_sheets(read_grids(bundle)))
    described_by = file.parent / PACKAGE
    form = FORMATS.get(sheet.form)
    if form is not None and form.origin is not None:
        return origin_in(bundle.name, bundle.content)
    if form is None or not described_by.is_file():  # a package describes exports, not maps of strangers
        return None
    digest = hashlib.sha256(bundle.content).hexdigest()
    origin, table = origin_in_package(
        printable(described_by.name), content_of(described_by, MAX_BYTES), file.name, digest
    )
    return origin if table is not None else None


def _origin_of_export(workspace: Workspace, export: Path) -> Origin:
    """The origin that an export states; of a revision, an export of all of it for the registry itself. UsageFault if
    it is neither."""
    if not export.is_file():
        try:
            return Origin(workspace.git.resolve(str(export)), AUDIENCES[-1])
        except UsageFault as fault:
            raise UsageFault(Message('"{export}" is no file, and no commit', export=str(export)), fault.hint) from None
    content, name = content_of(export, MAX_BYTES), printable(export.name)
    origin = origin_in(name, content)
    if origin is None:
        raise UsageFault(
            Message("{file} does not say of which commit it is an export", file=name),
            Message("give another file of that export, its datapackage.json, or the commit: --in REV"),
        )
    return origin
