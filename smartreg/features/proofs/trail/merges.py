"""Merges with what their parents do not make of a file, by somebody who may not change it (AUD926)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.values import Location, short_id
from smartreg.features.proofs.trail.states import in_frame
from smartreg.gitio import Commit, Repo
from smartreg.gitio.signatures import verify
from smartreg.registry import Registry, record_at
from smartreg.review.authors import FileStep, MergedContents, Writers, steps_of_merge

FOREIGN = "AUD926"


def check_merge(repo: Repo, commit: Commit, before: Registry, day: date) -> Iterator[Finding]:
    """AUD926 for the records, settings and schemas in which a merge is otherwise than its parents make it, in whatever
    order they are folded, if `before`, the state of its first parent, lists writers and the merger is none for them."""
    contents = MergedContents(repo, before.schemas)
    steps = [step for step in steps_of_merge(contents, commit) if _is_judged(before, step)]
    writers = Writers(before, day)
    if not steps or not writers.listing:
        return
    signature = verify(repo.git, [commit.oid])[commit.oid]
    author, short = writers.author(commit, signature), short_id(commit.oid)
    for step in steps:
        rid = record_at(step.path, before.schemas)
        record = before.get(rid) if rid is not None else None
        if rid is not None and record is None:
            continue  # new, or settled under another id: AUD901, AUD915
        allowed = writers.answerable(writers.owners(record.rid, record.data) if record is not None else ())
        if not (author.proven | author.hinted) & allowed:
            yield Finding(
                FOREIGN,
                "error",
                Message("merge {short} has in this file what none of its parents makes of it", short=short),
                Location(step.path),
                Message("compare it with its parents: git show -m {short}", short=short),
            )


def _is_judged(before: Registry, step: FileStep) -> bool:
    return in_frame(step.path) or record_at(step.path, before.schemas) is not None
