"""Histories drawn at random: the gate never passes what a plain model refuses, and never refuses honest work."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from histories import ISTRES, MARTIGUES, History, Objects, draw, refused_by_model
from signing import new_key
from town import ON

from smartreg.gitio import Repo
from smartreg.registry import Registry
from smartreg.review.authors import Sides, check_authors
from smartreg.schema.settings import FILE
from smartreg.trees import CommitTree
from smartreg.workspace.workspace import open_workspace

HISTORIES = int(os.environ.get("TRUST_HISTORIES", "600"))  # a minute of processor time; `make trust` draws 100 000
FIRST = int(os.environ.get("TRUST_FIRST_HISTORY", "0"))


def judge(root: Path, history: History) -> set[str]:
    """The records and files that the gate refuses; of a record that moves, it names one of the two files."""
    workspace = open_workspace(root)
    repo: Repo = workspace.git
    upstream, tip = history.main[-1], history.head
    base = repo.merge_base(upstream, tip)

    def at(commit: str) -> CommitTree:
        return CommitTree(repo, commit, None)

    before: Registry = workspace.of_tree(at(base))
    latest = before.with_tree(at(upstream)) if base != upstream else None
    sides = Sides(before, before.with_tree(at(tip)), latest)
    found = check_authors(repo, sides, (tip, upstream), lambda path: path == FILE, ON)
    return {Path(each.where.file).name for each in found if each.severity == "error"}


@pytest.mark.promise("R9", "R17")
@pytest.mark.parametrize("signed", [False, True], ids=["by address", "by key"])
def test_the_gate_passes_nothing_that_the_model_refuses(
    empty_repository: Path, tmp_path: Path, *, signed: bool
) -> None:
    root = Path(shutil.copytree(empty_repository, tmp_path / "repo"))
    (root / FILE).write_text("", encoding="utf-8")
    keys = {name: new_key(tmp_path, name) for name in (ISTRES, MARTIGUES)} if signed else {}
    objects, refused = Objects(root, keys), 0
    for seed in range(FIRST, FIRST + (HISTORIES // 10 if signed else HISTORIES)):
        history = draw(objects, seed, honest=seed % 4 == 0)
        found, wrong = judge(root, history), {Path(file).name for file in refused_by_model(history)}
        assert wrong <= found, f"seed {seed}: passed {wrong - found}"
        refused += bool(wrong)
        assert not (history.honest and found), f"seed {seed}: refused {found}"
    assert refused > HISTORIES // 20 * (0.1 if signed else 1)
