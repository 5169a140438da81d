"""Locks that the Git processes of an interrupted write left behind when they were killed with it.

Git does not say in a lock who made it. One is taken for ours only if it appeared after the write began, nobody touches
it, and no Git is alive in this working tree, as far as the system tells (Linux); any other stays, and is named.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from smartreg.gitio.repo import Repo

_PROCESSES = Path("/proc")
_QUIET_NS = 2_000_000_000  # libraries that are no process of Git hold a lock for less
_PAUSE = 0.05


def clear_stale_locks(repo: Repo, began_ns: int) -> None:
    """Remove what is left of the Git processes of a write that began then; its writer is dead, or waits for none."""
    locks = list(_locks(repo))
    while left := [lock for lock in locks if _mtime_ns(lock) >= began_ns]:
        if _is_git_alive(repo):
            return
        if all(_mtime_ns(lock) + _QUIET_NS < time.time_ns() for lock in left):
            break
        time.sleep(_PAUSE)
    for lock in left:
        lock.unlink(missing_ok=True)


def _locks(repo: Repo) -> Iterator[Path]:
    """The locks that a commit takes: of the index, of HEAD, of the branch."""
    yield from (repo.git_dir / name for name in ("index.lock", "HEAD.lock"))
    yield from repo.git_dir.glob("next-index-*.lock")
    yield repo.common_dir / "reftable" / "tables.list.lock"
    branch = repo.git.line("symbolic-ref", "--quiet", "HEAD")
    if branch is not None:
        yield repo.common_dir / f"{branch}.lock"


def _mtime_ns(path: Path) -> int:
    """When a lock was last written; 0 if there is none."""
    try:
        return os.lstat(path).st_mtime_ns
    except OSError:
        return 0


def _is_git_alive(repo: Repo) -> bool:
    """Whether a Git process may be at work in the working tree or its Git directory; True where nobody can tell."""
    if not (_PROCESSES / "self" / "cwd").exists():
        return True
    places = [os.path.realpath(place) + os.sep for place in (repo.top, repo.git_dir, repo.common_dir)]
    for process in _PROCESSES.glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if not (process / "comm").read_text("utf-8", "replace").startswith("git"):
                continue
            try:
                cwd = os.readlink(process / "cwd") + os.sep
            except PermissionError:
                return True
            if cwd.startswith(tuple(places)):
                return True
    return False
