"""Positions in another coordinate reference system → WGS 84 (lon, lat), by PROJ, without any request."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from smartreg.errors import UsageFault
from smartreg.frozen import dataclass
from smartreg.values import Words

if TYPE_CHECKING:
    from pyproj import CRS

WGS84 = "EPSG:4326"
_MARGIN = 0.05  # degrees; areas of use are given to 0.01


@dataclass(frozen=True)
class Projection:
    """A coordinate reference system: its name, and where on earth it is meant for (west, south, east, north)."""

    name: str
    area: tuple[float, float, float, float] | None
    transform: Any

    def to_wgs84(self, xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float]]:
        """Longitude and latitude of each point; infinite where the system has no such point."""
        lons, lats = self.transform(list(xs), list(ys))
        return list(zip(lons, lats, strict=True))

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies where the system is meant for."""
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return False
        if self.area is None:
            return True
        west, south, east, north = self.area
        inside = west - _MARGIN <= lon <= east + _MARGIN
        if west > east:  # across the 180th meridian
            inside = lon >= west - _MARGIN or lon <= east + _MARGIN
        return inside and south - _MARGIN <= lat <= north + _MARGIN


def projection(name: str) -> Projection:
    """The system that people call `EPSG:2154`. UsageFault when there is none, or when pyproj is not installed."""
    try:
        from pyproj import Transformer
        from pyproj.network import set_network_enabled  # type: ignore[attr-defined]
    except ImportError:
        raise UsageFault(
            Words(
                f"positions in {name} need the extra “geo”", f"des positions en {name} demandent le complément « geo »"
            ),
            Words('pip install "smartreg[geo]"', 'pip install "smartreg[geo]"'),
        ) from None
    set_network_enabled(False)
    system = _known(name)
    area = system.area_of_use
    bounds = None if area is None else (area.west, area.south, area.east, area.north)
    transformer = Transformer.from_crs(system, WGS84, always_xy=True)
    return Projection(name, bounds, transformer.transform)


def _known(name: str) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    code = name.strip().upper()
    try:
        if not code.replace(":", "").isalnum() or not code.isascii():
            raise CRSError("not a code")
        system = CRS.from_user_input(int(code) if code.isdigit() else code)
    except (CRSError, OverflowError):
        raise UsageFault(
            Words(f'no coordinate reference system "{name}"', f"pas de système de coordonnées « {name} »"),
            Words("such as EPSG:2154 (Lambert-93)", "par exemple EPSG:2154 (Lambert-93)"),
        ) from None
    if not (system.is_projected or system.is_geographic):
        raise UsageFault(
            Words(f"{name} is no system for places on a map", f"{name} n'est pas un système de coordonnées planes"),
        )
    return system
