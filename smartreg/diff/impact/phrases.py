"""Numbers of things in the words of the convention: `3 sensors`, `1 flux`."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.values import Record, Words
from smartreg.registry import Registry

DEVICE = Words("device", "équipement")


def several(number: int, one: Words, many: Words | None = None) -> Words:
    """The number and the noun; the plural takes an s unless it is given. Zero is singular in French only."""
    more = many or Words(f"{one.en}s", f"{one.fr}s")
    return Words(f"{number} {one.en if number == 1 else more.en}", f"{number} {one.fr if number < 2 else more.fr}")


def devices(registry: Registry, found: Sequence[Record]) -> Words:
    """`3 sensors` when all are of one type, else `3 devices`."""
    kind = registry.schemas.kinds.get("equipment")
    field = kind.by_path.get(("type",)) if kind else None
    types = {str(record.data.get("type")) for record in found}
    label = field.labels.get(types.pop()) if field and len(types) == 1 else None
    return several(len(found), label or DEVICE)
