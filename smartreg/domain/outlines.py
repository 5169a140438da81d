"""The outline of a commune: whether a point is inside, and how far it is from the edge.

Not shapely, with which `importing/` simplifies outlines: rules run without the extra `geo`, and its import takes a
third of a second.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from smartreg.registry import Point, distance_m

Ring: TypeAlias = Sequence[Point]
Edge: TypeAlias = tuple[Point, Point]

_BANDS_PER_DEGREE = 200  # a band is 555 m high: an edge lies in one or two of them
_MARGIN = 0.01  # degrees: more than the few hundred metres for which `within` is meant


class Outline(NamedTuple):
    """One or more polygons with their holes: `rings`, and their edges by the latitude bands that they cross."""

    west: float
    south: float
    east: float
    north: float
    bands: Mapping[int, Sequence[Edge]]
    rings: Sequence[Ring]

    @classmethod
    def of(cls, rings: Sequence[Ring]) -> Outline:
        """The outline with these rings."""
        bands: dict[int, list[Edge]] = defaultdict(list)
        corners: list[Point] = []
        for ring in rings:
            corners.extend(ring)
            for edge in zip(ring, [*ring[1:], *ring[:1]], strict=True):
                for band in _bands(*edge):
                    bands[band].append(edge)
        lons, lats = [lon for lon, _ in corners], [lat for _, lat in corners]
        return cls(min(lons), min(lats), max(lons), max(lats), bands, rings)

    def holds(self, place: Point) -> bool:
        """Whether the point is inside: a line from it eastwards crosses the edges an odd number of times."""
        lon, lat = place
        if not (self.west <= lon <= self.east and self.south <= lat <= self.north):
            return False
        crossed = 0
        for (lon1, lat1), (lon2, lat2) in self.bands.get(_band(lat), ()):
            if (lat1 > lat) != (lat2 > lat):
                crossed += lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1)
        return crossed % 2 == 1

    def within(self, place: Point, metres: float) -> bool:
        """Whether an edge is within this distance (up to a few hundred metres)."""
        lon, lat = place
        if not (
            self.west - _MARGIN <= lon <= self.east + _MARGIN and self.south - _MARGIN <= lat <= self.north + _MARGIN
        ):
            return False
        band = _band(lat)
        edges = {edge for step in (-1, 0, 1) for edge in self.bands.get(band + step, ())}
        return any(distance_m(place, _nearest(place, edge)) <= metres for edge in edges)

    def distance_m(self, place: Point) -> float:
        """Metres from the point to the nearest edge."""
        edges = {edge for in_band in self.bands.values() for edge in in_band}
        return min(distance_m(place, _nearest(place, edge)) for edge in edges)


def _band(lat: float) -> int:
    return math.floor(lat * _BANDS_PER_DEGREE)


def _bands(start: Point, end: Point) -> Iterator[int]:
    low, high = sorted((start[1], end[1]))
    yield from range(_band(low), _band(high) + 1)


def _nearest(place: Point, edge: Edge) -> Point:
    """The nearest point of an edge, on a plane that approximates the Earth there."""
    wide = math.cos(math.radians(place[1]))
    (x1, y1), (x2, y2) = (((lon - place[0]) * wide, lat - place[1]) for lon, lat in edge)
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    along = 0.0 if length == 0 else min(1.0, max(0.0, -(x1 * (x2 - x1) + y1 * (y2 - y1)) / length))
    (lon1, lat1), (lon2, lat2) = edge
    return lon1 + along * (lon2 - lon1), lat1 + along * (lat2 - lat1)
