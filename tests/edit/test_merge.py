"""Three versions of a record: what comes out, field by field, item by item, line by line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartreg.core.values import Data
from smartreg.diff import ABSENT, same
from smartreg.edit.merge import Choice, Merge, Settling, Versions, merge_data, merge_texts
from smartreg.gitio.merge_file import LineMerger
from smartreg.schema import bundled_files, read_schemas
from smartreg.yamlio import dump, parse_conflicts, read

KINDS = read_schemas(bundled_files()).kinds
EQUIPMENT = KINDS["equipment"]
MERGER = LineMerger(Path(), ("HEAD", "base", "other"))

words = st.sampled_from(["a", "b", "c", "active", "2024-03-11"])
points = st.fixed_dictionaries({"lon": st.integers(0, 3), "lat": st.integers(0, 3)})
measures = st.lists(
    st.fixed_dictionaries(
        {"property": st.sampled_from(["noise", "no2", "pm10", "temperature"])}, optional={"unit": words}
    ),
    max_size=4,
    unique_by=lambda item: item["property"],
)
events = st.lists(st.fixed_dictionaries({"date": words, "kind": words}), max_size=3)
records = st.fixed_dictionaries(
    {"id": st.just("x")},
    optional={
        "status": words,
        "notes": words | st.just("two\nlines\n"),
        "location": points | st.just({}),
        "use_cases": st.lists(words, max_size=3),
        "measures": measures,
        "events": events,
        "mobile": st.booleans() | st.none(),
    },
)


def sides(base: Data, ours: Data, theirs: Data) -> tuple[Data, Data]:
    """The merged record with our values and with theirs in conflicts; the same where there are none."""
    versions = Versions(base, ours, theirs)
    return merge_data(versions, EQUIPMENT, "ours"), merge_data(versions, EQUIPMENT, "theirs")


@given(records, records)
def test_what_one_side_left_alone_is_as_the_other_side_says(base: Data, changed: Data) -> None:
    for versions in ((base, base, changed), (base, changed, base), (base, changed, changed)):
        assert all(same(side, changed) for side in sides(*versions))


@given(records, records, records)
def test_both_ways_to_merge_give_the_same(base: Data, ours: Data, theirs: Data) -> None:
    forth, back = sides(base, ours, theirs), sides(base, theirs, ours)

    assert same(forth[0], back[1])
    assert same(forth[1], back[0])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    """Every plain value with the keys above it; indexes of lists do not count."""
    if isinstance(value, Mapping):
        return {leaf for key, item in value.items() for leaf in leaves(item, (*path, key))}
    if isinstance(value, list):
        return {leaf for item in value for leaf in leaves(item, (*path, "[]"))}
    return {(*path, repr(value))}


act_items = st.lists(
    st.fixed_dictionaries(
        {"signed_on": st.sampled_from(["2025-01-01", "2025-06-01"])},
        optional={
            "number": st.sampled_from(["1", "2"]),
            "sets": st.fixed_dictionaries({"removal_days": st.integers(1, 3)}),
        },
    ),
    max_size=3,
)


@given(act_items, act_items, act_items)
def test_acts_that_both_sides_record_are_all_kept(base: list[Data], ours: list[Data], theirs: list[Data]) -> None:
    """However alike they are; merging either way gives the same order, so nothing conflicts."""
    versions = Versions[Data](*({"id": "c", "amendments": [*base, *more]} for more in ([], ours, theirs)))
    merged = merge_data(versions, KINDS["convention"], "ours")["amendments"]

    assert merged == merge_data(versions, KINDS["convention"], "theirs")["amendments"]
    assert merged[: len(base)] == base
    assert all(item in merged for item in (*ours, *theirs))
    assert all(item in (*base, *ours, *theirs) for item in merged)


@given(records, records, records)
def test_no_value_is_invented_and_none_is_lost(base: Data, ours: Data, theirs: Data) -> None:
    mine, other = sides(base, ours, theirs)

    assert leaves(mine) | leaves(other) <= leaves(ours) | leaves(theirs)
    assert (leaves(ours) | leaves(theirs)) - leaves(base) <= leaves(mine) | leaves(other)
    for key in ours.keys() & theirs.keys():
        if same(ours[key], theirs[key]):
            assert same(mine[key], ours[key])
            assert same(other[key], ours[key])


@pytest.mark.parametrize("listed", ["amendments", "annexes"])
def test_one_side_corrects_an_act_while_both_record_another(listed: str) -> None:
    first, second, third = ({"id": f"a-{n}", "kind": "amendment", "signed_on": f"2025-0{n}-01"} for n in (1, 2, 3))
    corrected = {**first, "title": "T"}
    for base, ours, theirs, merged in (
        ([first], [corrected, second], [first, third], [corrected, second, third]),
        ([first], [corrected], [first, third], [corrected, third]),
        ([], [second], [third], [second, third]),
        ([], [second, third], [third], [second, third]),
        ([first], [first, second], [first, second], [first, second]),
        ([first, second], [first], [first, second, third], [first, third]),
    ):
        for one, other in ((ours, theirs), (theirs, ours)):
            versions = Versions[Data](
                *({"id": "c", listed: side} if side else {"id": "c"} for side in (base, one, other))
            )
            assert merge_data(versions, KINDS["convention"], "ours") == {"id": "c", listed: merged}


@settings(max_examples=13)
@given(records, records, records)
def test_texts_merge_as_their_data_do(base: Data, ours: Data, theirs: Data) -> None:
    found = merge_texts(Versions(*map(dump, (base, ours, theirs))), EQUIPMENT, MERGER)
    mine, other = sides(base, ours, theirs)

    said = [found.text] * 2 if found.clean else both(found)
    assert found.clean == same(mine, other)
    assert [read(text, "").data for text in said] == [mine, other]


def both(found: Merge) -> list[bytes]:
    conflict = parse_conflicts(found.text)
    assert conflict is not None
    return [conflict.ours, conflict.theirs]


def texts(*versions: str) -> Versions[bytes]:
    return Versions(*(textwrap.dedent(text).lstrip("\n").encode() for text in versions))


def text_with_remarks(data: Data, remarks: Mapping[str, str]) -> bytes:
    """The text of a record with a remark above some of its fields."""
    lines = ((f"# {remarks[key]}\n".encode() if key in remarks else b"", dump({key: data[key]})) for key in data)
    return b"".join(part for pair in lines for part in pair)


@settings(max_examples=13)
@given(records, records, records, st.dictionaries(st.sampled_from(["id", "status", "measures"]), words))
def test_remarks_of_both_sides_stay(base: Data, ours: Data, theirs: Data, old: dict[str, str]) -> None:
    mine = text_with_remarks(ours, old | {"id": "of ours", "measures": "of our measures"})
    other = text_with_remarks(theirs, old | {"id": "of theirs", "notes": "of their notes"})
    found = merge_texts(Versions(text_with_remarks(base, old), mine, other), EQUIPMENT, MERGER)

    for text in (mine, other):
        for line in text.splitlines():
            assert not line.startswith(b"# of") or line in found.text


BASE = """
    # yaml-language-server: $schema=../../schemas/equipment.schema.json
    id: istres-noise-003
    status: active  # since spring
    installed_on: "2024-03-11"
    measures:
      - property: noiseLevel
        unit: dB
    use_cases: [noise]
    """


def test_neighbouring_fields_merge_and_the_comments_of_both_stay() -> None:
    ours = BASE.replace("active  # since spring", "faulty  # since the storm")
    theirs = BASE.replace('"2024-03-11"', '"2024-03-12"  # as the report says').replace(
        "use_cases", "# two\n    use_cases"
    )
    found = merge_texts(texts(BASE, ours, theirs), EQUIPMENT, MERGER)

    expected = ours.replace('"2024-03-11"', '"2024-03-12"  # as the report says').replace(
        "use_cases", "# two\n    use_cases"
    )
    assert found == Merge(texts(expected, "", "").base, clean=True)


def test_both_put_the_fields_in_another_order_and_one_changes_a_value() -> None:
    versions = texts(
        "id: x\nstatus: a\nnotes: n\n",
        "# of the storm\nnotes: n\nstatus: a\nid: x\n",
        "notes: n\nid: x\nstatus: b\n",
    )
    found = merge_texts(versions, EQUIPMENT, MERGER)

    assert found == Merge(b"# of the storm\nnotes: n\nstatus: b\nid: x\n", clean=True)


def test_items_come_in_by_their_key_from_both_sides() -> None:
    ours = BASE.replace("unit: dB", "unit: dB\n      - property: no2").replace("[noise]", "[noise, air]")
    theirs = BASE.replace("unit: dB", "unit: dB[A]\n      - property: pm10  # new head").replace(
        "[noise]", "[heat, noise]"
    )
    found = merge_texts(texts(BASE, ours, theirs), EQUIPMENT, MERGER)

    assert found.clean
    data = read(found.text, "").data or {}
    assert data["measures"] == [{"property": "noiseLevel", "unit": "dB[A]"}, {"property": "no2"}, {"property": "pm10"}]
    assert data["use_cases"] == ["heat", "noise", "air"]
    assert b"# new head" in found.text


def test_only_the_field_that_conflicts_is_marked() -> None:
    ours = BASE.replace("active", "faulty")
    theirs = BASE.replace("active", "removed").replace('"2024-03-11"', '"2024-03-12"')
    found = merge_texts(texts(BASE, ours, theirs), EQUIPMENT, MERGER)

    assert found.fields == ("status",)
    assert found.text.decode() == textwrap.dedent("""\
        # yaml-language-server: $schema=../../schemas/equipment.schema.json
        id: istres-noise-003
        <<<<<<< HEAD
        status: faulty  # since spring
        =======
        status: removed  # since spring
        >>>>>>> other
        installed_on: "2024-03-12"
        measures:
          - property: noiseLevel
            unit: dB
        use_cases: [noise]
        """)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "fields"),
    [
        pytest.param("a: 1\nb: 2\n", "b: 2\n", "a: 3\nb: 2\n", ("a",), id="one takes away what the other changes"),
        pytest.param("a: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n", ("b",), id="both add the same field"),
        pytest.param(
            "location: {lon: 1, lat: 2}\n",
            "location: {lon: 3, lat: 2}\n",
            "location: {lon: 1, lat: 4}\n",
            ("location",),
            id="a point is one value",
        ),
        pytest.param(
            "l:\n  - {date: a, n: 1}\n",
            "l:\n  - {date: a, n: 1}\n  - {date: b, n: 2}\n",
            "l:\n  - {date: a, n: 1}\n  - {date: b, n: 3}\n",
            ("l[b].n",),
            id="both add the same item",
        ),
        pytest.param(
            "l:\n  - {date: a, n: 1}\n  - {date: b, n: 1}\n",
            "l:\n  - {date: a, n: 1}\n",
            "l:\n  - {date: a, n: 1}\n  - {date: b, n: 3}\n",
            ("l[b]",),
            id="one takes the item away that the other changes",
        ),
        pytest.param(
            "l:\n  - a\n", "l:\n  - a\n  - a\n", "l:\n  - b\n  - a\n", ("l",), id="lines that merge into another list"
        ),
        pytest.param("l: [1, 2]\n", "l: [1, 2, 3]\n", "l: [0, 1, 2]\n", ("l",), id="a list without keys is one value"),
        pytest.param(
            "l: [a, b, c]\n", "l: [b, a, c]\n", "l: [a, c, b]\n", ("l",), id="both put a list in another order"
        ),
    ],
)
def test_conflicts(base: str, ours: str, theirs: str, fields: tuple[str, ...]) -> None:
    found = merge_texts(texts(base, ours, theirs), EQUIPMENT, MERGER)

    assert not found.clean
    assert found.fields == fields
    assert [read(text, "").data for text in both(found)] == [read(text.encode(), "").data for text in (ours, theirs)]


def test_two_devices_under_one_id_are_not_made_one() -> None:
    ours, theirs = "id: x-001\nserial_number: A1\n", "id: x-001\nowner: istres\nserial_number: B2\n"
    found = merge_texts(texts("", ours, theirs), EQUIPMENT, MERGER)

    assert found.twice
    assert both(found) == [ours.encode(), theirs.encode()]
    assert found.fields == ("owner", "serial_number")


def test_the_same_record_made_twice_is_one() -> None:
    found = merge_texts(texts("", "id: x\nowner: a\n", "owner: a\nid: 'x'\n"), EQUIPMENT, MERGER)

    assert found == Merge(b"id: x\nowner: a\n", clean=True)


@pytest.mark.parametrize("broken", ["a: [\n", "- a\n", "a: 1\na: 2\n", "<<<<<<< x\n"])
def test_what_cannot_be_read_is_merged_line_by_line(broken: str) -> None:
    found = merge_texts(texts("a: 1\nb: 1\n", broken, "a: 1\nb: 2\n"), EQUIPMENT, MERGER)

    assert found[:2] == MERGER.merge(*texts("a: 1\nb: 1\n", broken, "a: 1\nb: 2\n"))


@pytest.mark.parametrize("broken", ["a: [\n", "- a\n", "<<<<<<< x\n"])
def test_so_is_what_has_an_ancestor_that_cannot_be_read(broken: str) -> None:
    versions = texts(broken, "a: 1\nb: 1\n", "a: 1\nb: 2\n")
    assert merge_texts(versions, EQUIPMENT, MERGER)[:2] == MERGER.merge(*versions)


def test_an_object_merges_key_by_key_also_where_both_sides_changed_it() -> None:
    found = merge_texts(texts("a: {x: 1, y: 1}\n", "a: {x: 2, y: 1}\n", "a: {x: 1, y: 2}\n"), EQUIPMENT, MERGER)

    assert found.clean
    assert read(found.text, "").data == {"a": {"x": 2, "y": 2}}


def test_other_keys_of_a_point_merge_if_nobody_moved_it() -> None:
    place = "location: {{lon: 1, lat: 2, a: {}, b: {}}}\n"
    found = merge_texts(texts(place.format(1, 1), place.format(2, 1), place.format(1, 2)), EQUIPMENT, MERGER)

    assert found.clean
    assert read(found.text, "").data == {"location": {"lon": 1, "lat": 2, "a": 2, "b": 2}}


def test_one_side_puts_a_list_in_another_order_and_the_other_adds_to_it() -> None:
    versions = texts("l: [a, b, c, x]\n", "l: [c, a, b]\n", "l: [a, b, c, d, x]\n")
    for one in (versions, Versions(versions.base, versions.theirs, versions.ours)):
        found = merge_texts(one, EQUIPMENT, MERGER)
        assert found.clean
        assert read(found.text, "").data == {"l": ["c", "d", "a", "b"]}


def test_conflicts_are_found_by_a_field_above_or_below_and_by_the_index_of_an_item() -> None:
    ours = "location: {lon: 3, lat: 2}\nl:\n  - {date: a, n: 2}\n"
    theirs = "location: {lon: 4, lat: 2}\nl:\n  - {date: a, n: 3}\n  - {date: b, n: 1}\n"
    settling = Settling.of(merge_texts(texts("", ours, theirs), EQUIPMENT, MERGER).text, EQUIPMENT)

    assert settling is not None
    found = {
        name: [str(change.path[-1]) for change in settling.conflicts_at(name)]
        for name in ("location", "location.lon", "location.lon.x", "l[a].n", "l[0].n", "l[0]", "l[1]", "l[2]", "loc")
    }
    assert found["location"] == found["location.lon"] == found["location.lon.x"] != []
    assert found["l[a].n"] == found["l[0].n"] == found["l[0]"] == ["n"]
    assert len(found["l[1]"]) == 1
    assert found["l[2]"] == found["loc"] == []


def test_both_changed_the_same_comment_otherwise() -> None:
    found = merge_texts(
        texts("a: 1  # old\nb: 1\n", "a: 1  # ours\nb: 1\n", "a: 1  # theirs\nb: 2\n"), EQUIPMENT, MERGER
    )

    assert not found.clean
    assert both(found) == [b"a: 1  # ours\nb: 2\n", b"a: 1  # theirs\nb: 2\n"]
    assert found.fields == ()


def test_an_ancestor_that_git_makes_up_has_no_markers() -> None:
    inner = LineMerger(Path(), ("ours", "base", "theirs"), marker=9)
    found = merge_texts(texts("a: 1\nb: 1\n", "a: 2\nb: 1\n", "a: 3\nb: 2\n"), EQUIPMENT, inner)

    assert found == Merge(b"a: 1\nb: 2\n", clean=True)


@settings(max_examples=13)
@given(records, records, records)
def test_git_and_we_agree_where_git_merges_what_both_sides_said(base: Data, ours: Data, theirs: Data) -> None:
    versions = Versions(*map(dump, (base, ours, theirs)))
    merged = MERGER.merge(*versions)
    said = read(merged.text, "").data
    found = merge_texts(versions, EQUIPMENT, MERGER)

    if merged.clean and found.clean and said == read(found.text, "").data:
        assert found.text == merged.text
    for key in ours.keys() | theirs.keys():  # a field that one side alone changed is as that side says
        one = {"base": base, "ours": ours, "theirs": theirs}
        alone = [side for side in ("ours", "theirs") if not same(one[side].get(key), base.get(key))]
        if found.clean and len(alone) == 1:
            assert same((read(found.text, "").data or {}).get(key), one[alone[0]].get(key))


@settings(max_examples=13)
@given(records, records, records, st.data())
def test_fields_settled_one_by_one_in_any_order_give_what_was_chosen(
    base: Data, ours: Data, theirs: Data, draw: st.DataObject
) -> None:
    found = merge_texts(Versions(*map(dump, (base, ours, theirs))), EQUIPMENT, MERGER)
    text = found.text
    chosen: dict[Any, Any] = {}
    while (settling := Settling.of(text, EQUIPMENT)) is not None:
        change = draw.draw(st.sampled_from(settling.fields))
        choice: Choice = draw.draw(st.sampled_from(["ours", "theirs"]))
        if len(change.path) == 1:
            chosen[change.path[0]] = change.before if choice == "ours" else change.after
        after = settling.settle([change], choice)
        assert change.path not in [left.path for left in after.fields]
        text = after.text(MERGER, choice)

    data = read(text, "").data or {}
    for key, value in chosen.items():
        assert (value is ABSENT and key not in data) or same(data.get(key), value)


def test_what_cannot_be_read_settles_nothing() -> None:
    """A side, or the common ancestor."""
    broken = Settling.of(b"<<<<<<< HEAD\nid: [\n=======\nid: x\nstatus: b\n>>>>>>> other\n", EQUIPMENT)
    assert broken is not None
    assert broken.fields == ()
    assert broken.merge_fields(b"id: x\n", MERGER) is broken
    sound = Settling.of(b"id: x\n<<<<<<< HEAD\nstatus: a\n=======\nstatus: b\n>>>>>>> other\n", EQUIPMENT)
    assert sound is not None
    assert sound.merge_fields(b"id: [\n", MERGER) is sound
