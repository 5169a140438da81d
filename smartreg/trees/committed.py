"""The tree of a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from smartreg.gitio import Repo
from smartreg.index import Index
from smartreg.trees.listing import Listing
from smartreg.trees.objects import read_blob, read_blobs
from smartreg.trees.past import Way, ask, listing
from smartreg.trees.tree import READ_LIMIT, ObjectFormat


class CommitTree:
    """The files of the commit `oid` (full id, see `Repo.resolve`); nothing on disk is read."""

    def __init__(self, repo: Repo, oid: str, index: Index | None = None) -> None:
        self._repo = repo
        self.commit: str | None = oid
        self._index = index

    @property
    def name(self) -> str:
        return self._repo.short(self.commit or "")

    @property
    def state(self) -> str:
        """What no other files of the repository have: the commit, and the folder of the registry in it."""
        return f"{self.commit}:{self._repo.prefix}"

    @property
    def folders(self) -> tuple[str, ...]:
        return self._repo.folders

    @property
    def object_format(self) -> ObjectFormat:
        return self._repo.object_format()

    def ask(self) -> CommitTree:
        """Start listing the files in Git, in the background."""
        self._way  # noqa: B018  # the tree keeps it
        return self

    def files(self) -> Listing:
        return self._files

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        return read_blob(self._repo, self._files, path, limit)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return read_blobs(self._repo, self._files, paths)

    @cached_property
    def _files(self) -> Listing:
        return listing(self._repo, self.commit or "", self._way)

    @cached_property
    def _way(self) -> Way | None:
        return None if self._index is None else ask(self._repo, self.commit or "", self._index)
