"""The digest of an annex: of all its bytes, the same from every tree, and never another file's from the cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from conftest import Git
from registries import INDEXED

from smartreg.gitio import open_repo
from smartreg.index import Index
from smartreg.registry import Registry, open_registry
from smartreg.trees import READ_LIMIT, CommitTree, EditedTree, MemoryTree, StagedTree, Tree, WorkingTree

ANNEX = "registry/conventions/annexes/plan.pdf"
PLAN = b"%PDF-1.4\0" + b"\xff" * READ_LIMIT  # longer than any record may be
SHA = hashlib.sha256(PLAN).hexdigest()


def open_tree(tree: Tree, folder: Path | None = None) -> Registry:
    return open_registry(tree, Index.open(folder, ""), INDEXED)


@pytest.fixture
def annex_repo(git_repo: Path, git: Git) -> Path:
    """A repository with one annex."""
    file = git_repo / ANNEX
    file.parent.mkdir(parents=True)
    file.write_bytes(PLAN)
    git("add", "-A")
    git("commit", "-m", "annex")
    return git_repo


@pytest.mark.parametrize("cached", [False, True])
def test_every_tree_gives_the_digest_of_all_bytes(annex_repo: Path, git: Git, tmp_path: Path, cached: bool) -> None:
    repo, cache = open_repo(annex_repo), tmp_path / "cache" if cached else None
    head = CommitTree(repo, git("rev-parse", "HEAD").strip())
    disk = (WorkingTree(annex_repo, repo), WorkingTree(annex_repo))
    trees: list[Tree] = [head, StagedTree(repo), *disk, MemoryTree({ANNEX: PLAN})]
    assert [open_tree(tree, cache).digest_of(ANNEX) for tree in trees] == [SHA] * len(trees)


def test_changed_annex_has_another_digest_though_the_blob_was_seen(annex_repo: Path, git: Git, tmp_path: Path) -> None:
    repo, cache = open_repo(annex_repo), tmp_path / "cache"
    assert open_tree(WorkingTree(annex_repo, repo), cache).digest_of(ANNEX) == SHA
    (annex_repo / ANNEX).write_bytes(b"other")
    other = hashlib.sha256(b"other").hexdigest()
    assert open_tree(WorkingTree(annex_repo, repo), cache).digest_of(ANNEX) == other
    assert open_tree(EditedTree(MemoryTree({ANNEX: PLAN}), {ANNEX: b"other"}), cache).digest_of(ANNEX) == other
    assert open_tree(CommitTree(repo, git("rev-parse", "HEAD").strip()), cache).digest_of(ANNEX) == SHA


def test_what_is_no_regular_file_has_no_digest(annex_repo: Path) -> None:
    (annex_repo / "registry/link.pdf").symlink_to(annex_repo / ANNEX)
    (annex_repo / "outside.pdf").write_bytes(PLAN)
    registry = open_tree(WorkingTree(annex_repo, open_repo(annex_repo)))
    paths = ("registry/link.pdf", "outside.pdf", "registry/conventions/annexes", f"registry/../{ANNEX}", "registry/x")
    assert [registry.digest_of(path) for path in paths] == [None] * len(paths)
