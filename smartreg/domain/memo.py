"""What rules work out of a snapshot once and share: a snapshot never changes, so neither does this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from smartreg.domain.checks import Snapshot

T = TypeVar("T")

_OWN = "_worked_out_by_rules"  # stays with the snapshot, and is found at once


def kept(registry: Snapshot, make: Callable[[Snapshot], T]) -> T:
    """What `make` makes of the registry, made once. It may hold the registry, which then stays until `forget`."""
    known: dict[Callable[[Snapshot], Any], Any] | None = registry.__dict__.get(_OWN)
    if known is None:
        known = registry.__dict__[_OWN] = {}
    if make not in known:
        known[make] = make(registry)
    return cast(T, known[make])


def forget(registry: Snapshot) -> None:
    """Let go of what is kept of a registry that is not judged again: for whoever judges thousands in one run."""
    registry.__dict__.pop(_OWN, None)
