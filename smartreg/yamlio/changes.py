"""The changes that an edit requests, and the data that must result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Data, Json, KeyPath, path_text


class SetValue(NamedTuple):
    """Set `value` at `path`. Missing groups and lists on the way are created; the index after the last item appends."""

    path: KeyPath
    value: Json


class Unset(NamedTuple):
    """Remove what is at `path`, and every group or list that becomes empty. Does nothing if it is absent."""

    path: KeyPath


Change: TypeAlias = SetValue | Unset


def apply_change(data: Data, change: Change) -> dict[str, Json]:
    """The data after one change; `data` itself stays. Raises `UsageFault` for an impossible path."""
    if not change.path:
        raise UsageFault(Message("a record has no value of its own to change"))
    after = _set(data, change, 0) if isinstance(change, SetValue) else _unset(data, change.path)
    return dict(after) if after else {}


def plain(value: Json) -> Json:
    """A copy made of dict, list and scalars only."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def same(left: Json, right: Json) -> bool:
    """Whether values are equal, with the same types throughout: 1, 1.0 and true differ, and so do -0.0 and 0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right) and (not isinstance(left, float) or repr(left) == repr(right))


def find_differences(left: Json, right: Json, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The key paths at which two values differ, as deep as both are groups, or lists of equal length."""
    if same(left, right):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for key in dict.fromkeys((*left, *right)):
            if key in left and key in right:
                yield from find_differences(left[key], right[key], (*path, key))
            else:
                yield (*path, key)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (old, new) in enumerate(zip(left, right, strict=True)):
            yield from find_differences(old, new, (*path, index))
    else:
        yield path


def equal_ends(old: list[Json], new: list[Json]) -> tuple[int, int]:
    """The lengths of the common prefix and suffix of two lists, without counting an item twice."""
    shorter = min(len(old), len(new))
    head = next((index for index in range(shorter) if not same(old[index], new[index])), shorter)
    rest = range(1, shorter - head + 1)
    tail = next((index - 1 for index in rest if not same(old[-index], new[-index])), shorter - head)
    return head, tail


def _set(current: Json, change: SetValue, depth: int) -> Json:
    """`current`, the value at the first `depth` steps of the path, with the change applied."""
    if depth == len(change.path):
        return plain(change.value)
    step = change.path[depth]
    if isinstance(step, int):
        items = [] if current is None else list(current) if _is_list(current) else _refuse(change.path, depth)
        if step == len(items):
            return [*items, _set(None, change, depth + 1)]
        if not 0 <= step < len(items):
            _refuse(change.path, depth + 1)
        return [*items[:step], _set(items[step], change, depth + 1), *items[step + 1 :]]
    if current is not None and not isinstance(current, Mapping):
        _refuse(change.path, depth)
    return {**(current or {}), step: _set((current or {}).get(step), change, depth + 1)}


def _unset(current: Json, path: KeyPath) -> Json:
    """`current` without what is at `path`; empty if nothing is left, so the level above removes it."""
    step, below = path[0], path[1:]
    if isinstance(step, int):
        if not _is_list(current) or not 0 <= step < len(current):
            return current
        kept = _unset(current[step], below) if below else None
        middle = [kept] if below and not _is_emptied(current[step], kept) else []
        return [*current[:step], *middle, *current[step + 1 :]]
    if not isinstance(current, Mapping) or step not in current:
        return current
    kept = _unset(current[step], below) if below else None
    if below and not _is_emptied(current[step], kept):
        return {**current, step: kept}
    return {key: value for key, value in current.items() if key != step}


def _is_emptied(before: Json, after: Json) -> bool:
    return isinstance(after, dict | list) and not after and bool(before)


def _is_list(value: Json) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _refuse(path: KeyPath, depth: int) -> list[Json]:
    there, whole = path_text(path[:depth]), path_text(path)
    raise UsageFault(Message("{whole} cannot be set: {there} holds something else", whole=whole, there=there))
