"""The root of a registry: the folder that every path is relative to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.sparse import may_be_sparse
from smartreg.core.values import Words
from smartreg.gitio import open_repo
from smartreg.trees.skipped import find_skipped_below
from smartreg.trees.tree import FOLDERS, SCOPE, SETTINGS


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `smartreg.toml`, or both `schemas/` and `registry/`.

    "Above" means on the real path of `start`, up to the top of a Git work tree. StateFault when there is none.
    """
    folder = Path(os.path.realpath(start))
    candidates = list(_up_to_the_top(folder))
    for holds_registry in (is_root, *([_leaves_registry_out] if may_be_sparse(os.fspath(folder)) else [])):
        for candidate in candidates:
            if holds_registry(candidate):
                return candidate
    raise StateFault(
        Words(en="this is not a registry", fr="ce n'est pas un registre"),
        Words(
            en="go to a folder with smartreg.toml, or start one: smartreg init",
            fr="allez dans un dossier qui contient smartreg.toml, ou créez un registre : smartreg init",
        ),
    )


def _up_to_the_top(folder: Path) -> Iterator[Path]:
    for candidate in (folder, *folder.parents):
        yield candidate
        if os.path.lexists(candidate / ".git"):
            return


def is_root(folder: Path) -> bool:
    """Whether a folder is that of a registry. A symlink counts by its name: its target is not checked here, and
    reported once the tree is read."""
    return os.path.lexists(folder / SETTINGS) or all(
        os.path.islink(folder / name) or os.path.isdir(folder / name) for name in FOLDERS
    )


def _leaves_registry_out(folder: Path) -> bool:
    """Whether there is a registry whose marks (settings, folders) a sparse checkout leaves out."""
    if not folder.is_dir():
        return False
    left_out = find_skipped_below(open_repo(folder), SCOPE)
    return SETTINGS in left_out or all(
        os.path.isdir(folder / name) or any(path.startswith(f"{name}/") for path in left_out) for name in FOLDERS
    )
