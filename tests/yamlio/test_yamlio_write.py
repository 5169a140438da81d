"""What is written: quotes where a reader would take a text for something else; the same values for all readers."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from smartreg.core.errors import UsageFault
from smartreg.core.escape import forbidden_character
from smartreg.core.values import KeyPath
from smartreg.yamlio import dump, read

RECORD = {
    "id": "istres-noise-003",
    "label": "Capteur de bruit, quai n° 2",
    "serial": "0080000000021111",
    "insee_code": "13047",
    "installed_on": "2024-01-31",
    "opens_at": "18:30",
    "country": "NO",
    "public": True,
    "maintenance": {"by": "regie", "every_months": 12, "until": None},
    "location": {"lon": 4.98765, "lat": 43.5},
    "measures": [{"quantity": "noise", "unit": "dB"}, {"quantity": "air", "codes": ["a", "no"]}],
    "grid": [[1, 2], [], {}],
    "tags": [],
    "on": "x",
    "notes": "Posé par la régie.\n\nVoir la convention.\n",
    "one": "# pas un commentaire",
    "two": "Ville: de #2",
    "tiny": 1e-7,
}

WRITTEN = """\
# Fiche
id: istres-noise-003
label: Capteur de bruit, quai n° 2
serial: "0080000000021111"
insee_code: "13047"
installed_on: "2024-01-31"
opens_at: "18:30"
country: "NO"
public: true
maintenance:
  by: "regie"
  every_months: 12
  until: null
location:
  lon: 4.98765
  lat: 43.5
measures:
  - quantity: noise
    unit: dB
  - quantity: air
    codes:
      - a
      - "no"
grid:
  - - 1
    - 2
  - []
  - {}
tags: []
"on": x
notes: |
  Posé par la régie.

  Voir la convention.
one: "# pas un commentaire"
two: "Ville: de #2"
tiny: 1.0e-7
"""


def test_a_record_as_it_is_written() -> None:
    assert dump(RECORD, quoted={("maintenance", "by")}, header="Fiche").decode() == WRITTEN


def test_identifiers_are_reported_by_path() -> None:
    def is_quoted(path: KeyPath) -> bool:
        return path[-1] == "id"

    assert dump({"id": "x", "a": [{"id": "y"}]}, quoted=is_quoted) == b'id: "x"\na:\n  - id: "y"\n'


def test_headers_keep_their_own_signs() -> None:
    assert dump({"a": 1}, header="# $schema=x\nsuite").startswith(b"# $schema=x\n# suite\na: 1")


@pytest.mark.parametrize(
    "data",
    [
        {"a": "\x07"},
        {"a": ["x\u202ey"]},
        {"a": float("nan")},
        {"a": float("-inf")},
        {"a": 10**18},
        {"k" * 501: 1},
        {"\x00": 1},
    ],
)
def test_what_a_record_cannot_hold_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(UsageFault):
        dump(data)


TEXTS = st.text(max_size=20).filter(lambda text: forbidden_character(text) is None)
# fmt: off
TRAPS = st.sampled_from([
    "", " ", "~", "y", "N", "On", "null", "1e3", "1_0", "0b1", "0o7", ".inf", "1:20", "2024-01-01", "=", "<<", "- a",
    "? a", "a:", "a #b", "a: b", "---", "--- a", "%a", "@a", "`a", "|", ">-", "!x", "&x", "*x", "{a", "[a", "a,b", "\\",
    '"', "'", "a\n", "\na", "a\n\n", " a\n b", "a\tb\nc", "a\n#b\nc", "a\n=======\nb", "<<<<<<<", "a\n<<<<<<< b\nc",
    "x\u2028y", "\u00a0a", "a\u3000\nb", "🏛️",
])
# fmt: on
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | TRAPS
)
KEYS = TEXTS | TRAPS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=6)


@pytest.mark.promise("R7")
@given(RECORDS, st.booleans())
def test_what_is_written_is_read_again(data: dict[str, Any], all_quoted: bool) -> None:
    document = read(dump(data, quoted=lambda _: all_quoted, header="x"), "f")
    assert document.faults == ()
    assert document.data == data
    assert repr(document.data) == repr(data)


@pytest.mark.promise("R7")
@given(RECORDS)
def test_readers_of_yaml_1_1_and_1_2_see_the_same(data: dict[str, Any]) -> None:
    text = dump(data).decode()
    assert repr(yaml.load(text, yaml.CSafeLoader)) == repr(data)
    assert repr(yaml.load(text, yaml.SafeLoader)) == repr(data)
    assert repr(YAML(typ="safe", pure=True).load(text)) == repr(data)
