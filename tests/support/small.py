"""A registry of one small kind, for tests of what becomes of any text in it; the program run in this process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from smartreg.cli.run import run

Runs: TypeAlias = Callable[..., tuple[int, str, str]]

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Organisation",
    "x-kind": {"name": "org", "noun": "org", "folder": "org", "label": ["name"], "order": 1},
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "title": "Id", "pattern": "^[a-z][a-z0-9-]*$"},
        "name": {"type": "string", "title": "Name"},
        "note": {"type": "string", "title": "Note"},
        "tags": {"type": "array", "title": "Tags", "items": {"type": "string"}},
    },
    "unevaluatedProperties": False,
}


def small_registry(root: Path, records: Mapping[str, str]) -> Path:
    """A registry in one commit; `records` are texts of YAML by the id of the record."""
    files = {"smartreg.toml": 'name = "Small"\n', "schemas/org.schema.json": json.dumps(SCHEMA)}
    files |= {f"registry/org/{id}.yaml": text for id, text in records.items()}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    for words in (("init", "--quiet", "-b", "main"), ("add", "--all"), (*identity, "commit", "--quiet", "-m", "Start")):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


@pytest.fixture
def runs(capsys: pytest.CaptureFixture[str]) -> Runs:
    """`runs("list", "org", "-C", folder)` in this process: the exit code, standard output, standard error."""

    def one(name: str, *words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([name, *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return one
