"""Registries of Montpellier, and imports into them, for the tests of every format of sheets."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest

from smartreg.asking.question import Answers, Made, Question, Questions, fill_in
from smartreg.commands.import_ import (
    RefusedImport,
    import_records,
    likely_kinds,
    proposal,
    read_file,
    unknown_values,
)
from smartreg.core.messages import Language
from smartreg.core.values import Data, Json
from smartreg.edit import WriteOptions
from smartreg.features.setup.init import init
from smartreg.forms.importing import kind_answer, proposal_answers, value_answers
from smartreg.importing.effects import Imported
from smartreg.importing.options import ImportRequest
from smartreg.workspace.workspace import Workspace, open_workspace
from smartreg.yamlio import read

OPTIONS = WriteOptions(on=date(2026, 1, 15))

Bring: TypeAlias = Callable[..., Imported]


class Somebody(NamedTuple):
    """Somebody who looks at a sheet in a registry, on a day, and answers what is asked about it."""

    workspace: Workspace
    lang: Language = "en"
    today: date = OPTIONS.on

    def fill(self, form: Callable[[Answers], Questions[Made]], answers: Mapping[str, Json]) -> Made:
        """Answer the questions named in `answers` by their paths so, and Enter to all others."""

        def press_enter(question: Question, _answers: Answers) -> Json:
            typed = answers.get(str(question.path[0]), question.default)
            assert typed is not None or not question.required, question.title
            if typed is not None:
                question.check(value := question.read(typed))
                return value
            return None

        return fill_in(form, Answers(), press_enter)

    def import_(self, file: Path, answers: Mapping[str, Json]) -> Imported:
        guesses, files_read, *_ = likely_kinds(self.workspace, file, ImportRequest())
        kind = self.workspace.current.schemas.kind(self.fill(partial(kind_answer, self, guesses), answers))
        read = files_read.get(kind.name) or read_file(self.workspace, kind, file, ImportRequest())
        again = partial(proposal, self.workspace, kind, file, on=self.today, file_read=read)
        made = again(request=ImportRequest())
        assert made is not None
        request = self.fill(partial(proposal_answers, self, made, again), answers)
        unknown = unknown_values(self.workspace, kind, file, request, read)
        meanings = self.fill(partial(value_answers, self, kind, unknown), answers)
        request = replace(request, values=(*request.values, *meanings))
        return import_records(self.workspace, kind, file, request, OPTIONS, file_read=read)


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
