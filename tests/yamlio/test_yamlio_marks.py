"""Places: each key path points at its key and its value, in lines and columns of the text as editors count them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartreg.core.values import Mark, value_at
from smartreg.yamlio import dump, marks, read

TEXT = """\
# entête 🏛️
id: x
nom: "é 🏛️" # fin
vide:
point: {lon: 4.5, lat: 43}
mesures:
  - unité: dB
    code: |
      un
      deux

  # note
  -
    - a
"b c": [x, "y"]
"""

PLACES = [
    ((), None, (2, 1), (15, 16)),
    (("id",), (2, 1), (2, 5), (2, 6)),
    (("nom",), (3, 1), (3, 6), (3, 12)),
    (("vide",), (4, 1), (4, 6), (4, 6)),
    (("point",), (5, 1), (5, 8), (5, 27)),
    (("point", "lat"), (5, 19), (5, 24), (5, 26)),
    (("mesures",), (6, 1), (7, 3), (14, 8)),
    (("mesures", 0), None, (7, 5), (10, 11)),
    (("mesures", 0, "code"), (8, 5), (8, 11), (10, 11)),
    (("mesures", 1), None, (14, 5), (14, 8)),
    (("mesures", 1, 0), None, (14, 7), (14, 8)),
    (("b c",), (15, 1), (15, 8), (15, 16)),
    (("b c", 1), None, (15, 12), (15, 15)),
]


@pytest.mark.parametrize("text", [TEXT, "\ufeff" + TEXT, TEXT.replace("\n", "\r\n")], ids=["lf", "bom", "crlf"])
@pytest.mark.parametrize(("path", "key", "value", "end"), PLACES)
def test_places(text: str, path: Any, key: Any, value: Any, end: Any) -> None:
    assert marks(text.encode())[path] == (Mark(*key) if key else None, Mark(*value), Mark(*end))


def test_every_path_has_a_place() -> None:
    data = read(TEXT.encode(), "f").data
    assert [path for path in marks(TEXT.encode()) if path and value_at(data, path) is None] == [("vide",)]


@pytest.mark.parametrize("text", [b"", b"a: [", b"- a", b"a: \xff", b"a: *x", b"[a]: b", b"texte"])
def test_an_unreadable_text_has_no_place_that_misleads(text: bytes) -> None:
    assert all(len(path) <= 1 for path in marks(text))


WORDS = st.sampled_from(["x", "é 🏛", "a: b", "l'eau", '"oui"', "13047", "", "no", "x\u2028y", "\\"])
SCALARS = st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-9, 9) | WORDS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=10
)


@given(st.dictionaries(WORDS, VALUES, max_size=4))
def test_the_text_at_a_place_is_the_value(data: dict[str, Any]) -> None:
    text = dump(data)
    lines = text.decode().split("\n")
    for path, place in marks(text).items():
        if place.value.line == place.end.line and path:
            shown = lines[place.value.line - 1][place.value.column - 1 : place.end.column - 1]
            assert (
                read(f"v: {shown}".encode(), "f").data == {"v": value_of(data, path)} or "- " in shown or ": " in shown
            )
        if place.key is not None:
            key = lines[place.key.line - 1][place.key.column - 1 :]
            head = read(f"{key[: key.index(':', len(str(path[-1])))]}: 0".encode(), "f").data
            assert head == {path[-1]: 0}


def value_of(data: Any, path: Any) -> Any:
    for step in path:
        data = data[step]
    return data
