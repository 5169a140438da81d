"""Files from Git's own objects, for the index and for commits.

Also the files that a sparse checkout leaves out of the folder: entries of Git's index marked skip-worktree that are not
on disk. They are as much a part of the working tree as the files on disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from smartreg.gitio import Repo, TreeEntry
from smartreg.trees.tree import (
    FOLDERS,
    READ_LIMIT,
    SETTINGS,
    File,
    Listing,
    Plain,
    Special,
    encode_path,
    impossible,
    name_fault,
)

READABLE = ("", "undecodable name")
SYMLINK, SUBMODULE = "120000", "160000"


def files_of(entries: Mapping[str, TreeEntry]) -> Listing:
    """The files of Git's entries under the registry's paths, by path."""
    files = [File(path, entry.blob, special_of(path, entry)) for path, entry in entries.items()]
    inside = SETTINGS + "/"
    if any(file.path.startswith(inside) for file in files):
        files = [file for file in files if not file.path.startswith(inside)]
        files.append(File(SETTINGS, None, "directory"))
    return Plain.of(files)


def special_of(path: str, entry: TreeEntry) -> Special:
    """Why a Git entry is not a regular file of a registry."""
    if entry.stage:
        return "unmerged"
    if entry.mode == SYMLINK:
        return "symlink"
    if entry.mode == SUBMODULE:
        return "submodule"
    if not is_regular(entry) or path in FOLDERS or impossible(path):
        return "other"
    return name_fault(path)


def is_regular(entry: TreeEntry) -> bool:
    """Whether the entry is a file, executable or not."""
    return entry.mode.startswith("100")


def readable(file: File | None) -> bool:
    """Whether `read` gives the file's bytes."""
    return file is not None and file.special in READABLE


def read_blobs(
    repo: Repo, files: Mapping[str, File], paths: Iterable[str], limit: int = READ_LIMIT
) -> Iterator[tuple[str, bytes]]:
    """The bytes of the regular files among `paths`, in order, through one Git process."""
    wanted = [path for path in paths if readable(files.get(path))]
    contents = repo.blobs((files[path].blob or "" for path in wanted), limit)
    return ((path, content) for path, (_, content) in zip(wanted, contents, strict=True))


def read_blob(repo: Repo, files: Mapping[str, File], path: str, limit: int = READ_LIMIT) -> bytes:
    """The bytes of one file; FileNotFoundError if it is no regular file."""
    for _, content in read_blobs(repo, files, (path,), limit):
        return content
    raise FileNotFoundError(path)


def find_skipped(root: Path, entries: Mapping[str, TreeEntry]) -> Listing:
    """The files of those entries that Git left out of the disk."""
    top = os.fsencode(root) + b"/"
    left_out = (path for path, entry in entries.items() if entry.is_skipped and not entry.stage)
    return files_of({path: entries[path] for path in left_out if not os.path.lexists(top + encode_path(path))})


def find_skipped_below(repo: Repo, paths: Sequence[str]) -> Listing:
    """The same, for entries of the index at and below these paths."""
    return find_skipped(repo.root, repo.index(paths))
