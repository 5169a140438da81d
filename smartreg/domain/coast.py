"""Land on a map: the coast of France and its overseas departments from Natural Earth 1:10m, as it comes with smartreg
(see codes/SOURCE.md). A coast for the eye: it is up to a kilometre off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from smartreg.domain.codes import all_rows
from smartreg.registry import Point

THOUSANDTHS = 1000  # of a degree


def land_within(west: float, south: float, east: float, north: float) -> list[list[Point]]:
    """Rings of (longitude, latitude), in degrees of WGS 84: the land within a box. A ring within another is water. A
    side of a ring may run along the box, also to and fro."""
    rings: list[list[Point]] = []
    for row in all_rows("coast"):
        bounds = [int(cell) / THOUSANDTHS for cell in row[:4]]
        if bounds[0] < east and bounds[2] > west and bounds[1] < north and bounds[3] > south:
            ring = _cut(_points(row[4]), west, south, east, north)
            rings += [ring] if ring else []
    return rings


def _points(text: str) -> list[Point]:
    """The first point, then steps, in thousandths of a degree."""
    steps = [int(word) for word in text.split()]
    xs, ys = accumulate(steps[::2]), accumulate(steps[1::2])
    return [(x / THOUSANDTHS, y / THOUSANDTHS) for x, y in zip(xs, ys, strict=True)]


def _cut(ring: Sequence[Point], west: float, south: float, east: float, north: float) -> list[Point]:
    """The rest of a ring, side by side of the box (Sutherland and Hodgman, 1974)."""
    left = list(ring)
    for axis, line, inside in (
        (0, west, lambda value: value >= west),
        (0, east, lambda value: value <= east),
        (1, south, lambda value: value >= south),
        (1, north, lambda value: value <= north),
    ):
        left = _cut_at(left, axis, line, inside)
    return left


def _cut_at(ring: Sequence[Point], axis: int, line: float, inside: Callable[[float], bool]) -> list[Point]:
    kept: list[Point] = []
    for before, point in pairwise([*ring[-1:], *ring]):
        if inside(before[axis]) != inside(point[axis]):
            share = (line - before[axis]) / (point[axis] - before[axis])
            across = before[1 - axis] + share * (point[1 - axis] - before[1 - axis])
            kept.append((line, across) if axis == 0 else (across, line))
        if inside(point[axis]):
            kept.append(point)
    return kept
