"""JSON and TOML of users: one reading, or a refusal with its place, whichever command reads the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Git

from smartreg.cli.run import run
from smartreg.core.strict import Unreadable, read_json, read_toml

PARTY = 'id: istres\nname: Istres\ncategory: commune\nsiren: "211300470"\ninsee_code: "13047"\n'


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,\n "b": {"c": 1, "\\u0063": 2}}', 'f:2:16: the key "c" occurs twice in one object'),
        ('{"é": 1, "e": [{"é": 1}], "é": 2}', 'f:1:27: the key "é" occurs twice in one object'),
        ('{"a\\"{": 1, "a": "a\\":", "a": 2}', 'f:1:26: the key "a" occurs twice in one object'),
        ("[1 2]", "f:1:4: this is not JSON"),
        ("", "f:1:1: this is not JSON"),
        ('["NaN",\nNaN]', "f:2:1: NaN is not a JSON number"),
        ('["Infinity", -Infinity]', "f:1:14: -Infinity is not a JSON number"),
        ('["1e400", 1e4,\n 1e400]', "f:2:2: a number is too large"),
        ("[1, -" + "9" * 400 + "]", "f:1:5: a number is too large"),
        ("[1, " + "9" * 6000 + "]", "f:1:5: a number is too large"),
        ("[" * 100_000, "f: lists and objects are nested too deep"),
        ('{"a": "\\ud800"}', "f: half a character: an escape \\uD800 to \\uDFFF without its other half"),
        (b'{\n"a": "\xff"}', "f:2:7: this is not UTF-8"),
    ],
)
def test_json_that_two_readers_read_differently_is_refused_with_its_place(text: str | bytes, expected: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_json(text)

    assert refusal.value.in_file("f").in_("en") == expected


def test_json_of_every_kind_is_read() -> None:
    value = {"a": [{"a": {}}, {"a": 1}], "b": "\U0001f600", "c": 1e300, "d": -(10**17), "e": None}

    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert read_json(text) == read_json(text.encode()) == read_json(b"\xef\xbb\xbf" + text.encode()) == value


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'name = "a"\nname = "b"', "f:2:11: not a TOML text: Cannot overwrite a value"),
        (b"[audit]\n[audit]\n", "f:2:7: not a TOML text: Cannot declare ('audit',) twice"),
        (b"name = [", "f:1:9: not a TOML text: Invalid value"),
        (b"name = " + b"[" * 5000, "f: lists and objects are nested too deep"),
        (b"x" + b".x" * 100_000 + b" = 1", "f:1:1: lists and objects are nested too deep"),
        (b"name = " + b"9" * 6000, "f: a number is too large"),
        (b'name = "\xff"', "f:1:9: this is not UTF-8"),
    ],
)
def test_toml_that_cannot_be_read_is_refused_with_its_place(text: bytes, expected: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_toml(text)

    assert refusal.value.in_file("f").in_("en") == expected


# -- its readers --------------------------------------------------------------------------------------------------


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry of one record, committed, with schemas of its own."""
    (git_repo / "registry/parties").mkdir(parents=True)
    (git_repo / "registry/parties/istres.yaml").write_text(PARTY, "utf-8")
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n', "utf-8")
    (git_repo / "schemas").mkdir()
    for schema in (Path(__file__).parents[2] / "schemas").iterdir():
        (git_repo / "schemas" / schema.name).write_bytes(schema.read_bytes())
    git("add", "-A")
    git("commit", "-qm", "begin")
    return git_repo


TWICE = '{"id": "sig", "name": "A",\n "name": "B", "category": "private"}'
AT_HEAD = '"commit": "{head}", "registry": "Istres", "audience": "internal"'


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("line", "file", "text", "code", "place"),
    [
        ("add-party --from FILE -y", "x.json", TWICE, 2, "x.json:2:2:"),
        ("add-party --from FILE -y", "x.yaml", TWICE, 2, "x.yaml:2:2:"),
        ("import party FILE -y", "x.json", f"[{TWICE}]", 1, "(line 2, column 2)"),
        ("import party FILE -y", "x.jsonl", '{"id": "a"}\n{"id": "b", "id": "c"}\n', 1, "(line 2, column 13)"),
        ("import party FILE -y", "x.json", '[{"a.b": 1, "a": {"b": 2}}]', 1, "a.b appears twice"),
        ("import support FILE -y", "x.geojson", '{"features": [],\n"features": []}', 1, "(line 2, column 1)"),
        ("import party x.csv --mapping FILE -y", "m.toml", 'kind = "party"\nkind = "x"', 2, "m.toml:2:11:"),
        ("validate", "smartreg.toml", 'name = "a"\nname = "b"', 2, "smartreg.toml:2:11:"),
        ("validate", "schemas/party.schema.json", '{"title": 1,\n"title": 2}', 2, "party.schema.json:2:1:"),
        ("list", "schemas/party.fr.json", '{"title": "a",\n"title": "b"}', 2, "party.fr.json:2:1:"),
        ("verify FILE", "x.json", f'{{"source": {{{AT_HEAD}}},\n"source": {{}}}}', 2, "x.json:2:1:"),
        ("verify x.csv --in FILE", "p.json", f'{{"smartreg": {{{AT_HEAD},\n"commit": ""}}}}', 2, "p.json:2:1:"),
        (
            "verify --at HEAD FILE",
            "x.json",
            '{"records": [{"kind": "party", "id": "istres", "data":\n{"id": "x", "id": "istres"}}]}',
            2,
            "x.json:2:13:",
        ),
        (
            "report --deliveries FILE",
            "d.csv",
            "equipment_id,expected,received,expected\n",
            2,
            "line 1: several columns are called expected",
        ),
    ],
)
def test_a_duplicate_is_refused_with_its_place(
    root: Path,
    git: Git,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    file: str,
    text: str,
    code: int,
    place: str,
) -> None:
    monkeypatch.chdir(root)
    (root / "x.csv").write_text("id,name,category\nsig,SIG,private\n", "utf-8")
    (root / file).write_text(text.replace("{head}", git("rev-parse", "HEAD").strip()), "utf-8")
    name, *words = line.replace("FILE", file).split()

    assert run([name, *words]) == code

    captured = capsys.readouterr()
    assert place in captured.out + captured.err
    assert git("log", "-1", "--format=%s") == "begin\n"


@pytest.mark.promise("R8")
def test_a_structure_on_the_command_line_is_read_strictly(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(root), "set", "istres", 'writers={"domains": ["a"], "domains": ["b"]}', "-n"]) == 2
    assert 'the key "domains" occurs twice in one object (line 1, column 20)' in capsys.readouterr().err
