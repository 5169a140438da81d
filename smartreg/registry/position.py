"""Where a record is, on the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeGuard

from smartreg.core.values import Json, Record, RecordId
from smartreg.schema import Schemas


class RecordsById(Protocol):
    """Records by id, and the kinds that they are of: a registry, or the visible part of it."""

    @property
    def schemas(self) -> Schemas: ...

    def get(self, rid: RecordId) -> Record | None: ...


def position(registry: RecordsById, record: Record) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84) of a record: its own, or that of the record that it hangs on."""
    return _position(registry, record, frozenset())


def _position(registry: RecordsById, record: Record, passed: frozenset[RecordId]) -> tuple[float, float] | None:
    kind = registry.schemas.kinds[record.rid.kind]
    seen = passed | {record.rid}
    for name in kind.position:
        value = record.data.get(name)
        if isinstance(value, Mapping):
            lon, lat = value.get("lon"), value.get("lat")
            if _is_number(lon) and _is_number(lat):
                return float(lon), float(lat)
        elif isinstance(value, str) and (found := kind.by_path.get((name,))):
            host = next((item for ref in found.refs if (item := registry.get(RecordId(ref, value)))), None)
            if host is not None and host.rid not in seen and (point := _position(registry, host, seen)):
                return point
    return None


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
