"""The three-way merge of a record's data: a change on one side is taken, the same change on both sides is taken once.
If both changed a field in different ways, the caller says whose value to take. A record has no conflict if the result
is the same for either side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

from smartreg.core.values import Data, Json, KeyPath
from smartreg.diff import ABSENT, ItemKey, ItemKeys, same
from smartreg.domain.acts import APPENDED
from smartreg.domain.kinds import CONVENTION
from smartreg.registry import point
from smartreg.schema import Kind

VersionName: TypeAlias = Literal["base", "ours", "theirs"]
T = TypeVar("T")


class Versions(NamedTuple, Generic[T]):
    """The three versions that Git hands over: the common ancestor and the two sides."""

    base: T
    ours: T
    theirs: T


def merge_data(versions: Versions[Data], kind: Kind | None, side: VersionName) -> Data:
    """The record with the changes of both sides; in conflicts, the value of `side`."""
    appended = APPENDED if kind is not None and kind.name == CONVENTION else ()
    whole: Data = _ThreeWay(ItemKeys.of(kind), side, appended).value(Versions[Json](*versions), ())
    return whole


@dataclass(frozen=True)
class _ThreeWay:
    keys: ItemKeys
    side: VersionName
    appended: Sequence[str]

    def value(self, at: Versions[Json], path: KeyPath) -> Json:
        """The value at `path`; ABSENT when there is none."""
        base, ours, theirs = at
        if same(ours, theirs) or same(base, theirs):
            return ours
        if same(base, ours):
            return theirs
        if all(isinstance(value, Mapping) for value in at) and not _both_moved(at):
            merged = {key: self.value(_step(at, key), (*path, key)) for key in dict.fromkeys((*ours, *theirs))}
            return {key: value for key, value in merged.items() if value is not ABSENT}
        together = self._append(at, path) if path and path[0] in self.appended and len(path) == 1 else None
        if together is not None:
            return together
        if all(isinstance(value, (list, tuple)) for value in at):
            return self._list(at, path)
        return getattr(at, self.side)

    def _append(self, at: Versions[Json], path: KeyPath) -> Json:
        """The items that both sides appended to those of the base, in the same order whichever side is ours; None if a
        side has no list or fewer items than the base, or if both changed one of its items."""
        sides = Versions(*([] if value is ABSENT else value for value in at))
        if not all(isinstance(side, (list, tuple)) and len(side) >= len(sides.base) for side in sides):
            return None
        old = [Versions(*items) for items in zip(*sides, strict=False)]
        if not all(
            same(versions.ours, versions.theirs)
            or same(versions.base, versions.ours)
            or same(versions.base, versions.theirs)
            for versions in old
        ):
            return None
        kept = [self.value(versions, (*path, index)) for index, versions in enumerate(old)]
        appended = [_by_text((*kept, *side[len(kept) :])) for side in sides]
        items = {key: item for side in appended for key, item in side.items()}
        order = _order(Versions(*(list(side) for side in appended)))
        if order is None:  # the sides disagree: in the order of the signatures
            order = [*appended[0], *sorted(items.keys() - appended[0].keys())]
        return [items[key] for key in order]

    def _list(self, at: Versions[Sequence[Json]], path: KeyPath) -> Json:
        """Merge item by item if each has a key; otherwise the list is one value. Texts are their own keys."""
        sides = self._by_key(at, path)
        if sides is None:
            return getattr(at, self.side)
        order = _order(Versions(*(list(items) for items in sides)))
        if order is None:
            return getattr(at, self.side)
        merged = {key: self.value(Versions(*(side.get(key, ABSENT) for side in sides)), (*path, key)) for key in order}
        return [value for value in merged.values() if value is not ABSENT]

    def _by_key(self, at: Versions[Sequence[Json]], path: KeyPath) -> Versions[dict[str, Json]] | None:
        if all(isinstance(item, str) for items in at for item in items):
            sides = Versions(*({item: item for item in items} for items in at))
            return sides if all(len(side) == len(items) for side, items in zip(sides, at, strict=True)) else None
        names = self.keys.names(path, at)
        if names is None:
            return None
        keyed: list[dict[str, Json]] = [{ItemKey.of(names, item): item for item in items} for items in at]
        return Versions(*keyed)


def _by_text(items: Sequence[Json]) -> dict[str, Json]:
    """Items by texts that sort them in the order of their signature; of equal items, each has its own."""
    keyed: dict[str, Json] = {}
    for item in items:
        signed = item.get("signed_on") if isinstance(item, Mapping) else None
        text = f"{signed} {json.dumps(item, sort_keys=True, default=str)}"
        keyed[f"{text} {sum(key.startswith(text) for key in keyed)}"] = item
    return keyed


def _step(at: Versions[Json], key: str) -> Versions[Json]:
    return Versions(*(value.get(key, ABSENT) for value in at))


def _both_moved(at: Versions[Json]) -> bool:
    """Whether both sides moved a point: the longitude of one with the latitude of the other would be a wrong place."""
    base, ours, theirs = map(point, at)
    return None not in (base, ours, theirs) and ours != base and theirs != base


def _order(keys: Versions[list[str]]) -> list[str] | None:
    """The keys of both sides in one order; None if the sides disagree about the order.

    Items added on one side follow the item that they were added after; of two such runs, the one with the smaller first
    key comes first, so that merging either way gives the same list, and dated events are in order.
    """
    shared = [key for key in keys.ours if key in set(keys.theirs)]
    shared_theirs = [key for key in keys.theirs if key in set(keys.ours)]
    if shared != shared_theirs:
        in_base = [key for key in keys.base if key in set(shared)]
        moved, moved_theirs = (
            [key for key in side if key in set(in_base)] != in_base for side in (shared, shared_theirs)
        )
        if moved == moved_theirs:
            return None
        shared = shared if moved else shared_theirs
    runs = [_runs(side, set(shared)) for side in (keys.ours, keys.theirs)]
    order: list[str] = []
    for anchor in (None, *shared):
        order += [] if anchor is None else [anchor]
        for run in sorted(side[anchor] for side in runs if anchor in side):
            order += run
    return order


def _runs(keys: Sequence[str], shared: set[str]) -> dict[str | None, list[str]]:
    """The keys of one side alone, by the shared key that precedes them; None for those before the first."""
    runs: dict[str | None, list[str]] = {}
    anchor = None
    for key in keys:
        if key in shared:
            anchor = key
        else:
            runs.setdefault(anchor, []).append(key)
    return runs
