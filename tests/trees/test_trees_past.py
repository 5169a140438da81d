"""The files of commits: derived from the state in the index, they are what Git lists."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random

import pytest
from conftest import Git
from stored import settle

from smartreg.gitio import open_repo
from smartreg.trees import CommitTree, IndexedFiles, WorkingTree, find_differing, index_of
from smartreg.trees.objects import files_of

MANY = 300


@pytest.fixture
def commits(git_repo: Path, git: Git) -> list[str]:
    """Plain files; then some came, went, changed, moved, became programs and links; then half of them are others."""
    random = Random(3)
    (git_repo / "smartreg.toml").write_text("")
    folder = git_repo / "registry/equipment"
    folder.mkdir(parents=True)
    for number in range(MANY):
        (folder / f"e{number}.yaml").write_text(f"id: e{number}\n")
    found = [head_of(git)]
    for step in range(4):
        for number in random.sample(range(MANY), 9):
            _change(random, folder / f"e{number}.yaml", step)
        found.append(head_of(git))
    (git_repo / "smartreg.toml").unlink()
    (git_repo / "smartreg.toml").mkdir()
    (git_repo / "smartreg.toml/x").write_text("")
    found.append(head_of(git))
    for file in list(folder.iterdir())[::2]:
        if file.is_file():
            file.write_text("id: other\n")
    return [*found, head_of(git)]


def head_of(git: Git) -> str:
    git("add", "-A")
    git("commit", "-qm", "step")
    return git("rev-parse", "HEAD").strip()


def _change(random: Random, file: Path, step: int) -> None:
    file.unlink(missing_ok=True)
    how = random.choice(("gone", "changed", "moved", "program", "link"))
    if how == "changed":
        file.write_text(f"id: {step}\n")
    elif how == "moved":
        (file.parent / "sub").mkdir(exist_ok=True)
        (file.parent / "sub" / file.name).write_text(f"id: {file.stem}\n")
    elif how == "program":
        file.write_text("id: x\n")
        file.chmod(0o755)
    elif how == "link":
        file.symlink_to("e1.yaml")


def test_files_are_those_that_git_lists(git_repo: Path, commits: list[str], git: Git) -> None:
    repo = open_repo(git_repo)
    listed = {oid: files_of(repo.tree(oid)) for oid in commits}
    git("switch", "--quiet", "--detach", commits[1])  # a state of plain files
    for path in git_repo.glob("registry/equipment/**/*"):
        if path.is_symlink():
            path.unlink()
    git("commit", "--quiet", "--all", "--message=plain")
    settle()
    index = index_of(repo)
    assert isinstance(WorkingTree(git_repo, repo, index=index).files().base, IndexedFiles)

    for oid in (*commits, *reversed(commits)):
        assert dict(CommitTree(repo, oid, index).files()) == dict(listed[oid])
    assert isinstance(CommitTree(repo, commits[2], index).files().base, IndexedFiles)
    for one, other in product(commits, commits[::3]):
        differing = find_differing(CommitTree(repo, one, index).files(), CommitTree(repo, other, index).files())
        assert differing == find_differing(listed[one], listed[other])
