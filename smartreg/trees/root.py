"""Where a registry stands: the folder that every path is relative to."""

from __future__ import annotations

import os
from pathlib import Path

from smartreg.errors import StateFault
from smartreg.trees.tree import FOLDERS, SETTINGS
from smartreg.values import Words


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `smartreg.toml`, or both `schemas/` and `registry/`.

    "Above" is told on the real path of `start`, and ends at the top of a Git work tree. StateFault when there is none.
    """
    folder = Path(os.path.realpath(start))
    for candidate in (folder, *folder.parents):
        if _holds_registry(candidate):
            return candidate
        if os.path.lexists(candidate / ".git"):
            break
    raise StateFault(
        Words(en="this is not a registry", fr="ce n'est pas un registre"),
        Words(
            en="go to a folder with smartreg.toml, or start one: smartreg init",
            fr="allez dans un dossier qui contient smartreg.toml, ou créez un registre : smartreg init",
        ),
    )


def _holds_registry(folder: Path) -> bool:
    """A symlink counts by its name: what it points at is not looked at here, and reported once the tree is read."""
    return os.path.lexists(folder / SETTINGS) or all(
        os.path.islink(folder / name) or os.path.isdir(folder / name) for name in FOLDERS
    )
