"""What Git knows of its index and of the working tree, asked beside other work."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smartreg.gitio.repo import LS_FILES, REGISTRY_PATHS, STATUS, Entry, read_entries
from smartreg.gitio.runner import Git, nameless, text
from smartreg.gitio.status import Status, read_status

_SURE = re.compile(r"(?:\A|(?<=\0))H 100[0-7]{3} ([0-9a-f]{40,64}) 0\t([^\0]*)\0")


class Listing(NamedTuple):
    """The index: blob ids of plain files by path, and every entry that is more (flagged, unmerged, no file)."""

    blobs: Mapping[str, str]
    others: Mapping[str, Entry]


class Asked:
    """The questions under way. The answers go to files that nobody else sees: through pipes, a busy reader would keep
    Git waiting."""

    def __init__(self, git: Git, paths: Sequence[str] = REGISTRY_PATHS) -> None:
        self.git = git
        self._status = git.start_into(nameless(), *STATUS, *paths)
        self._listing = git.start_into(nameless(), *LS_FILES, *paths)

    def answer(self, prefix: str) -> tuple[Listing, Status]:
        """Wait for it; GitFailed when Git fails. `prefix`: the way from the top of the working tree to here."""
        listing = read_listing(self._listing.result())
        return listing, read_status(self._status.result(), prefix)


def read_listing(out: bytes) -> Listing:
    """Read `git ls-files -s -v -z`."""
    lines = text(out)
    sure = _SURE.findall(lines)
    blobs = {path: blob for blob, path in sure}
    if len(sure) == lines.count("\0"):
        return Listing(blobs, {})
    entries = read_entries(out)
    return Listing(blobs, {path: entry for path, entry in entries.items() if blobs.get(path) != entry.blob})
