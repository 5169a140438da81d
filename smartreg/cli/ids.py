"""The ids of a kind by the names of its files, for Tab: Python alone, but for a sparse checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator

from smartreg.trees.sparse import may_be_sparse

ENDS = (".yaml", ".yml")


def ids(root: str, place: str, start: str = "") -> Iterator[str]:
    """The ids of the records in a kind's folder (from the root) that begin with `start`, sorted."""
    found = _by_git(root, place) if may_be_sparse(root) else _by_disk(os.path.join(root, place))
    return iter(sorted(name.rpartition(".")[0] for name in found if name.startswith(start) and name.endswith(ENDS)))


def _by_disk(top: str) -> Iterator[str]:
    """The names in the folder and all below it, symbolic links left out."""
    waiting = [top]
    while waiting:
        place = waiting.pop()
        if os.path.islink(place):
            continue
        try:
            names = os.listdir(place)
        except OSError:  # no folder
            continue
        yield from names
        waiting += [os.path.join(place, name) for name in names if not name.endswith(ENDS)]


def _by_git(root: str, place: str) -> Iterator[str]:
    """The names where only Git tells of all files."""
    from dataclasses import replace
    from pathlib import Path

    from smartreg.gitio import open_repo
    from smartreg.trees import WorkingTree

    repo = replace(open_repo(Path(root)), folders=(place,))
    files = WorkingTree(Path(root), repo).files().below(place)
    return (path.rpartition("/")[2] for path in files)
