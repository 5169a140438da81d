"""What is derived from a snapshot once and shared by rules: a snapshot never changes, so neither does this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from smartreg.domain.checks import Snapshot

T = TypeVar("T")


def derive(registry: Snapshot, make: Callable[[Snapshot], T]) -> T:
    """What `make` makes of the registry, made once. It may hold the registry, which then stays until `forget`."""
    if make not in registry.derived:
        registry.derived[make] = make(registry)
    return cast(T, registry.derived[make])


def forget(registry: Snapshot) -> None:
    """Drop what was derived from a registry that is not checked again, to save memory when thousands are checked in one
    run."""
    registry.derived.clear()
