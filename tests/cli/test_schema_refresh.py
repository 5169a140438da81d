"""`schema --refresh`: what differs from the schemas of this release is shown before it is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Git
from program import GIT_CONFIG, start

SCHEMA = "schemas/party.schema.json"


@pytest.fixture
def root(tmp_path: Path, home: Path, git: Git) -> Path:
    """A registry whose schema of parties is an older one."""
    (home / ".gitconfig").write_text(GIT_CONFIG)
    folder = tmp_path / "registry"
    start("init", str(folder), cwd=tmp_path)
    text = (folder / SCHEMA).read_text("utf-8")
    (folder / SCHEMA).write_text(text.replace('"title": "Party"', '"title": "Partner"'), "utf-8")
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "An older schema", cwd=folder)
    return folder


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("en", "1 schema differs from this release"), ("fr", "1 schéma diffère de cette version")],
)
def test_what_doctor_names_is_shown(root: Path, lang: str, expected: str) -> None:
    assert expected in start("doctor", "--lang", lang, cwd=root).stdout
    shown = start("schema", "--refresh", "-n", "--lang", lang, cwd=root)
    assert shown.returncode == 0
    lines = shown.stdout.splitlines()
    assert lines[:2] == [f"--- a/{SCHEMA}", f"+++ b/{SCHEMA}"]
    assert [row for row in lines[2:] if row[:1] in "+-"] == ['-  "title": "Partner",', '+  "title": "Party",']
    asked = json.loads(start("schema", "--refresh", "-n", "--json", cwd=root).stdout)
    assert (asked["files"], asked["written"]) == ([SCHEMA], False)


def test_only_what_differs_is_written(root: Path, git: Git) -> None:
    assert start("schema", "--refresh", "-y", cwd=root).returncode == 0
    assert git("show", "--name-only", "--format=%s", cwd=root).split("\n") == ["Refresh the schemas", "", SCHEMA, ""]
    again = start("schema", "--refresh", "-y", "--lang", "en", cwd=root)
    assert (again.returncode, again.stdout) == (0, "Nothing to change.\n")
