"""Which record a row means: one that is there, or a new one under an id of its own.

Rows find their records by the id column, by the fields of `key`, or by the id that their names make. Of several
namesakes each row takes the record that says the same, then the one that says nearly the same: so a record that
moved a little keeps its id.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from smartreg.edit import key_path
from smartreg.findings import Finding, Related
from smartreg.frozen import dataclass, field
from smartreg.importers.changes import canonical
from smartreg.importers.naming import ID, Template, with_tails
from smartreg.importers.rows import Draft
from smartreg.named import NamedTuple
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.values import Json, KeyPath, Location, Record, RecordId, Words, value_at

TWICE = "IMP003"
_MANY = 10_000  # pairs of namesakes that are compared one by one

Group: TypeAlias = tuple[Hashable, ...]


class Meant(NamedTuple):
    """A row and the record that it means: its id, and the record itself when it is there already."""

    draft: Draft
    id: str
    record: Record | None


@dataclass(frozen=True)
class Identities:
    """How the rows of one sheet find their records. `template` is None when a column gives the ids; `key`: field paths;
    `constants`: values that all rows share, by which records of another owner or commune are told apart."""

    registry: Registry
    kind: Kind
    file: str
    template: Template | None
    key: tuple[KeyPath, ...] = ()
    constants: Mapping[KeyPath, Json] = field(default_factory=dict)

    def of(self, drafts: Sequence[Draft]) -> tuple[list[Meant], list[Finding]]:
        """The record of each row, in the order of the rows, and the rows for which there can be none."""
        faults: list[Finding] = []
        groups: dict[Group, list[Draft]] = defaultdict(list)
        for draft in drafts:
            group = self._group(draft)
            if group is None:
                faults.append(self._nameless(draft))
            else:
                groups[group].append(draft)
        faults.extend(self._repeated(groups))
        bad = {fault.where.row for fault in faults}
        left = {group: [draft for draft in rows if draft.row.number not in bad] for group, rows in groups.items()}
        groups = {group: rows for group, rows in left.items() if rows}
        found = self._records(groups)
        matched = [pair for group, rows in groups.items() for pair in _paired(rows, found.get(group, []))]
        meant = self._named(matched)
        faults.extend(self._same_id(meant))
        bad = {fault.where.row for fault in faults}
        sound = [one for one in meant if one.draft.row.number not in bad]
        return sorted(sound, key=lambda one: one.draft.row.number), faults

    # -- grouping --------------------------------------------------------------------------------------------

    @property
    def _unique(self) -> bool:
        """Whether each group may have one row only: its key or its id says that it is one thing."""
        return bool(self.key) or self.template is None

    def _group(self, draft: Draft) -> Group | None:
        if self.key:
            values = tuple(self._value(draft, path) for path in self.key)
            return None if None in values else tuple(map(_hashable, values))
        name = draft.values.get(ID) if self.template is None else draft.stem
        return (str(name), *(_hashable(self._value(draft, path)) for path in self._scope)) if name else None

    def _value(self, draft: Draft, path: KeyPath) -> Json:
        return draft.values.get(path, self.constants.get(path))

    @property
    def _scope(self) -> tuple[KeyPath, ...]:
        """The fields besides its name in which a record must agree with a row to be the same thing: what all rows
        share, and what its folder is made from; never the status, which changes."""
        if self._unique:
            return ()
        life = self.kind.lifecycle.field if self.kind.lifecycle else ""
        folder = [(name,) for name in self.kind.key_order if f"{{{name}}}" in self.kind.template and name != "id"]
        return tuple(sorted({*(path for path in self.constants if path[0] != life), *folder}, key=str))

    def _records(self, groups: Iterable[Group]) -> Mapping[Group, list[Record]]:
        """The records that are there, by the group of rows that may mean them."""
        found: dict[Group, list[Record]] = defaultdict(list)
        if self.template is None and not self.key:
            for group in groups:
                found[group] += self._by_id(str(group[0]))
            return found
        wanted = set(groups)
        stems = {group[0] for group in wanted}
        for record in self.registry.of_kind(self.kind.name):
            for group in dict.fromkeys(self._groups_of(record, stems)):
                if group in wanted:
                    found[group].append(record)
        return found

    def _groups_of(self, record: Record, stems: set[Hashable]) -> Iterator[Group]:
        if self.key:
            yield tuple(_hashable(value_at(record.data, path)) for path in self.key)
        elif self.template is not None:
            scope = tuple(_hashable(value_at(record.data, path)) for path in self._scope)
            stem = self.template.stem_of(record.data)
            if stem:
                yield (stem, *scope)
            if record.rid.id in stems:
                yield (record.rid.id, *scope)

    def _by_id(self, id: str) -> list[Record]:
        record = self.registry.get(RecordId(self.kind.name, id))
        return [record] if record else []

    # -- naming ----------------------------------------------------------------------------------------------

    def _named(self, matched: Sequence[tuple[Draft, Record | None]]) -> list[Meant]:
        """Ids for the new ones: the id column, the stem if it is free and no other row has it, else stem and tail."""
        meant = [Meant(draft, record.rid.id, record) for draft, record in matched if record is not None]
        new = [draft for draft, record in matched if record is None]
        if self.template is None:
            return meant + [Meant(draft, str(draft.values[ID]), None) for draft in new]
        rows = Counter(draft.stem for draft, _ in matched)
        namesakes: dict[str, list[Draft]] = defaultdict(list)
        for draft in new:
            if rows[draft.stem] == 1 and not self._taken(draft.stem):
                meant.append(Meant(draft, draft.stem, None))
            else:
                namesakes[draft.stem].append(draft)
        for stem, drafts in namesakes.items():
            ids = with_tails(stem, _telling(drafts), self._taken)
            meant += [Meant(draft, id, None) for draft, id in zip(drafts, ids, strict=True)]
        return meant

    def _taken(self, id: str) -> bool:
        return RecordId(self.kind.name, id) in self.registry

    # -- faults ----------------------------------------------------------------------------------------------

    def _nameless(self, draft: Draft) -> Finding:
        message = Words("this row has nothing to make an id from", "cette ligne n'a pas de quoi faire un identifiant")
        hint = Words(
            "fill in its name, or leave such rows out with --skip-rows",
            "donnez-lui un nom, ou écartez ces lignes avec --skip-rows",
        )
        return Finding(TWICE, "error", message, Location(self.file, ID, row=draft.row.number), hint)

    def _repeated(self, groups: Mapping[Group, list[Draft]]) -> Iterator[Finding]:
        for group, rows in groups.items():
            seen: dict[Hashable, int] = {}
            for draft in rows:
                mark: Hashable = "" if self._unique else tuple(cell.strip() for cell in draft.row.cells)
                if mark in seen:
                    yield self._twice(draft, seen[mark], str(group[0]))
                seen.setdefault(mark, draft.row.number)

    def _same_id(self, meant: Iterable[Meant]) -> Iterator[Finding]:
        """Two rows for one record, or ids that are one file name on some computers."""
        seen: dict[str, int] = {}
        for draft, id, _ in sorted(meant, key=lambda one: one.draft.row.number):
            if id.casefold() in seen:
                yield self._twice(draft, seen[id.casefold()], id)
            seen.setdefault(id.casefold(), draft.row.number)

    def _twice(self, draft: Draft, first: int, name: str) -> Finding:
        where = Location(self.file, ID, row=draft.row.number)
        return Finding(
            TWICE,
            "error",
            Words(
                f'row {first} means the same {self.kind.name}, "{name}"',
                f"la ligne {first} désigne le même enregistrement, « {name} »",
            ),
            where,
            Words("keep one of them", "gardez l'une des deux"),
            (Related(Location(self.file, ID, row=first), Words("the first one", "la première")),),
        )


def key_paths(names: Iterable[str]) -> tuple[KeyPath, ...]:
    return tuple(key_path(name) for name in names)


def _telling(drafts: Sequence[Draft]) -> list[str]:
    """A text for each row that tells it from the others: what fills fields if that is enough, else all its cells."""
    values = [repr(sorted(draft.values.items(), key=str)) for draft in drafts]
    if len(set(values)) == len(values):
        return values
    return ["\x1f".join(cell.strip() for cell in draft.row.cells) for draft in drafts]


def _paired(rows: Sequence[Draft], records: Sequence[Record]) -> list[tuple[Draft, Record | None]]:
    """Rows with their records: first those that say the same, then the nearest."""
    if not records:
        return [(draft, None) for draft in rows]
    pairs: list[tuple[Draft, Record | None]] = []
    paths = tuple(rows[0].values)
    same: dict[Hashable, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda one: one.rid.id, reverse=True):
        same[tuple(canonical(value_at(record.data, path)) for path in paths)].append(record)
    left = []
    for draft in rows:
        twins = same[tuple(canonical(draft.values.get(path)) for path in paths)]
        if twins:
            pairs.append((draft, twins.pop()))
        else:
            left.append(draft)
    taken = {record.rid for _, record in pairs if record is not None}
    return pairs + _nearest(left, [record for record in records if record.rid not in taken])


def _nearest(rows: list[Draft], records: list[Record]) -> list[tuple[Draft, Record | None]]:
    if len(rows) * len(records) > _MANY:  # hundreds of namesakes: nobody could say which moved where
        return [(draft, None) for draft in rows]
    order = sorted(
        (_distance(draft, record), draft.row.number, record.rid.id, i, j)
        for i, draft in enumerate(rows)
        for j, record in enumerate(records)
    )
    chosen: dict[int, int] = {}
    used: set[int] = set()
    for _, _, _, i, j in order:
        if i not in chosen and j not in used:
            chosen[i] = j
            used.add(j)
    return [(draft, records[chosen[i]] if i in chosen else None) for i, draft in enumerate(rows)]


def _distance(draft: Draft, record: Record) -> tuple[int, float]:
    """How many fields differ, then how far apart the numbers are."""
    differing, far = 0, 0.0
    for path, value in draft.values.items():
        old = value_at(record.data, path)
        if canonical(value) != canonical(old):
            differing += 1
            if isinstance(value, (int, float)) and isinstance(old, (int, float)):
                far = math.hypot(far, value - old)
    return differing, far


def _hashable(value: Json) -> Hashable:
    return canonical(value)
