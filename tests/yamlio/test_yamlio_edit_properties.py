"""Any edit of any record: the data that was asked for, every other line as it was, or a refusal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from smartreg.core.errors import SmartregError
from smartreg.core.values import KeyPath
from smartreg.yamlio import Change, SetValue, Unset, apply_change, dump, edit, marks, read

KEYS = st.sampled_from(["id", "name", "type", "no", "lat", "unit", "13", "a b", "notes", "é"])
TEXTS = st.sampled_from(
    [
        "",
        "x",
        "no",
        "13047",
        "2024-01-31",
        "a: b",
        "l'eau",
        'dit "oui"',
        "# x",
        "a, b",
        "- a",
        "un\ndeux",
        "un\n\ndeux\n",
        "é 🏛",
        "[x]",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-99, 99) | TEXTS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
RECORDS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=5)


def paths_of(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    """Every path of the data, and for each mapping and list one that is not there yet."""
    if isinstance(value, dict):
        below = [step for key, item in value.items() for step in [(*path, key), *paths_of(item, (*path, key))]]
        return [*below, (*path, "new"), (*path, "on")]
    if isinstance(value, list):
        below = [step for index, item in enumerate(value) for step in [(*path, index), *paths_of(item, (*path, index))]]
        return [*below, (*path, len(value))]
    return []


@st.composite
def add_comments(draw: st.DrawFn, text: bytes) -> bytes:
    """The text with comments and blank lines between its entries and comments after its one-line values."""
    places = marks(text)
    firsts = {place.key.line for path, place in places.items() if place.key is not None}
    whole = {place.value.line for place in places.values() if place.value.line == place.end.line}
    lines = text.decode().split("\n")
    written: list[str] = []
    for number, line in enumerate(lines, 1):
        if number in firsts and not line.lstrip().startswith("-"):
            written += draw(st.sampled_from([[], [], [], [f"# avant {number}"], [f"  # avant {number}", ""], [""]]))
        trailing = draw(st.sampled_from(["", "", "", f"  # près {number}"]))
        written.append(
            line + trailing if number in whole and number in firsts and not line.endswith(("|", "|-", ">")) else line
        )
    return draw(st.sampled_from(["\n", "\n", "\r\n"])).join(written).encode()


@st.composite
def edits(draw: st.DrawFn) -> tuple[bytes, Change]:
    data = draw(RECORDS)
    text = draw(add_comments(dump(data, quoted={("id",)})))
    path = draw(st.sampled_from(paths_of(data)))
    return text, draw(st.just(Unset(path)) | st.builds(SetValue, st.just(path), VALUES))


FIRST_TWO_GO = (b"id: a\nname:\n  - id: null\n    name: null\n    type: null\n", SetValue(("name", 0), {"type": None}))


@pytest.mark.promise("R6")
@example(FIRST_TWO_GO)
@given(edits())
def test_an_edit_gives_the_data_asked_for(case: tuple[bytes, Change]) -> None:
    text, change = case
    before = read(text, "f")
    assert before.data is not None, before.faults
    assume(isinstance(change, SetValue) or apply_change(before.data, change))
    after = edit(text, [change])
    assert read(after, "f").data == apply_change(before.data, change)
    assert (b"\r\n" in after) == (b"\r\n" in text)
    comments = (
        text.count(b"# avant") if isinstance(change, SetValue) and not isinstance(change.value, dict | list) else 0
    )
    assert after.count(b"# avant") >= comments - inner_comments(text, change.path)


def inner_comments(text: bytes, path: KeyPath) -> int:
    place = marks(text).get(path)
    if place is None:
        return 0
    return sum(
        "# avant" in line for line in text.decode().splitlines()[(place.key or place.value).line - 1 : place.end.line]
    )


@pytest.mark.promise("R6")
@given(edits())
def test_setting_what_is_there_changes_no_byte(case: tuple[bytes, Change]) -> None:
    text, _ = case
    data = read(text, "f").data
    assert data is not None
    assert edit(text, [SetValue((key,), value) for key, value in data.items()]) == text


@given(st.binary(max_size=300))
def test_an_edit_of_any_bytes_gives_a_record_or_a_refusal(text: bytes) -> None:
    try:
        after = edit(text, [SetValue(("id",), "x")])
    except SmartregError:
        return
    data = read(after, "f").data
    assert data is not None
    assert data["id"] == "x"


def test_an_unreadable_record_is_refused() -> None:
    with pytest.raises(SmartregError):
        edit(b"a: &x 1\n", [SetValue(("a",), 2)])
