"""Files from Git's own objects, for the index and for commits; and whether Git may store other bytes than those on
disk (line ends, keywords, filters, encodings): then a file that Git calls clean need not hold the bytes of its
blob.

Also the files that a sparse checkout leaves out of the folder: entries of Git's index marked skip-worktree that are
not on disk. They are as much a part of the working tree as the files on disk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from smartreg.core.files import read_regular
from smartreg.gitio import FOLDER_MODE, Converting, Repo, TreeEntry
from smartreg.trees.tree import (
    FOLDERS,
    MAX_BYTES,
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
    """The reason why a Git entry is not a regular file of a registry."""
    if entry.is_repeated:
        return "named twice"
    if entry.mode == FOLDER_MODE:
        return "too many files"
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
    regular = [path for path in paths if readable(files.get(path))]
    contents = repo.blobs((files[path].blob or "" for path in regular), limit)
    return ((path, content) for path, (_, content) in zip(regular, contents, strict=True))


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


_ATTRIBUTES = ".gitattributes"
# Outside of comments: set, or given a value; `-text` and `!text` convert nothing.
_LENGTH = re.compile(rb"(?m)^(?!\s*#).*\s(?:text|crlf|eol|ident)(?:[=\s]|\Z)")
_FILTER = re.compile(rb"(?m)^(?!\s*#).*\sfilter=")
_ENCODING = re.compile(rb"(?m)^(?!\s*#).*\sworking-tree-encoding=")
_SYSTEM = b"/etc/gitattributes"


class Conversion(NamedTuple):
    """Conversions by Git of some file: change its length (CRLF, `$Id$`); give it any other bytes, by a filter or an
    encoding; and whether by an encoding."""

    length: bool
    other: bool
    encoding: bool


def conversion(repo: Repo, paths: Iterable[str], settings: Converting, left_out: Collection[str] = ()) -> Conversion:
    """The conversion that settings and attributes require. `paths`: the files below the root; `left_out`: those that a
    sparse checkout leaves out."""
    files = _attribute_files(repo, [path for path in paths if path.endswith(_ATTRIBUTES)], settings)
    texts = [_text(file) for file in files]
    if left_out:
        texts += _find_omitted_texts(repo, [path for path in left_out if path.endswith(_ATTRIBUTES)])
    unknown = any(len(text) > MAX_BYTES for text in texts)
    encoding = unknown or any(map(_ENCODING.search, texts))
    return Conversion(
        settings.autocrlf or any(map(_LENGTH.search, texts)), encoding or any(map(_FILTER.search, texts)), encoding
    )


def _attribute_files(repo: Repo, inside: Iterable[str], settings: Converting) -> Iterator[bytes]:
    root = os.fsencode(repo.root)
    for path in inside:
        yield root + b"/" + encode_path(path)
    for folder in (repo.root, *repo.root.parents):
        yield os.fsencode(folder / _ATTRIBUTES)
        if folder == repo.top:
            break
    yield os.fsencode(repo.common_dir / "info" / "attributes")
    yield os.path.expanduser(os.fsencode(os.environ.get("XDG_CONFIG_HOME") or "~/.config") + b"/git/attributes")
    yield from (os.path.expanduser(encode_path(path)) for path in settings.attribute_files)
    yield _SYSTEM


def _find_omitted_texts(repo: Repo, inside: Iterable[str]) -> list[bytes]:
    """The texts of the attributes files that a sparse checkout leaves out: for these Git reads its index."""
    above = ("../" * steps + _ATTRIBUTES for steps in range(repo.prefix.count("/") + 1))
    entries = repo.index((*above, *inside)).values()
    return [text for _, text in repo.blobs((entry.blob for entry in entries if entry.is_skipped), READ_LIMIT)]


def _text(file: bytes) -> bytes:
    """The text of an attributes file; empty if it is none. Git follows links to those outside of the tree."""
    try:
        return read_regular(file, READ_LIMIT, follow=True)
    except OSError:
        return b""
