"""The questions of law of docs/questions.md, asked of a registry whose conventions end in every way."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import legal_story
import pytest
from readme_tour import ROOT
from small import Runs, runs

__all__ = ["runs"]

ROW = re.compile(r"^\| .+? \| `(.+)` \| `(.+)` \|$", re.MULTILINE)
QUESTIONS = ROW.findall((ROOT / "docs/questions.md").read_text("utf-8").replace("\\|", "|"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return legal_story.live(tmp_path_factory.mktemp("questions") / "registry")


def test_the_page_asks_no_question_twice() -> None:
    assert len(QUESTIONS) == 42
    assert len(set(QUESTIONS)) == 42


def test_every_question_has_the_answer_that_the_page_gives(root: Path, runs: Runs) -> None:
    answers: dict[str, tuple[str, str]] = {}
    for line, answer in QUESTIONS:
        name, *words = shlex.split(line)
        _code, out, err = runs(name, *words, "--lang", "en", "-C", str(root))
        said = " ".join(f"{out} {err}".split())
        if answer not in said:
            answers[line] = (answer, said)
    assert answers == {}
