"""The trees that Git keeps: those of commits, and its index, which the next commit will contain.

The files of a commit are derived from the state in the index of smartreg and from Git's diff between the two. That
state is the commit that was HEAD when the working tree was last read, if nothing was staged. If there is no state,
or Git does not know its commit any more, or too much differs, the commit is listed by itself.

The trees of many commits are each derived from another one; their texts are prefetched through one process. A tree
can also be derived as it was before some files changed: their names are known, their texts are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from smartreg.core.values import short_id
from smartreg.gitio import FOLDER_MODE, FileChange, GitFailed, Repo, TreeEntry, blob_id
from smartreg.gitio.objects import ObjectFormat
from smartreg.index import Index
from smartreg.trees.objects import files_of, read_blob, read_blobs, readable, special_of
from smartreg.trees.refresh import files_of_head, load_state_of, state_of
from smartreg.trees.tree import READ_LIMIT, SETTINGS, File, Listing, Tree

_SHARE = 8  # one differing file in this many: from there on, a commit is listed by itself


class KnownFiles(NamedTuple):
    """The files of the commit `head`, as the index knows them."""

    head: str
    files: Listing


def _known_files(repo: Repo, index: Index) -> KnownFiles | None:
    """None if the index does not help."""
    state = load_state_of(index, repo, lambda: {file.path: state_of(file) for file in files_of(repo.tree(head)).each()})
    if state is None:
        return None
    head, files = files_of_head(state)
    return KnownFiles(head, files)


def _listing(repo: Repo, oid: str, known: KnownFiles | None) -> Listing:
    """The files of the commit `oid`."""
    if known is None:
        return files_of(repo.tree(oid))
    if known.head == oid:
        return known.files
    changes = _changes(repo, oid, known)
    if changes is None or len(changes) * _SHARE > len(known.files):
        return files_of(repo.tree(oid))
    return known.files.with_changes(changes)


def _changes(repo: Repo, oid: str, known: KnownFiles) -> Mapping[str, File | None] | None:
    """The files of a commit that differ from those known; None for a file that is gone. None if the commit has to be
    listed."""
    differing: dict[str, File | None] = {}
    try:
        changes = repo.changes(known.head, oid)
    except GitFailed:
        return None
    for change in changes:
        path, blob, mode = change.path, change.after, change.mode_after
        if _is_odd(change) or path in differing or (change.before is None and path in known.files):  # it is there twice
            return None
        differing[path] = (
            None if blob is None or mode is None else File(path, blob, special_of(path, TreeEntry(mode, blob)))
        )
    folders = {path.rpartition("/")[0] for path, file in differing.items() if file is not None}
    if any(differing.get(folder, folder in known.files) for folder in folders):  # a file is a folder too
        return None
    return differing


def _is_odd(change: FileChange) -> bool:
    """Whether what a change says is not what a tree then has: the settings became a folder, or a folder has too many
    paths."""
    return change.path.startswith(f"{SETTINGS}/") or FOLDER_MODE in (change.mode_before, change.mode_after)


class _GitTree:
    """Files that Git keeps, read from its blobs."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo

    @property
    def folders(self) -> tuple[str, ...]:
        return self._repo.folders

    @property
    def object_format(self) -> ObjectFormat:
        return self._repo.object_format()

    def files(self) -> Listing:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        return read_blob(self._repo, self._files, path, limit)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return read_blobs(self._repo, self._files, paths)

    @cached_property
    def _files(self) -> Listing:
        raise NotImplementedError


class CommitTree(_GitTree):
    """The files of the commit `oid` (full id, see `Repo.resolve`); nothing on disk is read. `other`: a commit with
    which it is compared, to load the state of the index once for both."""

    def __init__(self, repo: Repo, oid: str, index: Index | None = None, other: CommitTree | None = None) -> None:
        super().__init__(repo)
        self.commit: str | None = oid
        self._index = index
        self._other = other

    @property
    def name(self) -> str:
        return short_id(self.commit or "")

    @property
    def state(self) -> str:
        """The identity of the files of this tree: the commit, and the folder of the registry in it."""
        return f"{self.commit}:{self._repo.prefix}"

    @cached_property
    def _files(self) -> Listing:
        return _listing(self._repo, self.commit or "", self._known)

    @cached_property
    def _known(self) -> KnownFiles | None:
        if self._index is None:
            return None
        if self._other is not None and self._other._index is self._index:
            return self._other._known
        return _known_files(self._repo, self._index)


ROOM = 64 * 1024 * 1024  # maximum size of cached texts in bytes; others are read again when needed


class HistoricTexts:
    """The texts of blobs, from a cache or from Git."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self._kept: dict[str, bytes] = {}
        self._size = 0

    def prefetch(self, blobs: Iterable[str]) -> None:
        """Read these blobs, at most `READ_LIMIT` bytes each, through one process."""
        missing = [blob for blob in dict.fromkeys(blobs) if blob not in self._kept]
        if missing and self._size > ROOM:
            self._kept.clear()
            self._size = 0
        for blob, content in self.repo.blobs(missing, READ_LIMIT):
            self._kept[blob] = content
            self._size += len(content)

    def of(self, blob: str) -> bytes:
        """The bytes of a blob, from the cache or from Git."""
        if blob not in self._kept:
            self.prefetch((blob,))
        return self._kept[blob]


class HistoricTree:
    """The files of a commit."""

    def __init__(self, texts: HistoricTexts, oid: str, files: Listing) -> None:
        self._texts = texts
        self._files = files
        self.commit: str | None = oid

    @classmethod
    def at(cls, texts: HistoricTexts, oid: str) -> HistoricTree:
        """The tree of a commit, listed by Git."""
        return cls(texts, oid, files_of(texts.repo.tree(oid)))

    def then(self, oid: str, changes: Iterable[FileChange]) -> HistoricTree:
        """The tree of the commit `oid`, which differs from this one by `changes`."""
        files: dict[str, File | None] = {}
        for change in changes:
            if _is_odd(change):
                return HistoricTree.at(self._texts, oid)
            if change.after is None or change.mode_after is None:
                files[change.path] = None
            else:
                special = special_of(change.path, TreeEntry(change.mode_after, change.after))
                files[change.path] = File(change.path, change.after, special)
        return HistoricTree(self._texts, oid, self._files.with_changes(files))

    @property
    def name(self) -> str:
        return short_id(self.commit or "")

    @property
    def folders(self) -> tuple[str, ...]:
        return self._texts.repo.folders

    @property
    def object_format(self) -> ObjectFormat:
        return self._texts.repo.object_format()

    def files(self) -> Listing:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        file = self._files.get(path)
        if not readable(file):
            raise FileNotFoundError(path)
        assert file is not None
        if limit > READ_LIMIT:  # an annex: read once, not cached
            return next(content for _, content in self._texts.repo.blobs((file.blob or "",), limit))
        return self._texts.of(file.blob or "")[:limit]

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        readable_paths = [(path, self._files[path].blob or "") for path in paths if readable(self._files.get(path))]
        self._texts.prefetch(blob for _, blob in readable_paths)
        return ((path, self._texts.of(blob)) for path, blob in readable_paths)


class Forgotten(Exception):
    """A text is needed that was not stored."""


class RememberedTree:
    """The tree `now` with some files as they were before; None for a file that did not exist. Reading one of them
    raises Forgotten, but the index may have its content."""

    name = "remembered"
    commit: str | None = None
    folders: tuple[str, ...] = ()  # nobody writes into it

    def __init__(self, now: Tree, were: Mapping[str, File | None]) -> None:
        self._now, self._were = now, were
        self._files = now.files().with_changes(were)
        self.object_format = now.object_format

    def files(self) -> Listing:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        if path in self._were:
            raise Forgotten(path)
        return self._now.read(path, limit)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        readable_paths = list(paths)
        if not self._were.keys().isdisjoint(readable_paths):
            raise Forgotten(*readable_paths)
        return self._now.read_many(readable_paths)


class StagedTree(_GitTree):
    """The files of Git's index, as they were when first read. A path in conflict is one special file."""

    name = "index"
    commit: str | None = None

    @cached_property
    def _files(self) -> Listing:
        entries = self._repo.index()
        announced = self._intent_to_add(entries)
        return files_of({path: entry for path, entry in entries.items() if path not in announced})

    def _intent_to_add(self, entries: Mapping[str, TreeEntry]) -> set[str]:
        """Paths of `git add --intent-to-add`: entries of an empty file that no commit will contain."""
        empty = blob_id(b"", self.object_format)
        suspects = [path for path, entry in entries.items() if entry.blob == empty and not entry.stage]
        if not suspects:
            return set()
        status = self._repo.status(suspects)
        # An entry that is neither in HEAD nor a change against it.
        suspects = [path for path in suspects if path in status.modified | status.deleted and path not in status.staged]
        committed = self._repo.tree(status.head, suspects) if status.head and suspects else {}
        return set(suspects) - committed.keys()
