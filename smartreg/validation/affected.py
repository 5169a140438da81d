"""What has changed since the state that was last checked, and the records that are checked again therefore."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from smartreg.core.values import Record, RecordId
from smartreg.domain.fields import text
from smartreg.domain.kinds import PARTY
from smartreg.domain.reach import find_readers
from smartreg.domain.successions import successions
from smartreg.index import question
from smartreg.registry import Registry, locate
from smartreg.rules import Rule, everything, linked
from smartreg.rules.crash import BUILT_IN, blame_rule
from smartreg.trees import IndexedFiles, length

ABSENT = object()

Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""
Altered: TypeAlias = frozenset[str] | None
"""The names of the top-level fields that differ; None where more than these differ, or it is unknown."""


def find_affected(
    rules: Iterable[Rule], sides: Sides, changed: Mapping[RecordId, Altered], files: Set[str] = frozenset()
) -> dict[str, list[RecordId]]:
    """By code, the subjects whose findings may change with these ids, or with these files where a rule reads more than
    records: the changed records, and those that they reach (`domain/reach.py`). Of rules of plug-ins, it is not known
    which fields they read."""
    rules = list(rules)
    # What a succession of parties affects cannot be told from the change.
    if any(rid.kind == PARTY for rid in changed) and successions(sides[0]) != successions(sides[1]):
        return {rule.code: sorted({rid for side in sides for rid in _subjects(rule, side)}) for rule in rules}
    kinds = sides[1].schemas.kinds
    readers = {rid: None if names is None else find_readers(kinds[rid.kind], names) for rid, names in changed.items()}

    @cache
    def find_linked(is_own: bool) -> Set[RecordId]:
        return _reach(sides, readers if is_own else dict.fromkeys(changed), _linked_or_alike)

    found = {}
    for rule in rules:
        is_own = rule.module.startswith(BUILT_IN)
        if rule.touches is linked:
            reached = find_linked(is_own)
        elif rule.touches is everything:
            is_read = any(some is None or not some.isdisjoint(rule.kinds or kinds) for some in readers.values())
            reached = {rid for side in sides for rid in _subjects(rule, side)} if is_read or not is_own else set()
        else:
            reached = _reach(sides, readers if is_own else dict.fromkeys(changed), partial(_own_reach, rule))
        subjects = (rid for rid in (*changed, *reached) if rule.speaks_of(rid.kind))
        found[rule.code] = sorted({*subjects, *_subjects_reading(rule, sides, files)})
    return found


def _reach(
    sides: Sides, readers: Mapping[RecordId, Set[str] | None], reach: Callable[[Registry, Record], Iterable[RecordId]]
) -> set[RecordId]:
    """The records that changed ones reach on either side, of the kinds that read the change (None: of any kind). Of an
    unreadable file, only its existence counts."""
    return {
        other
        for rid, kinds in readers.items()
        if kinds is None or kinds
        for side in sides
        for file in side.files_of(rid)
        for other in reach(side, side.at(file) or Record(rid, file, {}, ""))
        if kinds is None or other.kind in kinds
    }


def _linked_or_alike(registry: Registry, record: Record) -> Iterator[RecordId]:
    yield from linked(registry, record)
    yield from _same_values(registry, record)


def _same_values(registry: Registry, record: Record) -> Iterator[RecordId]:
    """The records that have the text of an indexed field in common with this one."""
    for kind, field in registry.frame.indexed:
        value = text(record, field) if kind == record.rid.kind else None
        if value is not None:
            yield from (other.rid for other in registry.by_value(kind, field, value))


def _own_reach(rule: Rule, side: Registry, record: Record) -> list[RecordId]:
    with blame_rule(rule, lambda some: rule.touches(side, *some), [record]) as check:
        return list(check([record]))


def _subjects(rule: Rule, side: Registry) -> Iterator[RecordId]:
    """Everything that a rule checks."""
    return (record.rid for kind in rule.kinds or side.schemas.kinds for record in side.of_kind(kind))


def changes(sides: Sides, rids: Sequence[RecordId]) -> dict[RecordId, Altered]:
    """The differences in each of these records."""
    for side in sides:
        side.load([file for rid in rids for file in side.files_of(rid)])
    return {rid: _compare(sides, rid) for rid in rids}


def _compare(sides: Sides, rid: RecordId) -> Altered:
    """The fields that differ in a record; None if its files differ, or one of them cannot be read."""
    files = sides[0].files_of(rid)
    if len(files) != 1 or files != sides[1].files_of(rid):
        return None
    before, after = (side.at(files[0]) for side in sides)
    if before is None or after is None:
        return None
    old, new = before.data, after.data
    names = old.keys() | new.keys()
    return frozenset(name for name in names if not _same(old.get(name, ABSENT), new.get(name, ABSENT)))


def _same(old: object, new: object) -> bool:
    if old is new or old.__class__ is str:
        return old == new
    return old == new and repr(old) == repr(new)  # 1 is not true


def _subjects_reading(rule: Rule, sides: Sides, files: Set[str]) -> Iterator[RecordId]:
    """The subjects of a rule that read one of these files."""
    if rule.reads is None or not files:
        return
    for side in sides:
        for kind in rule.kinds or side.schemas.kinds:
            yield from (record.rid for record in side.of_kind(kind) if not files.isdisjoint(rule.reads(record)))


SETTINGS = ("metropole", "territory", "programme", "third_party_categories", "thresholds", "deliberation_numbers")
"""The settings that rules read: `tests/test_reach.py` records which."""


class CheckedState(NamedTuple):
    """The state of a checked registry. `frame`: digest of what all findings depend on; `serial`: that of the state in
    the index, `at` the checksum of Git's index that proves sizes unchanged, both empty where states are compared one by
    one; `states`: of records that differ from the index; `others`: of files that are no records; `days`: of records in
    the history."""

    frame: str
    on: str
    serial: str
    at: str
    states: dict[str, str]
    others: dict[str, str]
    days: list[tuple[str, str, str | None]]

    def encode(self) -> bytes:
        """The state as bytes for the index."""
        return json.dumps(self, separators=(",", ":"), sort_keys=True).encode()

    @classmethod
    def decode(cls, note: bytes) -> CheckedState:
        """The state that `encode` wrote."""
        return cls(*json.loads(note))

    def days_by_record(self) -> dict[RecordId, date | None]:
        """The days in the history, by record."""
        return {RecordId(kind, id): date.fromisoformat(day) if day else None for kind, id, day in self.days}


def describe_state(registry: Registry, frame: str, on: date, days: Mapping[RecordId, date | None]) -> CheckedState:
    """The state of a registry that was checked as of this day."""
    base, changes = _indexed_files(registry), registry.tree.files().changes
    states: dict[str, str] = {}
    if base is not None:
        states = registry.states(changes)
        states |= {file: "" for file in changes if file not in states and _state_in(registry, base, file)}
    dated = [(rid.kind, rid.id, day.isoformat() if day else None) for rid, day in sorted(days.items())]
    serial, at = (base.state.serial.hex(), base.index) if base is not None else ("", "")
    return CheckedState(frame, on.isoformat(), serial, at, states, other_files(registry), dated)


def digest_of_settings(registry: Registry) -> str:
    """The digest of the settings that rules read, and of the file with the outlines of the territory."""
    config, outlines = registry.config, registry.config.territory.boundaries
    return question(*(getattr(config, name) for name in SETTINGS), registry.digest_of(outlines) if outlines else None)


def changed_records(registry: Registry, then: CheckedState) -> dict[str, str] | None:
    """The changed records, each with its former state; None if all must be compared."""
    base = _indexed_files(registry)
    if base is None or base.index != then.at or not then.serial:
        return None
    blobs = base.state.changes_since(bytes.fromhex(then.serial))
    if blobs is None:
        return None
    changes = registry.tree.files().changes
    states = registry.states(changes)
    files = {*then.states, *changes, *blobs}
    old = {
        file: then.states[file]
        if file in then.states
        else _state_of(registry, base, file, blobs[file])
        if file in blobs
        else _state_in(registry, base, file)
        for file in files
    }
    new = {file: states.get(file, "") if file in changes else _state_in(registry, base, file) for file in files}
    return differing_states(old, new)


def differing_states(then: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """The files that differ, or may differ, each with its former state."""
    changed = {file for file, _ in then.items() ^ now.items()}
    return {file: then.get(file, "") for file in changed if then.get(file, "") != now.get(file, "")} | {
        file: then.get(file, "") for file, state in now.items() if not state and file in then and then[file]
    }


def other_files(registry: Registry) -> dict[str, str]:
    """The states of the files that are no records, as `Texts.states`; empty where the blob is unknown."""
    files = registry.tree.files()
    return {
        path: f"{file.blob}:{length(file.size)}:{file.special}" if file.blob else ""
        for path in registry.places.others()
        if (file := files.get(path)) is not None
    }


def changed_files(old: Mapping[str, str], new: Mapping[str, str]) -> Set[str]:
    """The files that differ, or may differ."""
    return {path for path, _ in old.items() ^ new.items()} | {path for path, blob in new.items() if not blob}


def _indexed_files(registry: Registry) -> IndexedFiles | None:
    """The files of the index, if it is known to describe them exactly."""
    base = registry.tree.files().base
    return base if isinstance(base, IndexedFiles) and base.index else None


def _state_in(registry: Registry, base: IndexedFiles, path: str) -> str:
    """The state of a record in the index; empty if it is none."""
    row = base.state.row(path)
    return _state_of(registry, base, path, None if row is None else row.blob)


def _state_of(registry: Registry, base: IndexedFiles, path: str, blob: str | None) -> str:
    """The state of a record with this blob, as `Registry.states`."""
    file = base.file(path, blob) if blob is not None else None
    if file is None or locate(file, registry.schemas) is None:
        return ""
    return f"{blob}:{length(file.size)}" if file.size is not None else blob or ""
