"""Which records of a registry cannot be read: what a list or an export leaves out, and must tell."""

from __future__ import annotations

from collections.abc import Iterable

from smartreg.registry import Registry
from smartreg.schema import Kind


def unreadable(registry: Registry, kinds: Iterable[Kind]) -> list[str]:
    """The files of these kinds whose text cannot be read."""
    names = {kind.name for kind in kinds}
    return sorted(file for file, rid in registry.by_file.items() if rid.kind in names and registry.at(file) is None)
