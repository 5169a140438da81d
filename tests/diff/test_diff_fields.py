"""Field by field: the changes from a to b, applied to a, give b; and are shown as people would describe them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartreg.diff import ABSENT, FieldChange, apply_changes, compare, place_text, same
from smartreg.registry import distance_m
from smartreg.schema import Kind, bundled_files, read_schemas

KINDS = read_schemas(bundled_files()).kinds
EQUIPMENT = KINDS["equipment"]

words = st.sampled_from(["a", "b", "c", "a b", "", "noiseLevel", "2024-03-11", "repair"])
scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-200, 200) | words
items = st.dictionaries(st.sampled_from(["date", "kind", "property", "unit", "lon", "lat", "id"]), scalars, max_size=4)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner | items, max_size=4)
        | st.dictionaries(st.sampled_from(["lon", "lat", "x", "property"]), inner, max_size=3)
    ),
    max_leaves=8,
)
records = st.dictionaries(
    st.sampled_from(["id", "status", "measures", "events", "location", "use_cases", "extra"]), values, max_size=5
)


@given(records, records, st.sampled_from([None, EQUIPMENT, KINDS["convention"]]))
def test_changes_applied_give_the_other_side(before: dict[str, Any], after: dict[str, Any], kind: Kind | None) -> None:
    changes = compare(before, after, kind)

    assert same(apply_changes(before, changes), after)
    assert same(apply_changes(after, compare(after, before, kind)), before)
    assert (not changes) == same(before, after)


def field_changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(place_text(item.path), item.before, item.after) for item in compare(before, after, EQUIPMENT)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"status": "active"}, {"status": "faulty"}, [("status", "active", "faulty")], id="value"),
        pytest.param({"mobile": True}, {"mobile": 1}, [("mobile", True, 1)], id="true is not one"),
        pytest.param({"height_m": 4}, {"height_m": 4.0}, [], id="4 is 4.0"),
        pytest.param({"notes": None}, {}, [("notes", None, ABSENT)], id="null is not nothing"),
        pytest.param(
            {"status": "active", "type": "sensor"},
            {"type": "meter", "status": "faulty"},
            [("type", "sensor", "meter"), ("status", "active", "faulty")],
            id="in the order of the schema",
        ),
        pytest.param(
            {"measures": [{"property": "noiseLevel", "unit": "dB"}, {"property": "co2", "unit": "[ppm]"}]},
            {"measures": [{"property": "noiseLevel", "unit": "dB[SPL]"}, {"property": "no2", "unit": "ug/m3"}]},
            [
                ("measures[co2]", {"property": "co2", "unit": "[ppm]"}, ABSENT),
                ("measures[noiseLevel].unit", "dB", "dB[SPL]"),
                ("measures[no2]", ABSENT, {"property": "no2", "unit": "ug/m3"}),
            ],
            id="items by their key",
        ),
        pytest.param(
            {"events": [{"date": "2024-03-11", "kind": "installation"}]},
            {"events": [{"date": "2024-03-11", "kind": "installation"}, {"date": "2024-03-11", "kind": "repair"}]},
            [("events[2024-03-11 repair]", ABSENT, {"date": "2024-03-11", "kind": "repair"})],
            id="one field is no key, two are",
        ),
        pytest.param(
            {"events": [{"date": "2024-03-11", "kind": "repair"}, {"date": "2024-03-11", "kind": "repair"}]},
            {
                "events": [
                    {"date": "2024-03-11", "kind": "repair"},
                    {"date": "2024-03-11", "kind": "repair", "note": "x"},
                ]
            },
            [("events[1].note", ABSENT, "x")],
            id="no key: by index",
        ),
        pytest.param(
            {"use_cases": ["a", "b"]}, {"use_cases": ["b", "c"]}, [("use_cases", ["a", "b"], ["b", "c"])], id="scalars"
        ),
    ],
)
def test_what_is_reported(before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]) -> None:
    assert field_changes(before, after) == expected


def test_a_move_is_one_change_in_metres() -> None:
    before = {"location": {"lon": 4.98747, "lat": 43.51345, "accuracy_class": "A"}}
    after = {"location": {"lon": 4.98741, "lat": 43.51356, "accuracy_class": "B"}}

    (change,) = compare(before, after, EQUIPMENT)

    assert change.path == ("location",)
    assert change.note is not None
    assert (change.note.in_("en"), change.note.in_("fr")) == ("moved 13 m", "déplacé de 13 m")


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ({"lon": 5, "lat": 43.00001}, "moved 1.1 m"),
        ({"lon": 5, "lat": 44}, "moved 111.2 km"),
        ({"lon": 5, "lat": 43.0000000001}, "moved 0.0 m"),
    ],
)
def test_how_far(end: dict[str, float], expected: str) -> None:
    (change,) = compare({"location": {"lon": 5, "lat": 43}}, {"location": end}, EQUIPMENT)

    assert change.note is not None
    assert change.note.in_("en") == expected


def test_no_distance_to_what_is_no_place() -> None:
    changes = compare({"location": {"lon": 892390, "lat": 6247035}}, {"location": {"lon": 5, "lat": 43}}, EQUIPMENT)

    assert [(place_text(item.path), item.note) for item in changes] == [("location.lon", None), ("location.lat", None)]


def test_distance_from_pole_to_pole() -> None:
    assert distance_m((0, 90), (0, -90)) == pytest.approx(20_015_115, rel=1e-6)


def test_a_key_of_an_item_is_known_to_machines() -> None:
    (change,) = compare(
        {"events": [{"date": "d", "kind": "k"}]}, {"events": [{"date": "d", "kind": "k", "note": "x"}]}, EQUIPMENT
    )

    assert change == FieldChange(("events", "d", "note"), ABSENT, "x")
    assert change.path[1].key == {"date": "d"}  # type: ignore[union-attr]
