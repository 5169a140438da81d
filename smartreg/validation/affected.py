"""What has changed since the state that was last checked, and the subjects on which rules are run again therefore.

A change of fields that are no inputs of a rule (`rules/inputs.py`) does not alter its findings: correcting the
notes of a thousand devices does not have their neighbours checked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import fields
from typing import TypeAlias

from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.checks import Touches
from smartreg.domain.kinds import PARTY
from smartreg.domain.successions import SUCCESSORS, successions
from smartreg.index import question
from smartreg.registry import Registry
from smartreg.rules import Rule
from smartreg.rules.crash import blame_rule
from smartreg.rules.inputs import inputs_of
from smartreg.rules.rule import nothing
from smartreg.schema.settings import Config

ABSENT = object()

Sides: TypeAlias = tuple[Registry, Registry]
"""Before and after."""
Altered: TypeAlias = frozenset[str] | None
"""The names of the top-level fields that differ, and of all fields in them; None where more than these differ, or it is
unknown."""


def find_affected(
    rules: Iterable[Rule], sides: Sides, changed: Mapping[RecordId, Altered], files: Set[str] = frozenset()
) -> dict[str, list[RecordId]]:
    """By code, the subjects whose findings may change with these ids, or with these files where a rule reads more than
    records."""
    alike: defaultdict[Altered, list[RecordId]] = defaultdict(list)
    for rid, altered in changed.items():
        alike[altered].append(rid)
    found = {}
    succeeded = any(rid.kind == PARTY for rid in changed) and successions(sides[0]) != successions(sides[1])
    for rule in rules:
        if succeeded and rule.scope == "registry" and _reads_successions(rule):
            found[rule.code] = sorted({rid for side in sides for rid in _subjects(rule, side)})
            continue
        some = (rid for altered, rids in alike.items() if matters(rule, altered) for rid in rids)
        found[rule.code] = sorted({*_find_affected(rule, sides, some), *_subjects_reading(rule, sides, files)})
    return found


def _reads_successions(rule: Rule) -> bool:
    fields = inputs_of(rule).fields
    return fields is None or SUCCESSORS in fields


def _subjects(rule: Rule, side: Registry) -> Iterator[RecordId]:
    """Everything that a rule checks: what a succession of parties affects cannot be told from the change."""
    return (record.rid for kind in rule.kinds or side.schemas.kinds for record in side.of_kind(kind))


def matters(rule: Rule, altered: Altered) -> bool:
    """Whether a change of these fields can alter the findings of a rule."""
    if altered is None:
        return True
    inputs = inputs_of(rule)
    return inputs.fields is None or inputs.history or not altered.isdisjoint(inputs.fields)


def changes(sides: Sides, rids: Sequence[RecordId]) -> dict[RecordId, Altered]:
    """The differences in each of these records."""
    for side in sides:
        side.load([file for rid in rids for file in side.files_of(rid)])
    return {rid: _compare(sides, rid) for rid in rids}


def _compare(sides: Sides, rid: RecordId) -> Altered:
    """What differs in a record: more than its fields if its files differ, one of them cannot be read or has comments
    that waive something, or if a reference or its place in the registry differs."""
    files = sides[0].files_of(rid)
    if len(files) != 1 or files != sides[1].files_of(rid) or any(side.has_remarks(files[0]) for side in sides):
        return None
    before, after = (side.at(files[0]) for side in sides)
    if before is None or after is None:
        return None
    old, new = before.data, after.data
    fields = [name for name in old.keys() | new.keys() if not _same(old.get(name, ABSENT), new.get(name, ABSENT))]
    if not fields or not sides[1].schemas.kinds[rid.kind].roles.isdisjoint(fields):
        return None
    return frozenset((*fields, *(name for field in fields for side in (old, new) for name in _names(side.get(field)))))


def _names(value: Json) -> Iterator[str]:
    """The names of the fields inside a value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _names(item)


def _same(old: object, new: object) -> bool:
    if old is new or old.__class__ is str:
        return old == new
    return old == new and repr(old) == repr(new)  # 1 is not true


def _find_affected(rule: Rule, sides: Sides, rids: Iterable[RecordId]) -> set[RecordId]:
    """The subjects of a rule whose findings may change with these ids."""
    found: set[RecordId] = set()
    before, after = sides
    for rid in rids:
        ways = (rule.touches,) if (rid in before) == (rid in after) else (rule.touches, rule.touches_existence)
        reaches = [way for way in ways if way is not nothing]
        if rule.speaks_of(rid.kind):
            found.add(rid)
        if not reaches:
            continue
        for side in sides:
            for file in side.files_of(rid):
                # Of an unreadable file, only its existence counts.
                record = side.at(file) or Record(rid, file, {}, "")
                for reach in reaches:
                    found.update(other for other in _reach(rule, reach, side, record) if rule.speaks_of(other.kind))
    return found


def _reach(rule: Rule, reach: Touches, side: Registry, record: Record) -> list[RecordId]:
    with blame_rule(rule, lambda some: reach(side, *some), [record]) as check:
        return list(check([record]))


def _subjects_reading(rule: Rule, sides: Sides, files: Set[str]) -> Iterator[RecordId]:
    """The subjects of a rule that read one of these files."""
    if rule.reads is None or not files:
        return
    for side in sides:
        for kind in rule.kinds or side.schemas.kinds:
            yield from (record.rid for record in side.of_kind(kind) if not files.isdisjoint(rule.reads(record)))


NOT_READ = ("digest",)
"""What settings have that no rule reads."""


def settings_of(registry: Registry) -> dict[str, str]:
    """The digest of each setting; of the territory, with the file of its outlines."""
    config = registry.config
    found = {one.name: question(getattr(config, one.name)) for one in fields(Config) if one.name not in NOT_READ}
    outlines = config.territory.boundaries
    return found if not outlines else {**found, "territory": question(config.territory, registry.digest_of(outlines))}
