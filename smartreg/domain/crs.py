"""Convert positions between another coordinate reference system and WGS 84 (lon, lat), with PROJ, without any network
request.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import Message

if TYPE_CHECKING:
    from pyproj import CRS


WGS84 = "EPSG:4326"
LAMBERT_93 = 2154
_MARGIN = 0.05  # degrees; areas of use are given to 0.01
_METRES, _DEGREES = 2, 6  # decimals: a centimetre, a decimetre


@dataclass(frozen=True)
class Projection:
    """A coordinate reference system: its name, its area of use (west, south, east, north), the conversions to WGS 84
    and back, and the PROJ object."""

    name: str
    area: tuple[float, float, float, float] | None
    transform: Any
    back: Any
    system: CRS

    @property
    def epsg(self) -> int | None:
        """Its number in the registry of EPSG."""
        authority = self.system.to_authority("EPSG")
        return int(authority[1]) if authority and authority[1].isdigit() else None

    @property
    def prj(self) -> str:
        """The text of a `.prj` file: the system as ESRI writes it, on one line."""
        return str(self.system.to_wkt("WKT1_ESRI", pretty=False))

    def to_wgs84(self, xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float]]:
        """Longitude and latitude of each point; infinite if the system has no such point."""
        lons, lats = self.transform(list(xs), list(ys))
        return list(zip(lons, lats, strict=True))

    def from_wgs84(self, places: Sequence[tuple[float, float] | None]) -> list[tuple[float, float] | None]:
        """Each point (lon, lat) in this system, east before north; None outside its area of use."""
        fitting = [place if place and self.holds(*place) else None for place in places]
        inside = [place for place in fitting if place]
        xs, ys = self.back([lon for lon, _ in inside], [lat for _, lat in inside])
        decimals = _METRES if self.system.is_projected else _DEGREES
        moved = iter([(round(x, decimals), round(y, decimals)) for x, y in zip(xs, ys, strict=True)])
        return [next(moved) if place else None for place in fitting]

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point is in the area of use."""
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
    """The system named `EPSG:2154`, say. Raises UsageFault if there is none, or if pyproj is not installed."""
    try:
        from pyproj import Transformer
        from pyproj.network import set_network_enabled  # type: ignore[attr-defined]
    except ImportError:
        raise UsageFault(
            Message("positions in {name} need the extra “geo”", name=name),
            install_command("geo"),
        ) from None
    set_network_enabled(False)
    system = _load_crs(name)
    area = system.area_of_use
    bounds = None if area is None else (area.west, area.south, area.east, area.north)
    there = Transformer.from_crs(system, WGS84, always_xy=True)
    back = Transformer.from_crs(WGS84, system, always_xy=True)
    return Projection(name, bounds, there.transform, back.transform, system)


def _load_crs(name: str) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    code = name.strip().upper()
    try:
        if not code.replace(":", "").isalnum() or not code.isascii():
            raise CRSError("not a code")
        system = CRS.from_user_input(int(code) if code.isdigit() else code)
    except (CRSError, OverflowError, ValueError):  # `int` refuses very long numbers
        raise UsageFault(
            Message('no coordinate reference system "{name}"', name=name),
            Message("such as EPSG:2154 (Lambert-93)"),
        ) from None
    if not (system.is_projected or system.is_geographic):
        raise UsageFault(
            Message("{name} is not a coordinate system of maps", name=name),
        )
    return system
