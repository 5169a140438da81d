"""A comparison of two states with what its changes touch: who names the changed records, what else differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.diff import Change, ChangeKind
from smartreg.findings import Finding
from smartreg.registry import Registry
from smartreg.trees import File, Tree
from smartreg.values import RecordId, Words

REPLACES = "replaces"  # the reference by which a record names the one whose place it took
MANY = 50  # from so many changes on, reading everything once is cheaper than looking each one up


class Side(NamedTuple):
    """One side of a comparison: how it was asked for, and its commit (None: working tree, index, nothing yet)."""

    name: Words
    commit: str | None = None
    short: str | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """The records that name a changed record on the later side, and those of them that replace it."""

    named_by: tuple[RecordId, ...]
    replaced_by: tuple[RecordId, ...]


class OtherFile(NamedTuple):
    """A file that is no record and differs: a schema, the settings, an annex. `kind`: added, removed or changed."""

    path: str
    kind: ChangeKind


@dataclass(frozen=True)
class Comparison:
    """What lies between two states. `introduced` are the findings that the later side has and the earlier has not;
    None when nobody looked."""

    before: Side
    after: Side
    changes: tuple[Change, ...]
    impacts: Mapping[RecordId, Impact]
    others: tuple[OtherFile, ...] = ()
    introduced: tuple[Finding, ...] | None = None

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        """How many changes of each kind; kinds without any are left out."""
        found = Counter(change.kind for change in self.changes)
        order: tuple[ChangeKind, ...] = ("added", "changed", "retired", "removed", "unreadable")
        return {kind: found[kind] for kind in order if found[kind]}


def impacts(after: Registry, changes: Sequence[Change]) -> dict[RecordId, Impact]:
    """Who names the records that changed, by record; records that came are left out."""
    wanted = [change.rid for change in changes if change.kind != "added" and change.rid.kind in after.schemas.kinds]
    if len(wanted) > MANY:
        after.load_all()
    return {rid: _impact(after, rid) for rid in wanted}


def _impact(after: Registry, rid: RecordId) -> Impact:
    links = list(after.links_to(rid))
    replacing = [link.source for link in links if link.path == (REPLACES,)]
    return Impact(_once(link.source for link in links), _once(replacing))


def _once(rids: Iterable[RecordId]) -> tuple[RecordId, ...]:
    return tuple(sorted(set(rids)))


def other_files(before: Registry, after: Registry) -> tuple[OtherFile, ...]:
    """The files beside the records that differ, by path; a record's path where no record can be any more is one."""
    return tuple(_other_files(before, after))


def _other_files(before: Registry, after: Registry) -> Iterator[OtherFile]:
    olds, news = before.tree.files(), after.tree.files()
    for path in sorted((olds.keys() - before.by_file.keys()) | (news.keys() - after.by_file.keys())):
        old, new = olds.get(path), news.get(path)
        if old is None:
            yield OtherFile(path, "added")
        elif new is None:
            yield OtherFile(path, "removed")
        elif _differ((before.tree, old), (after.tree, new)):
            yield OtherFile(path, "changed")


def _differ(before: tuple[Tree, File], after: tuple[Tree, File]) -> bool:
    old, new = before[1], after[1]
    if old.special or new.special:
        return old.special != new.special
    if old.blob is not None and new.blob is not None:
        return old.blob != new.blob
    return _bytes(*before) != _bytes(*after)


def _bytes(tree: Tree, file: File) -> bytes | None:
    try:
        return tree.read(file.path)
    except FileNotFoundError:
        return None
