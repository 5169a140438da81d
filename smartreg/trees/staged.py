"""The index: the content of the next commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from smartreg.gitio import Repo, TreeEntry, blob_id
from smartreg.trees.objects import files_of, read_blob, read_blobs
from smartreg.trees.tree import READ_LIMIT, Listing, ObjectFormat


class StagedTree:
    """The files of the index, as they were when first read. A path in conflict is one special file."""

    name = "index"
    commit: str | None = None

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
        entries = self._repo.index()
        announced = self._intent_to_add(entries)
        return files_of({path: entry for path, entry in entries.items() if path not in announced})

    def _intent_to_add(self, entries: Mapping[str, TreeEntry]) -> set[str]:
        """Paths of `git add --intent-to-add`: entries of an empty file that no commit will take."""
        empty = blob_id(b"", self.object_format)
        suspects = [path for path, entry in entries.items() if entry.blob == empty and not entry.stage]
        if not suspects:
            return set()
        status = self._repo.status(suspects)
        # An entry that is neither in HEAD nor a change against it.
        suspects = [path for path in suspects if path in status.modified | status.deleted and path not in status.staged]
        committed = self._repo.tree(status.head, suspects) if status.head and suspects else {}
        return set(suspects) - committed.keys()
