"""The files of commits, derived from the state that the index describes and from Git's diff between the two.

That state is the commit of HEAD when the working tree was last read, if nothing was staged. Where the index describes
none, where Git does not know that commit any more or too much differs, a commit is listed by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smartreg.gitio import GitFailed, Repo, Running, TreeEntry, read_changes
from smartreg.index import Index
from smartreg.trees.file import File
from smartreg.trees.indexed import IndexedFiles
from smartreg.trees.listing import Listing
from smartreg.trees.objects import files_of, special_of
from smartreg.trees.seeing import load_state_of
from smartreg.trees.tree import SETTINGS

_SHARE = 8  # one differing file in this many: from there on, a commit is listed by itself


class Way(NamedTuple):
    """The question, under way, in what a commit differs from the one whose files are known (`base`)."""

    base: IndexedFiles
    asked: Running | None


def ask(repo: Repo, oid: str, index: Index) -> Way | None:
    """Start asking what `listing` needs; None where the index is of no help."""
    kept = load_state_of(index, repo)
    if kept is None or kept[1].staged:
        return None
    state, seen = kept
    return Way(IndexedFiles(state, seen), None if seen.head == oid else repo.ask_changed(seen.head, oid))


def listing(repo: Repo, oid: str, way: Way | None) -> Listing:
    """The files of the commit `oid`."""
    changes = None if way is None else _changes(way.asked)
    if way is None or changes is None or len(changes) * _SHARE > len(way.base):
        return files_of(repo.tree(oid))
    return way.base.with_changes(changes)


def _changes(asked: Running | None) -> Mapping[str, File | None] | None:
    """The files of a commit that are others than in the other one, None for one that is gone."""
    if asked is None:
        return {}
    found: dict[str, File | None] = {}
    try:
        told = read_changes(asked.result())
    except GitFailed:
        return None
    for change in told:
        path, blob, mode = change.path, change.after, change.mode_after
        if path.startswith(f"{SETTINGS}/"):  # the settings became a folder
            return None
        found[path] = (
            None if blob is None or mode is None else File(path, blob, special_of(path, TreeEntry(mode, blob)))
        )
    return found
