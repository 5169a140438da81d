"""Records that a merge lost (AUD915): two branches added one id for two things, and the merge has one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.values import Location, Record, short_id
from smartreg.gitio import Repo
from smartreg.registry import Registry, distinguishing_fields, is_same, named_values
from smartreg.trees import find_differing

LOST = "AUD915"
_FEW = 100  # paths on a command line


class MergedSide(NamedTuple):
    """A commit that was merged, and its registry."""

    commit: str
    registry: Registry


def find_lost(repo: Repo, sides: Sequence[MergedSide], states: Sequence[Registry]) -> Iterator[Finding]:
    """The records of the merged `sides` that are in none of the `states`: the merge, and what became of it."""
    first = sides[0]
    for other in sides[1:]:
        for file in _added_on_both(repo, first, other):
            ours, theirs = first.registry.at(file), other.registry.at(file)
            unread = file in states[-1].by_file and states[-1].at(file) is None  # YML009 or another fault says why
            if ours is None or theirs is None or unread:
                continue
            kind, indexed = first.registry.schemas.kinds[ours.rid.kind], first.registry.frame.indexed
            fields = distinguishing_fields(kind, indexed, ours.data, theirs.data)
            for side, record in ((first, ours), (other, theirs)):
                if fields and not any(_holds(state, side.registry, record, fields) for state in states):
                    yield _lost(side, record, fields)


def _added_on_both(repo: Repo, first: MergedSide, other: MergedSide) -> list[str]:
    """The files of records that both sides have, in which they differ, and that were not there when they parted."""
    ours, theirs = first.registry, other.registry
    differing = find_differing(ours.tree.files(), theirs.tree.files())
    files = sorted(file for file in differing if file in ours.by_file and file in theirs.by_file)
    if not files:
        return []
    try:
        base = repo.merge_base(first.commit, other.commit)
    except StateFault:
        return [] if repo.is_shallow() else files
    ancestral = repo.tree(base, files if len(files) <= _FEW else None)
    return [file for file in files if file not in ancestral]


def _holds(state: Registry, side: Registry, record: Record, fields: Sequence[str]) -> bool:
    """Whether a state has the record: under its id, or under one that its side does not have."""
    return any(
        is_same(fields, record.data, other.data)
        for other in state.of_kind(record.rid.kind)
        if other.file == record.file or other.file not in side.by_file
    )


def _lost(side: MergedSide, record: Record, fields: tuple[str, ...]) -> Finding:
    values, short = named_values(fields, record.data), short_id(side.commit)
    command = f"git show {short}:./{record.file} | smartreg add {record.rid.kind} --from - --id"
    return Finding(
        LOST,
        "error",
        Message(
            "a merge kept one of two records under {record}: the one of {short} is lost ({values})",
            record=record.rid,
            short=short,
            values=values,
        ),
        Location(record.file),
        Message("add it again under another id: {command} NEW-ID -y", command=command),
    )
