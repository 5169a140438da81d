"""The schemas and settings of a working tree, read without listing the registry."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from smartreg.core.sparse import may_be_sparse
from smartreg.gitio import open_repo
from smartreg.trees.folders import at_top, read_files
from smartreg.trees.objects import find_skipped_below, read_blobs
from smartreg.trees.tree import SETTINGS, File

FOLDER = "schemas"


class OddSchema(Exception):
    """A schema, or the folder of schemas, is not a regular file or folder."""

    def __init__(self, file: File) -> None:
        super().__init__(file.path)
        self.file = file


def schema_texts(root: Path) -> dict[str, bytes]:
    """The files `schemas/*.json` by name, at most `READ_LIMIT` bytes of each: those on disk, and those that a sparse
    checkout leaves out. Raises OddSchema if one is not a regular file, StateFault if they cannot be read."""
    texts = dict(_on_disk(root))
    if may_be_sparse(os.fspath(root)):
        repo = open_repo(root)
        left_out = find_skipped_below(repo, (FOLDER,))
        texts |= read_blobs(repo, left_out, filter(_is_schema, left_out))
    return {path.rpartition("/")[2]: texts[path] for path in sorted(texts)}


def settings_text(root: Path) -> bytes | None:
    """The content of `smartreg.toml`, at most `READ_LIMIT` bytes; None if there is no such regular file."""
    found = dict(read_files(root, (SETTINGS,)))
    if not found and may_be_sparse(os.fspath(root)):
        repo = open_repo(root)
        found = dict(read_blobs(repo, find_skipped_below(repo, (SETTINGS,)), (SETTINGS,)))
    return found.get(SETTINGS)


def _on_disk(root: Path) -> Iterable[tuple[str, bytes]]:
    special = at_top(os.fsencode(root), FOLDER)
    if special is None:
        return ()
    if special != "directory":
        raise OddSchema(File(FOLDER, None, special))
    paths = [path for name in sorted(os.listdir(root / FOLDER)) if _is_schema(path := f"{FOLDER}/{name}")]
    found = dict(read_files(root, paths))
    for path in paths:
        special = at_top(os.fsencode(root), path) if path not in found else None
        if special is not None:
            raise OddSchema(File(path, None, special))
    return found.items()


def _is_schema(path: str) -> bool:
    return path.endswith(".json") and path.count("/") == 1
