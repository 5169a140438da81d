"""Detect whether a folder may be a sparse checkout, without Git or any library."""

from __future__ import annotations

import os

from smartreg.core.regular_file import read_regular

_LIMIT = 1 << 16
_POINTER = b"gitdir: "


def may_be_sparse(folder: str) -> bool:
    """False if Git never had a sparse checkout of the repository that contains `folder`; True is only a hint."""
    git = _git_dir(os.path.abspath(folder))
    return git is not None and os.path.lexists(os.path.join(git, "info", "sparse-checkout"))


def _git_dir(folder: str) -> str | None:
    """The Git directory of the working tree at or above `folder`; None where there is none."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    place = os.path.join(folder, ".git")
    if os.path.isdir(place):
        return place
    try:
        pointer = read_regular(place, _LIMIT)  # of a linked working tree, or a submodule
    except OSError:
        return None
    return os.path.join(folder, os.fsdecode(pointer.removeprefix(_POINTER).strip()))
