"""Where a record is, on the map."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.registry.registry import Registry
from smartreg.values import Record, RecordId, value_at


def position(registry: Registry, record: Record) -> tuple[float, float] | None:
    """Longitude and latitude (WGS 84) of a record: its own, or that of the record that it hangs on."""
    kind = registry.schemas.kinds[record.rid.kind]
    for name in kind.position:
        value = record.data.get(name)
        if isinstance(value, Mapping):
            lon, lat = value_at(value, ("lon",)), value_at(value, ("lat",))
            if isinstance(lon, (int, float)) and isinstance(lat, (int, float)):
                return float(lon), float(lat)
        elif isinstance(value, str) and (found := kind.by_path.get((name,))):
            host = next((item for ref in found.refs if (item := registry.get(RecordId(ref, value)))), None)
            if host is not None and host.rid != record.rid and (point := position(registry, host)):
                return point
    return None
