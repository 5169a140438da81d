"""The commits of a branch: what each itself changes, and who made it.

A merge changes nothing itself if it takes what only one of its parents has changed since their common ancestor, or
the result of a merge by fields. Anything else, including the silent loss of a parent's change, is attributed to the
merger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.values import Data, RecordId
from smartreg.diff import same
from smartreg.edit.merge import Versions, merge_texts
from smartreg.gitio import RECORD, Commit, GitFailed, Repo
from smartreg.gitio.merge_file import LineMerger
from smartreg.gitio.signatures import verify
from smartreg.registry import is_import_file, record_at
from smartreg.review.authors.writers import Author, Writers
from smartreg.schema import Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


class FileStep(NamedTuple):
    """A file before and after a commit: blob ids, None if absent."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class AuthoredCommit:
    """One commit: its author, the records that it changes (each with its content before and after; None if absent or
    unreadable), the other files, the records that its message names, the texts of the mappings of imports that it
    writes, and the changed records that upstream did not have when the commit was made."""

    commit: Commit
    author: Author
    records: Mapping[RecordId, tuple[Data | None, Data | None]]
    files: Mapping[RecordId, str]
    others: tuple[str, ...]
    named: frozenset[str]
    mappings: Mapping[str, bytes]
    fresh: frozenset[RecordId]


def authored_commits(repo: Repo, writers: Writers, commits: Sequence[Commit], upstream: str) -> list[AuthoredCommit]:
    """These commits, each with its author and changes; `upstream` reaches none of them."""
    schemas = writers.base.schemas
    steps = {commit.oid: _steps(repo, commit, schemas) for commit in commits}
    signatures = verify(repo.git, [commit.oid for commit in commits])
    read_files = (
        step for some in steps.values() for step in some if record_at(step.path, schemas) or is_import_file(step.path)
    )
    blobs = {blob for step in read_files for blob in step[1:] if blob}
    texts = dict(repo.blobs(sorted(blobs), READ_LIMIT))
    fresh_in = _freshness(repo, writers, upstream, any(len(commit.parents) > 1 for commit in commits))
    return [
        _authored_commit(
            commit, writers.author(commit, signatures[commit.oid]), steps[commit.oid], texts, schemas, fresh_in
        )
        for commit in commits
    ]


def _freshness(
    repo: Repo, writers: Writers, upstream: str, merging: bool
) -> Callable[[str, Set[RecordId]], frozenset[RecordId]]:
    """Which of some records upstream did not have when a commit was made. It had those of the base, unless merges
    brought it in later."""
    base = writers.base

    @cache
    def records_at_fork(fork: str) -> frozenset[RecordId]:
        rids = (record_at(path, base.schemas) for path in repo.tree(fork))
        return frozenset(rid for rid in rids if rid is not None)

    def fresh_in(commit: str, records: Set[RecordId]) -> frozenset[RecordId]:
        if not merging:
            return frozenset(records - base.places.keys())
        fork = repo.git.line("merge-base", upstream, commit)
        return frozenset(records - records_at_fork(fork) if fork else records)

    return fresh_in


def _authored_commit(
    commit: Commit,
    author: Author,
    steps: Iterable[FileStep],
    texts: Mapping[str, bytes],
    schemas: Schemas,
    fresh_in: Callable[[str, Set[RecordId]], frozenset[RecordId]],
) -> AuthoredCommit:
    records: dict[RecordId, tuple[Data | None, Data | None]] = {}
    files: dict[RecordId, str] = {}
    mappings: dict[str, bytes] = {}
    others = []
    for step in steps:
        rid = record_at(step.path, schemas)
        if rid is None:
            others.append(step.path)
            if step.after and is_import_file(step.path):
                mappings[step.path] = texts[step.after]
            continue
        was, now = records.get(rid, (None, None))
        before, after = (read(texts[blob], step.path).data if blob else None for blob in (step.before, step.after))
        records[rid] = before or was, after or now
        if step.after or rid not in files:
            files[rid] = step.path
    # The message of a merge may quote what others wrote: it agrees to nothing.
    named_records = frozenset(value for key, value in commit.trailers if key == RECORD and len(commit.parents) < 2)
    fresh = fresh_in(commit.oid, records.keys())
    return AuthoredCommit(commit, author, records, files, tuple(others), named_records, mappings, fresh)


def _steps(repo: Repo, commit: Commit, schemas: Schemas) -> list[FileStep]:
    if len(commit.parents) < 2:
        return [FileStep(change.path, _plain(change[1:4:2]), _plain(change[2:5:2])) for change in commit.changes]
    return list(_of_merge(repo, commit, schemas))


def _plain(blob_and_mode: tuple[str | None, ...]) -> str | None:
    """The blob of a plain file: a link contains no record, and a submodule has no blob."""
    blob, mode = blob_and_mode
    return blob if mode in ("100644", "100755") else None


def _of_merge(repo: Repo, commit: Commit, schemas: Schemas) -> Iterator[FileStep]:
    """The files of a merge that differ from what its parents make of them."""
    first, *rest = commit.parents
    now, mine, settled = _files(repo, commit.oid), _files(repo, first), set()
    for parent in rest:
        theirs, base = _files(repo, parent), _ancestral(repo, first, parent)
        for path in theirs.keys() | base.keys():
            sides = Versions(base.get(path), mine.get(path), theirs.get(path))
            if sides.ours == sides.base:
                mine[path] = sides.theirs
            elif sides.theirs not in (sides.base, sides.ours):
                if _merges_to(repo, schemas, path, sides, now):
                    mine[path] = now[path]
                else:  # taking one side of a conflict drops the other
                    settled.add(path)
    for path in sorted(mine.keys() | now.keys()):
        if mine.get(path) != now.get(path) or path in settled:
            yield FileStep(path, mine.get(path), now.get(path))


def _merges_to(
    repo: Repo, schemas: Schemas, path: str, sides: Versions[str | None], now: Mapping[str, str | None]
) -> bool:
    """Whether the text of a file after a merge equals the conflict-free combination of both sides."""
    blobs, result, rid = [blob for blob in sides if blob], now.get(path), record_at(path, schemas)
    if result is None or len(blobs) < 3 or rid is None:
        return False
    texts = dict(repo.blobs({*blobs, result}, READ_LIMIT))
    try:
        merge = merge_texts(Versions(*(texts[blob] for blob in blobs)), schemas.kinds[rid.kind], LineMerger(repo.root))
    except GitFailed:
        return False
    return merge.clean and same(read(merge.text, path).data, read(texts[result], path).data)


def _ancestral(repo: Repo, one: str, other: str) -> dict[str, str | None]:
    """The files of the common ancestor of two commits; none without common history."""
    try:
        return _files(repo, repo.merge_base(one, other))
    except StateFault:
        if repo.is_shallow():
            raise
        return {}


def _files(repo: Repo, commit: str) -> dict[str, str | None]:
    return {path: _plain((entry.blob, entry.mode)) for path, entry in repo.tree(commit, ()).items()}
