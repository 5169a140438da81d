"""The bilan: its figures, its formats, the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Git
from exports import committed, smartreg


@pytest.fixture
def registry(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    return committed(git_repo, git, monkeypatch)


def test_who_hosts_whom(registry: Path) -> None:
    done = smartreg("report", "-f", "json", cwd=registry)
    figures = {found["figure"]: found for found in json.loads(done.stdout)["figures"]}
    (matrix, balance) = figures["B1"]["tables"]
    assert [(row["host"], row["guest"], row["present"]) for row in matrix["rows"]] == [("istres", "metropole", 1)]
    assert [(row["party"], row["balance"]) for row in balance["rows"]] == [("istres", 1), ("metropole", -1)]
