"""`import`: the rows of a sheet as records, all or nothing, in one commit with the mapping that made them and the keys
of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from smartreg.commands.import_base import base_of, read_bundle, sheet_in
from smartreg.commands.import_mapping import MappingPlace, mapping_place
from smartreg.commands.import_merge import with_way_out
from smartreg.commands.import_merged import Merged, sheets_of_lists
from smartreg.commands.import_plan import Import, ImportPlan, plan_import
from smartreg.commands.import_proposal import complete_command
from smartreg.commands.import_report import Imported, effects, effects_of_nothing, longer, notes
from smartreg.commands.retire import end_of_life
from smartreg.commands.set_ import with_reason
from smartreg.commands.workspace import Workspace, write
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.findings import Finding, in_order
from smartreg.core.values import RecordId, Words, path_text
from smartreg.domain.crs import WGS84, projection
from smartreg.edit import Edit, Outcome, RefusedWrite, WriteOptions, change_text, decimals_typed
from smartreg.gitio import OP, REASON
from smartreg.history import CORRECT
from smartreg.importing.causes import own_faults
from smartreg.importing.cells import cells_of
from smartreg.importing.changes import derive_columns
from smartreg.importing.columns import conditions
from smartreg.importing.identity import Identities, RowIdentity
from smartreg.importing.keys import SourceKeys, keys_text
from smartreg.importing.mapping import (
    ImportMapping,
    ImportRequest,
    Source,
    mapping_text,
)
from smartreg.importing.naming import Template, key_parts
from smartreg.importing.pointing import Pointer
from smartreg.importing.readers.csv import dialect_named
from smartreg.importing.readers.formats import WORKBOOKS
from smartreg.importing.rows import Draft, Drafts, Reading, drafts, resolve_names
from smartreg.importing.suggestions import unfilled_fault
from smartreg.importing.values import DECIMALS
from smartreg.review.notes import describe_last_change
from smartreg.schema import Kind


class RefusedImport(RefusedWrite):
    """Rows that cannot come in: `outcome.introduced` says which, with row and column. Nothing was written."""

    def __init__(self, outcome: Outcome, file: str, hint: Words | None = None) -> None:
        super().__init__(outcome)
        self.hint = hint
        errors = [finding for finding in outcome.introduced if finding.severity == "error"]
        count = len(errors)
        self.message = Words(
            f"{file} was not imported: {count} error{'s' if count > 1 else ''}; nothing was written",
            f"{file} n'a pas été importé : {count} erreur{'s' if count > 1 else ''} ; rien n'a été écrit",
        )


def import_records(
    workspace: Workspace,
    kind: Kind,
    file: Path,
    request: ImportRequest,
    options: WriteOptions,
    ask: Callable[[Imported], bool] | None = None,
) -> Imported:
    """Import the sheet `file` as records of `kind`; where `options` ask before writing, `ask` does, and is given all
    that the import will do. RefusedImport names the rows that cannot come in; UsageFault for options, columns or a
    mapping that do not fit. In both cases nothing was written."""
    options = with_reason(options) if request.correct else options
    run, content, note = _open(workspace, kind, file, request)
    _refuse(run, run.sheet.faults)
    read = drafts(run.sheet, _reading(run))
    complete = partial(complete_command, run, file, request, options.dry_run)
    template = _template(run, complete)
    source = _source(run, read)
    if run.same_again and not read.faults and not request.list_gone and request.retire_gone is None:
        return _nothing_new(run, read, source)
    named = resolve_names(run.registry, kind, run.sheet.file, run.columns, read.drafts)
    identified = _identities(run).of(_with_stems(named.drafts, template))
    meant = identified.meant
    faults = [*read.faults, *named.faults, *own_faults(identified.faults, read.faults)]
    merged = Merged(run, content, meant) if run.base is not None and not faults else None
    if merged is not None:
        meant, faults = merged.kept, list(merged.faults)
    if any(one.record is None for one in meant) or (faults and not meant):
        faults = [*_check_required(run), *faults]
    if run.base is not None:  # what comes of a merge with faults in it, nobody can tell
        _refuse(run, faults)
    plan = plan_import(run, meant)
    faults += own_faults(plan.faults, faults)
    if faults:
        follow = own_faults(_errors(run, plan, options), faults, run.unfilled, run.kind.position)
        _refuse(run, [*faults, *follow], complete() if run.unfilled else None)
    _refuse(run, merged.check_lookups(plan.writes) if merged else ())
    _plan_gone(run, plan, merged.missing if merged else _find_missing(run, meant), request.retire_gone)
    result = Imported(
        Outcome(Edit("import", (), {}, ""), (), ()),
        run.place.path,
        source,
        effects=effects(run, plan, meant, read.skipped, identified.twins),
        ignored=_find_unused_headings(run),
        base=run.base.commit if run.base else None,
        missing=tuple(plan.gone),
        longer=tuple(one.id for one in longer(meant)),
        notes=(*([note] if note else ()), *(merged.notes if merged else ()), *notes(named.taken, meant), *plan.notes),
        mapped_by=_find_mapper(run),
    )
    edit = _edit(run, plan, result, _source_keys(run, plan, meant), options.reason)
    outcome = _carry_out(run, plan, edit, _with_question(options, ask, result, _pointer(run, plan)))
    return replace(result, outcome=replace(outcome, introduced=(*outcome.introduced, *read.notes)))


def _open(workspace: Workspace, kind: Kind, file: Path, request: ImportRequest) -> tuple[Import, bytes, Words | None]:
    """The run, the content of its file, and a note on what it was exported from."""
    place = mapping_place(workspace.current, kind, file, request)
    bundle = read_bundle(file, place.mapping.layer)
    sheet = derive_columns(kind, sheet_in(kind, bundle, place.mapping), place.mapping)
    base, note = base_of(workspace, kind, sheet, bundle.content, file, request)
    if base is not None:
        place = MappingPlace(place.path, ImportMapping(kind.name), None)
    return Import(workspace, kind, sheet, bundle.digest, place, request, base), bundle.content, note


def _nothing_new(run: Import, read: Drafts, source: Source) -> Imported:
    """The same sheet was imported by the same mapping: later changes by people stay."""
    rows = effects_of_nothing(run, read.drafts, read.skipped)
    outcome = Outcome(Edit("import", (), {}, ""), (), ())
    return Imported(
        outcome, run.place.path, source, rows, ignored=_find_unused_headings(run), mapped_by=_find_mapper(run)
    )


def _find_mapper(run: Import) -> Words | None:
    """Who last changed the recorded mapping that this run follows; None if there is none."""
    repo, file = run.workspace.repo, run.place.path
    if run.place.recorded is None or repo is None:
        return None
    status = repo.status((file,))
    if file in status.dirty() | status.untracked:
        return Words("changed here, not committed yet", "modifiée ici, pas encore commitée")
    return describe_last_change(repo, file, "HEAD")


def _source(run: Import, read: Drafts) -> Source:
    sheet = run.sheet
    return Source(
        *(sheet.file, run.digest, sheet.form, sheet.name, sheet.encoding, sheet.delimiter),
        *(read.decimal, len(sheet.rows), len(read.skipped)),
    )


def _find_unused_headings(run: Import) -> tuple[str, ...]:
    """The headings that fill no field and make no id."""
    used = {column.place for column in run.columns} | set(_in_ids(run)) | run.sheet.sources
    used |= set(run.base.places(run.sheet) if run.base else ())
    return tuple(word for index, word in enumerate(run.sheet.headings) if word and index not in used)


def _in_ids(run: Import) -> Iterable[int]:
    """The columns from which ids are made."""
    try:
        return run.template.paths if run.template else ()
    except UsageFault:
        return ()


def _template(run: Import, complete: Callable[[], Words | None]) -> Template | None:
    """How ids are made. UsageFault where nothing tells; it also says which fields the sheet lacks, and the command that
    gives all of it."""
    try:
        return run.template
    except UsageFault as fault:
        if run.mapping.id is not None or fault.hint is None:
            raise
        lacking = next(iter(_check_required(run)), None)
        message, hints = [fault.message], [fault.hint]
        if lacking is not None and lacking.hint is not None:
            message.append(lacking.message)
            hints.append(lacking.hint)
        hint, command = _join(hints, "; ", " ; "), complete()
        raise UsageFault(_join(message, "; ", " ; "), _join([hint, command], "\n") if command else hint) from None


def _join(words: Sequence[Words], en: str, fr: str | None = None) -> Words:
    return Words(en.join(one.en for one in words), (fr or en).join(one.fr for one in words))


def _check_required(run: Import) -> list[Finding]:
    """SCH101 where neither a column nor a constant fills a field that every new record needs."""
    return [unfilled_fault(run.kind, run.sheet, run.columns, run.unfilled, _in_ids(run))] if run.unfilled else []


def _reading(run: Import) -> Reading:
    mapping = run.mapping
    crs = mapping.crs or run.sheet.crs
    return Reading(
        run.columns,
        cells_of(run.registry.schemas.judges[run.kind.name], run.sheet, mapping, run.base is not None),
        conditions(run.sheet, mapping.skip_rows, "--skip-rows"),
        conditions(run.sheet, mapping.absent, "--absent"),
        dialect_named(mapping.dialect).decimal,
        projection(crs) if crs and crs.upper() != WGS84 else None,
    )


def _with_stems(made: list[Draft], template: Template | None) -> list[Draft]:
    return [replace(draft, stem=template.stem(draft.row)) for draft in made] if template else made


def _refuse(run: Import, faults: Sequence[Finding], hint: Words | None = None) -> None:
    if faults:
        raise RefusedImport(Outcome(Edit("import", (), {}, ""), (), tuple(in_order(faults))), run.sheet.file, hint)


def _carry_out(run: Import, plan: ImportPlan, edit: Edit, options: WriteOptions) -> Outcome:
    """Write the plan with its mapping in one commit; findings come back with rows and columns."""
    pointer = _pointer(run, plan)
    try:
        outcome = write(run.workspace, run.registry, edit, options)
    except RefusedWrite as refusal:
        grave = [finding for finding in refusal.outcome.introduced if finding.severity != "info"]
        found = replace(refusal.outcome, introduced=tuple(map(with_way_out, pointer.point(own_faults(grave)))))
        raise RefusedImport(found, run.sheet.file) from None
    return replace(outcome, introduced=tuple(pointer.point(outcome.introduced)))


def _pointer(run: Import, plan: ImportPlan) -> Pointer:
    sheets = sheets_of_lists(run.base) if run.base and run.sheet.form in WORKBOOKS else {}
    return Pointer(run.sheet.file, plan.rows, run.columns, tuple(run.constants), sheets, plan.changed)


def _errors(run: Import, plan: ImportPlan, options: WriteOptions) -> Sequence[Finding]:
    """The errors that the plan would add: those who correct the rows that cannot be planned also see those of the
    others."""
    try:
        edit = Edit("import", tuple(record.rid for record in plan.records), plan.writes, "")
        _carry_out(run, plan, edit, replace(options, dry_run=True))
    except RefusedImport as refusal:
        errors = [finding for finding in refusal.outcome.introduced if finding.severity == "error"]
        return [found for found in errors if found.where.path or found.where.row not in plan.provisional]
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


def _edit(run: Import, plan: ImportPlan, result: Imported, keys: SourceKeys, reason: str | None) -> Edit:
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
    edit = Edit(
        "import",
        tuple(record.rid for record in plan.records),
        writes,
        subject,
        f"{', '.join(body)}\n{_mapping_path(run)}",
        decimals=_decimals(run, plan),
    )
    if not run.request.correct:
        return edit
    # A second set of trailers, which names no record: it speaks of all that the import changed.
    return replace(edit, past="corrected", trailers=((OP, CORRECT), (REASON, reason or "")))


def _decimals(run: Import, plan: ImportPlan) -> dict[RecordId, int]:
    """With how many decimals the sheet gives each position; one that is converted has as many as are kept."""
    crs = run.mapping.crs or run.sheet.crs
    if crs and crs.upper() != WGS84:
        return {record.rid: DECIMALS for record in plan.records}
    places = [column.place for column in run.columns if column.path[-1] in ("lon", "lat")]
    cells = {record.rid: plan.rows[record.file].cells for record in plan.records if record.file in plan.rows}
    return {
        rid: decimals_typed(cell for place in places if isinstance(cell := row[place], str))
        for rid, row in cells.items()
    }


def _mapping_path(run: Import) -> str:
    return f"Exported from: {run.base.commit}" if run.base else f"Mapping: {run.place.path}"


def _identities(run: Import) -> Identities:
    """How the rows of this run find their records."""
    mapping, recorded = run.mapping, run.place.recorded
    before = recorded.constants if recorded else {}
    return Identities(
        run.registry,
        run.kind,
        run.sheet.file,
        run.template,
        key_parts(run.kind, run.sheet, run.columns, mapping.key),
        run.constants,
        frozenset(path for path, value in run.constants.items() if before.get(path_text(path)) == value),
        run.known or SourceKeys(),
        mapping.twins or "refuse",
        mapping.moved_within,
    )


def _source_keys(run: Import, plan: ImportPlan, meant: Sequence[RowIdentity]) -> SourceKeys:
    """The keys of the source after this run: of the records that it made or may change, gone ones included."""
    names = _identities(run).names
    known = run.known or SourceKeys(names)
    there = {id: key for id, key in known.by_id.items() if RecordId(run.kind.name, id) in run.registry}
    written = {record.rid.id for record in plan.records}
    own = (one for one in meant if one.id in written or (one.record is not None and one.id in run.ours))
    return SourceKeys(names, {**(there if names == known.names else {}), **{one.id: one.key for one in own}})


def _find_missing(run: Import, meant: Sequence[RowIdentity]) -> list[str]:
    """The records of this source that no row means any more, but for those whose life has ended."""
    left = run.ours - {one.id for one in meant} if run.place.recorded else ()
    life = run.kind.lifecycle
    found = (run.registry.get(RecordId(run.kind.name, id)) for id in sorted(left))
    return [one.rid.id for one in found if one and not (life and one.data.get(life.field) in life.ends)]


def _plan_gone(run: Import, plan: ImportPlan, gone: Sequence[str], retire_on: date | None) -> None:
    """Plan the end, on a day if one is given, of the records whose rows are gone; what cannot be retired stays."""
    plan.gone.extend(gone)
    life, left = run.kind.lifecycle, []
    for id in gone if retire_on is not None else ():
        record = run.registry.get(RecordId(run.kind.name, id))
        if record is None or retire_on is None:
            continue
        try:
            found = end_of_life(run.kind, life, record, retire_on) if life else []
        except Refused as refusal:
            left.append(refusal.message)
            continue
        if found:
            plan.writes[record.file] = change_text(run.kind, run.registry.tree.read(record.file), found)
            plan.records.append(record)
            plan.retired.add(id)
    if left:
        more = f" (+ {len(left) - 1})" if len(left) > 1 else ""
        plan.notes.append(Words(f"not retired: {left[0].en}{more}", f"pas retiré : {left[0].fr}{more}"))
