"""Lambert-93 (EPSG:2154), the system of French inventories: whether a point is given in it, and its degrees. It is one
formula (IGN, NTG 71: conformal conic of GRS 80), so rules need no PROJ for it; `crs.py` converts whole sheets.
"""

from __future__ import annotations

import math
from typing import NamedTuple

NAME = "EPSG:2154"
_X, _Y = (100_000, 1_250_000), (6_000_000, 7_150_000)  # metres: the mainland and Corsica
_EXPONENT, _SCALE = 0.7256077650532670, 11_754_255.426096
_ORIGIN_X, _ORIGIN_Y, _MERIDIAN = 700_000, 12_655_612.049876, 3
_ECCENTRICITY = 0.0818191910428158
_STEPS = 8  # each iteration gains more than two digits
_DECIMALS = 6


class Degrees(NamedTuple):
    """Longitude and latitude in WGS 84, to 0.1 m."""

    lon: float
    lat: float


def in_lambert(x: float, y: float) -> bool:
    """Whether two numbers are metres of Lambert-93 in France; degrees never are."""
    return _X[0] <= x <= _X[1] and _Y[0] <= y <= _Y[1]


def degrees(x: float, y: float) -> Degrees:
    """The degrees of a point of Lambert-93 in France."""
    east, north = x - _ORIGIN_X, _ORIGIN_Y - y
    isometric = -math.log(math.hypot(east, north) / _SCALE) / _EXPONENT
    lat = math.atan(math.sinh(isometric))
    for _ in range(_STEPS):
        lat = math.atan(math.sinh(isometric + _ECCENTRICITY * math.atanh(_ECCENTRICITY * math.sin(lat))))
    lon = _MERIDIAN + math.degrees(math.atan2(east, north) / _EXPONENT)
    return Degrees(round(lon, _DECIMALS), round(math.degrees(lat), _DECIMALS))
