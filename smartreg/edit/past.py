"""Edits and former states: what rules get to know of an edit, and the findings of change rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.diff import Change, top_level_changes
from smartreg.edit.edit import Edit
from smartreg.gitio import Repo
from smartreg.registry import Registry
from smartreg.rules import Corrected
from smartreg.trees import READ_LIMIT, Tree
from smartreg.validation.check import Checker

ADD = "add"
FEW = 100  # maximum number of paths on a command line
_LONGEST = 1 << 30  # bytes of a file that is written back


def with_recorded_corrections(checker: Checker, edit: Edit, changes: Sequence[Change]) -> Checker:
    """The checker with the edit's context: its corrections, its new records, and today as the day of last change."""
    today = checker.context.on
    context = replace(
        checker.context,
        corrected=corrections_of(changes) if edit.past == "corrected" else {},
        entered=frozenset(edit.records) if edit.op == ADD else frozenset(),
        last_touched=lambda _record: today,
        decimals=edit.decimals,
    )
    return replace(checker, context=context)


def corrections_of(changes: Iterable[Change]) -> Corrected:
    """The fields, by their top level, in which records say something else; the commit will say why."""
    return {
        (change.rid, name): ""
        for change in changes
        if change.before is not None and change.after is not None
        for name in top_level_changes(change.before.data, change.after.data)
    }


def against_the_past(
    sides: tuple[Registry, Registry], edit: Edit, checker: Checker, rids: Sequence[RecordId], repo: Repo | None
) -> list[Finding]:
    """What the change rules say of an edit. Only what is committed is the past: a fault that the way from the last
    commit does not have (the edit takes back what was never committed) is none."""
    if edit.past == "unpublished":
        return []
    before, after = sides
    found = checker.compare(before, after, rids).of_change().findings
    if not found or repo is None:
        return found
    other = _read_committed(repo, before.tree, edit.writes)
    if not other:
        return found
    keys = {finding.key for finding in checker.compare(before.with_writes(other), after, rids).of_change().findings}
    return [finding for finding in found if finding.key in keys]


def _read_committed(repo: Repo, tree: Tree, paths: Iterable[str]) -> Mapping[str, bytes | None]:
    """What the last commit holds at these paths, where the working tree has something else; None where nothing."""
    head, wanted = repo.head(), list(paths)
    held = repo.tree(head, wanted if len(wanted) <= FEW else ()) if head else {}
    texts = dict(repo.blobs(dict.fromkeys(held[path].blob for path in wanted if path in held)))
    found = {path: texts[held[path].blob] if path in held else None for path in wanted}
    return {path: text for path, text in found.items() if text != present(tree, path)}


def present(tree: Tree, path: str) -> bytes | None:
    """The bytes at a path; None where there is no file. Annexes and keys of sheets may be longer than a record."""
    try:
        content = tree.read(path)
        return content if len(content) < READ_LIMIT else tree.read(path, _LONGEST)
    except FileNotFoundError:
        return None
