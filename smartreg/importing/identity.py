"""The identity of rows: which record each means, an existing one, or a new one under its own id.

Rows find their records by the id column, by `key` (fields and columns), or by the name that makes their ids. What a
source's rows were last year is in its keys (`keys.py`), so that a key may fill no field; where that says nothing,
the fields of the records do. Of several namesakes each row takes the record that `matching.py` finds, or is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding, Related
from smartreg.core.messages import Message, joined
from smartreg.core.values import Json, KeyPath, Location, Record, RecordId, value_at
from smartreg.importing.changes import canonical
from smartreg.importing.keys import Key, SourceKeys
from smartreg.importing.matching import REACH_M, TYPE, Ambiguous, Place, format_metres, match, match_places, point_at
from smartreg.importing.naming import ID, KeyPart, Template, with_tails
from smartreg.importing.rows import Draft
from smartreg.registry import Point, Registry
from smartreg.schema import Kind

TWICE, UNSURE = "IMP003", "IMP007"
PLACE = "place"  # the name of that part of a key
_FIRST = Message("the first one")

KeyedRow: TypeAlias = tuple[Draft, Key]
Match: TypeAlias = tuple[Draft, Record | None, Key]
"""A row, the record that it means (None: a new one), and its key."""


class Group(NamedTuple):
    """The rows that may mean the same records: their key, and what their records must have in common besides it."""

    key: Key
    scope: tuple[Hashable, ...]


class RowIdentity(NamedTuple):
    """A row and the record that it means: its id, the record itself if it exists already, the key of the row."""

    draft: Draft
    id: str
    record: Record | None
    key: Key

    @property
    def number(self) -> int:
        """The number of the row."""
        return self.draft.row.number

    def with_values(self, values: Mapping[KeyPath, Json]) -> RowIdentity:
        """The same row with these values alone."""
        return self._replace(draft=replace(self.draft, values=dict(values)))


class Identified(NamedTuple):
    """The record of each row in the order of the rows, the rows for which there can be none, rows that say again what
    another said (row → the first one), and the rows that may be one of several records, which are among the faults."""

    rows: list[RowIdentity]
    faults: list[Finding]
    twins: Mapping[int, int]
    doubts: list[Ambiguous]


def twins_in(drafts: Sequence[Draft]) -> Mapping[int, int]:
    """Rows with the same cells as an earlier row, with the first of them."""
    seen: dict[Hashable, int] = {}
    twins = {}
    for draft in drafts:
        first = seen.setdefault(tuple(cell.strip() for cell in draft.row.cells), draft.row.number)
        if first != draft.row.number:
            twins[draft.row.number] = first
    return twins


@dataclass(frozen=True)
class Identities:
    """Finds the records of the rows of one sheet. `template` is None when a column gives the ids; `key`: what rows and
    records have in common; `constants`: values that all rows share, by which records of another owner or commune are
    distinguished, `shared` those that earlier rows of the source had too; `known`: the keys of the source; `reach`: how
    many metres a namesake may have moved (None: 25, and up to 500 is refused); `by_place`: whether rows also find the
    records that stand where they are; `pairs`: the record that somebody gave to a row, None for a new one; `implied`:
    fields that the positions of new records fill, which tell nobody apart."""

    registry: Registry
    kind: Kind
    file: str
    template: Template | None
    key: tuple[KeyPart, ...]
    constants: Mapping[KeyPath, Json]
    shared: frozenset[KeyPath]
    known: SourceKeys
    twins: str
    reach: float | None
    by_place: bool
    pairs: Mapping[int, str | None]
    implied: frozenset[KeyPath]

    @cached_property
    def names(self) -> Key:
        """The parts of the keys of this sheet."""
        if self.key:
            return tuple(part.name for part in self.key)
        name = self.template.text if self.template else "id"
        return (name, PLACE) if self._has_place_in_key else (name,)

    @property
    def _has_place_in_key(self) -> bool:
        """Whether a row is known again by its place too: its name says what it is, not which one."""
        return self.by_place and not self._unique

    def of(self, drafts: Sequence[Draft]) -> Identified:
        """The record of each row. IMP003 for rows without a key and for two rows of one key, IMP007 for rows that may
        be one of several records."""
        faults: list[Finding] = []
        twins, alone = self._twins(drafts, faults)
        groups: dict[Group, list[Draft]] = defaultdict(list)
        paired: list[Match] = []
        keyless: list[KeyedRow] = []
        for draft in alone:
            key = self._key(draft)
            if draft.row.number in self.pairs:
                id = self.pairs[draft.row.number]
                record = None if id is None else self.registry.get(RecordId(self.kind.name, id))
                paired.append((draft, record, key or ("",) * len(self.names)))
            elif key is None and self.by_place and self._point(draft) is not None:
                keyless.append((draft, ("",) * len(self.names)))
            elif key is None:
                faults.append(_missing_key(self.file, draft.row.number))
            else:
                scope = tuple(canonical(self._value(draft, path)) for path in self._scope)
                groups[Group(key, scope)].append(draft)
        faults.extend(self._report_repeated(groups))
        bad = {fault.where.row for fault in faults}
        sound = {
            group: kept
            for group, members in groups.items()
            if (kept := [draft for draft in members if draft.row.number not in bad])
        }
        doubts: list[Ambiguous] = []
        rows = self._assign_ids(paired + self._match(sound, keyless, doubts), faults)
        faults.extend(_ambiguous(self.file, doubt, self.reach) for doubt in doubts)
        faults.extend(self._same_id(rows))
        bad = {fault.where.row for fault in faults}
        rows = sorted((row for row in rows if row.number not in bad), key=lambda row: row.number)
        return Identified(rows, faults, twins, doubts)

    def _twins(self, drafts: Sequence[Draft], faults: list[Finding]) -> tuple[Mapping[int, int], Sequence[Draft]]:
        """The twins with the first of each, and the rows that count."""
        twins = twins_in(drafts)
        if self.twins == "refuse":
            faults.extend(_same_cells(self.file, row, first, self._unique) for row, first in twins.items())
        return twins, drafts if self.twins == "all" else [draft for draft in drafts if draft.row.number not in twins]

    # -- matching --------------------------------------------------------------------------------------------

    @property
    def _unique(self) -> bool:
        """Whether each key may have one row only, because it identifies one thing."""
        return bool(self.key) or self.template is None

    def _key(self, draft: Draft) -> Key | None:
        """The key of a row; None if a part of it is missing."""
        if self.key:
            parts = tuple(self._part(draft, part) for part in self.key)
            return parts if all(parts) else None
        name = draft.values.get(ID) if self.template is None else draft.stem
        if not self._has_place_in_key:
            return (str(name),) if name else None
        point = self._point(draft)
        return (str(name or ""), "" if point is None else f"{point[0]:.6f} {point[1]:.6f}") if name or point else None

    def _part(self, draft: Draft, part: KeyPart) -> str:
        if part.path is None:
            return draft.row.cells[part.place].strip() if part.place is not None else ""
        return _text(self._value(draft, part.path))

    def _value(self, draft: Draft, path: KeyPath) -> Json:
        return draft.values.get(path, self.constants.get(path))

    @cached_property
    def _scope(self) -> tuple[KeyPath, ...]:
        """The fields besides its name in which a record must agree with a row to be the same thing: what all rows
        share, and what its folder is made from; never the status, which changes."""
        if self._unique:
            return ()
        life = self.kind.lifecycle.field if self.kind.lifecycle else ""
        folder = [(name,) for name in self.kind.folder_fields if name != "id"]
        scope = {*(path for path in self.constants if path[0] != life), *folder}
        return tuple(sorted(scope - self.implied, key=str))

    @cached_property
    def _place(self) -> Place | None:
        """The fields of longitude and latitude of such a record."""
        position = self.kind.position[:1]
        place = ((*position, "lon"), (*position, "lat"))
        return place if position and all(path in self.kind.by_path for path in place) else None

    def _point(self, draft: Draft) -> Point | None:
        return point_at(*map(draft.values.get, self._place)) if self._place is not None else None

    def _match(
        self, groups: Mapping[Group, list[Draft]], keyless: list[KeyedRow], doubts: list[Ambiguous]
    ) -> list[Match]:
        """The rows of groups, and those `keyless`; what is ambiguous becomes `doubts`. `keyless`: rows that
        only their place can match."""
        given = {id for id in self.pairs.values() if id is not None}
        records_by_group = {
            group: [record for record in records if record.rid.id not in given]
            for group, records in self._records(groups).items()
        }
        matched = [] if self.by_place else self._match_retyped(groups, records_by_group, given)
        retyped = {draft.row.number for draft, _, _ in matched}
        given |= {record.rid.id for _, record, _ in matched if record is not None}
        new: list[KeyedRow] = []
        for group, members in groups.items():
            rows = [draft for draft in members if draft.row.number not in retyped]
            records = [record for record in records_by_group.get(group, []) if record.rid.id not in given]
            if not rows:
                continue
            ended = frozenset(record.rid.id for record in records if self._has_ended(record))
            pairs = match(rows, records, ended, self._place, self.reach)
            matched += [(draft, record, group.key) for draft, record in pairs.pairs]
            new += [(draft, group.key) for draft in pairs.new]
            doubts += pairs.ambiguous
        new += keyless
        claimed = {record.rid.id for _, record, _ in matched if record is not None} | given
        if self.by_place:
            return matched + self._match_places(new, claimed, doubts)
        return matched + self._match_renamed(new, claimed)

    def _match_places(self, new: list[KeyedRow], claimed: set[str], doubts: list[Ambiguous]) -> list[Match]:
        """Rows whose key nobody knows, with the records that stand where they are and that no other row means."""
        if self._place is None:
            raise UsageFault(
                Message("--match place is for records with a place of their own, not for {kind}", kind=self.kind.name),
                Message("leave it out: --match key"),
            )
        is_own = self.known.by_id.keys().__contains__ if self.known.by_id else lambda _id: True
        scope = [path for path in self.constants if path[0] not in self._changing]
        records = [
            record
            for record in self.registry.of_kind(self.kind.name)
            if record.rid.id not in claimed
            and is_own(record.rid.id)
            and not self._has_ended(record)
            and (
                self.known.by_id
                or all(canonical(value_at(record.data, path)) == canonical(self.constants[path]) for path in scope)
            )
        ]
        keys = {draft.row.number: key for draft, key in new}
        placed = [draft for draft, _ in new if self._point(draft) is not None]
        pairs = match_places(placed, records, self._place, self.reach, lambda draft: self._value(draft, TYPE))
        doubts += pairs.ambiguous
        unplaced = [draft for draft, _ in new if self._point(draft) is None]
        new_ones = ((draft, None) for draft in (*pairs.new, *unplaced))
        return [(draft, record, keys[draft.row.number]) for draft, record in (*pairs.pairs, *new_ones)]

    @property
    def _changing(self) -> tuple[str, ...]:
        """The fields that change in the life of a thing, and its type."""
        return (self.kind.lifecycle.field if self.kind.lifecycle else "", "type")

    def _has_ended(self, record: Record) -> bool:
        life = self.kind.lifecycle
        return life is not None and record.data.get(life.field) in life.ends

    def _match_retyped(
        self,
        groups: Mapping[Group, list[Draft]],
        records_by_group: Mapping[Group, list[Record]],
        given: set[str],
    ) -> list[Match]:
        """Where ids are made from what things are, the rows at the very point of a thing that was of another type: they
        come first, so that no other row takes it for one that has moved."""
        if not self._is_named_alike or self.template is None or self.template.is_name:
            return []
        strangers: list[KeyedRow] = []
        claimed = set(given)
        for group, rows in groups.items():
            at: dict[Hashable, list[str]] = defaultdict(list)
            for record in records_by_group.get(group, []):
                at[self._spot(partial(value_at, record.data))].append(record.rid.id)
            for draft in rows:
                alike = at.get(self._spot(draft.values.get), [])
                claimed.update(alike)
                strangers += [] if alike else [(draft, group.key)]
        return [item for item in self._match_renamed(strangers, claimed) if item[1] is not None]

    def _spot(self, value: Callable[[KeyPath], Json]) -> tuple[Hashable, ...]:
        """The point of a row or record as a sheet shows it."""
        return tuple(canonical(value(path)) for path in self._place or ())

    def _match_renamed(self, new: list[KeyedRow], claimed: set[str]) -> list[Match]:
        """New names, with the record of the source at this very point that no other row means: people
        correct names, and things become of another type; numbers tell things apart."""
        at: dict[Hashable, list[Record]] = defaultdict(list)
        if self._place is not None and new and self._is_named_alike:
            for id in self.known.by_id.keys() - claimed if self.known.names == self.names else ():
                for record in self._by_id(id):
                    at[self._spot(partial(value_at, record.data))].append(record)
        points = [self._spot(draft.values.get) for draft, _ in new]
        rows = Counter(points)
        candidates = [at.get(spot, ()) if rows[spot] == 1 and None not in spot else () for spot in points]
        return [
            (draft, records[0] if len(records) == 1 else None, key)
            for (draft, key), records in zip(new, candidates, strict=True)
        ]

    @property
    def _is_named_alike(self) -> bool:
        """Whether ids are made from what many things are called or are, which is no number of one of them."""
        if self.template is None or self.key:
            return False
        keys = Counter(self.known.by_id.values())
        return self.template.is_name or 2 * len(keys) <= keys.total()

    def _records(self, groups: Iterable[Group]) -> Mapping[Group, list[Record]]:
        """The records that are there, by the group of rows that may mean them: those with the key, and among those that
        have none, those whose fields make it."""
        records: dict[Group, list[Record]] = defaultdict(list)
        ids = self.known.ids(self.names)
        tested = [(index, path) for index, path in enumerate(self._scope) if path not in self.shared]
        for group in groups:
            for record in (record for id in ids.get(group.key, ()) for record in self._by_id(id)):
                if all(group.scope[index] == canonical(value_at(record.data, path)) for index, path in tested):
                    records[group].append(record)
        if self.template is None and not self.key:
            for group in groups:
                records[group] = records[group] or self._by_id(group.key[0])
            return records
        open_groups = {group for group in groups if not (self._unique and records.get(group))}
        stems = {group.key[0] for group in open_groups}
        with_key = {id for ids_of_key in ids.values() for id in ids_of_key}
        for record in self.registry.of_kind(self.kind.name) if open_groups else ():
            if record.rid.id not in with_key:
                for group in dict.fromkeys(self._groups_of(record, stems)):
                    if group in open_groups:
                        records[group].append(record)
        return records

    def _groups_of(self, record: Record, stems: set[str]) -> Iterator[Group]:
        if self.key:
            paths = [part.path for part in self.key if part.path is not None]
            if len(paths) == len(self.key):
                yield Group(tuple(_text(value_at(record.data, path)) for path in paths), ())
        elif self.template is not None:
            scope = tuple(canonical(value_at(record.data, path)) for path in self._scope)
            stem = self.template.stem_of(record.data)
            if stem:
                yield Group((stem,), scope)
            if record.rid.id in stems:
                yield Group((record.rid.id,), scope)

    def _by_id(self, id: str) -> list[Record]:
        record = self.registry.get(RecordId(self.kind.name, id))
        return [record] if record else []

    # -- naming ----------------------------------------------------------------------------------------------

    def _assign_ids(self, matched: Sequence[Match], faults: list[Finding]) -> list[RowIdentity]:
        """Ids for the new ones: the id column, the stem if it is free and no other row has it, else stem and tail.
        IMP003 for a row with a key whose id column says none."""
        identified = [
            RowIdentity(draft, record.rid.id, record, key) for draft, record, key in matched if record is not None
        ]
        new = [(draft, key) for draft, record, key in matched if record is None]
        if self.template is None:
            faults.extend(_missing_key(self.file, draft.row.number) for draft, _ in new if not draft.values.get(ID))
            return identified + [
                RowIdentity(draft, str(id), None, key) for draft, key in new if (id := draft.values.get(ID))
            ]
        rows = Counter(draft.stem for draft, _, _ in matched)
        namesakes: dict[str, list[KeyedRow]] = defaultdict(list)
        for draft, key in new:
            if rows[draft.stem] == 1 and not self._is_taken(draft.stem):
                identified.append(RowIdentity(draft, draft.stem, None, key))
            else:
                namesakes[draft.stem].append((draft, key))
        for stem, drafts in namesakes.items():
            ids = with_tails(stem, _distinguishing_texts([draft for draft, _ in drafts]), self._is_taken)
            identified += [RowIdentity(draft, id, None, key) for (draft, key), id in zip(drafts, ids, strict=True)]
        return identified

    def _is_taken(self, id: str) -> bool:
        return RecordId(self.kind.name, id) in self.registry

    # -- faults ----------------------------------------------------------------------------------------------

    def _report_repeated(self, groups: Mapping[Group, list[Draft]]) -> Iterator[Finding]:
        """Further rows of a key that only one row may have."""
        for (key, _), rows in groups.items() if self._unique else ():
            for draft in rows[1:]:
                yield _same_record(self.file, draft.row.number, rows[0].row.number, self.kind, " ".join(key))

    def _same_id(self, rows: Iterable[RowIdentity]) -> Iterator[Finding]:
        """Two rows for one record, or ids that are one file name on some computers."""
        seen: dict[str, int] = {}
        for row in sorted(rows, key=lambda row: row.number):
            if row.id.casefold() in seen:
                yield _same_record(self.file, row.number, seen[row.id.casefold()], self.kind, row.id)
            seen.setdefault(row.id.casefold(), row.number)


def _distinguishing_texts(drafts: Sequence[Draft]) -> list[str]:
    """A text for each row that tells it from the others: what fills fields if that is enough, else all its cells, and
    of rows that say the same how many there were before."""
    values = [repr(sorted(draft.values.items(), key=str)) for draft in drafts]
    if len(set(values)) == len(values):
        return values
    seen: Counter[str] = Counter()
    texts = []
    for draft in drafts:
        text = "\x1f".join(cell.strip() for cell in draft.row.cells)
        texts.append(f"{text}\x1f{seen[text]}" if seen[text] else text)
        seen[text] += 1
    return texts


def _text(value: Json) -> str:
    return "" if value is None else str(canonical(value))


# -- findings --------------------------------------------------------------------------------------------------------


def _missing_key(file: str, row: int) -> Finding:
    """IMP003: a row without a key."""
    message = Message("this row has nothing to make an id from")
    hint = Message("fill in its name, or leave such rows out with --skip-rows")
    return Finding(TWICE, "error", message, Location(file, ID, row=row), hint)


def _same_record(file: str, row: int, first: int, kind: Kind, name: str) -> Finding:
    """IMP003: a second row for one record."""
    return Finding(
        TWICE,
        "error",
        Message('row {first} means the same {kind}, "{name}"', first=first, kind=kind.name, name=name),
        Location(file, ID, row=row),
        Message("keep one of them"),
        (Related(Location(file, ID, row=first), _FIRST),),
    )


def _same_cells(file: str, row: int, first: int, unique: bool) -> Finding:
    """IMP003: a row whose cells are all those of another one; of a `unique` key there can be one record only."""
    if unique:
        hint = Message("--duplicates first leaves such rows out")
    else:
        hint = Message("--duplicates first leaves such rows out; --duplicates all makes a record of each")
    return Finding(
        TWICE,
        "error",
        Message("the same cells as row {first}", first=first),
        Location(file, ID, row=row),
        hint,
        (Related(Location(file, ID, row=first), _FIRST),),
    )


def _ambiguous(file: str, doubt: Ambiguous, reach: float | None) -> Finding:
    """IMP007: a row may be one of several records, or a new one; `reach` as in `match`."""
    candidates = [
        record.rid.id if metres is None else f"{record.rid.id} ({format_metres(metres)})"
        for record, metres in doubt.records
    ]
    far = doubt.records[0][1] if doubt.records else None
    row, id = doubt.draft.row.number, doubt.records[0][0].rid.id
    if doubt.by_place:
        hint = Message(
            "say what it is: --pair {row}={id}, or --pair {row}=- for a new one; or how far one may have moved: "
            "--moved-within METRES takes the nearest, and makes the others new",
            row=row,
            id=id,
        )
    elif far is not None and far > REACH_M and reach is None:
        hint = Message(
            "name a column that tells them apart: --key COLUMN; or say how far one may have moved: --moved-within "
            "{reach_m} makes it new; or what it is: --pair {row}={id}, or --pair {row}=- for a new one",
            reach_m=round(REACH_M),
            row=row,
            id=id,
        )
    else:
        hint = Message(
            "name a column that tells them apart: --key COLUMN; or say what it is: --pair {row}={id}, or --pair "
            "{row}=- for a new one",
            row=row,
            id=id,
        )
    either = joined(candidates, Message(" or "))
    message = Message("this row may be {either} or a new record", either=either)
    return Finding(UNSURE, "error", message, Location(file, ID, row=row), hint)
