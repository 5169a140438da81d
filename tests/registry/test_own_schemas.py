"""Kinds of somebody's own: a schema that says little, and one that is not committed yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Git
from program import start

ID = {"id": {"type": "string"}}
COLOUR = {**ID, "colour": {"type": "string"}}
BENCH = {"title": "Bench", "type": "object", "required": ["id"], "properties": ID}
SCHEMA = "schemas/bench.schema.json"


@pytest.fixture
def root(git_repo: Path, git: Git) -> Path:
    """A registry with one kind, of which the schema says nothing but its fields."""
    (git_repo / "schemas").mkdir()
    (git_repo / "smartreg.toml").write_text('name = "Istres"\n')
    schema(git_repo, {**BENCH, "properties": COLOUR})
    git("add", "-A")
    git("commit", "-qm", "by hand")
    return git_repo


def schema(root: Path, content: dict[str, object], name: str = SCHEMA) -> None:
    (root / name).write_text(json.dumps({**content, "unevaluatedProperties": False}))


def test_records_without_a_label_are_listed_by_their_first_fields(root: Path) -> None:
    assert start("add", "bench", "--id", "b1", "--colour", "red", "-y", cwd=root).returncode == 0

    assert start("list", "bench", cwd=root).stdout == "id  colour\nb1  red\n"
    rows = json.loads(start("list", "bench", "-f", "json", cwd=root).stdout)["records"]
    assert rows == [{"record": "bench/b1", "id": "b1", "colour": "red"}]
    for words in (
        ["show", "b1"],
        ["list"],
        ["status"],
        ["log", "b1"],
        ["export", "bench", "-f", "xlsx", "-o", "x.xlsx"],
    ):
        done = start(*words, cwd=root)
        assert done.returncode == 0, done.stderr


def test_a_schema_says_what_people_call_its_values(root: Path, git: Git) -> None:
    """Without a translation, the label is that of both languages."""
    schema(
        root,
        {**BENCH, "properties": {**ID, "colour": {"enum": ["r-3011", "black"], "x-labels": {"r-3011": "dark red"}}}},
    )
    git("commit", "-qam", "labels")
    assert start("add", "bench", "--id", "b1", "--colour", "dark red", "-y", cwd=root).returncode == 0
    assert "colour: r-3011" in (root / "registry/bench/b1.yaml").read_text("utf-8")
    for lang in ("en", "fr"):
        exported = start("export", "bench", "--labels", "--lang", lang, "-f", "csv", cwd=root).stdout
        assert exported.splitlines()[1] == "b1,dark red"
    refused = start("set", "b1", "colour=red", "-y", cwd=root)
    assert 'did you mean "r-3011"?' in refused.stdout + refused.stderr


def test_a_record_waits_for_its_schema_to_be_committed(root: Path, git: Git) -> None:
    new = "schemas/lamp.schema.json"
    schema(root, {**BENCH, "title": "Lamp"}, new)
    words = ("add", "lamp", "--id", "l1", "-y")
    for staged in (False, True):
        if staged:
            git("add", new)
        refused = start(*words, cwd=root)
        assert (refused.returncode, (root / "registry").exists()) == (3, False)
        assert f'git add {new} && git commit -m "…" -- {new}' in refused.stderr
    assert start(*words, "--dry-run", cwd=root).returncode == 0
    git("commit", "-qm", "lamps", "--", new)
    assert start(*words, cwd=root).returncode == 0
    assert start("validate", "--at", "HEAD", cwd=root).returncode == 0


def test_only_what_hangs_on_the_schema_waits(root: Path) -> None:
    schema(root, {**BENCH, "properties": {**COLOUR, "seats": {"type": "integer"}}})

    assert start("add", "bench", "--id", "b1", "--colour", "red", "-y", cwd=root).returncode == 0
    refused = start("set", "b1", "seats=3", "-y", cwd=root)
    assert (refused.returncode, "commit the schemas first" in refused.stderr) == (3, True)
    assert start("set", "b1", "seats=3", "-y", "--no-commit", cwd=root).returncode == 0


def test_json_brings_in_an_object_whose_schema_is_a_choice(root: Path, git: Git, tmp_path: Path) -> None:
    shape = {
        "oneOf": [{"type": "object", "required": [name], "properties": {name: {}}} for name in ("width", "radius")]
    }
    both = {"allOf": [{"type": "object", "properties": {"depth": {"type": "integer"}}}, {"required": ["depth"]}]}
    texts = {"type": "array", "items": {"type": "string"}}
    ways = [{"required": ["legs"]}, {"properties": {"wall": {"type": "string"}}, "required": ["wall"]}]
    stand = {"type": "object", "properties": {"legs": {"type": "integer"}}, "oneOf": ways}
    fields = {**ID, "shape": shape, "both": both, "texts": texts, "stand": stand}
    schema(root, {**BENCH, "required": ["id", "shape"], "properties": fields})
    git("commit", "-qam", "choices")
    file = tmp_path / "benches.json"
    values = {"shape": {"radius": 2}, "both": {"depth": 3}, "texts": ["", "a"], "stand": {"wall": "north"}}
    file.write_text(json.dumps([{"id": "b1", **values}]))
    assert start("import", "bench", str(file), "-y", cwd=root).returncode == 0
    shown = json.loads(start("show", "b1", "-f", "json", cwd=root).stdout)
    assert shown["data"] == {"id": "b1", **values}
