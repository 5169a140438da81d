"""The state of the working tree and the listing of the index, read in the background."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smartreg.gitio.bombs import refuse_bombs
from smartreg.gitio.objects import DIGITS, LS_FILES, TreeEntry, read_entries
from smartreg.gitio.repo import REGISTRY_PATHS, STATUS
from smartreg.gitio.runner import Git, LoggedProcess, anonymous_file, text
from smartreg.gitio.settings import read_conversion
from smartreg.gitio.status import Status, read_status

_PLAIN = b"\0H 100"  # the end of an entry; flag and first digits of the mode of the next one
_FILE, _MERGED = "H 100644 ", " 0\t"  # flag and mode of an ordinary entry, and what follows its blob id


class IndexFiles(NamedTuple):
    """The index: blob ids of ordinary files by path; every other entry (executable, flagged, unmerged, no file)."""

    blobs: Mapping[str, str]
    others: Mapping[str, TreeEntry]


class PendingReads:
    """Pending questions to Git. The answers go to private files, because with pipes a busy reader would make Git
    wait."""

    def __init__(self, git: Git, paths: Sequence[str] = REGISTRY_PATHS) -> None:
        self.git = git
        self._paths = paths
        self._status: LoggedProcess | None = None
        self._listing: LoggedProcess | None = None
        self.began = time.time_ns()
        self.converting = read_conversion(git)
        self._status = git.without(self.converting.filters).start_into(anonymous_file(), *STATUS, *paths)
        self._told: Status | None = None

    def __del__(self) -> None:
        """Nobody else knows when the last answer was read: trees keep these questions, and read the listing anew."""
        for asked in (self._status, self._listing):
            if asked is not None:
                asked.close()

    def status(self, prefix: str) -> Status:
        """Wait for it, the first time. Raises GitFailed if Git fails. `prefix`: the way from the top of the working
        tree to here."""
        if self._told is None:
            assert self._status is not None
            self._told = read_status(self._status.result(lambda: refuse_bombs(self.git, "HEAD")), prefix)
        return self._told

    def listing(self) -> IndexFiles:
        """Like `status`, but read anew each time, because it is as long as the number of files."""
        return read_listing(self._list_files(), DIGITS[self.git.object_format])

    def is_plain(self) -> bool:
        """Whether the index contains only ordinary files: none flagged, none in conflict, no link."""
        listed = self._list_files()
        return listed.count(b"\0") == listed.count(_PLAIN) + listed.startswith(_PLAIN[1:])

    def _list_files(self) -> bytes:
        self.ask_listing()
        assert self._listing is not None
        return self._listing.result()

    def ask_listing(self) -> None:
        """Start asking for the content of Git's index, unless already done."""
        self._listing = self._listing or self.git.start_into(anonymous_file(), *LS_FILES, *self._paths)


def read_listing(out: bytes, width: int) -> IndexFiles:
    """Read `git ls-files -s -v -z`; blob ids have `width` digits."""
    head, end = len(_FILE), len(_FILE) + width
    blobs, odd = {}, 0
    for line in text(out).split("\0")[:-1]:
        if line.startswith(_FILE) and line.startswith(_MERGED, end):
            blobs[line[end + len(_MERGED) :]] = line[head:end]
        else:
            odd += 1
    if not odd:
        return IndexFiles(blobs, {})
    entries = read_entries(out)
    return IndexFiles(blobs, {path: entry for path, entry in entries.items() if blobs.get(path) != entry.blob})
