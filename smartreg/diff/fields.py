"""Field by field: what differs between two values, items of lists by their key, moves in metres.

Applying the changes from a to b to a gives b: nothing is listed twice or left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Any, Final, NamedTuple

from smartreg.core import messages
from smartreg.core.messages import Message, Text
from smartreg.core.secret import mask, may_hold_secret
from smartreg.core.values import Data, Json, KeyPath
from smartreg.registry import distance_m, point
from smartreg.schema import ITEM, Kind

USUAL_KEYS = (("id",), ("party",), ("property",), ("path",), ("name",), ("date",), ("date", "kind"))


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent.ABSENT
"""The value of an absent field; null is a value."""


class ItemKey(str):
    """A step of a key path into a list: the item with this key, whatever its index. `names` are the fields that make
    the key (`("property",)`, `("date", "kind")`)."""

    __slots__ = ("names",)
    names: tuple[str, ...]

    @classmethod
    def of(cls, names: tuple[str, ...], item: Data) -> ItemKey:
        """The key of an item, by these fields."""
        key = cls(" ".join(item[name] for name in names))
        key.names = names
        return key

    @property
    def key(self) -> dict[str, str]:
        """The fields of the key and their values."""
        return dict(zip(self.names, self.split(" ") if len(self.names) > 1 else (str(self),), strict=True))


class FieldChange(NamedTuple):
    """One field before and after (`ABSENT` if missing). `note` puts into words what the values hide ("moved 13 m");
    `position` is the index of an item added to a list."""

    path: KeyPath
    before: Json
    after: Json
    note: Text | None = None
    position: int | None = None


def place_text(path: KeyPath) -> str:
    """Write a path as people read it: `measures[noiseLevel].unit`, `events[0].note`."""
    text = ""
    for part in path:
        part = veil_item(part) if isinstance(part, ItemKey) else part
        text += f"[{part}]" if isinstance(part, (int, ItemKey)) else f".{part}" if text else part
    return text


def veil(path: KeyPath, value: Json) -> Json:
    """The value at a path for output: without the secrets in it. `ABSENT` stays."""
    names = (
        part for part in reversed(path) if isinstance(part, str) and not isinstance(part, ItemKey) and part != ITEM
    )
    return mask(value, next(names, ""))


def veil_item(item: ItemKey) -> ItemKey:
    """The step into a list for output: an item's key can be a secret too."""
    key = item.key
    return ItemKey.of(item.names, mask(key)) if may_hold_secret(key, list(key.values())) else item


def plain_path(path: KeyPath) -> str:
    """A path without the items of its lists: `measures.unit`."""
    return ".".join(part for part in path if isinstance(part, str) and not isinstance(part, ItemKey) and part != ITEM)


def same(left: Json, right: Json) -> bool:
    """Equal as JSON: 1 is 1.0, and true is not 1; the order of keys does not count."""
    if left is right:  # as most equal values of two records are
        return True
    if isinstance(left, str):
        return bool(left == right)
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if _is_list(left) and _is_list(right):
        return len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def compare(before: Data, after: Data, kind: Kind | None) -> tuple[FieldChange, ...]:
    """Every difference between the data of two records, in the order of the schema of `kind`."""
    return tuple(_Comparison(kind).of(before, after, ()))


class ItemKeys(NamedTuple):
    """Which fields identify the items of a list: the usual ones, and the texts that the schema requires."""

    required: Sequence[tuple[str, ...]]

    @classmethod
    def of(cls, kind: Kind | None) -> ItemKeys:
        """The keys of the lists of a kind."""
        return cls([item.path for item in kind.fields if item.required and item.kind == "string"] if kind else [])

    def names(self, path: KeyPath, sides: Sequence[Sequence[Json]]) -> tuple[str, ...] | None:
        """The fields that identify each item of the list at `path` on every side; None if there are none."""
        plain = (*(ITEM if isinstance(part, (int, ItemKey)) else part for part in path), ITEM)
        required = tuple(item[-1] for item in self.required if item[:-1] == plain)
        choices = [*USUAL_KEYS, *((name,) for name in required), required]
        return next((names for names in choices if names and _names_all(names, sides)), None)


class _Comparison:
    """A comparison by what the schema says about order and keys."""

    def __init__(self, kind: Kind | None) -> None:
        self._kind = kind

    @cached_property
    def _order(self) -> Mapping[tuple[str, ...], int]:
        return {path: index for index, path in enumerate(self._kind.by_path)} if self._kind else {}

    @cached_property
    def _keys(self) -> ItemKeys:
        return ItemKeys.of(self._kind)

    def of(self, before: Json, after: Json, path: KeyPath) -> Iterator[FieldChange]:
        """The differences between two values that are not the same."""
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self._mappings(before, after, path)
        elif _is_list(before) and _is_list(after) and before and after:
            yield from self._lists(before, after, path)
        else:
            yield FieldChange(path, before, after)

    def _mappings(self, before: Data, after: Data, path: KeyPath) -> Iterator[FieldChange]:
        moved = _describe_move(before, after) if path else None
        if moved is not None:
            yield FieldChange(path, before, after, moved)
            return
        plain = tuple(ITEM if isinstance(part, (int, ItemKey)) else part for part in path)
        names = top_level_changes(before, after)
        if len(names) > 1:
            names.sort(key=lambda name: self._order.get((*plain, name), len(self._order)))
        for key in names:
            yield from self.of(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))

    def _lists(self, before: Sequence[Json], after: Sequence[Json], path: KeyPath) -> Iterator[FieldChange]:
        names = self._keys.names(path, (before, after))
        if names is not None:
            olds, news = ({ItemKey.of(names, item): item for item in side} for side in (before, after))
            kept = [key for key in olds if key in news]
            if kept == [key for key in news if key in olds]:
                yield from self._items(olds, news, path)
                return
        elif len(before) == len(after) and all(isinstance(item, Mapping) for item in (*before, *after)):
            for index, (old, new) in enumerate(zip(before, after, strict=True)):
                if not same(old, new):
                    yield from self.of(old, new, (*path, index))
            return
        yield FieldChange(path, before, after)

    def _items(
        self, olds: Mapping[ItemKey, Json], news: Mapping[ItemKey, Json], path: KeyPath
    ) -> Iterator[FieldChange]:
        """Items by key: first removed, then kept, then added ones, so that indexes stay valid."""
        yield from (FieldChange((*path, key), item, ABSENT) for key, item in olds.items() if key not in news)
        for key, item in olds.items():
            if key in news and not same(item, news[key]):
                yield from self.of(item, news[key], (*path, key))
        for position, (key, item) in enumerate(news.items()):
            if key not in olds:
                yield FieldChange((*path, key), ABSENT, item, position=position)


def top_level_changes(before: Data, after: Data) -> list[str]:
    """The top-level fields in which the data of two records differ."""
    return [
        name
        for name in dict.fromkeys((*before, *after))
        if name not in before or name not in after or not same(before[name], after[name])
    ]


def _names_all(names: tuple[str, ...], sides: Sequence[Sequence[Json]]) -> bool:
    """Whether these fields identify every item on its side."""
    for item in chain.from_iterable(sides):
        values = [item.get(name) for name in names] if isinstance(item, Mapping) else [None]
        # A blank inside could make two composite keys look alike.
        if not all(isinstance(value, str) and (len(names) == 1 or " " not in value) for value in values):
            return False
    return all(len({ItemKey.of(names, item) for item in side}) == len(side) for side in sides)


def _is_list(value: Json) -> bool:
    return isinstance(value, (list, tuple))


def _describe_move(before: Data, after: Data) -> Text | None:
    """How far a point moved; None if these are not two points, or the point is the same."""
    start, end = point(before), point(after)
    if start is None or end is None or start == end:
        return None
    metres = distance_m(start, end)
    if metres < 1000:
        number = f"{metres:.0f}" if metres >= 10 else f"{metres:.1f}"
        return Message("moved {number} m", number=messages.number(number))
    number = f"{metres / 1000:.1f}"
    return Message("moved {number} km", number=messages.number(number))


def apply_changes(data: Data, changes: Iterable[FieldChange]) -> dict[str, Json]:
    """The data with the changes made; `data` itself stays unchanged."""
    result: dict[str, Json] = _copy(data)
    for change in changes:
        _put(result, change)
    return result


def _put(result: Any, change: FieldChange) -> None:
    place = result
    for part in change.path[:-1]:
        place = place[_index(place, part)]
    last = change.path[-1]
    if change.position is not None:
        place.insert(change.position, _copy(change.after))
    elif change.after is ABSENT:
        del place[_index(place, last)]
    else:
        place[_index(place, last)] = _copy(change.after)


def _index(place: Any, part: str | int) -> str | int:
    if not isinstance(part, ItemKey):
        return part
    return next(index for index, item in enumerate(place) if ItemKey.of(part.names, item) == part)


def _copy(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if _is_list(value) else value
