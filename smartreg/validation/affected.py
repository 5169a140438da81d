"""Changes since the state that was last checked, and the records that are checked again therefore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, partial
from typing import TypeAlias

from smartreg.core.values import Record, RecordId
from smartreg.domain.fields import text
from smartreg.domain.kinds import PARTY
from smartreg.domain.reach import find_readers, is_read
from smartreg.domain.successions import successions
from smartreg.index import question
from smartreg.registry import Registry
from smartreg.rules import Rule, everything, linked
from smartreg.rules.crash import BUILT_IN, blame_rule

ABSENT = object()

Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""
Altered: TypeAlias = frozenset[str] | None
"""The names of the top-level fields that differ; None where more than these differ, or it is unknown."""


def find_affected(
    rules: Iterable[Rule], sides: Sides, changed: Mapping[RecordId, Altered], files: Set[str] = frozenset()
) -> dict[str, list[RecordId]]:
    """By code, the subjects whose findings may change with these ids, or with these files where a rule reads more than
    records: the changed records, and those that they reach, where the fields that differ are read (`domain/reach.py`).
    Of rules of plug-ins, it is not known which fields they read."""
    rules = list(rules)
    # What a succession of parties affects cannot be told from the change.
    if any(rid.kind == PARTY for rid in changed) and successions(sides[0]) != successions(sides[1]):
        return {rule.code: sorted({rid for side in sides for rid in _subjects(rule, side)}) for rule in rules}
    kinds = sides[1].schemas.kinds
    readers = {rid: None if names is None else find_readers(kinds[rid.kind], names) for rid, names in changed.items()}
    read = [rid for rid, names in changed.items() if names is None or is_read(kinds[rid.kind], names)]

    @cache
    def find_linked(is_own: bool) -> Set[RecordId]:
        return _reach(sides, readers if is_own else dict.fromkeys(changed), _linked_or_alike)

    by_code = {}
    for rule in rules:
        is_own = rule.module.startswith(BUILT_IN)
        if rule.touches is linked:
            reached = find_linked(is_own)
        elif rule.touches is everything:
            reads = any(some is None or not some.isdisjoint(rule.kinds or kinds) for some in readers.values())
            reached = {rid for side in sides for rid in _subjects(rule, side)} if reads or not is_own else set()
        else:
            reached = _reach(sides, readers if is_own else dict.fromkeys(changed), partial(_own_reach, rule))
        alone = read if is_own and not rule.advises else changed
        subjects = (rid for rid in (*alone, *reached) if rule.speaks_of(rid.kind))
        by_code[rule.code] = sorted({*subjects, *_subjects_reading(rule, sides, files)})
    return by_code


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
        side.load_records(rids)
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


SETTINGS = (
    "metropole",
    "country",
    "territory",
    "programme",
    "third_party_categories",
    "thresholds",
    "deliberation_numbers",
    "sources",
)
"""The settings that rules read: `tests/validation/test_reach.py` records which."""


def digest_of_settings(registry: Registry) -> str:
    """The digest of the settings that rules read, of the file with the outlines of the territory, and of what is kept
    of other registries."""
    config, outlines = registry.config, registry.config.territory.boundaries
    digest = registry.digest_of(outlines) if outlines else None
    return question(*(getattr(config, name) for name in SETTINGS), digest, *registry.foreign_files.items())
