"""The strict profile: what is read, as what; what is refused, by which code, at which line and column."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from smartreg.yamlio import MAX_BYTES, read, repair, unequivocal

READ: list[tuple[str, Any]] = [
    ("a: true", True),
    ("a: True", True),
    ("a: FALSE", False),
    ("a: tRUE", "tRUE"),
    ("a: null", None),
    ("a: ~", None),
    ("a:", None),
    ("a: no", "no"),
    ("a: On", "On"),
    ("a: y", "y"),
    ("a: 12", 12),
    ("a: +12", 12),
    ("a: -0", 0),
    ("a: -0.0", -0.0),
    ("a: 12.50", 12.5),
    ("a: .5", 0.5),
    ("a: 5.", 5.0),
    ("a: 1e3", 1000.0),
    ("a: 1.5e-7", 1.5e-7),
    ("a: 1.5e+100", 1.5e100),
    ("a: 0x1F", 31),
    ("a: 0o17", 15),
    ("a: 123456789012345678", 123456789012345678),
    ("a: 48.856614000000001", 48.856614),
    ("a: 0b101", "0b101"),
    ("a: 2A004", "2A004"),
    ("a: 12:30:45", "12:30:45"),
    ("a: 2024-01-31", "2024-01-31"),
    ("a: 2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
    ("a: 1.2.3", "1.2.3"),
    ("a: +", "+"),
    ("a: .", "."),
    ('a: "01001"', "01001"),
    ("a: '1_000'", "1_000"),
    ('a: "\\u00e9\\x41 \\t"', "éA \t"),
    ('a: "x\u2028y"', "x\u2028y"),
    ('a: "Mairie 🏛️ n°1"', "Mairie 🏛️ n°1"),
    ("a: Eau & gaz ! 100 % *", "Eau & gaz ! 100 % *"),
    ("a:\tx", "x"),
    ("a: |\n  un\n  \tdeux\n", "un\n\tdeux\n"),
    ("a: >-\n  un\n  deux\n", "un deux"),
    ("a: [1, x, [], {}]", [1, "x", [], {}]),
    ("a:\n- x\n- - y\n", ["x", ["y"]]),
    ("a: {on: push, y: 1, n: 2}", {"on": "push", "y": 1, "n": 2}),
    ('{"a": {"b": "c"}}', {"b": "c"}),
    ("---\na: x\n...\n", "x"),
    ("# en-tête\na: x # fin", "x"),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_it_reads(text: str, value: Any) -> None:
    document = read(text.encode(), "f")
    assert {fault.code for fault in document.faults} <= {"YML013"}  # which others read otherwise
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)
    assert repr(document.data["a"]) == repr(value)


REFUSED: list[tuple[str, str, int, int]] = [
    ('a: "x', "YML001", 1, 4),
    ("a: b: c", "YML001", 1, 5),
    ("a: `x`", "YML001", 1, 4),
    ("a: 1\n  b: 2", "YML001", 2, 4),
    ("a: 1\nb\nc: 2", "YML001", 2, 1),
    ("a: [1,, 2]", "YML001", 1, 7),
    ("a: [1, 2", "YML001", 1, 4),
    ('a: "\\q"', "YML001", 1, 5),
    ('a: "\\ud800"', "YML001", 1, 7),
    ('a: "b" c', "YML001", 1, 8),
    ("a: 1\n: x", "YML001", 2, 1),
    ("? [a, b]\n: x", "YML001", 1, 3),
    ("a:\n\tb: 1", "YML001", 2, 1),
    ("a: {b: 1,\n\tc: 2}", "YML001", 2, 1),
    ("a: 1\n- b", "YML001", 2, 1),
    ("a: |x", "YML001", 1, 5),
    ("a: 1\n...\nb", "YML001", 3, 1),
    ("a: 1\nb: 2\na: 3", "YML002", 3, 1),
    ('b: {x: 1, "x": 2}', "YML002", 1, 11),
    ('a: 1\n"\\x61": 3', "YML002", 2, 1),
    ("a: &x 1", "YML003", 1, 4),
    ("a: &x [1]", "YML003", 1, 4),
    ("a: *x", "YML003", 1, 4),
    ("a: [*, 2]", "YML003", 1, 5),
    ("<<: {b: 1}", "YML003", 1, 1),
    ("a: !!str 1", "YML003", 1, 4),
    ("a: ! 1", "YML003", 1, 4),
    ("a: !point {b: 1}", "YML003", 1, 4),
    ("%YAML 1.1\n---\na: 1", "YML003", 1, 1),
    ("a: 1\n---\nb: 1", "YML003", 2, 1),
    ("", "YML004", 1, 1),
    ("# rien\n", "YML004", 1, 1),
    ("- a\n", "YML004", 1, 1),
    ("texte", "YML004", 1, 1),
    ("a: 1\rb: 2\r", "YML005", 1, 5),
    ("a: \x07", "YML006", 1, 4),
    ("a: x\n\x1a", "YML006", 2, 1),
    ('a: "é\u202ey"', "YML006", 1, 6),
    ('a: "\u2066y"', "YML006", 1, 5),
    ("a: x\u0085y", "YML006", 1, 5),
    ("a: x\u2028y", "YML006", 1, 5),
    ('a: "x \u2028y"', "YML006", 1, 7),
    ("# x\u2028b: 1\na: 1", "YML006", 1, 4),
    ('a: "x\ufeffy"', "YML006", 1, 6),
    ('a: "\uffff"', "YML006", 1, 5),
    ('a: "\U0001fffe"', "YML006", 1, 5),
    ('a: "\\0"', "YML006", 1, 4),
    ('a: "\\e[2J"', "YML006", 1, 4),
    ('a: "\\u202e"', "YML006", 1, 4),
    ('"\\a": 1', "YML006", 1, 1),
    ("a: " + "[" * 40 + "]" * 40, "YML007", 1, 35),
    ("".join(f"{' ' * n}k:\n" for n in range(300)), "YML007", 33, 33),
    ("a: [" + "1," * 20_001 + "]", "YML007", 1, 39999),
    ("a: 01001", "YML008", 1, 4),
    ("a: 0.5\nb: 00.5", "YML008", 2, 4),
    ("a: 1_000", "YML008", 1, 4),
    ("a: 2024_01", "YML008", 1, 4),
    ("a: 2E004", "YML008", 1, 4),
    ("a: 70E4123456781234", "YML008", 1, 4),
    ("a: 1e400", "YML008", 1, 4),
    ("a: 1.0e-400", "YML008", 1, 4),
    ("a: 1234567890123456789", "YML008", 1, 4),
    ("a: 1234567890123456.78", "YML008", 1, 4),
    ("a: 0x" + "f" * 20, "YML008", 1, 4),
    ("a: " + "9" * 10_000, "YML008", 1, 4),
    ("a: .inf", "YML008", 1, 4),
    ("a: [-.INF]", "YML008", 1, 5),
    ("a: .nan", "YML008", 1, 4),
    ("1: x", "YML008", 1, 1),
    ("a: {null: 1}", "YML008", 1, 5),
    ("True: 1", "YML008", 1, 1),
    ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "YML009", 2, 1),
    ("a: |\n  x\n  <<<<<<< HEAD\n", "YML009", 3, 3),
]


def test_it_refuses_what_never_ends() -> None:
    """The place is that of our limit, or of that of newer versions of libyaml."""
    document = read(b"a: " + b"[" * 50_000, "registry/x.yaml")
    assert document.data is None
    assert document.faults[0].code == "YML007"
    assert document.faults[0].where.mark in ((1, 35), (1, 1003))


@pytest.mark.promise("R8")
@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED)
def test_it_refuses(text: str, code: str, line: int, column: int) -> None:
    document = read(text.encode(), "registry/x.yaml")
    assert document.data is None
    first = document.faults[0]
    assert (first.code, first.severity, first.where.mark) == (code, "error", (line, column))
    assert first.where.file == "registry/x.yaml"
    assert first.message.in_("en") != first.message.in_("fr")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: é\n".encode("latin-1"), 2, 4),
        ("a: l’eau".encode("cp1252"), 1, 5),
        ("a: 1\n".encode("utf-16"), 1, 1),
        ("a: 1\n".encode("utf-16-le"), 1, 1),
        (b"\x1f\x8b\x08\x00", 1, 2),
        (b"a: \xed\xa0\x80", 1, 4),
    ],
)
def test_it_refuses_other_encodings(text: bytes, line: int, column: int) -> None:
    document = read(text, "f")
    assert document.data is None
    assert [(fault.code, fault.where.mark) for fault in document.faults] == [("YML005", (line, column))]


@pytest.mark.parametrize("text", [b"\xef\xbb\xbfa: 1\n", b"a: 1\r\n", b"a: 1\r\nb: |\r\n  x\r\n", b"a: 1\nb: 2\r\n"])
def test_what_can_be_repaired_is_read_with_a_warning(text: bytes) -> None:
    document = read(text, "f")
    assert document.data is not None
    assert [(fault.code, fault.severity) for fault in document.faults] == [("YML005", "warning")]
    assert read(repair(text), "f").data == document.data
    assert read(repair(text), "f").faults == ()


def test_independent_faults_are_reported_together() -> None:
    text = "a: 01\nb: &x 2\nb: 3\nc: *x\n4: d\n"
    assert [fault.code for fault in read(text.encode(), "f").faults] == [
        "YML008",
        "YML003",
        "YML002",
        "YML003",
        "YML008",
    ]


def test_a_number_to_be_quoted_comes_with_the_quoted_text_and_its_path() -> None:
    (fault,) = read(b"a:\n  - insee_code: 01001\n", "f").faults
    assert fault.where.path == ("a", 0, "insee_code")
    assert fault.hint is not None
    assert '"01001"' in fault.hint.in_("en")
    assert '"01001"' in fault.hint.in_("fr")


def test_the_source_of_a_number_is_kept_where_it_says_more() -> None:
    text = "a: +33123456789\nb: 13047\nc: [x, {v: 1.10}]\nd: True\ne: ~\nf: 0x1F\ng: '1.10'\nh: true\ni: 1.5\n"
    expected = {("a",): "+33123456789", ("c", 1, "v"): "1.10", ("d",): "True", ("e",): "~", ("f",): "0x1F"}
    assert read(text.encode(), "f").numeric == expected


def test_the_limits_are_reached_and_not_passed() -> None:
    deep = "a: " + "[" * 31 + "]" * 31
    wide = "a: [" + "1," * 19_997 + "]"
    long = "a: " + "x" * (MAX_BYTES - 3)
    for text in (deep, wide, long):
        assert read(text.encode(), "f").faults == ()
    for text in (deep.replace("[]", "[[]]"), wide.replace("[", "[1,"), long + "x"):
        assert [fault.code for fault in read(text.encode(), "f").faults] == ["YML007"]


HOSTILE = [
    "a: " + "a:" * 500_000,
    "a: " + "[" * 1_000_000,
    "a: " + "{" * 500_000,
    "- " * 500_000,
    "? " * 500_000,
    "a: >\n" + "".join(f"{' ' * n}x\n" for n in range(1, 1400)),
    "%x\n" * 300_000,
    "a: [" + "&a x," * 200_000 + "]",
    "\n".join(f"k{n}: \tx" for n in range(90_000)),
    'a: ["' + '","'.join(["\\u0041"] * 120_000) + '"]',
    "a: " + "1:59" * 200_000,
    "a:\n" + "\t \n" * 200_000 + "b: 1",
    "a: '" + "\u2028x" * 200_000 + "'",
    "a: " + "-" * 1_000_000,
    "x" * 1_000_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_come_to_a_verdict(text: str) -> None:
    document = read(text.encode()[:MAX_BYTES], "f")
    assert (document.data is None) == any(fault.severity == "error" for fault in document.faults)


def forms(word: str) -> list[str]:
    return [word, word.upper(), word.title(), f"-{word}", f"+{word}"]


WORDS = ["y", "yes", "no", "on", "off", "true", "null", "~", "=", "<<", "0x1F", "0b1", ".inf", "e5", "_", "x"]
DAYS = st.builds("{:04}-{:02}-{:02}{}".format, *(st.integers(0, most) for most in (9999, 13, 32)), st.sampled_from(
    ["", "T10:00:00", " 1:00:00 +02:00", "T10:00", "t25:61:00.5Z"]
))  # fmt: skip
PLAIN = st.one_of(
    st.lists(st.sampled_from("0123456789"), min_size=1, max_size=4).map("".join),
    st.lists(st.sampled_from([*"0159+-._:eE", "0x", "0o", "0b", ":30", "e+3"]), min_size=1, max_size=6).map("".join),
    st.sampled_from([form for word in WORDS for form in forms(word)]),
    DAYS,
)  # fmt: skip


@pytest.mark.promise("R7")
@given(PLAIN)
@example("2023-03-16")
@example("11:22:33")
@example("0:30")
@example("1e+16")
def test_what_is_accepted_silently_is_the_same_for_all_readers(plain: str) -> None:
    """Alone, in a list and as a key, to PyYAML (1.1) and ruamel.yaml (1.2); but for dates, which are text here."""
    for text in (f"a: {plain}\n", f"a:\n  - {plain}\n", f"a: [{plain}]\n", f"{plain}: a\n"):
        document = read(text.encode(), "f")
        if document.data is None:
            continue
        if document.faults:
            assert {fault.code for fault in document.faults} == {"YML013"}
            same = unequivocal(text.encode(), lambda _: False)
            assert (repr(read(same, "f").data), read(same, "f").faults) == (repr(document.data), ())
            text = same.decode()
        for other in (yaml.load(text, yaml.SafeLoader), YAML(typ="safe", pure=True).load(text)):
            assert repr(with_days_as_text(other)) == repr(document.data), text


def with_days_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {with_days_as_text(key): with_days_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_days_as_text(item) for item in value]
    return value.isoformat() if type(value) is date else value


@pytest.mark.promise("R7")
def test_keys_that_differ_only_in_how_accents_are_composed() -> None:
    text = 'a:\n  "\u00e9": 1\n  "e\u0301": 2\nb: {e\u0301: 1, e: 2}\n'
    document = read(text.encode(), "f")
    assert document.data == {"a": {"\u00e9": 1, "e\u0301": 2}, "b": {"e\u0301": 1, "e": 2}}
    [only] = document.faults
    assert (only.code, only.severity, only.where.path, only.where.mark) == (
        "YML014",
        "warning",
        ("a", "e\u0301"),
        (3, 3),
    )
    assert "line 2" in only.message.in_("en")


def test_notes_do_not_push_errors_out() -> None:
    """A text that cannot be read is reported with the cause, whatever else other readers would accept."""
    document = read(("".join(f"k{number}: NO\n" for number in range(90)) + "x: 01\n").encode(), "f")
    assert [fault.code for fault in document.faults] == ["YML008"]


YAML_SIGNS = st.sampled_from(
    [*"abn01:-?,[]{}#&*!|>'\"%@`.~ \n\t\r_", "\n  ", ": ", "- ", "---\n", "\u2028", "é", "\x00", "\\", "<<: "]
)


@pytest.mark.promise("R7")
@given(st.lists(YAML_SIGNS, max_size=40).map("".join))
def test_the_two_ways_agree_on_any_text(text: str) -> None:
    document = read(text.encode(), "f")
    errors = [fault for fault in document.faults if fault.severity == "error"]
    assert (document.data is None) == bool(errors)
    assert all("cannot be read as YAML" not in fault.message.in_("en") for fault in errors), document.faults
    assert all(fault.where.mark is not None and fault.where.mark >= (1, 1) for fault in errors)


@pytest.mark.promise("R8")
@given(st.binary(max_size=200))
def test_any_bytes_give_data_or_faults(text: bytes) -> None:
    document = read(text, "f")
    assert (document.data is None) == any(fault.severity == "error" for fault in document.faults)
