"""The commits of a branch: what each itself changes, and who made it.

A merge changes nothing itself if it has what its parents make of each file (`merged_contents`). Anything else,
including the silent loss of a parent's change, is attributed to the merger. What then still differs at the end of the
branch from upstream, though no commit of the branch wrote it, is attributed to whoever made its last commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import NamedTuple

from smartreg.core.values import Data, RecordId
from smartreg.gitio import RECORD, Commit, FileChange, Repo
from smartreg.gitio.signatures import verify
from smartreg.registry import FOLDER, is_import_file, record_at
from smartreg.registry.frame import LIMIT
from smartreg.review.authors.merged_contents import Conflict, Content, Entry, Merged, MergedContents
from smartreg.review.authors.writers import Author, Writers
from smartreg.yamlio import read


class FileStep(NamedTuple):
    """A file before and after a commit; None if absent. What a merge by fields would be is in no commit."""

    path: str
    before: Content
    after: Content

    @property
    def blobs(self) -> tuple[str | None, str | None]:
        """The blobs of plain files, before and after."""
        before, after = (side.plain if side else None for side in self[1:])
        return before, after


@dataclass(frozen=True)
class AuthoredCommit:
    """One commit: its author, the records that it changes (each with its content before and after; None if absent or
    unreadable), the other files, the records that its message names, the texts of the mappings of imports that it
    writes, and the changed records that upstream did not have when the commit was made. `is_result`: the changes are
    what the branch ends with though none of its commits wrote it; the commit is its last one."""

    commit: Commit
    author: Author
    records: Mapping[RecordId, tuple[Data | None, Data | None]]
    files: Mapping[RecordId, str]
    others: tuple[str, ...]
    named: frozenset[str]
    mappings: Mapping[str, bytes]
    fresh: frozenset[RecordId]
    is_result: bool = False


def authored_commits(
    contents: MergedContents, writers: Writers, commits: Sequence[Commit], upstream: str, tip: str | None = None
) -> list[AuthoredCommit]:
    """These commits, each with its author and changes; `upstream` reaches none of them. With the `tip` of a branch, of
    which these are all commits, also what differs there from upstream and none of them explains, as its author's."""
    repo = contents.repo
    steps = {commit.oid: _steps(contents, commit) for commit in commits}
    left = list(unexplained_steps(contents, steps, upstream, tip)) if tip and steps else []
    signatures = verify(repo.git, [commit.oid for commit in commits])
    fresh_in = _freshness(repo, writers, upstream, any(len(commit.parents) > 1 for commit in commits))

    def authored(commit: Commit, some: Iterable[FileStep], *, is_result: bool = False) -> AuthoredCommit:
        author = writers.author(commit, signatures[commit.oid])
        return _authored_commit(commit, author, some, contents, fresh_in, is_result=is_result)

    _load_texts(contents, [*chain.from_iterable(steps.values()), *left])
    each = [authored(commit, steps[commit.oid]) for commit in commits]
    return each + [authored(commit, left, is_result=True) for commit in commits if left and commit.oid == tip]


def _load_texts(contents: MergedContents, steps: Iterable[FileStep]) -> None:
    read_files = (step for step in steps if record_at(step.path, contents.schemas) or is_import_file(step.path))
    contents.load({blob for step in read_files for blob in step.blobs if blob})


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
    contents: MergedContents,
    fresh_in: Callable[[str, Set[RecordId]], frozenset[RecordId]],
    *,
    is_result: bool,
) -> AuthoredCommit:
    records: dict[RecordId, tuple[Data | None, Data | None]] = {}
    files: dict[RecordId, str] = {}
    mappings: dict[str, bytes] = {}
    others = []
    for step in steps:
        rid, blobs = record_at(step.path, contents.schemas), step.blobs
        if rid is None:
            others.append(step.path)
            if blobs[1] and is_import_file(step.path):
                mappings[step.path] = contents.text(blobs[1])
            continue
        was, now = records.get(rid, (None, None))
        before, after = (read(contents.text(blob), step.path).data if blob else None for blob in blobs)
        records[rid] = before or was, after or now
        if blobs[1] or rid not in files:
            files[rid] = step.path
    # The message of a merge may quote what others wrote: it agrees to nothing. Nor does what a commit only carries.
    speaks = len(commit.parents) < 2 and not is_result
    named_records = frozenset(value for key, value in commit.trailers if key == RECORD and speaks)
    fresh = fresh_in(commit.oid, records.keys())
    return AuthoredCommit(commit, author, records, files, tuple(others), named_records, mappings, fresh, is_result)


def _steps(contents: MergedContents, commit: Commit) -> list[FileStep]:
    if len(commit.parents) < 2:
        return [FileStep(change.path, *_entries(change)) for change in commit.changes]
    return list(steps_of_merge(contents, commit))


def _entries(change: FileChange) -> tuple[Content, Content]:
    sides = ((change.before, change.mode_before), (change.after, change.mode_after))
    before, after = (Entry(blob, mode) if blob and mode else None for blob, mode in sides)
    return before, after


def steps_of_merge(contents: MergedContents, commit: Commit) -> Iterator[FileStep]:
    """The files of a merge that differ from what its parents make of them: the merger's changes."""
    differing = (contents.repo.changes(parent, commit.oid, ()) for parent in commit.parents)
    paths = sorted({change.path for changes in differing for change in changes})
    contents.want(paths)
    for path in paths:
        made, now = contents.merge(commit.parents, path), contents.at(commit.oid, path)
        if not contents.says(path, now, made):
            yield FileStep(path, _before(contents, commit, path, made), now)


def _before(contents: MergedContents, commit: Commit, path: str, made: Merged) -> Content:
    """What a merge would have been without the merger; what its first parent has, where that is a conflict."""
    return contents.at(commit.parents[0], path) if isinstance(made, Conflict) else made


def unexplained_steps(
    contents: MergedContents, steps: Mapping[str, Sequence[FileStep]], upstream: str, tip: str
) -> Iterator[FileStep]:
    """The files of the result, `tip`, that differ from `upstream` and from what both had in common, and have the
    content neither of a step of a commit nor of a clean merge of such contents with each other and with upstream's:
    nobody on the branch wrote that, whatever the road was."""
    bases = contents.repo.merge_bases(tip, upstream)
    paths = [change.path for change in contents.repo.changes(upstream, tip, ())]
    contents.want(paths)
    of_path: dict[str, list[tuple[Content, Content]]] = {}
    for step in chain.from_iterable(steps.values()):
        of_path.setdefault(step.path, []).append((step.before, step.after))
    for path in paths:
        result, theirs, base = contents.at(tip, path), contents.at(upstream, path), contents.merge(bases, path)
        done = of_path.get(path, [])
        if result == base or any(after == result for _, after in done):
            continue
        if not done or not contents.is_made_of(path, result, (theirs, base), done):
            yield FileStep(path, theirs, result)


def merged_files(contents: MergedContents, upstream: str, tip: str) -> dict[str, bytes | None]:
    """The files below `registry/` that a merge of `tip` would change in `upstream`, with the bytes that it would leave
    (None: removed); in a conflict, those of `tip`."""
    repo, written = contents.repo, dict[str, bytes | None]()
    bases = repo.merge_bases(tip, upstream)
    paths = [change.path for change in repo.changes(upstream, tip, ()) if change.path.startswith(f"{FOLDER}/")]
    contents.want(paths)
    for path in paths:
        result, theirs, base = contents.at(tip, path), contents.at(upstream, path), contents.merge(bases, path)
        merged = contents.three_way(path, base, theirs, result)
        entry = result if isinstance(merged, Conflict) else merged
        if entry == theirs:
            continue
        written[path] = None
        if entry is not None and entry.plain:
            is_record = record_at(path, contents.schemas) is not None
            written[path] = contents.text(entry.plain) if is_record else next(repo.blobs((entry.plain,), LIMIT))[1]
    return written
