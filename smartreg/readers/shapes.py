"""A point inside a line or an area, for a record that has one point: half-way along a line, in the widest stretch of an
area at half its height (as GEOS finds its point on a surface). Shapes are those of GeoJSON, or in well-known binary.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

Corner: TypeAlias = Sequence[float]
KINDS = {1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon"}
_WITH_Z, _WITH_M, _WITH_SRID = 0x80000000, 0x40000000, 0x20000000  # flags of PostGIS


def inner_point(kind: str, coordinates: Any) -> tuple[float, float] | None:
    """The point of a shape by the name and the coordinates that GeoJSON gives it; None for a shape without any, for
    another shape, and for what is none."""
    try:
        point = _POINTS[kind](coordinates) if kind in _POINTS and coordinates else None
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return point if point is not None and all(map(math.isfinite, point)) else None


def _of_line(line: Sequence[Corner]) -> tuple[float, float]:
    half = _length(line) / 2
    for start, end in pairwise(line):
        step = math.dist(start[:2], end[:2])
        if step and half <= step:
            share = half / step
            return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
        half -= step
    return line[-1][0], line[-1][1]


def _length(line: Sequence[Corner]) -> float:
    return math.fsum(math.dist(start[:2], end[:2]) for start, end in pairwise(line))


def _of_area(rings: Sequence[Sequence[Corner]]) -> tuple[float, float]:
    heights = sorted({corner[1] for corner in rings[0]})
    if len(heights) < 2:
        return _of_line(rings[0])
    middle = (heights[0] + heights[-1]) / 2
    below, above = max(y for y in heights[:-1] if y <= middle), min(y for y in heights if y > middle)
    level = (below + above) / 2  # through no corner of the outer ring
    crossed = sorted(
        x1 + (level - y1) / (y2 - y1) * (x2 - x1)
        for ring in rings
        for (x1, y1, *_), (x2, y2, *_) in pairwise([*ring, ring[0]])
        if (y1 > level) != (y2 > level)
    )
    west, east = max(zip(crossed[::2], crossed[1::2], strict=False), key=lambda stretch: stretch[1] - stretch[0])
    return (west + east) / 2, level


def _area(rings: Sequence[Sequence[Corner]]) -> float:
    outer = rings[0]
    return abs(math.fsum(x1 * y2 - x2 * y1 for (x1, y1, *_), (x2, y2, *_) in pairwise([*outer, outer[0]])))


def _of_points(points: Sequence[Corner]) -> tuple[float, float]:
    """Of several points the one nearest to their middle."""
    middle = [math.fsum(point[axis] for point in points) / len(points) for axis in (0, 1)]
    x, y, *_ = min(points, key=lambda point: math.dist(point[:2], middle))
    return x, y


_POINTS: Mapping[str, Callable[[Any], tuple[float, float]]] = {
    "MultiPoint": _of_points,
    "LineString": _of_line,
    "MultiLineString": lambda lines: _of_line(max(lines, key=_length)),
    "Polygon": _of_area,
    "MultiPolygon": lambda areas: _of_area(max(areas, key=_area)),
}


def read_binary(shape: bytes) -> tuple[str, Any] | None:
    """The name and the coordinates of a shape in well-known binary (OGC 06-103r4, and as PostGIS writes it); None for
    curves and collections."""
    try:
        return _Binary(shape).read()
    except (struct.error, IndexError, RecursionError):
        return None


class _Binary:
    """A reader of well-known binary, at a place in its bytes."""

    def __init__(self, shape: bytes) -> None:
        self.shape, self.at = shape, 0

    def read(self) -> tuple[str, Any] | None:
        order = "<" if self.shape[self.at] == 1 else ">"
        self.at += 1
        word = self._number(order)
        if word & _WITH_SRID:
            self._number(order)
        code = word & 0x0FFFFFFF
        dimensions = 2 + bool(word & _WITH_Z or code // 1000 in (1, 3)) + bool(word & _WITH_M or code // 1000 in (2, 3))
        kind = KINDS.get(code % 1000)
        if kind is None:
            return None
        if kind == "Point":
            return kind, self._corner(order, dimensions)
        count = self._number(order)
        if kind == "LineString":
            return kind, [self._corner(order, dimensions) for _ in range(count)]
        if kind == "Polygon":
            return kind, [[self._corner(order, dimensions) for _ in range(self._number(order))] for _ in range(count)]
        parts = [self.read() for _ in range(count)]
        return kind, [part[1] for part in parts if part is not None]

    def _number(self, order: str) -> int:
        (number,) = struct.unpack_from(f"{order}I", self.shape, self.at)
        self.at += 4
        return int(number)

    def _corner(self, order: str, dimensions: int) -> tuple[float, ...]:
        corner = struct.unpack_from(f"{order}{dimensions}d", self.shape, self.at)
        self.at += 8 * dimensions
        return corner
