"""Make smartreg/domain/codes/coast.csv: the land around France and its overseas departments, from Natural Earth 1:10m,
as the npm package `world-atlas` has it.

    python scripts/make_coast.py                    download the package, with `npm pack`
    python scripts/make_coast.py --package PATH     read it offline (.tgz or unpacked folder)
    python scripts/make_coast.py --to FILE          write another file

Needs the extra geo. The same package always gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from npm_package import fetch, read_member
from shapely import Polygon, STRtree, box, union_all
from shapely.geometry.base import BaseGeometry

PACKAGE, VERSION = "world-atlas", "2.0.2"
INTEGRITY = (
    "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ=="  # SHA-512 of the .tgz
)
CODES = Path(__file__).resolve().parent.parent / "smartreg" / "domain" / "codes"
MARGIN = 1.5  # degrees around the communes of a region: what a map of a territory at its edge shows
THOUSANDTHS = 1000  # of a degree: the coordinates of the package are about that fine
TOLERANCE = 0.001  # degrees
HEADINGS = ("west", "south", "east", "north", "points")

Point = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make smartreg/domain/codes/coast.csv from Natural Earth.")
    parser.add_argument("--package", type=Path, help=f"{PACKAGE} {VERSION}: the .tgz or its unpacked folder")
    parser.add_argument("--to", type=Path, default=CODES / "coast.csv", help="file to write")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        land = read_land(options.package or fetch(PACKAGE, VERSION, INTEGRITY, Path(scratch)))
    rows = sorted(rings(land, union_all(list(regions()))))
    with options.to.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEADINGS, *rows])


def read_land(package: Path) -> list[BaseGeometry]:
    """The polygons of land-10m.json (TopoJSON), in degrees."""
    topology: dict[str, Any] = json.loads(read_member(package, "land-10m.json"))
    arcs = [_points(arc, topology["transform"]) for arc in topology["arcs"]]
    return [
        Polygon(*_shell_and_holes([_ring(ring, arcs) for ring in polygon])).buffer(0)
        for geometry in topology["objects"]["land"]["geometries"]
        for polygon in geometry["arcs"]
    ]


def _points(arc: Sequence[Sequence[int]], transform: dict[str, Sequence[float]]) -> list[Point]:
    """An arc, whose points are steps from the one before, in degrees."""
    (kx, ky), (x0, y0) = transform["scale"], transform["translate"]
    xs, ys = (accumulate(along) for along in zip(*arc, strict=True))
    return [(x * kx + x0, y * ky + y0) for x, y in zip(xs, ys, strict=True)]


def _ring(indexes: Sequence[int], arcs: Sequence[list[Point]]) -> list[Point]:
    """Arcs one after another; a negative index is that of an arc backwards."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indexes]
    return [point for part in parts for point in part]


def _shell_and_holes(rings: list[list[Point]]) -> tuple[list[Point], list[list[Point]]]:
    return rings[0], rings[1:]


def regions() -> Iterator[BaseGeometry]:
    """A box around the communes of metropolitan France, and one around those of each overseas department."""
    with (CODES / "centres.csv").open(encoding="utf-8") as stream:
        centres = [(row["insee_code"], float(row["lon"]), float(row["lat"])) for row in csv.DictReader(stream)]
    for region in sorted({_region(code) for code, *_ in centres}):
        lons, lats = zip(*((lon, lat) for code, lon, lat in centres if _region(code) == region), strict=True)
        yield box(min(lons) - MARGIN, min(lats) - MARGIN, max(lons) + MARGIN, max(lats) + MARGIN)


def _region(code: str) -> str:
    return code[:3] if code.startswith("97") else ""


def rings(land: Sequence[BaseGeometry], region: BaseGeometry) -> Iterator[tuple[int, int, int, int, str]]:
    """The land within a region as rings: its bounds, then its points, in thousandths of a degree from west and south,
    the first as it is, the others as steps."""
    for index in sorted(STRtree(land).query(region)):
        part = land[index].intersection(region).simplify(TOLERANCE)
        for polygon in getattr(part, "geoms", [part]):
            if not isinstance(polygon, Polygon) or polygon.is_empty:
                continue
            for ring in (polygon.exterior, *polygon.interiors):
                points = [(round(x * THOUSANDTHS), round(y * THOUSANDTHS)) for x, y in ring.coords[:-1]]
                steps = [points[0], *((x - px, y - py) for (px, py), (x, y) in pairwise(points))]
                xs, ys = zip(*points, strict=True)
                text = " ".join(f"{x} {y}" for x, y in steps)
                yield min(xs), min(ys), max(xs), max(ys), text


if __name__ == "__main__":
    main()
