"""What a sparse checkout leaves out of the folder: entries of Git's index that it was told not to write to disk
(skip-worktree), and that are not there. They are as much a part of the working tree as the files on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from smartreg.gitio import Repo, TreeEntry
from smartreg.trees.listing import Listing
from smartreg.trees.objects import files_of
from smartreg.trees.tree import encode_path


def find_skipped(root: Path, entries: Mapping[str, TreeEntry]) -> Listing:
    """The files of those entries that are not on disk by Git's leave."""
    top = os.fsencode(root) + b"/"
    left_out = (path for path, entry in entries.items() if entry.is_skipped and not entry.stage)
    return files_of({path: entries[path] for path in left_out if not os.path.lexists(top + encode_path(path))})


def find_skipped_below(repo: Repo, paths: Sequence[str]) -> Listing:
    """Those of the index at and below these paths."""
    return find_skipped(repo.root, repo.index(paths))
