"""Registries of Montpellier, and imports into them, for the tests of every format of sheets."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from smartreg.commands.import_ import RefusedImport, import_records
from smartreg.commands.init import init
from smartreg.commands.workspace import open_workspace
from smartreg.core.values import Data
from smartreg.edit import WriteOptions
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.yamlio import read

OPTIONS = WriteOptions(on=date(2026, 1, 15))

Bring: TypeAlias = Callable[..., Imported]


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, encoding="utf-8").stdout


def new_repository(root: Path) -> Path:
    git(root.parent, "init", "--quiet", "--initial-branch=main", str(root))
    settings = {
        "user.name": "SIG Montpellier",
        "user.email": "sig@example.org",
        "commit.gpgSign": "false",
        "gc.auto": "0",
    }
    for key, value in settings.items():
        git(root, "config", key, value)
    return root


@pytest.fixture(scope="module")
def montpellier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = new_repository(tmp_path_factory.mktemp("base") / "registry")
    init(root, epci_siren="243400017", name=None, ci=(), options=OPTIONS)
    return root


@pytest.fixture
def root(montpellier: Path, tmp_path: Path) -> Path:
    """A registry of its own with the 32 parties of Montpellier."""
    return Path(shutil.copytree(montpellier, tmp_path / "registry", symlinks=True))


@pytest.fixture
def bring(root: Path, tmp_path: Path) -> Bring:
    """`bring(request, "a;b\\n1;2")` imports a sheet of that text, or a file, as supports."""

    def run(request: ImportRequest, sheet: str | Path, kind: str = "support", **options: Any) -> Imported:
        file = sheet if isinstance(sheet, Path) else tmp_path / "sheet.csv"
        if isinstance(sheet, str):
            file.write_bytes(sheet.encode())
        workspace = open_workspace(root)
        return import_records(
            workspace, workspace.current.schemas.kind(kind), file, request, replace(OPTIONS, **options)
        )

    return run


def support(root: Path, id: str, insee: str = "34172") -> Data:
    data = read((root / f"registry/supports/{insee}/{id}.yaml").read_bytes(), "").data
    assert data is not None
    return data


def places(refusal: RefusedImport) -> list[tuple[str, int | None, str | None]]:
    return [(found.code, found.where.row, found.where.column) for found in refusal.outcome.introduced]
