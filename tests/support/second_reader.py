"""A second reader of what Git keeps: libgit2 goes over the same repository, and sees the same."""

from __future__ import annotations

from pathlib import Path

import pygit2
from pygit2.enums import FileStatus


def disagreements(root: Path, trees: list[str], status: str) -> list[str]:
    """What libgit2 sees otherwise than Git: the trees of the history, newest first (`git log --format=%T`), what they
    hold, and what is not committed (`git status --porcelain -uall`)."""
    repository = pygit2.Repository(str(root))
    commits = list(repository.walk(repository.head.target, pygit2.enums.SortMode.TOPOLOGICAL))
    wrong = [] if [str(commit.tree_id) for commit in commits] == trees else ["the trees of the history"]
    wrong += [text for commit in commits for text in _unreadable(commit.tree, "")]
    theirs = {path for path, flags in repository.status(untracked_files="all").items() if flags != FileStatus.IGNORED}
    ours = {line[3:] for line in status.splitlines()}
    return wrong if theirs == ours else [*wrong, f"not committed: {theirs} and {ours}"]


def _unreadable(tree: pygit2.Tree, folder: str) -> list[str]:
    """The entries of a tree whose bytes do not give their id, or that stand twice."""
    names = [entry.name for entry in tree]
    wrong = [f"{folder}: a name twice"] if len(set(names)) < len(names) else []
    for entry in tree:
        if isinstance(entry, pygit2.Tree):
            wrong += _unreadable(entry, f"{folder}{entry.name}/")
        elif isinstance(entry, pygit2.Blob) and pygit2.hash(entry.data) != entry.id:
            wrong.append(f"{folder}{entry.name}: other bytes")
    return wrong
