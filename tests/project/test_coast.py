"""The coast: on which side of it places are, and how it is made."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from smartreg.domain.coast import land_within
from smartreg.domain.codes import all_rows, centre, members

ROOT = Path(__file__).parents[2]


def is_land(lon: float, lat: float, rings: Sequence[Sequence[tuple[float, float]]]) -> bool:
    """Whether a place is within an odd number of rings."""
    inside = False
    for ring in rings:
        for (lon1, lat1), (lon2, lat2) in pairwise([*ring, ring[0]]):
            if (lat1 > lat) != (lat2 > lat) and lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1):
                inside = not inside
    return inside


def around(lon: float, lat: float, degrees: float) -> list[list[tuple[float, float]]]:
    return land_within(lon - degrees, lat - degrees, lon + degrees, lat + degrees)


@pytest.mark.parametrize(
    ("place", "lon", "lat", "land"),
    [
        ("Aix-en-Provence", 5.447, 43.529, True),
        ("the bay of Marseille", 5.20, 43.28, False),
        ("the étang de Berre", 5.10, 43.46, False),
        ("Paris", 2.352, 48.857, True),
        ("Ajaccio, inland", 8.85, 42.0, True),
        ("off Brest", -5.5, 48.3, False),
        ("Fort-de-France, inland", -61.05, 14.68, True),
        ("Saint-Denis de La Réunion, inland", 55.45, -20.95, True),
        ("off Mayotte", 45.6, -12.8, False),
        ("Cayenne, inland", -52.4, 4.75, True),
    ],
)
@pytest.mark.parametrize("degrees", [0.3, 2.0])
def test_places_are_on_the_right_side_of_the_coast(
    place: str, lon: float, lat: float, land: bool, degrees: float
) -> None:
    assert is_land(lon, lat, around(lon, lat, degrees)) is land, place


def test_every_metropolis_has_its_coast_or_none() -> None:
    """Nine in ten of the known towns of each metropole are on land; what the page holds of it is small."""
    metropoles = [row[0] for row in all_rows("epci") if row[2] in ("METRO", "MET69")]
    assert len(metropoles) > 20
    for siren in metropoles:
        places = [at for one in members(siren) if (at := centre(one.insee_code))]
        (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*places, strict=True))
        rings = land_within(west - 1, south - 1, east + 1, north + 1)
        assert sum(is_land(*at, rings) for at in places) >= 0.9 * len(places), siren
        assert sum(map(len, rings)) < 700, siren


def test_land_is_cut_at_the_box() -> None:
    inland = around(4.85, 45.75, 0.5)
    assert [sorted(ring) for ring in inland] == [
        [pytest.approx(corner) for corner in ((4.35, 45.25), (4.35, 46.25), (5.35, 45.25), (5.35, 46.25))]
    ]
    assert around(-30, 45, 1) == []
    assert all(4.9 <= lon <= 5.5 and 43.1 <= lat <= 43.7 for ring in around(5.2, 43.4, 0.3) for lon, lat in ring)


def test_the_script_cuts_the_land_to_france(tmp_path: Path) -> None:
    """A square around Paris, one around Tokyo; steps and the scale of TopoJSON."""
    square = [[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]
    land = {
        "transform": {"scale": [0.1, 0.1], "translate": [2, 48]},
        "arcs": [square, [[1370, -120], *square[1:]]],
        "objects": {"land": {"geometries": [{"type": "MultiPolygon", "arcs": [[[0]], [[~1]]]}]}},
    }
    (tmp_path / "land-10m.json").write_text(json.dumps(land), encoding="utf-8")
    words = ["--package", str(tmp_path), "--to", str(tmp_path / "coast.csv")]
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make_coast.py"), *words], check=True)
    ((west, south, east, north, points),) = list(csv.reader((tmp_path / "coast.csv").open(encoding="utf-8")))[1:]
    assert (west, south, east, north) == ("2000", "48000", "3000", "49000")
    assert len(points.split()) == 8
