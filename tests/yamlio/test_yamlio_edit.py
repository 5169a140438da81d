"""Edits as people see them: the text before, what is asked for, the text after."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import KeyPath
from smartreg.yamlio import Change, SetValue, Unset, apply_change, edit


def order(path: KeyPath) -> Sequence[str]:
    return ("id", "name", "unit", "status", "tags") if not path or isinstance(path[-1], int) else ("lon", "lat")


def edit_text(before: str, *changes: Change) -> str:
    return edit(before.encode(), changes, order=order, quoted={("id",)}).decode()


CASES: list[tuple[str, Change, str]] = [
    # A value takes the place of a value, in its quotes.
    ("name: a  # vu\nx: 1\n", SetValue(("name",), "b"), "name: b  # vu\nx: 1\n"),
    ("name: a\n", SetValue(("name",), "no"), 'name: "no"\n'),
    ("name: a\n", SetValue(("name",), "2024-01-31"), 'name: "2024-01-31"\n'),
    ("name: 'a'\n", SetValue(("name",), "l'eau"), "name: 'l''eau'\n"),
    ("name: 'a'\n", SetValue(("name",), "a\tb"), 'name: "a\\tb"\n'),
    ('name: "a"\n', SetValue(("name",), "b"), 'name: "b"\n'),
    ("id: a\n", SetValue(("id",), "b"), 'id: "b"\n'),
    ("x: 0x1F\ny: 48.856614000000001\n", SetValue(("x",), 32), "x: 32\ny: 48.856614000000001\n"),
    ("x: true\n", SetValue(("x",), None), "x: null\n"),
    ("x:   # vide\ny: 1\n", SetValue(("x",), 1), "x: 1   # vide\ny: 1\n"),
    ("x: [a,b ,  c]  # c\n", SetValue(("x", 1), "d, e"), 'x: [a,"d, e" ,  c]  # c\n'),
    ("x: {a: ~, b, c: }\n", SetValue(("x", "b"), 1), "x: {a: ~, b: 1, c: }\n"),
    ("x: {a: ~, b, c: }\n", SetValue(("x", "c"), 1), "x: {a: ~, b, c: 1}\n"),
    ('x: "un\n  deux"  # c\n', SetValue(("x",), "trois"), 'x: "trois"  # c\n'),
    ("- \n".replace("- ", "x:\n  -"), SetValue(("x", 0), "a"), "x:\n  - a\n"),
    # Texts of several lines.
    ("x: a  # c\ny: 1\n", SetValue(("x",), "un\ndeux\n"), "x: |  # c\n  un\n  deux\ny: 1\n"),
    ("x: |  # c\n    un\n    deux\n\ny: 1\n", SetValue(("x",), "a\nb"), "x: |-  # c\n    a\n    b\n\ny: 1\n"),
    ("x: >-  # c\n  un\n\ny: 1\n", SetValue(("x",), " a"), 'x: " a"  # c\n\ny: 1\n'),
    ("x: |+\n  un\n\n\n", SetValue(("z",), 1), "x: |+\n  un\n\n\nz: 1\n"),
    # New keys, where their order wants them.
    ("id: a\nstatus: b\nz: 1\n", SetValue(("name",), "q"), "id: a\nname: q\nstatus: b\nz: 1\n"),
    ("# tête\nname: a\n", SetValue(("id",), "n"), '# tête\nid: "n"\nname: a\n'),
    ("id: a  # c\n\n# fin\n", SetValue(("zz",), 1), "id: a  # c\nzz: 1\n\n# fin\n"),
    ("id: a", SetValue(("name",), "q"), "id: a\nname: q"),
    ("---\nid: a\n...\n", SetValue(("name",), "q"), "---\nid: a\nname: q\n...\n"),
    ("id: a\nz: 1\n", SetValue(("p", "lon"), 4.5), "id: a\nz: 1\np:\n  lon: 4.5\n"),
    ("id: a\np:\n    lat: 1\n", SetValue(("p", "lon"), 4.5), "id: a\np:\n    lon: 4.5\n    lat: 1\n"),
    ("p: {}  # c\nz: 1\n", SetValue(("p", "lon"), 4.5), "p:  # c\n  lon: 4.5\nz: 1\n"),
    ("p: {lat: 1}\n", SetValue(("p", "lon"), 4.5), "p: {lon: 4.5, lat: 1}\n"),
    ('{"id": "a"}\n', SetValue(("p", "lon"), 4.5), '{"id": "a", "p": {"lon": 4.5}}\n'),
    ('{\n  "id": "a"\n}\n', SetValue(("tags", 0), "x"), '{\n  "id": "a",\n  "tags": ["x"]\n}\n'),
    ("m:\n  - name: n\n    x: 1\n", SetValue(("m", 0, "id"), "i"), "m:\n  - id: i\n    name: n\n    x: 1\n"),
    # Items.
    ("tags:\n- a\n- b\nz: 1\n", SetValue(("tags", 2), "c"), "tags:\n- a\n- b\n- c\nz: 1\n"),
    ("tags:\n    - a  # c\n", SetValue(("tags", 1), {"k": [1]}), "tags:\n    - a  # c\n    - k:\n        - 1\n"),
    ("tags: []  # c\n", SetValue(("tags", 0), "a"), "tags:  # c\n  - a\n"),
    ("tags: [ a,b ]\n", SetValue(("tags", 2), "c"), "tags: [ a,b, c ]\n"),
    ("tags: [ a,b ]\n", SetValue(("tags",), ["a", "x", "b"]), "tags: [ a,x, b ]\n"),
    ("tags:\n  - a\n  # b\n  - b\n", SetValue(("tags",), ["x", "a", "b"]), "tags:\n  - x\n  - a\n  # b\n  - b\n"),
    ("tags:\n  - a\n  # b\n  - b\n", SetValue(("tags",), ["b"]), "tags:\n  # b\n  - b\n"),
    ("m:\n  - - 1\n    - 2\n", Unset(("m", 0, 0)), "m:\n  - - 2\n"),
    ("m:\n  - name: n\n    unit: u\n  - name: o\n", Unset(("m", 0, "name")), "m:\n  - unit: u\n  - name: o\n"),
    ("m:\n  -\n    name: n\n  - name: o\n", Unset(("m", 0)), "m:\n  - name: o\n"),
    # Away, with what is empty without it; comments of the neighbours stay.
    ("a: 1\n# b\nb: 2  # c\n# d\nd: 3\n", Unset(("b",)), "a: 1\n# b\n# d\nd: 3\n"),
    ("a:\n  b:\n    c: 1\nd: 1\n", Unset(("a", "b", "c")), "d: 1\n"),
    ("a:\n  - x\nd: 1\n", Unset(("a", 0)), "d: 1\n"),
    ("a: |\n  x\n  y\nd: 1", Unset(("a",)), "d: 1"),
    ("d: 1\na: |\n  x\n  y", Unset(("a",)), "d: 1\n"),
    ("a: {x: 1,  y: 2, z: 3}\n", Unset(("a", "y")), "a: {x: 1,  z: 3}\n"),
    ("a: {x: 1,  y: 2}\n", Unset(("a", "y")), "a: {x: 1}\n"),
    ("a: 1\n", Unset(("b", 0, "c")), "a: 1\n"),
    ("# utile\na: x\n", Unset(("a",)), "# utile\n{}\n"),
    # Another shape.
    ("a: x  # c\nd: 1\n", SetValue(("a",), {"b": [1]}), "a:  # c\n  b:\n    - 1\nd: 1\n"),
    ("a:  # c\n  - x\n  - y\nd: 1\n", SetValue(("a",), "z"), "a: z  # c\nd: 1\n"),
    ("a:\n  - x\nd: 1\n", SetValue(("a",), []), "a: []\nd: 1\n"),
    ("a:\n  - x\n", SetValue(("a", 0), {"b": 1, "c": 2}), "a:\n  - b: 1\n    c: 2\n"),
    # Line ends and forms that nobody writes.
    ("a: 1\r\nb: x\r\n", SetValue(("b",), "u\nv\n"), "a: 1\r\nb: |\r\n  u\r\n  v\r\n"),
    ("\ufeffa: 1\r\n", SetValue(("b",), 2), "\ufeffa: 1\r\nb: 2\r\n"),
    ("? a\n: 1\nb: 2\n", SetValue(("a",), 3), "? a\n: 3\nb: 2\n"),
    ("? a\n: 1\nb: 2  # c\n", Unset(("a",)), "b: 2  # c\n"),
]


@pytest.mark.parametrize(("before", "change", "after"), CASES)
def test_an_edit(before: str, change: Change, after: str) -> None:
    assert edit_text(before, change) == after


def test_changes_come_one_after_the_other() -> None:
    changes: list[Change] = [
        SetValue(("tags", 0), "a"),
        SetValue(("tags", 1), "b"),
        Unset(("tags", 0)),
        SetValue(("name",), "q"),
    ]
    assert edit_text("id: x\n", *changes) == "id: x\nname: q\ntags:\n  - b\n"


def test_an_identifier_in_a_new_item_is_written_in_quotes() -> None:
    """At the end of a list, and before the last of its items."""
    quoted = {("tags", 0, "id"), ("tags", 1, "id")}
    end = edit(b"tags:\n  - id: a\n", [SetValue(("tags", 1), {"id": "b"})], quoted=quoted)
    front = edit(b"tags:\n  - id: c\n", [SetValue(("tags",), [{"id": "b"}, {"id": "c"}])], quoted=quoted)

    assert end.decode() == 'tags:\n  - id: a\n  - id: "b"\n'
    assert front.decode() == 'tags:\n  - id: "b"\n  - id: c\n'


def test_no_change_is_no_byte() -> None:
    text = "a:   0x10\nb: 'é'   \n\n\n"
    assert edit_text(text, SetValue(("a",), 16), SetValue(("b",), "é"), Unset(("c",))) == text


@pytest.mark.parametrize(
    "change", [SetValue(("a", "b"), 1), SetValue(("a", 0), 1), SetValue(("t", 3), 1), SetValue((), 1)]
)
def test_an_impossible_path_is_refused(change: Change) -> None:
    with pytest.raises(UsageFault):
        edit_text("a: x\nt:\n  - 1\n", change)


def test_a_forbidden_character_is_refused() -> None:
    with pytest.raises(UsageFault):
        edit_text("a: x\n", SetValue(("a",), "x\x1b[2J"))


@pytest.mark.parametrize("text", ["a: &x 1\n", "a: 1\na: 2\n", "a: [", "- a\n"])
def test_an_unreadable_record_is_refused(text: str) -> None:
    with pytest.raises(StateFault):
        edit_text(text, SetValue(("a",), 2))


def test_the_data_given_stay_as_they_are() -> None:
    data = {"a": {"b": [1, 2]}}
    assert apply_change(data, SetValue(("a", "b", 1), 3)) == {"a": {"b": [1, 3]}}
    assert apply_change(data, Unset(("a", "b", 0))) == {"a": {"b": [2]}}
    assert data == {"a": {"b": [1, 2]}}
