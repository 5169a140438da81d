"""What equipment measures."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.core.values import KeyPath, Record


def properties(device: Record) -> dict[str, KeyPath]:
    """The observed properties, each with the place where the device first names it."""
    found: dict[str, KeyPath] = {}
    items = device.data.get("measures")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        name = item.get("property") if isinstance(item, Mapping) else None
        if isinstance(name, str) and name:
            found.setdefault(name, ("measures", index, "property"))
    return found
