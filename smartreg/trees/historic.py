"""The trees of many commits, each derived from that of another one; texts are prefetched through one process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.gitio import FileChange, Repo, TreeEntry
from smartreg.trees.file import File
from smartreg.trees.listing import Listing
from smartreg.trees.objects import files_of, readable, special_of
from smartreg.trees.tree import READ_LIMIT, SETTINGS, ObjectFormat

ROOM = 64 * 1024 * 1024  # maximum size of cached texts in bytes; others are read again when needed


class HistoricTexts:
    """The texts of blobs, from a cache or from Git."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self._kept: dict[str, bytes] = {}
        self._size = 0

    def prefetch(self, blobs: Iterable[str]) -> None:
        """Read these, at most `READ_LIMIT` bytes each, through one process."""
        wanted = [blob for blob in dict.fromkeys(blobs) if blob not in self._kept]
        if wanted and self._size > ROOM:
            self._kept.clear()
            self._size = 0
        for blob, content in self.repo.blobs(wanted, READ_LIMIT):
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
            if change.path.startswith(f"{SETTINGS}/"):  # the settings became a folder
                return HistoricTree.at(self._texts, oid)
            if change.after is None or change.mode_after is None:
                files[change.path] = None
            else:
                special = special_of(change.path, TreeEntry(change.mode_after, change.after))
                files[change.path] = File(change.path, change.after, special)
        return HistoricTree(self._texts, oid, self._files.with_changes(files))

    @property
    def name(self) -> str:
        return self._texts.repo.short(self.commit or "")

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
        wanted = [(path, self._files[path].blob or "") for path in paths if readable(self._files.get(path))]
        self._texts.prefetch(blob for _, blob in wanted)
        return ((path, self._texts.of(blob)) for path, blob in wanted)
