"""`import`: the rows of a sheet as records, all or nothing, in one commit with the mapping that made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from smartreg.commands.file_content import content_of
from smartreg.commands.import_base import base_of
from smartreg.commands.import_lists import sheets_of_lists
from smartreg.commands.import_merged import Merged
from smartreg.commands.import_plan import Import, MappingPlace, Plan, planned
from smartreg.commands.import_sheet import read_bundle, sheet_in
from smartreg.commands.import_told import longer, told
from smartreg.commands.writing import write
from smartreg.crs import WGS84, projection
from smartreg.edit import Edit, Outcome, RefusedWrite, WriteOptions
from smartreg.errors import UsageFault
from smartreg.findings import Finding, in_order
from smartreg.frozen import dataclass, replace
from smartreg.importers.cells import cells_of
from smartreg.importers.columns import conditions
from smartreg.importers.consequences import own_faults
from smartreg.importers.coverage import unfilled
from smartreg.importers.csv import dialect_named
from smartreg.importers.derived import derive_columns
from smartreg.importers.identity import Identities, key_paths
from smartreg.importers.mapping import (
    IMPORTS,
    SUFFIX,
    ImportMapping,
    ImportRequest,
    Source,
    checked,
    left_out,
    mapping_text,
    read_mapping,
    with_request,
)
from smartreg.importers.naming import Template
from smartreg.importers.pointing import Pointer
from smartreg.importers.references import referring
from smartreg.importers.rows import Draft, Reading, drafts
from smartreg.importers.sheet import MAX_BYTES
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.slug import slug
from smartreg.values import Words
from smartreg.workspace import Workspace

_MANY = 500  # from so many records on, looking up in memory beats asking the cache for each


@dataclass(frozen=True)
class Imported:
    """What an import did or would do. `mapping` is the file of the mapping; `source` the sheet as it was read;
    `skipped` the rows that conditions left out; `ignored` the headings that fill no field. Of an export that came back:
    `base`, the commit that it was compared with, and `missing`, the records whose rows are gone from it. `longer`: new
    ids that got a tail, since others have the same name. `notes`: what is to be told besides."""

    outcome: Outcome
    mapping: str
    source: Source
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: tuple[int, ...] = ()
    ignored: tuple[str, ...] = ()
    base: str | None = None
    missing: tuple[str, ...] = ()
    longer: tuple[str, ...] = ()
    notes: tuple[Words, ...] = ()


class RefusedImport(RefusedWrite):
    """Rows that cannot come in: `outcome.introduced` says which, with row and column. Nothing was written."""

    def __init__(self, outcome: Outcome, file: str) -> None:
        super().__init__(outcome)
        errors = [finding for finding in outcome.introduced if finding.severity == "error"]
        count = len(errors)
        self.message = Words(
            f"{file} was not imported: {count} error{'s' if count > 1 else ''}; nothing was written",
            f"{file} n'a pas été importé : {count} erreur{'s' if count > 1 else ''} ; rien n'a été écrit",
        )


def import_records(
    workspace: Workspace, kind: Kind, file: Path, request: ImportRequest, options: WriteOptions
) -> Imported:
    """Import the sheet `file` as records of `kind`. RefusedImport names the rows that cannot come in; UsageFault for
    options, columns or a mapping that do not fit. In both cases nothing was written."""
    place = mapping_place(workspace.current, kind, file, request)
    bundle = read_bundle(file, place.mapping.layer)
    sheet = derive_columns(kind, sheet_in(kind, bundle, place.mapping), place.mapping)
    base, note = base_of(workspace, kind, sheet, bundle.content, file, request)
    if base is not None:
        place = MappingPlace(place.path, ImportMapping(kind.name), None)
    run = Import(workspace, kind, sheet, bundle.digest, place, request.update, base)
    _refuse(run, sheet.faults)
    read = drafts(sheet, _reading(run))
    template = _template(run)
    named = referring(run.names, kind, sheet.file, run.columns, read.drafts)
    meant, doubtful = _identities(run).of(_with_stems(named.drafts, template))
    faults = [*read.faults, *named.faults, *own_faults(doubtful, read.faults, ())]
    merged = Merged(run, bundle.content, meant) if base is not None and not faults else None
    if merged is not None:
        meant, faults = merged.kept, list(merged.faults)
    if any(one.record is None for one in meant) or (faults and not meant):
        faults = [*_unfilled(run), *faults]
    if base is not None:  # what comes of a merge with faults in it, nobody can tell
        _refuse(run, faults)
    plan = planned(run, meant)
    rows, skipped = len(sheet.rows), len(read.skipped)
    source = Source(
        *(sheet.file, run.digest, sheet.form, sheet.name, sheet.encoding, sheet.delimiter, read.decimal, rows, skipped)
    )
    faults += own_faults(plan.faults, faults, ())
    if faults:
        _refuse(run, [*faults, *own_faults(_errors(run, plan, source, options), faults, run.unfilled)])
    _refuse(run, merged.looked_up(plan.writes) if merged else ())
    outcome = _carried_out(run, plan, source, options)
    outcome = replace(outcome, introduced=(*outcome.introduced, *read.notes))
    used = (
        {column.place for column in run.columns}
        | set(_in_ids(run))
        | set(base.places(sheet) if base else ())
        | sheet.sources
    )
    return Imported(
        outcome,
        place.path,
        source,
        added=len(plan.records) - len(plan.changed),
        changed=len(plan.changed),
        unchanged=len(meant) - len(plan.records),
        skipped=tuple(read.skipped),
        ignored=tuple(word for index, word in enumerate(sheet.headings) if word and index not in used),
        base=base.commit if base else None,
        missing=merged.missing if merged else (),
        longer=tuple(one.id for one in longer(meant)),
        notes=(*([note] if note else ()), *(merged.notes if merged else ()), *told(named.taken, meant)),
    )


def _in_ids(run: Import) -> Iterable[int]:
    """The columns from which ids are made."""
    try:
        return run.template.paths if run.template else ()
    except UsageFault:
        return ()


def _template(run: Import) -> Template | None:
    """How ids are made. UsageFault where nothing tells; it also says which fields the sheet lacks."""
    try:
        return run.template
    except UsageFault as fault:
        lacking = next(iter(_unfilled(run)), None)
        if lacking is None or lacking.hint is None or fault.hint is None or run.mapping.id is not None:
            raise
        raise UsageFault(
            Words(f"{fault.message.en}; {lacking.message.en}", f"{fault.message.fr} ; {lacking.message.fr}"),
            Words(f"{fault.hint.en}; {lacking.hint.en}", f"{fault.hint.fr} ; {lacking.hint.fr}"),
        ) from None


def _unfilled(run: Import) -> list[Finding]:
    """SCH101 where neither a column nor a constant fills a field that every new record needs."""
    return [unfilled(run.kind, run.sheet, run.columns, run.unfilled, _in_ids(run))] if run.unfilled else []


def _reading(run: Import) -> Reading:
    mapping = run.mapping
    crs = mapping.crs or run.sheet.crs
    return Reading(
        run.columns,
        conditions(run.sheet, mapping.skip_rows, "--skip-rows"),
        conditions(run.sheet, mapping.absent, "--absent"),
        dialect_named(mapping.dialect).decimal,
        projection(crs) if crs and crs.upper() != WGS84 else None,
        cells_of(run.sheet, mapping),
    )


def _identities(run: Import) -> Identities:
    return Identities(run.registry, run.kind, run.sheet.file, run.template, key_paths(run.mapping.key), run.constants)


def _with_stems(made: list[Draft], template: Template | None) -> list[Draft]:
    return [replace(draft, stem=template.stem(draft.row)) for draft in made] if template else made


def mapping_place(registry: Registry, kind: Kind, file: Path, request: ImportRequest) -> MappingPlace:
    """The mapping that the request names, else the one recorded for a file of this name, with what was typed now."""
    word = request.mapping
    name = slug(Path(word).stem if word else file.stem) or kind.folder
    path = f"{IMPORTS}/{name}{SUFFIX}"
    recorded = _recorded(registry, path)
    if word is None and recorded is not None and recorded.kind != kind.name:
        path = f"{IMPORTS}/{name}-{kind.name}{SUFFIX}"
        recorded = _recorded(registry, path)
    given = recorded
    if word is not None and ("/" in word or word.endswith(SUFFIX)):
        given = read_mapping(content_of(Path(word), MAX_BYTES), word)
    if given is not None:
        given = checked(kind, given, word or path)
    complete = given is not None and bool(given.fields)
    return MappingPlace(path, with_request(kind, given, request), recorded, complete, left_out(request))


def _recorded(registry: Registry, path: str) -> ImportMapping | None:
    try:
        return read_mapping(registry.tree.read(path), path)
    except FileNotFoundError:
        return None


def _refuse(run: Import, faults: Sequence[Finding]) -> None:
    if faults:
        raise RefusedImport(Outcome(Edit("import", (), {}, ""), (), tuple(in_order(faults))), run.sheet.file)


def _carried_out(run: Import, plan: Plan, source: Source, options: WriteOptions) -> Outcome:
    """Write the plan with its mapping in one commit; findings come back with rows and columns."""
    sheets = sheets_of_lists(run.base) if run.base and run.sheet.form == "xlsx" else {}
    pointer = Pointer(run.sheet.file, plan.rows, run.columns, tuple(run.constants), sheets)
    if len(plan.writes) > _MANY:
        run.registry.load_all()
    try:
        outcome = write(run.workspace, run.registry, _edit(run, plan, source), _asking(options, pointer))
    except RefusedWrite as refusal:
        grave = [finding for finding in refusal.outcome.introduced if finding.severity != "info"]
        found = replace(refusal.outcome, introduced=tuple(pointer.point(own_faults(grave, (), ()))))
        raise RefusedImport(found, run.sheet.file) from None
    return replace(outcome, introduced=tuple(pointer.point(outcome.introduced)))


def _errors(run: Import, plan: Plan, source: Source, options: WriteOptions) -> Sequence[Finding]:
    """The errors that the plan would bring: whoever mends the rows that cannot be planned sees those of the others."""
    try:
        _carried_out(run, plan, source, replace(options, dry_run=True))
    except RefusedImport as refusal:
        errors = [finding for finding in refusal.outcome.introduced if finding.severity == "error"]
        return [found for found in errors if found.where.path or found.where.row not in plan.provisional]
    return ()


def _asking(options: WriteOptions, pointer: Pointer) -> WriteOptions:
    """The options, with findings shown by row in the question before writing."""
    confirm = options.confirm
    if confirm is None:
        return options
    return replace(
        options,
        confirm=lambda outcome: confirm(replace(outcome, introduced=tuple(pointer.point(outcome.introduced)))),
    )


def _edit(run: Import, plan: Plan, source: Source) -> Edit:
    mapping = replace(run.settled, source=source)
    writes = dict(plan.writes)
    if run.base is None and (writes or (run.place.recorded is not None and run.place.recorded != mapping)):
        writes[run.place.path] = mapping_text(mapping)
    count, changed = len(plan.records), len(plan.changed)
    noun = run.kind.noun if count == 1 else run.kind.folder
    subject = f"Import {count} {noun} from {run.sheet.file}" if count else f"Change the mapping of {run.sheet.file}"
    body = f"{count - changed} added, {changed} changed, {source.rows - source.skipped - count} unchanged, "
    return Edit(
        "import",
        tuple(record.rid for record in plan.records),
        writes,
        subject,
        f"{body}{source.skipped} rows left out\n{_made_by(run)}",
    )


def _made_by(run: Import) -> str:
    return f"Exported from: {run.base.commit}" if run.base else f"Mapping: {run.place.path}"
