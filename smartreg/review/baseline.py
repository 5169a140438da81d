"""Findings that a change introduces: two states checked alike, and only what the change can affect checked twice.

Both sides are checked with one frame (schemas, settings, boundaries, waivers) and one reference date. The result is the
difference of two full runs, plus the findings of the change rules. So a date rule reports only records that the change
affects: what only the passage of time broke is on both sides and does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.messages import SOURCE, Message
from smartreg.core.values import RecordId
from smartreg.diff import records_in
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import Registry
from smartreg.schema.settings import Waiver
from smartreg.trees import CommitTree, find_differing
from smartreg.validation.check import ChangeCheck, CheckedSide, Checker, by_identity, without
from smartreg.validation.waivers import Terms, trust_shared


class Totals(NamedTuple):
    """The number of a registry's findings that count, and of waived ones."""

    found: int
    waived: int


@dataclass(frozen=True)
class Introduced:
    """The findings that a change introduces and fixes, and the waived findings that it adds and removes."""

    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    unwaived: tuple[Finding, ...]


def find_introduced(before: CheckedSide, after: CheckedSide) -> Introduced:
    """The findings that the change from one state to the other introduces. Both registries have the frame of the
    checkers."""
    sides = (before.registry, after.registry)
    files = find_differing(sides[0].tree.files(), sides[1].tree.files())
    rids = records_in(files, *sides)
    noted = {rid for side in sides for rid in _records_with_notes(after.checker, side)}
    compared = ChangeCheck(before, after, rids, files, noted)
    was, now, change = compared.found_before, compared.found_after, compared.of_change()
    return Introduced(
        (*without(now.findings, was.findings), *change.findings),
        tuple(without(was.findings, now.findings)),
        (*without(now.waived, was.waived), *change.waived),
        tuple(without(was.waived, now.waived)),
    )


def totals(side: CheckedSide, kept: Callable[[str], bool]) -> Totals:
    """The number of findings in the files that are `kept`."""
    checked = side.checker.check(side.registry, side.terms)
    sets = (by_identity(findings).values() for findings in (checked.findings, checked.waived))
    return Totals(*(sum(kept(finding.where.file) for finding in findings) for findings in sets))


def load_totals(side: CheckedSide) -> Totals:
    """`totals` of a commit, stored in the index, because the few commits that changes start from are checked again and
    again. With plug-in rules, nothing is stored."""
    registry, checker = side.registry, side.checker
    tree, config, index = registry.tree, registry.config, registry.frame.index
    if not isinstance(tree, CommitTree) or config.plugins:
        return totals(side, lambda _file: True)
    selection = checker.selection
    state = ("totals", tree.state, config.digest, checker.context.on, selection.select, selection.ignore)
    key = question(*state, sorted(checker.rules))
    stored = load_answer(index, key)
    if stored is not None:
        return Totals(*stored)
    counted = totals(side, lambda _file: True)
    store_answer(index, key, counted)
    return counted


def terms_of_change(checker: Checker, before: Registry, waivers: Sequence[Waiver]) -> Terms:
    """The waivers of the later side: those of the checker's settings, and only the comments that the earlier side has
    too. `waivers`: those of the later side; one that it removed is not reported as unused."""
    return checker.terms._replace(trusted=trust_shared(before), standing=waivers)


def _records_with_notes(checker: Checker, side: Registry) -> Iterator[RecordId]:
    """The records that waivers and comments concern: whether these are unused depends on all findings there."""
    yield from (side.by_file[file] for file in side.files_with_remarks())
    for waiver in checker.context.config.waivers:
        if waiver.record in side.by_file:
            yield side.by_file[waiver.record]
        kind, slash, id_ = waiver.record.partition("/")
        if slash and RecordId(kind, id_) in side:
            yield RecordId(kind, id_)
        elif not slash:
            yield from side.with_id(waiver.record)


def with_way_back(finding: Finding, before: Registry, after: Registry) -> Finding:
    """An error of a rule about changes of a record that was edited by hand. The commands that its hint names begin with
    the record as it was before, and find nothing to do in one that says the new value already."""
    file, hint = finding.where.file, finding.hint
    if hint is None or finding.severity != "error" or not (file in before.by_file and file in after.by_file):
        return finding
    if "smartreg " not in hint.in_(SOURCE):
        return finding
    return finding._replace(
        hint=Message("{hint}; before one of these commands, put the old value back and commit that", hint=hint)
    )
