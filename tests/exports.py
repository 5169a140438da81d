"""Exports of one small registry that has every kind and every list, for the tests of the formats."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from program import start_bytes

from smartreg.commands.export import Exported, ExportOptions, export_tables
from smartreg.commands.workspace import open_workspace

GOLDEN = Path(__file__).parent / "golden" / "export"
DAY = "2024-06-01T23:30:00+02:00"


def commit_golden(root: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registry of the golden files, in one commit."""
    shutil.copytree(GOLDEN / "registry", root, dirs_exist_ok=True)
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, DAY)
    git("add", "--all")
    git("commit", "--quiet", "--message=registry")
    return root


def make_export(root: Path, *kinds: str, form: str = "csv", dialect: str | None = None, **wanted: Any) -> Exported:
    lang = wanted.pop("lang", "en")
    return export_tables(open_workspace(root), ExportOptions(kinds, **wanted), form=form, lang=lang, dialect=dialect)


def contents(exported: Exported) -> dict[str, bytes]:
    return {item.name: item.content for item in exported.files}


def smartreg(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return start_bytes(*words, cwd=cwd, environ=environ)
