"""Who last set each field of a record: its present values, passed back from commit to parent as long as they exist. As
in `git blame` for lines, a value belongs to the newest commit none of whose parents has it. Items of lists are
identified by their keys, so a value stays the same if an item is added before it. The texts of the record come through
one process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import heappop, heappush
from typing import NamedTuple

from smartreg.core.values import Data, Json, KeyPath, RecordId, value_at
from smartreg.diff import ItemKey, ItemKeys, same, veil
from smartreg.history.commits import History
from smartreg.history.steps import CUT_OFF, MERGE, Day, Step, steps_touching
from smartreg.schema import Kind, Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


@dataclass(frozen=True, slots=True)
class FieldSetting:
    """The commit that set a value. `op`, `conventions` and `reason` are what smartreg recorded in it, `on_behalf_of`
    from whom the value comes, as its author claims; for a manual commit (`manual`), `op` is inferred from the change.
    `signed`: it has a signature, which is not checked here. `date`: when, by the author; `day`: the day of the commit
    (see `commit_days`). `or_before`: a shallow clone lacks what came before the commit, which seems to have set
    everything."""

    commit: str
    date: datetime | None
    day: Day | None
    author: str
    email: str
    op: str
    manual: bool
    subject: str
    signed: bool
    conventions: tuple[str, ...]
    reason: str | None
    on_behalf_of: str | None = None
    or_before: bool = False


@dataclass(frozen=True, slots=True)
class BlamedValue:
    """A value of a record, at a path that names list items by their keys, and who set it; None if it is not
    committed."""

    path: KeyPath
    value: Json
    setting: FieldSetting | None


class Blame(NamedTuple):
    """The values of a record in the order of its file."""

    rid: RecordId
    values: tuple[BlamedValue, ...]


class _Leaf(NamedTuple):
    """A value with its present path by keys, and by indexes (`way`)."""

    path: KeyPath
    way: KeyPath
    value: Json


class _Version(NamedTuple):
    """A commit that touched the record, called `rid` then: its blob before and after, None where there is none."""

    step: Step
    rid: RecordId
    before: str | None
    after: str | None


def blame(past: History, schemas: Schemas, rid: RecordId, data: Data, start: str | None) -> Blame:
    """Who set each value of `data`, a record from the history up to the commit `start`, or from the working tree;
    renames by smartreg are followed. Nothing is committed yet if `start` is None. Of a secret, only the first
    characters are shown."""
    kind = schemas.kinds[rid.kind]
    leaves = list(_leaves(data, kind))
    owners = _Owners(past, schemas, rid, start).of(leaves, data) if start else {}
    return Blame(
        rid, tuple(BlamedValue(leaf.path, veil(leaf.path, leaf.value), owners.get(leaf.path)) for leaf in leaves)
    )


def _leaves(data: Data, kind: Kind) -> Iterator[_Leaf]:
    keys = ItemKeys.of(kind)

    def below(value: Json, path: KeyPath, index: KeyPath) -> Iterator[_Leaf]:
        if isinstance(value, Mapping) and value:
            for key, item in value.items():
                yield from below(item, (*path, key), (*index, key))
        elif _is_list_of_mappings(value):
            names = keys.names(path, (value,))
            for number, item in enumerate(value):
                yield from below(item, (*path, ItemKey.of(names, item) if names else number), (*index, number))
        else:
            yield _Leaf(path, index, value)

    return below(data, (), ())


def _is_list_of_mappings(value: Json) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, Mapping) for item in value)


class _Owners:
    """The versions of one record, and which commit has which."""

    def __init__(self, past: History, schemas: Schemas, rid: RecordId, start: str) -> None:
        self._start = start
        self._kind = schemas.kinds[rid.kind]
        self._touched = {step.commit.oid: _version(step) for step in steps_touching(past, schemas, rid, start)}
        self._order = {oid: number for number, oid in enumerate(self._touched)}
        self._parents = past.line(start).parents
        self._days, self._cut = past.days(start), past.repo.cut_at()
        blobs = {version.after for version in self._touched.values() if version.after}
        texts = past.repo.blobs(sorted(blobs), READ_LIMIT)
        self._data = {blob: read(text, rid.id).data or {} for blob, text in texts}
        self._nearest: dict[str, str | None] = {}

    def of(self, leaves: Sequence[_Leaf], data: Data) -> dict[KeyPath, FieldSetting]:
        """By path, the commit that set each value; none for uncommitted values."""
        settings: dict[KeyPath, FieldSetting] = {}
        open_: defaultdict[str, list[_Leaf]] = defaultdict(list)
        queue: list[int] = []
        oids = list(self._touched)

        def hand(leaf: _Leaf, now: Data, commit: str) -> bool:
            """Assign the value to the commit, if its version of the record has it there."""
            nearest = self._holder(commit)
            was = self._at(nearest)
            way = _counterpart(leaf.way, now, was, ItemKeys.of(self._kind))
            if nearest is None or way is None or not same(value_at(was, way), leaf.value):
                return False
            if not open_[nearest]:
                heappush(queue, self._order[nearest])
            open_[nearest].append(leaf._replace(way=way))
            return True

        for leaf in leaves:
            hand(leaf, data, self._start)
        while queue:
            oid = oids[heappop(queue)]
            version = self._touched[oid]
            now = self._at(oid)
            for leaf in open_.pop(oid):
                if not any(hand(leaf, now, parent) for parent in self._parents.get(oid, ())):
                    settings[leaf.path] = self._field_setting(version)
        return settings

    def _holder(self, commit: str) -> str | None:
        """The commit that made the version of `commit`: itself, or the nearest among its first parents."""
        way = []
        at: str | None = commit
        while at is not None and at not in self._touched and at not in self._nearest:
            way.append(at)
            at = next(iter(self._parents.get(at, ())), None)
        holder = self._nearest.get(at, at) if at is not None else None
        self._nearest.update(dict.fromkeys(way, holder))
        return holder

    def _at(self, oid: str | None) -> Data:
        after = self._touched[oid].after if oid is not None else None
        return self._data[after] if after is not None else {}

    def _field_setting(self, version: _Version) -> FieldSetting:
        """Of a commit at which the history was cut off, not what may be true of other fields and records alone."""
        oid = version.step.commit.oid
        found = _field_setting(version, self._days.get(oid))
        return replace(found, **CUT_OFF) if oid in self._cut else found


def _version(step: Step) -> _Version:
    """One record in a commit; if it was renamed, its old and new file."""
    before = next((touch.before[1] for touch in step.touches if touch.before), None)
    after = next((touch.after[1] for touch in step.touches if touch.after), None)
    rid = next((touch.rid for touch in step.touches if touch.after), step.touches[0].rid)
    return _Version(step, rid, before, after)


def _field_setting(version: _Version, day: date | None) -> FieldSetting:
    commit = version.step.commit
    said = commit.operation(str(version.rid))
    shown = MERGE if len(commit.parents) > 1 else "add" if version.before is None else "set"
    return FieldSetting(
        commit=commit.oid,
        date=commit.date,
        day=day,
        author=commit.author_name,
        email=commit.author_email,
        op=said.op if said else shown,
        manual=said is None,
        subject=commit.subject,
        signed=commit.signed,
        conventions=said.conventions if said else (),
        reason=said.reason if said else None,
        on_behalf_of=said.on_behalf_of if said else None,
    )


def _counterpart(index: KeyPath, after: Json, before: Json, keys: ItemKeys) -> KeyPath | None:
    """The index in the earlier version of the value at `index` of the later one; None if there is no counterpart."""
    counterpart: list[str | int] = []
    for depth, part in enumerate(index):
        if isinstance(part, int):
            names = keys.names(index[:depth], (after, before)) if _is_list_of_mappings(before) else None
            place = _place_of(after, before, part, names)
            if place is None:
                return None
            counterpart.append(place)
            after, before = after[part], before[place]
        elif isinstance(before, Mapping) and part in before:
            counterpart.append(part)
            after, before = after[part], before[part]
        else:
            return None
    return tuple(counterpart)


def _place_of(after: Sequence[Json], before: Json, part: int, names: tuple[str, ...] | None) -> int | None:
    """The index of the item of the earlier list that is the later one's number `part`: by key, by what it says, else,
    in lists of one length, by its place."""
    if not _is_list_of_mappings(before):
        return None
    if names is not None:
        key = ItemKey.of(names, after[part])
        return next((place for place, item in enumerate(before) if ItemKey.of(names, item) == key), None)
    equal = next((place for place, item in enumerate(before) if same(item, after[part])), None)
    return equal if equal is not None else part if len(before) == len(after) else None
