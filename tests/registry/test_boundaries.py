"""The boundaries file: what it may contain, the messages if it cannot be used, and how large the net of a grid is."""

from __future__ import annotations

import json
from datetime import date
from math import cos, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartreg.core.errors import UsageFault
from smartreg.core.values import RecordId
from smartreg.domain.outlines import Outline
from smartreg.registry import cell, cells_around, distance_m, open_registry
from smartreg.rules import Context, all_rules, indexed_fields
from smartreg.trees import MemoryTree
from smartreg.validation.check import Checker, Selection

FILE = "registry/annexes/limites.geojson"
SETTINGS = f'[territory]\ncommunes = ["13047"]\nboundaries = "{FILE}"\n'.encode()
POLE = "registry/supports/13047/pole.yaml"
TEXT = b"""\
id: pole
type: mast
owner: ville-d-istres
insee_code: "13047"
location:
  lon: 5.12345
  lat: 43.51345
status: in_service
"""
RULES = all_rules()
HEMISPHERE = st.tuples(st.floats(-179, 179), st.floats(-84, 84))


def square(west: float, east: float) -> bytes:
    ring = [[west, 43.4], [east, 43.4], [east, 43.6], [west, 43.6], [west, 43.4]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return json.dumps({"features": [{"properties": {"insee_code": "13047"}, "geometry": geometry}]}).encode()


def make_checker(boundaries: bytes | None) -> tuple[Checker, MemoryTree]:
    files = {"smartreg.toml": SETTINGS, POLE: TEXT}
    tree = MemoryTree(files if boundaries is None else {**files, FILE: boundaries})
    registry = open_registry(tree, None, indexed_fields(RULES.values()))
    context = Context(registry.schemas, registry.config, date(2026, 1, 15))
    return Checker(RULES, context, Selection(select=("GEO7",))), tree


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"features": [{}]}',
        b'{"features": [{"properties": {"nom": "Istres"}, "geometry": null}]}',
        square(700_000, 800_000),
        square(4.9, 5.0).replace(b"]]]", b'], ["a"]]]'),
        square(4.9, 5.0).replace(b"[[[", b"[[[[").replace(b"]]]", b"]]]]"),
    ],
)
def test_a_file_that_is_no_map_of_communes_is_named(text: bytes) -> None:
    checker, tree = make_checker(text)
    with pytest.raises(UsageFault, match=FILE):
        checker.check(open_registry(tree, None, indexed_fields(RULES.values())))


def test_a_missing_file_is_named() -> None:
    checker, tree = make_checker(None)
    with pytest.raises(UsageFault, match=FILE):
        checker.check(open_registry(tree, None, indexed_fields(RULES.values())))


def test_other_boundaries_judge_every_record_anew() -> None:
    checker, tree = make_checker(square(5.0, 5.2))
    before = open_registry(tree, None, indexed_fields(RULES.values()))
    after = before.with_writes({FILE: square(4.9, 5.0)})
    assert [finding.code for finding in checker.compare(before, after, []).introduced] == ["GEO702"]
    noted = before.with_writes({POLE: TEXT + b"notes: a\n"})
    assert checker.compare(before, noted, [RecordId("support", "pole")]).introduced == []


@settings(max_examples=15)
@given(start=HEMISPHERE, metres=st.floats(0, 1000), east=st.floats(-1, 1), north=st.floats(-1, 1))
def test_the_cells_around_a_point_hold_all_that_is_near(
    start: tuple[float, float], metres: float, east: float, north: float
) -> None:
    degrees = metres / 111_195
    end = (start[0] + east * degrees / cos(radians(start[1])), start[1] + north * degrees)
    # A hair's breadth within: on the edge, rounding decides.
    if distance_m(start, end) < metres * 0.999:
        assert cell(end) in set(cells_around(start, metres))


@given(lon=st.floats(-1, 1), lat=st.floats(-1, 1), hole=st.floats(0.1, 0.9))
def test_an_outline_holds_what_is_inside_and_not_in_its_hole(lon: float, lat: float, hole: float) -> None:
    rings = [[(-size, -size), (size, -size), (size, size), (-size, size)] for size in (0.95, hole)]
    outline = Outline.of(rings)
    far = max(abs(lon), abs(lat))
    if abs(far - hole) > 1e-9 and abs(far - 0.95) > 1e-9:
        assert outline.holds((lon, lat)) == (hole < far < 0.95 or hole > far > 0.95)
