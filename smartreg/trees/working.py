"""The working tree: what is on disk. The disk says which files there are; Git only tells which of them it knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from threading import Thread

from smartreg.gitio import Entry, Repo, Status
from smartreg.trees.conversion import conversion
from smartreg.trees.folders import read_files, size_of, walk
from smartreg.trees.objects import SUBMODULE, is_regular, readable
from smartreg.trees.tree import READ_LIMIT, File, ObjectFormat, in_order, in_scope


class WorkingTree:
    """The files under `root`, as they stood when first asked for; bytes are those on disk when read.

    A blob id is told for files that Git knows to be unchanged since they went into the index: never for flagged ones
    (assume-unchanged, skip-worktree), nor where filters apply. Where Git may convert line ends, the size is told too:
    the file holds the bytes of its blob only if the blob has that size.
    """

    name = "working tree"
    commit: str | None = None

    def __init__(self, root: Path, repo: Repo | None = None) -> None:
        self._root = root
        self._repo = repo

    @property
    def object_format(self) -> ObjectFormat:
        return self._repo.object_format() if self._repo else "sha1"

    def files(self) -> Mapping[str, File]:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        for _, content in read_files(self._root, filter(in_scope, (path,)), limit):
            return content
        raise FileNotFoundError(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return read_files(self._root, filter(in_scope, paths))

    @cached_property
    def _files(self) -> dict[str, File]:
        return in_order(_known(self._root, self._repo) if self._repo else walk(self._root).values())


def _known(root: Path, repo: Repo) -> Iterator[File]:
    """What is on disk, with the blob ids that Git knows."""
    # Git works in processes of its own: meanwhile we walk.
    git = _Question(repo)
    git.start()
    found = walk(root)
    converted = conversion(repo, found)
    entries, status = git.answer()
    _mark_submodules(found, entries, root)
    unsure = status.modified | status.deleted | status.unmerged
    for path, file in found.items():
        entry = entries.get(path)
        if entry is None or converted == "any" or path in unsure or not _is_sure(entry) or not readable(file):
            yield file
        elif converted == "none":
            yield File(path, entry.blob, file.special)
        else:
            yield File(path, entry.blob, file.special, partial(size_of, root, path))


def _is_sure(entry: Entry) -> bool:
    return entry.flag == "H" and entry.stage == 0 and is_regular(entry)


def _mark_submodules(found: dict[str, File], entries: Mapping[str, Entry], root: Path) -> None:
    """Let submodules that were not fetched, or have lost their `.git`, stand in `found` as what they are."""
    for place in [path for path, entry in entries.items() if entry.mode == SUBMODULE and (root / path).is_dir()]:
        for path in [path for path in found if path.startswith(place + "/")]:
            del found[path]
        found[place] = File(place, None, "submodule")


class _Question(Thread):
    """What Git knows of its index and of the working tree, asked beside other work."""

    def __init__(self, repo: Repo) -> None:
        super().__init__(daemon=True)
        self._repo = repo
        self._answer: tuple[dict[str, Entry], Status] | BaseException | None = None

    def run(self) -> None:
        try:
            self._answer = self._repo.index_and_changed()
        except BaseException as fault:
            self._answer = fault

    def answer(self) -> tuple[dict[str, Entry], Status]:
        """Wait for it; raises what Git's door raised."""
        self.join()
        if isinstance(self._answer, tuple):
            return self._answer
        raise self._answer or RuntimeError("Git was not asked")
