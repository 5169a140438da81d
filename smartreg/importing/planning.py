"""The plan of an import: new records, changes of records that are there, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.progress import track
from smartreg.core.values import Json, KeyPath, Location, Record, RecordId, path_text, value_at
from smartreg.domain.boundaries import CommuneFinder, commune_finder
from smartreg.domain.crs import WGS84
from smartreg.domain.days import day_of
from smartreg.domain.placements import PLACEMENTS, earlier_item, present_placement, same_place
from smartreg.edit import change_text, end_of_life, file_of, new_text, text_saying, with_status
from smartreg.gitio import Repo
from smartreg.importing.cells import PATTERN
from smartreg.importing.changes import Changes, changes, data_of, place_value, place_values
from smartreg.importing.columns import SheetColumn, columns_of, heading_of
from smartreg.importing.findings import MISSING
from smartreg.importing.identity import RowIdentity
from smartreg.importing.keys import SourceKeys, read_keys
from smartreg.importing.mapping import ImportMapping, MappingPlace
from smartreg.importing.measures import with_units
from smartreg.importing.merging import Baseline, match_sheet
from smartreg.importing.naming import ID, Template, template_of
from smartreg.importing.options import ImportRequest
from smartreg.importing.places import commune_path, place_columns
from smartreg.importing.renaming import renamed_columns, renamed_key
from smartreg.importing.required import find_missing_fields
from smartreg.importing.rows import Draft, resolve_constant
from smartreg.importing.values import DECIMALS
from smartreg.readers.formats import Bundle
from smartreg.readers.sheet import MAX_BYTES, Row, Sheet
from smartreg.registry import Registry, position
from smartreg.schema import Kind, key_path
from smartreg.tables import tables
from smartreg.tables.view import ATTRIBUTES
from smartreg.trees import in_scope
from smartreg.yamlio import read

EXISTS = "IMP004"
SOMEWHERE = "somewhere"  # the folder of a record that says nothing of where it belongs: it is judged, never written


@dataclass(frozen=True)
class ImportRun:
    """One run of an import: `repo`, in which the registry is kept, if it is; `bundle`: the file of the sheet; `place`:
    the mapping and where it is recorded; `base`: what the sheet was exported from, `without_base`: why an export is
    compared with nothing; `unrepaired`: the fault of characters that nobody agreed to repair, though the sheet has them
    repaired."""

    registry: Registry
    repo: Repo | None
    kind: Kind
    sheet: Sheet
    bundle: Bundle
    place: MappingPlace
    request: ImportRequest
    base: Baseline | None
    without_base: Text | None
    unrepaired: Finding | None

    @property
    def mapping(self) -> ImportMapping:
        return self.place.mapping

    @property
    def crs(self) -> str | None:
        """The coordinate system of the positions; None for WGS 84."""
        crs = self.mapping.options.crs or self.sheet.crs
        return None if crs is None or crs.upper() == WGS84 else crs

    @cached_property
    def columns(self) -> tuple[SheetColumn, ...]:
        if self.base:
            return self.base.columns(self.sheet)
        return columns_of(self.kind, self.sheet, self.place)

    @cached_property
    def template(self) -> Template | None:
        return template_of(self.kind, self.sheet, self.columns, self.mapping)

    @cached_property
    def known(self) -> SourceKeys | None:
        """The keys of the source; None where none were recorded."""
        keys = None if self.base else keys_of(self.registry, self.place)
        if keys is None:
            return None
        names = list(keys.names)
        for old, new in renamed_columns(self.request.renamed):
            word = self.sheet.word(self.sheet.column(new))
            names = [renamed_key(name, old, word) for name in names]
        return replace(keys, names=tuple(names))

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
        preset = {} if self.base else self.request.preset
        unfilled_preset = {path: value for name, value in preset.items() if (path := (name,)) not in filled}
        return unfilled_preset | {
            key_path(name): resolve_constant(self.registry, self.kind, key_path(name), value)
            for name, value in self.mapping.constants.items()
        }

    @cached_property
    def unfilled(self) -> list[KeyPath]:
        """The fields of new records that nothing fills."""
        lists = [table.path for table in self.base.others if table.kind.name == self.kind.name] if self.base else []
        placed = [commune_path(self.kind)] if self.places_commune else []
        filled = [*(column.path for column in self.columns), *self.constants, *lists, *placed]
        return find_missing_fields(self.kind, filled)

    @cached_property
    def finder(self) -> CommuneFinder:
        """Who knows in which commune a point lies. UsageFault where `--commune-from outlines` is given without any."""
        finder = commune_finder(self.registry)
        if self.mapping.options.commune_from == "outlines" and not finder.exact:
            raise UsageFault(
                Message("--commune-from outlines: the registry has no outlines of all communes"),
                Message("smartreg boundaries FILE brings them from an official file"),
            )
        return finder

    @cached_property
    def places_commune(self) -> bool:
        """Whether the commune of a row that names none is that of its point: by outlines where the registry has them,
        by the nearest centre only where somebody says so."""
        path = commune_path(self.kind)
        if self.base is not None or path not in self.kind.by_path or path in self.constants:
            return False
        has_finder = self.finder.exact or self.mapping.options.commune_from == "nearest"
        return has_finder and next(place_columns(self.kind, self.columns), None) is not None

    @cached_property
    def settled(self) -> ImportMapping:
        """The mapping as it is recorded: with the rule for ids in force, ids for names, and all columns where it names
        some."""
        headings = self.mapping.fields
        if not self.base and (headings or self.place.left_out):
            columns = [column for column in self.columns if self._is_own(column)]
            words = {path_text(column.path): self.sheet.word(column.place) for column in columns}
            headings = {path: headings.get(path, word) for path, word in words.items()}
        fixed = {path_text(path): value for path, value in self.constants.items()}
        options = replace(self.mapping.options, id_from=self.template.text if self.template else None)
        return replace(self.mapping, fields=headings, constants=fixed, options=options)

    def _is_own(self, column: SheetColumn) -> bool:
        """Whether `[fields]` names the column, not another part of the mapping."""
        return path_text(column.path) not in self.sheet.made and column.path[0] != ATTRIBUTES

    @cached_property
    def lost_origin(self) -> bool:
        """Whether the sheet looks like an export, and says no more of which commit: programs for maps drop that."""
        if self.base is not None:
            return False
        table = next(table for table in tables(self.registry, [self.kind]) if table.main)
        shown = [table.columns[place] for place in match_sheet(table, self.sheet).values()]
        looked_up = [column for column in shown if column.field is None and column.name not in ("lon", "lat")]
        return bool(looked_up) and 2 * len(shown) >= len(self.sheet.headings)

    @property
    def same_again(self) -> bool:
        """Whether this very sheet was imported by this very mapping: then what people changed since stays."""
        before = self.place.recorded
        same = before is not None and before.source is not None and before.source.sha256 == self.bundle.digest
        return same and before == self.settled and not self.request.update and not self.request.pairs


def keys_of(registry: Registry, place: MappingPlace) -> SourceKeys | None:
    """The keys that are recorded beside a mapping; None where there are none."""
    if place.recorded is None:
        return None
    try:
        return read_keys(registry.tree.read(place.keys, MAX_BYTES), place.keys)
    except FileNotFoundError:
        return None


@dataclass(frozen=True)
class ImportPlan:
    """The plan: texts, the records that they make or change, the row of each record file, the faults; `provisional`:
    rows whose records are judged though nothing says in which folder they belong; `gone`: records whose rows are gone,
    of which some are `retired`; `notes`: further messages."""

    writes: dict[str, bytes | None] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    changed: dict[str, tuple[RowIdentity, Changes]] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    provisional: set[int] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    retired: set[str] = field(default_factory=set)
    notes: list[Text] = field(default_factory=list)


def plan_import(run: ImportRun, rows: Sequence[RowIdentity]) -> ImportPlan:
    plan = ImportPlan()
    for row in track(rows if not run.same_again else (), "rows"):
        if row.record is None:
            _add(run, row, plan)
        else:
            _change(run, row, row.record, plan)
    if plan.changed and not run.request.update:
        exported = run.base.records if run.base else {}
        foreign = [
            change for change in plan.changed.values() if change[0].id not in run.ours and change[0].id not in exported
        ]
        plan.faults.extend(_fault_of_existing_record(run, *change) for change in foreign)
    return plan


def _add(run: ImportRun, row: RowIdentity, plan: ImportPlan) -> None:
    """A new record: constants, then what the row says."""
    rid = RecordId(run.kind.name, row.id)
    if rid in run.registry:
        raise StateFault(
            Message("{rid} cannot be read", rid=run.registry.files_of(rid)[0]),
            Message("smartreg validate says why"),
        )
    values = _row_values(run, row.draft, {"id": row.id})
    given = {path: value for path, value in values.items() if value is not None}
    data = with_status(run.kind, {**data_of({**run.constants, **row.draft.derived, **given}), "id": row.id})
    absent = [name for name in run.kind.folder_fields if data.get(name) is None]
    if absent:
        plan.faults.extend(_without_folder(run, row, name) for name in absent if (name,) not in run.unfilled)
        plan.provisional.add(row.number)
    try:
        file = file_of(run.kind, {**dict.fromkeys(absent, SOMEWHERE), **data})
        place = run.kind.place
        if not in_scope(file, (place,)) or file.count("/") != f"{place}/{run.kind.template}".count("/"):
            raise UsageFault(Message("{file} is not a place for a record", file=file))
        text = new_text(run.kind, data, file)
    except UsageFault as fault:
        where = Location(run.sheet.file, ID, row=row.number)
        plan.faults.append(Finding(PATTERN, "error", fault.message, where, fault.hint))
        return
    plan.writes[file] = text
    plan.rows[file] = row.draft.row
    plan.records.append(Record(rid, file, data))


def _without_folder(run: ImportRun, row: RowIdentity, name: str) -> Finding:
    return Finding(
        MISSING,
        "error",
        Message(
            "{name} is missing, and the folder of a new {kind} is made from it",
            name=name,
            kind=run.kind.name,
            title=run.kind.title,
        ),
        Location(run.sheet.file, (name,), row=row.number, column=heading_of(run.columns, (name,))),
    )


def _change(run: ImportRun, row: RowIdentity, record: Record, plan: ImportPlan) -> None:
    """A record that is there: the fields that columns fill, and constants that the mapping did not have before; what
    other constants gave it once may have changed since, such as its status."""
    before = run.place.recorded.constants if run.place.recorded else {}
    fresh = {
        path: value
        for path, value in run.constants.items()
        if before.get(path_text(path)) != value or value_at(record.data, path) is None
    }
    values = {**fresh, **_row_values(run, row.draft, record.data)}
    values.pop(ID, None)
    change = as_move(run.kind, record, changes(record, _without_given(run, record, values)), run.request.moved_on)
    if not change.changed and not change.unset:
        return
    text = run.registry.tree.read(record.file)
    plan.writes[record.file] = _text(run.kind, text, record, change)
    plan.rows[record.file] = row.draft.row
    plan.records.append(record)
    plan.changed[record.file] = (row, change)


def _without_given(run: ImportRun, record: Record, values: Mapping[KeyPath, Json]) -> Mapping[KeyPath, Json]:
    """The values without an empty status where the record has the one that an import gives such a row."""
    life = run.kind.lifecycle
    if run.base is not None or life is None or values.get((life.field,), "") is not None:
        return values
    status = with_status(run.kind, data_of(values))[life.field]
    if record.data.get(life.field) != status:
        return values
    return {path: value for path, value in values.items() if path != (life.field,)}


def _text(kind: Kind, text: bytes, record: Record, change: Changes) -> bytes:
    """The text with the changes. Of lists only the items that differ are written anew."""
    if not any(isinstance(value, list) for _, value in change.changed):
        return change_text(kind, text, change.changed, change.unset)
    plain = [(path, value) for path, value in change.changed if not isinstance(value, list)]
    text = change_text(kind, text, plain, change.unset) if plain or change.unset else text
    data = read(text, record.file).data or {}
    for path, value in change.changed:
        data = place_value(data, path, value) if isinstance(value, list) else data
    return text_saying(kind, text, data)


def _row_values(run: ImportRun, draft: Draft, data: Mapping[str, Json]) -> Mapping[KeyPath, Json]:
    """The values of a row for a record with these data."""
    values = _without_hosted(run, draft, data)
    given = {**run.constants, **values}
    completed = with_units(run.kind, run.registry.schemas, given, data)
    return {path: value for path, value in completed.items() if path in values or path not in given}


def _without_hosted(run: ImportRun, draft: Draft, data: Mapping[str, Json]) -> Mapping[KeyPath, Json]:
    """The values of a row without a position that is only that of the record's support: exports show it for both."""
    kind = run.kind
    axes = [(kind.position[0], axis) for axis in ("lon", "lat")] if len(kind.position) > 1 else []
    if not axes or kind.position[0] in data or any(draft.values.get(path) is None for path in axes):
        return draft.values
    others = {path: value for path, value in draft.values.items() if path not in axes}
    hosted = data_of({**run.constants, **others, ID: data.get("id")})
    point = position(run.registry, Record(RecordId(kind.name, str(data.get("id"))), "", hosted))
    if point is None or tuple(round(value, DECIMALS) for value in point) != tuple(draft.values[path] for path in axes):
        return draft.values
    return others


def _fault_of_existing_record(run: ImportRun, row: RowIdentity, change: Changes) -> Finding:
    """IMP004: a record that this mapping did not make would change."""
    name = path_text(change.first)
    if run.lost_origin:
        hint = Message(
            "made from an export? --in EXPORT, with a file of it or its commit, takes what was edited and nothing "
            "else; --update writes every cell, also over what others have changed since"
        )
    else:
        hint = Message(
            "--update changes it; if these are other objects, give them other ids: --id-from 'prefix-{COLUMN}'"
        )
    return Finding(
        EXISTS,
        "error",
        Message("{kind}/{row} exists already and would change: {name}", kind=run.kind.name, row=row.id, name=name),
        Location(run.sheet.file, change.first, row=row.number, column=heading_of(run.columns, change.first)),
        hint,
    )


_PLACED_ON = ("placed_on",)


def as_move(kind: Kind, record: Record, change: Changes, moved_on: date | None) -> Changes:
    """The changes of a row, with the place that a device leaves among its `placements`, where the row puts a device
    that was in service elsewhere and says since when (a column for `placed_on`, or `moved_on` for the whole sheet);
    unchanged otherwise (CHG807 then reports the row)."""
    if (PLACEMENTS,) not in kind.by_path or any(path[0] == PLACEMENTS for path, _ in change.changed):
        return change
    life, old = kind.lifecycle, present_placement(record)
    if life is None or record.data.get(life.field) not in life.served or old is None or old.start is None:
        return change
    data: Json = {name: value for name, value in record.data.items() if (name,) not in change.unset}
    data = place_values(data, change.changed)
    new = present_placement(Record(record.rid, record.file, data))
    on = day_of(dict(change.changed).get(_PLACED_ON)) or moved_on
    if new is None or same_place(old, new) or on is None or on <= old.start:
        return change
    items = record.data.get(PLACEMENTS)
    earlier = [*(items if isinstance(items, list) else ()), earlier_item(old, on, None)]
    kept = [(path, value) for path, value in change.changed if path != _PLACED_ON]
    changed = (*kept, (_PLACED_ON, on.isoformat()), ((PLACEMENTS,), earlier))
    own_place = (
        [("location",)] if "location" in record.data and not any(path[0] == "location" for path, _ in kept) else []
    )
    return Changes(changed, (*change.unset, *own_place))


def find_missing(run: ImportRun, rows: Sequence[RowIdentity]) -> list[str]:
    """The records of this source that no row means any more, but for those whose life has ended."""
    left = run.ours - {row.id for row in rows} if run.place.recorded else ()
    life = run.kind.lifecycle
    records = (run.registry.get(RecordId(run.kind.name, id)) for id in sorted(left))
    return [record.rid.id for record in records if record and not (life and record.data.get(life.field) in life.ends)]


def plan_gone(run: ImportRun, plan: ImportPlan, gone: Sequence[str]) -> None:
    """Plan the end, on a day if one is given, of the records whose rows are gone; what cannot be retired stays."""
    plan.gone.extend(gone)
    on, life, left = run.request.retire_on, run.kind.lifecycle, []
    if on is None or life is None:
        return
    for id in gone:
        record = run.registry.get(RecordId(run.kind.name, id))
        if record is None:
            continue
        try:
            changes_of_record = end_of_life(run.kind, life, record, on)
        except Refused as refusal:
            left.append(refusal.message)
            continue
        if changes_of_record:
            plan.writes[record.file] = change_text(run.kind, run.registry.tree.read(record.file), changes_of_record)
            plan.records.append(record)
            plan.retired.add(id)
    if left:
        first, more = left[0], len(left) - 1
        plan.notes.append(
            Message("not retired: {first} (+ {more})", first=first, more=more)
            if more
            else Message("not retired: {first}", first=first)
        )
