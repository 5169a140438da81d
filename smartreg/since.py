"""What a change introduces: two states judged alike, and only what the change can touch judged twice.

Both sides are judged by one frame (schemas, settings, boundaries, waivers) and one day. What is found is what full runs
of both would differ by, and what the change rules say of the way between them. So a date rule speaks only of records
that the change touches: what only the calendar broke is on both sides and does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence

from smartreg.check import Checker, by_sameness, without
from smartreg.config import FILE, Waiver
from smartreg.findings import Finding, in_order
from smartreg.frozen import dataclass, replace
from smartreg.index import load_answer, question, store_answer
from smartreg.named import NamedTuple
from smartreg.registry import SCHEMA_FOLDER, Registry, odd_names
from smartreg.trees import CommitTree, Tree, differing
from smartreg.values import Location, RecordId, Words
from smartreg.waivers import Terms, trusting

FRAME = "CHG811"


class Totals(NamedTuple):
    """How many findings of a registry count, and how many are waived."""

    found: int
    waived: int


@dataclass(frozen=True)
class Introduced:
    """What the change introduces, in order, and what it mends; which waived findings come and go with it."""

    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    unwaived: tuple[Finding, ...]


@dataclass(frozen=True)
class Side:
    """One state, who judges it (the same rules, settings and day on both sides; the history of each is its own), and
    what is waived there."""

    registry: Registry
    checker: Checker
    terms: Terms


def introduced(before: Side, after: Side) -> Introduced:
    """What the change from one state to the other introduces. Both registries have the same frame, that of the
    checkers."""
    sides, checker = (before.registry, after.registry), after.checker
    files = differing(sides[0].tree.files(), sides[1].tree.files())
    rids = sorted({rid for side in sides for file in files if (rid := side.by_file.get(file)) is not None})
    noted = {rid for side in sides for rid in _noted(checker, side)}
    every = sorted({*rids, *noted})
    touched = {
        code: sorted({*subjects, *(rid for rid in noted if checker.rules[code].speaks_of(rid.kind))})
        for code, subjects in checker.touched(*sides, rids, files).items()
    }
    was, is_ = (
        side.checker.accepted(
            (side.registry,),
            (*odd_names(side.registry.tree.files()), *side.checker.of_some(side.registry, every, touched)),
            side.terms,
            with_notes=True,
        )
        for side in (before, after)
    )
    change = checker.compare(*sides, rids).of_change(after.terms)
    return Introduced(
        tuple(in_order((*without(is_.findings, was.findings), *change.findings))),
        tuple(without(was.findings, is_.findings)),
        (*without(is_.waived, was.waived), *change.waived),
        tuple(without(was.waived, is_.waived)),
    )


def totals(side: Side, kept: Callable[[str], bool]) -> Totals:
    """How much is found in the files that are `kept`."""
    judged = side.checker.judge(side.registry, side.terms)
    found, waived = (by_sameness(some).values() for some in (judged.findings, judged.waived))
    return Totals(sum(kept(one.where.file) for one in found), sum(kept(one.where.file) for one in waived))


def known_totals(side: Side) -> Totals:
    """`totals` of a commit, kept in the index: the commits that changes start from are few, and judged again and again.
    Rules from elsewhere are no part of the program: with them, nothing is kept."""
    registry, checker = side.registry, side.checker
    tree, config, index = registry.tree, registry.config, registry.frame.index
    if not isinstance(tree, CommitTree) or config.plugins:
        return totals(side, lambda _file: True)
    selection = checker.selection
    asked = ("totals", tree.state, config.digest, checker.context.on, selection.select, selection.ignore)
    key = question(*asked, sorted(checker.rules))
    known = load_answer(index, key)
    if known is not None:
        return Totals(*json.loads(known))
    counted = totals(side, lambda _file: True)
    store_answer(index, key, json.dumps(counted).encode())
    return counted


def terms_of_change(checker: Checker, before: Registry, waivers: Sequence[Waiver]) -> Terms:
    """By what the later side is waived: the settings of the checker, and only the comments that stand in the earlier
    side too. `waivers`: those that the later side has; one that it took away is not told to be unused."""
    return replace(checker.terms, trusted=trusting(before), standing=waivers)


def _noted(checker: Checker, side: Registry) -> Iterator[RecordId]:
    """The records that waivers and comments speak of: whether these are of use depends on all that is found there."""
    yield from (side.by_file[file] for file in side.remarked())
    for waiver in checker.context.config.waivers:
        if waiver.record in side.by_file:
            yield side.by_file[waiver.record]
        kind, slash, id_ = waiver.record.partition("/")
        if slash and RecordId(kind, id_) in side:
            yield RecordId(kind, id_)
        elif not slash:
            yield from side.named(waiver.record)


def frames(path: str, outlines: Collection[str | None]) -> bool:
    """Whether a file says how records are judged: schemas, settings and boundaries (`outlines`)."""
    return path == FILE or path.startswith(f"{SCHEMA_FOLDER}/") or path in outlines


def frame_changes(before: Tree, after: Tree, outlines: Collection[str | None], judged_by: Words) -> list[Finding]:
    """CHG811 for each file that says how records are judged and that the change adds, changes or deletes: schemas,
    settings and boundaries (`outlines`)."""
    altered = (path for path in sorted(differing(before.files(), after.files())) if frames(path, outlines))
    return [_frame_change(path, judged_by) for path in altered if _text(before, path) != _text(after, path)]


def _text(tree: Tree, path: str) -> bytes | None:
    file = tree.files().get(path)
    return None if file is None or file.special else tree.read(path)


def _frame_change(path: str, judged_by: Words) -> Finding:
    return Finding(
        FRAME,
        "info",
        Words(
            f"this change alters {path}, by which records are judged",
            f"cette modification touche {path}, d'après quoi les enregistrements sont contrôlés",
        ),
        Location(path),
        judged_by,
    )
