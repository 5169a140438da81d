"""The working tree: what is on disk. The disk says which files there are; Git only tells which of them it knows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from smartreg.gitio import Asked, Entry, Repo, Side, blob_id
from smartreg.grain import settled
from smartreg.index import Index
from smartreg.named import NamedTuple
from smartreg.trees.conversion import conversion
from smartreg.trees.folders import SizeOf, Stamp, read_files, walk
from smartreg.trees.indexed import StateNote
from smartreg.trees.listing import Listing, Plain, outlined
from smartreg.trees.objects import READABLE, SUBMODULE, is_regular
from smartreg.trees.seeing import heads, list_from_index, place_of, store_state_of
from smartreg.trees.tree import READ_LIMIT, File, ObjectFormat, Special, in_scope
from smartreg.trees.usual import all_usual

_WHOLE = 1 << 28  # bytes that are read of a file to see whether it is the one that Git has


class WorkingTree:
    """The files under `root`, as they stood when first asked for; bytes are those on disk when first read by `read`.

    What a plan was made from must be what a write expects to find: a second `read` gives the bytes of the first, and
    what was not there when the tree was listed is not there afterwards.

    `asked`: what Git was asked before, when that was at the start of the run. `index`: what may know the files.

    A blob id is told for files that Git knows to be unchanged since they went into the index: never for flagged ones
    (assume-unchanged, skip-worktree), nor where filters apply. Where Git may convert line ends, the size is told too:
    the file holds the bytes of its blob only if the blob has that size.
    """

    name = "working tree"
    commit: str | None = None

    def __init__(
        self, root: Path, repo: Repo | None = None, asked: Asked | None = None, index: Index | None = None
    ) -> None:
        self._root = root
        self._repo = repo
        self._asked = asked
        self._index = index or Index.open(None, "")
        self._given: dict[str, bytes] = {}
        self._listed: _Listed | None = None

    @property
    def object_format(self) -> ObjectFormat:
        return self._repo.object_format() if self._repo else "sha1"

    def files(self) -> Listing:
        return self._list().files

    def hidden(self) -> list[str]:
        """The files that say something else than Git's index has while Git was told not to look at them
        (assume-unchanged, skip-worktree): `git status` is silent about them. Other line ends are no difference."""
        flagged = self._list().flagged
        texts = read_files(self._root, flagged, _WHOLE)
        return [path for path, text in texts if flagged[path] not in self._blobs(text)]

    def halved(self) -> Mapping[str, Side]:
        """The files that one branch of a merge deleted and the other changed, and the side that changed them, until Git
        is told which holds."""
        return self._list().halved

    def uncommitted(self, start: str) -> list[str]:
        """The files whose path begins so that are not as the last commit has them."""
        self._list()
        if self._repo is None or self._asked is None:
            return []
        status = self._asked.status(self._repo.prefix)
        return sorted(path for path in status.dirty() | status.untracked if path.startswith(start))

    def _blobs(self, text: bytes) -> tuple[str, ...]:
        return tuple(blob_id(one, self.object_format) for one in (text, text.replace(b"\r\n", b"\n")))

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        if limit == READ_LIMIT and path in self._given:
            return self._given[path]
        if self._listed is not None and path not in self._listed.files:
            raise FileNotFoundError(path)
        for _, content in read_files(self._root, filter(in_scope, (path,)), limit):
            if limit == READ_LIMIT:
                self._given[path] = content
            return content
        raise FileNotFoundError(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return read_files(self._root, filter(in_scope, paths))

    def _list(self) -> _Listed:
        if self._listed is None:
            self._listed = self._looked()
        return self._listed

    def _looked(self) -> _Listed:
        if self._repo is None:
            found, _ = walk(self._root)
            return _Listed(Plain.of(File(path, None, special) for path, special in found.items()))
        asked = self._asked = self._asked or Asked(self._repo.git)
        files = list_from_index(self._repo, asked, self._index)
        return _known(self._repo, asked, self._index) if files is None else _Listed(files)


class _Listed(NamedTuple):
    """What is on disk; the blobs that the index has of files that Git was told not to look at; what a merge left
    between deleted and changed."""

    files: Listing
    flagged: Mapping[str, str] = {}
    halved: Mapping[str, Side] = {}


def _known(repo: Repo, asked: Asked, index: Index) -> _Listed:
    """What is on disk, with the blob ids that Git knows."""
    found, folders = walk(repo.root)
    converted = conversion(repo, found)
    status, listing = asked.status(repo.prefix), asked.listing()
    _mark_submodules(found, listing.others, repo.root)
    unsure = status.modified | status.deleted | status.unmerged
    sure = {path: entry.blob for path, entry in listing.others.items() if _is_sure(entry)}
    indexed = {**listing.blobs, **sure}
    blobs = {} if converted == "any" else indexed
    files = Plain()
    top = os.fsencode(repo.root)
    for path in sorted(found):
        special = found[path]
        blob = blobs.get(path)
        if blob is None or path in unsure or special not in READABLE:
            files[path] = File(path, None, special)
        elif converted == "none":
            files[path] = File(path, blob, special)
        else:
            files[path] = File(path, blob, special, SizeOf(top, path))
    flagged = {
        path: entry.blob
        for path, entry in listing.others.items()
        if (entry.flag == "S" or entry.flag.islower()) and path in found and converted != "any"
    }
    if len(sure) == len(listing.others) and not any(found.values()):
        _describe(index, repo, asked, folders, indexed, found)
        # What the index describes takes a tenth of the room, and is looked up in by whoever needs little of it.
        described = None if flagged or status.halved else list_from_index(repo, asked, index)
        if described is not None:
            return _Listed(described)
    return _Listed(files, flagged, status.halved)


def _describe(
    index: Index,
    repo: Repo,
    asked: Asked,
    folders: Mapping[str, Stamp | None],
    indexed: Mapping[str, str],
    found: Mapping[str, Special],
) -> None:
    """Have the index describe what was seen, for the next time."""
    status = asked.status(repo.prefix)
    total, written = repo.index_sum()
    if not total or not status.head or status.intended or not settled(asked.began, written):
        return
    apart = {path: path in found for path in {*found, *indexed} if (path in found) != (path in indexed)}
    outline, usual = outlined(indexed), all_usual(indexed)
    seen = StateNote(place_of(repo), total, status.head, heads(status), folders, apart, outline, usual)
    store_state_of(index, seen, indexed, asked.began)


def _is_sure(entry: Entry) -> bool:
    return entry.flag == "H" and entry.stage == 0 and is_regular(entry)


def _mark_submodules(found: dict[str, Special], entries: Mapping[str, Entry], root: Path) -> None:
    """Let submodules that were not fetched, or have lost their `.git`, stand in `found` as what they are."""
    for place in [path for path, entry in entries.items() if entry.mode == SUBMODULE and (root / path).is_dir()]:
        for path in [path for path in found if path.startswith(place + "/")]:
            del found[path]
        found[place] = "submodule"
