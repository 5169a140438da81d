"""What help and Tab ask Git in a sparse checkout, which leaves files out. Loaded there alone: its libraries take longer
than the answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from smartreg.core.errors import SmartregError
from smartreg.gitio import open_repo
from smartreg.schema import bundled_files
from smartreg.trees import OddSchema, WorkingTree, find_root, schema_texts


def root_by_git(folder: str) -> str | None:
    """The root of the registry at or above `folder`, or None."""
    try:
        return os.fspath(find_root(Path(folder)))
    except SmartregError:
        return None


def schemas_by_git(root: str) -> Mapping[str, bytes]:
    """The files of the schemas by their names: the registry's own, else those of this release."""
    try:
        return schema_texts(Path(root)) or bundled_files()
    except (SmartregError, OSError, OddSchema):  # reported by the command that needs them
        return bundled_files()


def names_by_git(root: str, place: str) -> Iterator[str]:
    """The names of the files in a folder and all below it."""
    repo = replace(open_repo(Path(root)), folders=(place,))
    files = WorkingTree(Path(root), repo).files().below(place)
    return (path.rpartition("/")[2] for path in files)
