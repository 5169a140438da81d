"""The working tree: what is on disk, and what a sparse checkout leaves out. The disk determines which files exist; Git
knows which of them are tracked, and has those that a sparse checkout leaves out."""

from __future__ import annotations

import os
import re
from codecs import lookup
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from smartreg.gitio import PendingReads, Repo, Side, TreeEntry, blob_id, encodings_of
from smartreg.gitio.objects import ObjectFormat
from smartreg.index import Index
from smartreg.trees.folders import SizeOf, read_files, walk
from smartreg.trees.objects import (
    READABLE,
    SUBMODULE,
    conversion,
    find_skipped,
    find_skipped_below,
    is_regular,
    read_blobs,
)
from smartreg.trees.refresh import described_files, list_from_index, state_of, store_head
from smartreg.trees.tree import (
    READ_LIMIT,
    File,
    Listing,
    Plain,
    Special,
    in_scope,
)

_WHOLE = 1 << 28  # bytes read from a file to check whether it is the one that Git has
_SLOW = frozenset({"idna", "punycode"})  # Python's own, quadratic in the length of the text; Git has no such encodings


class WorkingTree:
    """The files under `root`, as they were when first listed; bytes are those on disk when first read by `read`. Files
    that a sparse checkout leaves out have the bytes of Git's index.

    A write must find what its plan was made from: a second `read` gives the bytes of the first, and a file that did not
    exist when the tree was listed does not exist afterwards.

    `asked`: what Git was asked at the start of the run. `index`: may know the files. `folders`: as those of `repo`, if
    there is none.

    A blob id is given for files that Git knows to be unchanged since they were added to its index: never for flagged
    ones (assume-unchanged, skip-worktree), nor where filters apply. Where Git may convert line ends, the size is given
    too: the file holds the bytes of its blob only if the blob has that size. If Git keeps a file in another encoding on
    disk and it is unchanged, its bytes are those of its blob.
    """

    name = "working tree"
    commit: str | None = None

    def __init__(
        self,
        root: Path,
        repo: Repo | None = None,
        asked: PendingReads | None = None,
        index: Index | None = None,
        folders: tuple[str, ...] = (),
    ) -> None:
        self.folders = repo.folders if repo is not None else folders
        self._root = root
        self._repo = repo
        self._asked = asked
        self._index = index or Index.open(None, "")
        self._given: dict[str, bytes] = {}
        self._listed: _Listed | None = None

    def as_described(self) -> WorkingTree | None:
        """The same with the files that the index described last: nobody asks what has changed since. None if it
        describes none."""
        files = described_files(self._repo, self._index) if self._repo is not None else None
        if files is None:
            return None
        tree = WorkingTree(self._root, self._repo, index=self._index)
        tree._listed = _Listed(files)
        return tree

    @property
    def object_format(self) -> ObjectFormat:
        return self._repo.object_format() if self._repo else "sha1"

    def files(self) -> Listing:
        return self._list().files

    def hidden_files(self) -> list[str]:
        """The files that differ from Git's index while Git ignores their changes (assume-unchanged, skip-worktree):
        `git status` does not report them. Other line ends are no difference."""
        flagged = self._list().flagged
        texts = dict(read_files(self._root, flagged, _WHOLE))
        made_of = self.object_format
        return [path for path in flagged if path not in texts or flagged[path] not in _blobs(texts[path], made_of)]

    def half_deletions(self) -> Mapping[str, Side]:
        """The files that one branch of a merge deleted and the other changed, and the side that changed them, until
        `git add` or `git rm` settles it."""
        return self._list().delete_modify

    def added_twice(self) -> frozenset[str]:
        """The files that both branches of a merge added, until `git add` settles it."""
        return self._list().twice

    def uncommitted_files(self, start: str) -> list[str]:
        """The files whose path starts so and that differ from the last commit."""
        self._list()
        if self._repo is None or self._asked is None:
            return []
        status = self._asked.status(self._repo.prefix)
        return sorted(path for path in status.dirty() | status.untracked if path.startswith(start))

    def read(self, path: str, limit: int = READ_LIMIT) -> bytes:
        if limit == READ_LIMIT and path in self._given:
            return self._given[path]
        if self._listed is not None and path not in self._listed.files:
            raise FileNotFoundError(path)
        for content in self._contents(path, limit):
            if limit == READ_LIMIT:
                self._given[path] = content
            return content
        raise FileNotFoundError(path)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        wanted = [path for path in paths if in_scope(path, self.folders)]
        elsewhere = self._list().in_blobs
        on_disk = read_files(self._root, (path for path in wanted if path not in elsewhere))
        if self._repo is None or not elsewhere:
            return on_disk
        return _in_turn(wanted, on_disk, read_blobs(self._repo, elsewhere, wanted))

    def _contents(self, path: str, limit: int) -> Iterator[bytes]:
        """The bytes of a file, on disk or in Git's blob; nothing if it is no regular file."""
        if not in_scope(path, self.folders):
            return
        if self._listed is None or path not in self._listed.in_blobs:
            yield from (content for _, content in read_files(self._root, (path,), limit))
        if self._repo is not None:
            elsewhere = self._listed.in_blobs if self._listed is not None else find_skipped_below(self._repo, (path,))
            yield from (content for _, content in read_blobs(self._repo, elsewhere, (path,), limit))

    def _list(self) -> _Listed:
        if self._listed is None:
            self._listed = self._from_disk()
        return self._listed

    def _from_disk(self) -> _Listed:
        if self._repo is None:
            found = walk(self._root, self.folders)
            return _Listed(Plain.of(File(path, None, special) for path, special in found.items()))
        pending = self._asked = self._asked or PendingReads(self._repo.git, self._repo.paths)
        files = list_from_index(self._repo, pending, self._index, partial(_relist, self._repo))
        return _from_git(self._repo, pending, self._index) if files is None else _Listed(files)


def _in_turn(
    paths: Iterable[str], on_disk: Iterator[tuple[str, bytes]], in_blobs: Iterator[tuple[str, bytes]]
) -> Iterator[tuple[str, bytes]]:
    """The bytes of these paths in their order, from two readers that keep it."""
    here, there = next(on_disk, None), next(in_blobs, None)
    for path in paths:
        if there is not None and there[0] == path:
            yield there
            there = next(in_blobs, None)
        elif here is not None and here[0] == path:
            yield here
            here = next(on_disk, None)


class _Listed(NamedTuple):
    """The files; the blobs in Git's index of files whose changes Git ignores; the files that are read from Git's blobs,
    because a sparse checkout leaves them out or the disk has them in another encoding; the files that a merge left half
    deleted; those that both of its branches added."""

    files: Listing
    flagged: Mapping[str, str] = {}
    in_blobs: Mapping[str, File] = {}
    delete_modify: Mapping[str, Side] = {}
    twice: frozenset[str] = frozenset()


def _from_git(repo: Repo, pending: PendingReads, index: Index) -> _Listed:
    """The files, with the blob ids that Git knows."""
    found = walk(repo.root, repo.folders)
    status, listing = pending.status(repo.prefix), pending.listing()
    left_out = find_skipped(repo.root, listing.others)
    converted = conversion(repo, found, pending.converting, left_out)
    _mark_submodules(found, listing.others, repo.root)
    unsure = status.modified | status.deleted | status.unmerged
    sure = {path: entry.blob for path, entry in listing.others.items() if _is_sure(entry)}
    indexed = {**listing.blobs, **sure}
    blobs = {} if converted.other else indexed
    recoded = _find_recoded(repo, found, indexed) if converted.encoding else {}
    files = Plain()
    top = os.fsencode(repo.root)
    for path in sorted(found):
        special = found[path]
        blob = blobs.get(path)
        if path in recoded:
            files[path] = File(path, recoded[path], special if recoded[path] else "other encoding")
        elif blob is None or path in unsure or special not in READABLE:
            files[path] = File(path, None, special)
        elif converted.length:
            files[path] = File(path, blob, special, SizeOf(top, path))
        else:
            files[path] = File(path, blob, special)
    flagged = {
        path: entry.blob
        for path, entry in listing.others.items()
        if (entry.is_skipped or entry.flag.islower()) and path not in left_out and not converted.other
    }
    in_blobs = {path: File(path, blob) for path, blob in recoded.items() if blob is not None} | dict(left_out)
    if left_out:
        files = Plain.of((*files.values(), *left_out.values()))
    elif (
        len(sure) == len(listing.others)
        and not (flagged or in_blobs or any(found.values()))
        and store_head(repo, status, index, indexed, sized=converted.length)
    ):
        # What the index describes takes a tenth of the memory, and can be searched without reading all of it.
        described = list_from_index(repo, pending, index, partial(_relist, repo))
        if described is not None:
            return _Listed(described)
    return _Listed(files, flagged, in_blobs, status.delete_modify, status.twice)


def _find_recoded(repo: Repo, found: Mapping[str, Special], indexed: Mapping[str, str]) -> dict[str, str | None]:
    """The files that have another encoding on disk than in Git, with the blob of those with the same text; None for one
    that was changed, is new, or is in an encoding that Python does not know."""
    names = encodings_of(repo.git, [path for path, special in found.items() if special in READABLE])
    recoded: dict[str, str | None] = dict.fromkeys(names)
    for path, content in read_files(repo.root, names, _WHOLE):
        texts = (content, *_decode(content, names[path]))
        if any(indexed.get(path) in _blobs(text, repo.object_format()) for text in texts):
            recoded[path] = indexed[path]
    return recoded


def _decode(content: bytes, encoding: str) -> Iterator[bytes]:
    """The text in UTF-8, if it is valid in that encoding. `UTF-16LE-BOM` and the like are Git's own names."""
    name = re.sub(r"(?i)[BL]E-BOM\Z", "", encoding)
    try:
        if lookup(name).name not in _SLOW:
            yield content.decode(name).encode("utf-8")
    except (LookupError, ValueError):
        pass


def _blobs(text: bytes, object_format: ObjectFormat) -> tuple[str, ...]:
    """The blob ids that a text may have, depending on its line ends."""
    return tuple(blob_id(variant, object_format) for variant in (text, text.replace(b"\r\n", b"\n")))


def _relist(repo: Repo) -> dict[str, str]:
    """The state of each file, as the index has it: for when the index goes away."""
    pending = PendingReads(repo.git, repo.paths)
    return {file.path: state_of(file) for file in _from_git(repo, pending, Index(None)).files.each()}


def _is_sure(entry: TreeEntry) -> bool:
    return entry.flag == "H" and entry.stage == 0 and is_regular(entry)


def _mark_submodules(found: dict[str, Special], entries: Mapping[str, TreeEntry], root: Path) -> None:
    """Mark submodules in `found` that were not fetched, or have lost their `.git`."""
    for place in [path for path, entry in entries.items() if entry.mode == SUBMODULE and (root / path).is_dir()]:
        for path in [path for path in found if path.startswith(place + "/")]:
            del found[path]
        found[place] = "submodule"
