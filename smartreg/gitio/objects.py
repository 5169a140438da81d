"""Git objects: the entries of trees and of the index, the contents and lengths of blobs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Literal, NamedTuple, TypeAlias

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.gitio.bombs import FOLDER_MODE
from smartreg.gitio.runner import INCOMPLETE, Git, text

ObjectFormat: TypeAlias = Literal["sha1", "sha256"]
DIGITS = {"sha1": 40, "sha256": 64}  # of an object id
LS_FILES = ("ls-files", "-s", "-v", "-z", "--")
_CHUNK = 256  # requests written before their answers are read: far fewer than fit into a pipe


class TreeEntry(NamedTuple):
    """A file in a tree or in the index. `mode` as Git writes it (100644, 120000 a symlink, 160000 a submodule).

    `stage` is above 0 in a merge conflict; `flag` is Git's letter: H cached, S skip-worktree, lower case
    assume-unchanged, M unmerged. `is_repeated`: the tree names the path twice, as two files or as a file and a folder.
    """

    mode: str
    blob: str
    stage: int = 0
    flag: str = "H"
    is_repeated: bool = False

    @property
    def is_skipped(self) -> bool:
        """Whether the file need not be on disk (skip-worktree), as outside a sparse checkout."""
        return self.flag in ("S", "s")


def read_tree(out: bytes) -> dict[str, TreeEntry]:
    """Read `git ls-tree -r -t -z`: the files, by path."""
    files: dict[str, TreeEntry] = {}
    folders, repeated = set(), set()
    for path, entry in _read_lines(out):
        if entry.mode == FOLDER_MODE:
            folders.add(path)
            continue
        if path in files:
            repeated.add(path)
        files[path] = entry
    repeated |= files.keys() & folders
    return files | {path: files[path]._replace(is_repeated=True) for path in repeated}


def read_entry(out: bytes, path: str) -> TreeEntry | None:
    """Read `git ls-tree -z` of a path."""
    return dict(_read_lines(out)).get(path)


def _read_lines(out: bytes) -> Iterator[tuple[str, TreeEntry]]:
    for line in text(out).split("\0")[:-1]:
        about, _, path = line.partition("\t")
        mode, _, blob = about.split(" ")
        yield path, TreeEntry(mode, blob)


def read_entries(out: bytes) -> dict[str, TreeEntry]:
    """Read `git ls-files -s -v -z`, by path."""
    entries: dict[str, TreeEntry] = {}
    for line in text(out).split("\0")[:-1]:
        about, _, name = line.partition("\t")
        flag, mode, blob, stage = about.split(" ")
        entries[name] = TreeEntry(mode, blob, int(stage), flag)
    return entries


def read_blobs(git: Git, oids: Iterable[str], limit: int | None = None) -> Iterator[tuple[str, bytes]]:
    """The contents of objects in the order asked, read as they are needed; at most `limit` bytes of each. Raises
    StateFault if one is missing (partial clone, damaged repository)."""
    remaining = iter(oids)
    chunk = list(islice(remaining, _CHUNK))
    if not chunk:
        return
    with git.conversation("cat-file", "--batch-command", "--buffer") as (requests, answers):
        while chunk:
            requests.write("".join(f"contents {oid}\n" for oid in chunk).encode("ascii") + b"flush\n")
            requests.flush()
            for oid in chunk:
                yield oid, _content(answers, oid, limit)
            chunk = list(islice(remaining, _CHUNK))


def read_sizes(git: Git, oids: Sequence[str]) -> dict[str, int]:
    """The lengths of objects, without reading them. Raises StateFault if one is missing."""
    sizes: dict[str, int] = {}
    if not oids:
        return sizes
    with git.conversation("cat-file", "--batch-check=%(objectsize)") as (requests, answers):
        for start in range(0, len(oids), _CHUNK):
            chunk = oids[start : start + _CHUNK]
            requests.write("".join(f"{oid}\n" for oid in chunk).encode("ascii"))
            requests.flush()
            for oid in chunk:
                size = answers.readline().strip()
                if not size.isdigit():
                    raise _not_here(oid)
                sizes[oid] = int(size)
    return sizes


def blob_id(content: bytes, object_format: str = "sha1") -> str:
    """The id that Git gives to a file with this content, if no filter applies."""
    return hashlib.new(object_format, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _content(answers: IO[bytes], oid: str, limit: int | None) -> bytes:
    about = answers.readline().split()
    if len(about) != 3:
        raise _not_here(oid)
    size = int(about[2])
    wanted = size if limit is None else min(size, limit)
    content = answers.read(wanted)
    if len(content) < wanted:  # Git died while it printed it
        raise EOFError(oid)
    left = size + 1 - len(content)
    while left:
        skipped = len(answers.read(min(left, 1 << 20)))
        left = left - skipped if skipped else 0
    return content


def _not_here(oid: str) -> StateFault:
    return StateFault(Message("object {oid} is not in this repository", oid=oid), INCOMPLETE)
