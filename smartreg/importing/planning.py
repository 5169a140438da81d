"""What the rows of a sheet come to: new records, changes of records that are there, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.progress import track
from smartreg.core.values import Json, KeyPath, Location, Record, RecordId, Words, path_text, value_at
from smartreg.domain.days import day_of
from smartreg.domain.placements import PLACE, PLACEMENTS, earlier_item, present_placement, same_place
from smartreg.edit import change_text, end_of_life, file_of, new_text, text_saying, with_status
from smartreg.gitio import Repo
from smartreg.importing.changes import Changes, changes, data_of, place_value
from smartreg.importing.columns import SheetColumn, columns_of
from smartreg.importing.identity import RowIdentity
from smartreg.importing.keys import SourceKeys, read_keys
from smartreg.importing.mapping import ImportMapping, MappingPlace, paths_of
from smartreg.importing.measures import with_units
from smartreg.importing.merging import Baseline
from smartreg.importing.naming import ID, Template, template_of
from smartreg.importing.options import ImportRequest
from smartreg.importing.readers.sheet import MAX_BYTES, Row, Sheet
from smartreg.importing.required import find_missing_fields, folder_fields
from smartreg.importing.rows import Draft, resolve_constant
from smartreg.importing.values import DECIMALS
from smartreg.registry import Registry, position
from smartreg.schema import Kind
from smartreg.tables.view import ATTRIBUTES
from smartreg.trees import in_scope
from smartreg.yamlio import read

EXISTS, PATTERN, MISSING = "IMP004", "SCH104", "SCH101"
SOMEWHERE = "somewhere"  # the folder of a record that says nothing of where it belongs: it is judged, never written


@dataclass(frozen=True)
class Import:
    """One run of an import: `repo`, in which the registry is kept, if it is; `place`: the mapping and where it is
    recorded; `digest` of the file; `base`: what the sheet was exported from."""

    registry: Registry
    repo: Repo | None
    kind: Kind
    sheet: Sheet
    digest: str
    place: MappingPlace
    request: ImportRequest
    base: Baseline | None = None

    @property
    def mapping(self) -> ImportMapping:
        return self.place.mapping

    @cached_property
    def columns(self) -> tuple[SheetColumn, ...]:
        if self.base:
            return self.base.columns(self.sheet)
        left = {self.sheet.column(word) for word in self.place.left_out}
        open_ = ["" if index in left else heading for index, heading in enumerate(self.sheet.headings)]
        return columns_of(self.kind, self.sheet, self.mapping, () if self.place.complete else open_)

    @cached_property
    def template(self) -> Template | None:
        return template_of(self.kind, self.sheet, self.columns, self.mapping)

    @cached_property
    def known(self) -> SourceKeys | None:
        """The keys of the source; None where none were recorded."""
        if self.base or self.place.recorded is None:
            return None
        try:
            return read_keys(self.registry.tree.read(self.place.keys, MAX_BYTES), self.place.keys)
        except FileNotFoundError:
            return None

    @cached_property
    def ours(self) -> frozenset[str]:
        """The ids of the records that this mapping made or was allowed to change: those that have a key, and before
        there were keys those that the commits wrote which recorded the mapping."""
        if self.known is not None:
            return frozenset(self.known.by_id)
        written: set[str] = set()
        if self.place.recorded is not None and self.repo is not None:
            for commit in self.repo.history(paths=[self.place.path, self.kind.place]):
                files = {change.path for change in commit.changes}
                if self.place.path in files and "import" in commit.ops:
                    written |= {rid.id for file in files if (rid := self.registry.by_file.get(file)) is not None}
        return frozenset(written)

    @cached_property
    def constants(self) -> Mapping[KeyPath, Json]:
        """UsageFault for a name shared by several records, or of no commune."""
        filled = {column.path for column in self.columns}
        said = {} if self.base else self.request.preset
        preset = {path: value for name, value in said.items() if (path := (name,)) not in filled}
        return preset | {
            path: resolve_constant(self.registry, self.kind, path, value)
            for path, value in paths_of(self.mapping).items()
        }

    @cached_property
    def unfilled(self) -> list[KeyPath]:
        """The fields of new records that nothing fills."""
        lists = [table.path for table in self.base.others if table.kind.name == self.kind.name] if self.base else []
        return find_missing_fields(self.kind, [*(column.path for column in self.columns), *self.constants, *lists])

    @cached_property
    def settled(self) -> ImportMapping:
        """The mapping as it is recorded: with the rule for ids in force, ids for names, and all columns where it names
        some."""
        named = self.mapping.fields
        if not self.base and (named or self.place.left_out):
            own = [column for column in self.columns if self._is_own(column)]
            words = {path_text(column.path): self.sheet.word(column.place) for column in own}
            named = {path: named.get(path, word) for path, word in words.items()}
        fixed = {path_text(path): value for path, value in self.constants.items()}
        options = replace(self.mapping.options, id_from=self.template.text if self.template else None)
        return replace(self.mapping, fields=named, constants=fixed, options=options)

    def _is_own(self, column: SheetColumn) -> bool:
        """Whether `[fields]` names the column, not another part of the mapping."""
        return path_text(column.path) not in self.sheet.made and column.path[0] != ATTRIBUTES

    @property
    def same_again(self) -> bool:
        """Whether this very sheet was imported by this very mapping: then what people changed since stays."""
        before = self.place.recorded
        same = before is not None and before.source is not None and before.source.sha256 == self.digest
        return same and before == self.settled and not self.request.update


@dataclass(frozen=True)
class ImportPlan:
    """What the rows come to: texts, the records that they make or change, the row of each record file, the faults;
    `provisional`: rows whose records are judged though nothing says in which folder they belong; `gone`: records whose
    rows are gone, of which some are `retired`; `notes`: further messages."""

    writes: dict[str, bytes | None] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    changed: dict[str, tuple[RowIdentity, Changes]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    provisional: set[int] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    retired: set[str] = field(default_factory=set)
    notes: list[Words] = field(default_factory=list)


def plan_import(run: Import, meant: Sequence[RowIdentity]) -> ImportPlan:
    plan = ImportPlan()
    for one in track(meant if not run.same_again else (), "rows"):
        if one.record is None:
            _add(run, one, plan)
        else:
            _change(run, one, one.record, plan)
    if plan.changed and not run.request.update:
        known = run.base.records if run.base else {}
        foreign = [found for found in plan.changed.values() if found[0].id not in run.ours and found[0].id not in known]
        plan.faults.extend(_fault_of_existing_record(run, *found) for found in foreign)
    return plan


def _add(run: Import, one: RowIdentity, plan: ImportPlan) -> None:
    """A new record: constants, then what the row says."""
    rid = RecordId(run.kind.name, one.id)
    if rid in run.registry:
        raise StateFault(
            Words(f"{run.registry.files_of(rid)[0]} cannot be read", f"{run.registry.files_of(rid)[0]} est illisible"),
            Words("smartreg validate says why", "smartreg validate dit pourquoi"),
        )
    values = _row_values(run, one.draft, {"id": one.id})
    data = with_status(run.kind, {**data_of({**run.constants, **values}), "id": one.id})
    absent = [name for name in folder_fields(run.kind) if data.get(name) is None]
    if absent:
        plan.faults.extend(_without_folder(run, one, name) for name in absent if (name,) not in run.unfilled)
        plan.provisional.add(one.draft.row.number)
    try:
        file = file_of(run.kind, {**dict.fromkeys(absent, SOMEWHERE), **data})
        place = run.kind.place
        if not in_scope(file, (place,)) or file.count("/") != f"{place}/{run.kind.template}".count("/"):
            raise UsageFault(Words(f"{file} is not a place for a record", f"{file} n'est pas la place d'une fiche"))
        text = new_text(run.kind, data, file)
    except UsageFault as fault:
        where = Location(run.sheet.file, ID, row=one.draft.row.number)
        plan.faults.append(Finding(PATTERN, "error", fault.message, where, fault.hint))
        return
    plan.writes[file] = text
    plan.rows[file] = one.draft.row
    plan.records.append(Record(rid, file, data))


def _without_folder(run: Import, one: RowIdentity, name: str) -> Finding:
    heading = next((column.heading for column in run.columns if column.path == (name,)), None)
    return Finding(
        MISSING,
        "error",
        Words(
            f"{name} is missing, and the folder of a new {run.kind.name} is made from it",
            f"{name} manque, et le dossier d'une nouvelle fiche « {run.kind.title.fr} » en dépend",
        ),
        Location(run.sheet.file, (name,), row=one.draft.row.number, column=heading),
    )


def _change(run: Import, one: RowIdentity, record: Record, plan: ImportPlan) -> None:
    """A record that is there: the fields that columns fill, and constants that the mapping did not have before; what
    other constants gave it once may have changed since, such as its status."""
    before = run.place.recorded.constants if run.place.recorded else {}
    fresh = {
        path: value
        for path, value in run.constants.items()
        if before.get(path_text(path)) != value or value_at(record.data, path) is None
    }
    values = {**fresh, **_row_values(run, one.draft, record.data)}
    values.pop(ID, None)
    found = as_move(run.kind, record, changes(record, _without_given(run, record, values)), run.request.moved_on)
    if not found.changed and not found.unset:
        return
    text = run.registry.tree.read(record.file)
    plan.writes[record.file] = _text(run.kind, text, record, found)
    plan.rows[record.file] = one.draft.row
    plan.records.append(record)
    plan.changed[record.file] = (one, found)


def _without_given(run: Import, record: Record, values: Mapping[KeyPath, Json]) -> Mapping[KeyPath, Json]:
    """The values without an empty status where the record has the one that an import gives such a row."""
    life = run.kind.lifecycle
    if run.base is not None or life is None or values.get((life.field,), "") is not None:
        return values
    given = with_status(run.kind, data_of(values))[life.field]
    if record.data.get(life.field) != given:
        return values
    return {path: value for path, value in values.items() if path != (life.field,)}


def _text(kind: Kind, text: bytes, record: Record, found: Changes) -> bytes:
    """The text with the changes. Of lists only the items that differ are written anew."""
    if not any(isinstance(value, list) for _, value in found.changed):
        return change_text(kind, text, found.changed, found.unset)
    plain = [(path, value) for path, value in found.changed if not isinstance(value, list)]
    text = change_text(kind, text, plain, found.unset) if plain or found.unset else text
    data = read(text, record.file).data or {}
    for path, value in found.changed:
        data = place_value(data, path, value) if isinstance(value, list) else data
    return text_saying(kind, text, data)


def _row_values(run: Import, draft: Draft, data: Mapping[str, Json]) -> Mapping[KeyPath, Json]:
    """What a row says of a record with these data."""
    values = _without_hosted(run, draft, data)
    given = {**run.constants, **values}
    found = with_units(run.kind, run.registry.schemas, given, data)
    return {path: value for path, value in found.items() if path in values or path not in given}


def _without_hosted(run: Import, draft: Draft, data: Mapping[str, Json]) -> Mapping[KeyPath, Json]:
    """The values of a row without a position that is only that of the record's support: exports show it for both."""
    kind = run.kind
    own = [(kind.position[0], axis) for axis in ("lon", "lat")] if len(kind.position) > 1 else []
    if not own or kind.position[0] in data or any(draft.values.get(path) is None for path in own):
        return draft.values
    others = {path: value for path, value in draft.values.items() if path not in own}
    hosted = data_of({**run.constants, **others, ID: data.get("id")})
    point = position(run.registry, Record(RecordId(kind.name, str(data.get("id"))), "", hosted))
    if point is None or tuple(round(value, DECIMALS) for value in point) != tuple(draft.values[path] for path in own):
        return draft.values
    return others


def _fault_of_existing_record(run: Import, one: RowIdentity, found: Changes) -> Finding:
    """IMP004: a record that this mapping did not make would change."""
    name = path_text(found.first)
    heading = next((column.heading for column in run.columns if column.path == found.first), None)
    return Finding(
        EXISTS,
        "error",
        Words(
            f"{run.kind.name}/{one.id} exists already and would change: {name}",
            f"{run.kind.name}/{one.id} existe déjà et changerait : {name}",
        ),
        Location(run.sheet.file, found.first, row=one.draft.row.number, column=heading),
        Words(
            "--update changes it; if it is another thing, make other ids: --id-from 'prefix-{COLUMN}'",
            "--update le modifie ; si c'est autre chose, formez d'autres identifiants : --id-from 'prefixe-{COLONNE}'",
        ),
    )


_PLACED_ON = ("placed_on",)
_PAST = ("CHG804", "CHG806", "CHG807")


def as_move(kind: Kind, record: Record, found: Changes, moved_on: date | None) -> Changes:
    """What a row changes, with the place that a device leaves among its `placements`, where the row puts a device that
    was in service elsewhere and says since when (a column for `placed_on`, or `moved_on` for the whole sheet);
    unchanged otherwise (CHG807 then reports the row)."""
    if (PLACEMENTS,) not in kind.by_path or any(path[0] == PLACEMENTS for path, _ in found.changed):
        return found
    life, old = kind.lifecycle, present_placement(record)
    if life is None or record.data.get(life.field) not in life.served or old is None or old.start is None:
        return found
    data: Json = {name: value for name, value in record.data.items() if (name,) not in found.unset}
    for path, value in found.changed:
        data = place_value(data, path, value)
    new = present_placement(Record(record.rid, record.file, data))
    on = day_of(dict(found.changed).get(_PLACED_ON)) or moved_on
    if new is None or same_place(old, new) or on is None or on <= old.start:
        return found
    items = record.data.get(PLACEMENTS)
    earlier = [*(items if isinstance(items, list) else ()), earlier_item(old, on, None)]
    kept = [(path, value) for path, value in found.changed if path != _PLACED_ON]
    changed = (*kept, (_PLACED_ON, on.isoformat()), ((PLACEMENTS,), earlier))
    own = [("location",)] if "location" in record.data and not any(path[0] == "location" for path, _ in kept) else []
    return Changes(changed, (*found.unset, *own))


def with_way_out(finding: Finding) -> Finding:
    """A finding on a past fact, with what an import can do about it."""
    if finding.code not in _PAST:
        return finding
    correct = Words(
        'entered wrongly before: --correct --reason "REASON"', 'erreur de saisie passée : --correct --reason "MOTIF"'
    )
    way = correct
    if finding.code == "CHG807" and finding.where.path[:1] and finding.where.path[0] in PLACE:
        way = Words(
            f"it moved: --moved-on YYYY-MM-DD, or a column for placed_on; {correct.en}",
            f"il a été déplacé : --moved-on AAAA-MM-JJ, ou une colonne pour placed_on ; {correct.fr}",
        )
    elif finding.code == "CHG806":
        way = Words(
            f"it changed hands: smartreg transfer, before the import; {correct.en}",
            f"il a changé de mains : smartreg transfer, avant l'import ; {correct.fr}",
        )
    return replace(finding, hint=way)


def find_missing(run: Import, meant: Sequence[RowIdentity]) -> list[str]:
    """The records of this source that no row means any more, but for those whose life has ended."""
    left = run.ours - {one.id for one in meant} if run.place.recorded else ()
    life = run.kind.lifecycle
    found = (run.registry.get(RecordId(run.kind.name, id)) for id in sorted(left))
    return [one.rid.id for one in found if one and not (life and one.data.get(life.field) in life.ends)]


def plan_gone(run: Import, plan: ImportPlan, gone: Sequence[str], retire_on: date | None) -> None:
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
