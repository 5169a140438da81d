"""What rules work out of a snapshot once and share: a snapshot never changes, so neither does this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from smartreg.rules.rule import Snapshot

T = TypeVar("T")

_KEPT: WeakKeyDictionary[Snapshot, dict[Callable[[Snapshot], Any], Any]] = WeakKeyDictionary()


def kept(registry: Snapshot, make: Callable[[Snapshot], T]) -> T:
    """What `make` makes of the registry, made once. It may hold the registry, which then stays until `forget`."""
    known = _KEPT.get(registry)
    if known is None:
        known = _KEPT[registry] = {}
    if make not in known:
        known[make] = make(registry)
    return cast(T, known[make])


def forget(registry: Snapshot) -> None:
    """Let go of what is kept of a registry that is not judged again: for whoever judges thousands in one run."""
    _KEPT.pop(registry, None)
