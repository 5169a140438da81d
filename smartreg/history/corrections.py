"""The corrections recorded in Git's history, for checks of a change of several commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.values import Data, RecordId
from smartreg.diff import same
from smartreg.gitio import Commit, Repo
from smartreg.history import CORRECT
from smartreg.registry import record_at
from smartreg.rules import Corrected
from smartreg.schema import Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


def corrections_between(repo: Repo, schemas: Schemas, base: str, head: str) -> Corrected:
    """What the commits that `head` reaches and `base` does not record as corrected (`Smartreg-Op: correct`): each
    record that they say so of, with the top-level fields that they changed, and the reason that the last one gives. One
    pass over those commits; texts are read of these alone."""
    commits = [
        commit
        for commit in repo.history(start=repo.resolve(head), exclude=(repo.resolve(base),))
        if CORRECT in commit.ops
    ]
    blobs = {blob for commit in commits for change in commit.changes for blob in (change.before, change.after) if blob}
    texts = dict(repo.blobs(sorted(blobs), READ_LIMIT))
    return {
        pair: commit.reason_of(CORRECT, str(pair[0]))
        for commit in reversed(commits)
        for pair in _corrected_fields(commit, schemas, texts)
    }


def _corrected_fields(commit: Commit, schemas: Schemas, texts: Mapping[str, bytes]) -> Iterator[tuple[RecordId, str]]:
    """The fields that one commit changed, of the records that are there before and after, in any folder."""
    sides: dict[RecordId, tuple[Data, Data]] = {}
    for change in commit.changes:
        rid = record_at(change.path, schemas)
        if rid is not None:
            was, now = sides.get(rid, ({}, {}))
            was = read(texts[change.before], change.path).data or {} if change.before else was
            now = read(texts[change.after], change.path).data or {} if change.after else now
            sides[rid] = (was, now)
    for rid, (was, now) in sides.items():
        if was and now and commit.did(CORRECT, str(rid)):
            yield from ((rid, name) for name in {*was, *now} if not same(was.get(name), now.get(name)))
