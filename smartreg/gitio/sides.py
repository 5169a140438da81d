"""Whose the two sides of a conflict are: in a merge the current branch and the one that is merged; in a rebase, where
Git's words mislead, the branch that one's own commits are put on, and these."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from smartreg.gitio.repo import BRANCHES, REMOTES, Repo
from smartreg.gitio.runner import text

_OTHER = ("MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")
_REBASES = ("rebase-merge", "rebase-apply")
_LAST = ("log", "-1", "--format=%an%x00%aI", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8")


class MergeSide(NamedTuple):
    """A side of a conflict: its branch (None where Git names none), and the author and the time of its last commit to
    the file (None where nothing says it); `rebased`: whether these are the commits that are put on another branch."""

    branch: str | None
    author: str | None = None
    when: datetime | None = None
    rebased: bool = False


def merge_sides(repo: Repo, path: str) -> tuple[MergeSide, MergeSide] | None:
    """Ours and theirs, in Git's words, of a conflict in a file, while Git waits for it to be settled; None else."""
    commits = ((name, repo.git.line("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")) for name in _OTHER)
    other = next((oid for _, oid in commits if oid is not None), None)
    head = repo.head()
    if other is None or head is None:
        return None
    rebase = next((folder for name in _REBASES if (folder := repo.git_dir / name).is_dir()), None)
    if rebase is None:
        ours = MergeSide(repo.branch(), *_last(repo, head, path))
        return ours, MergeSide(_branch_at(repo, other), *_last(repo, other, path))
    branch = _line(rebase / "head-name").removeprefix(BRANCHES)
    ours = MergeSide(_branch_at(repo, _line(rebase / "onto")), *_last(repo, head, path))
    own = branch if branch and branch != "detached HEAD" else None
    return ours, MergeSide(own, *_last(repo, other, path), rebased=True)


def _last(repo: Repo, commit: str, path: str) -> tuple[str | None, datetime | None]:
    """Author and time of the last commit to a file in the history of a commit."""
    said = text(repo.git.read(*_LAST, commit, "--", path)).strip("\n")
    author, _, when = said.partition("\0")
    try:
        return author or None, datetime.fromisoformat(when)
    except ValueError:
        return author or None, None


def _line(file: Path) -> str:
    """The first line of a file of Git's; empty where it cannot be read."""
    try:
        return next(iter(file.read_text("utf-8").splitlines()), "")
    except (OSError, UnicodeDecodeError):
        return ""


def _branch_at(repo: Repo, oid: str) -> str | None:
    """A branch that is at this commit, one of a remote first; None if none is."""
    if not re.fullmatch("[0-9a-f]{40,64}", oid):
        return None
    command = ("for-each-ref", f"--points-at={oid}", "--format=%(refname:short)", REMOTES, BRANCHES)
    names = text(repo.git.read(*command)).split()
    return next((name for name in names if not name.endswith("/HEAD")), None)
