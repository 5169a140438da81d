"""The only writer: plan → check on the edited tree → only new errors block → write atomically → one commit. Edits and
earlier states: what rules learn about an edit, and the findings of change rules. Uncommitted schemas: a commit of
records alone must be valid by the schemas that it contains.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from smartreg.core.errors import Cancelled, Refused, StateFault
from smartreg.core.findings import Finding, in_order, without_mirrors
from smartreg.core.messages import Message, Text, plural, verbatim
from smartreg.core.secret import refuse_private
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.diff import Change, diff, records_in, top_level_changes
from smartreg.domain.kinds import named_conventions
from smartreg.domain.refusals import TOLD, told
from smartreg.edit.edit import Edit, Outcome, WriteOptions
from smartreg.gitio import (
    PendingWriteChecks,
    Repo,
    Write,
    ask_before_write,
    blob_id,
    commit,
    concurrent_change,
    preflight,
)
from smartreg.registry import SCHEMA_FOLDER, Registry, open_registry, record_at
from smartreg.rules import Corrected
from smartreg.trees import READ_LIMIT, CommitTree, Tree, WorkingTree
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
    """The changed fields of records, by their top level; the commit will say why."""
    return {
        (change.rid, name): ""
        for change in changes
        if change.before is not None and change.after is not None
        for name in top_level_changes(change.before.data, change.after.data)
    }


def against_the_past(
    sides: tuple[Registry, Registry], edit: Edit, checker: Checker, rids: Sequence[RecordId], repo: Repo | None
) -> list[Finding]:
    """The findings of the change rules for an edit. Only what is committed is the past: if the step from the last
    commit has no fault (the edit takes back what was never committed), there is none."""
    if edit.past == "unpublished":
        return []
    before, after = sides
    findings = checker.compare(before, after, rids).of_change().findings
    if not findings or repo is None:
        return findings
    committed = _read_committed(repo, before.tree, edit.writes)
    if not committed:
        return findings
    since = checker.compare(before.with_writes(committed), after, rids).of_change().findings
    keys = {finding.key for finding in since}
    return [finding for finding in findings if finding.key in keys]


def _read_committed(repo: Repo, tree: Tree, paths: Iterable[str]) -> Mapping[str, bytes | None]:
    """The content of the last commit at these paths, if the working tree differs; None if absent."""
    head, paths = repo.head(), list(paths)
    entries = repo.tree(head, paths if len(paths) <= FEW else ()) if head else {}
    texts = dict(repo.blobs(dict.fromkeys(entries[path].blob for path in paths if path in entries)))
    committed = {path: texts[entries[path].blob] if path in entries else None for path in paths}
    return {path: text for path, text in committed.items() if text != present(tree, path)}


def present(tree: Tree, path: str) -> bytes | None:
    """The bytes at a path; None if there is no file. Annexes and keys of sheets may be longer than a record."""
    try:
        content = tree.read(path)
        return content if len(content) < READ_LIMIT else tree.read(path, _LONGEST)
    except FileNotFoundError:
        return None


UNEXPECTED = "CHG810"  # where no kind claims the folder


def refuse_uncommitted_schemas(repo: Repo, before: Registry, edit: Edit, checker: Checker) -> None:
    """Raises StateFault if what the edit writes is not a valid record by the schemas of the last commit, which the new
    commit contains too."""
    tree, inside = before.tree, f"{SCHEMA_FOLDER}/"
    changed = tree.uncommitted_files(inside) if isinstance(tree, WorkingTree) else []
    head = repo.head() if changed else None
    if head is None or any(path.startswith(inside) for path in edit.writes):
        return
    committed = open_registry(CommitTree(repo, head, before.frame.index), before.frame.index, before.frame.indexed)
    after = committed.with_writes(edit.writes)
    rids = records_in(edit.writes, committed, after)
    judging = replace(checker, context=replace(checker.context, schemas=committed.schemas))
    for finding in judging.compare(committed, after, rids).introduced:
        is_schema_fault = finding.code.startswith("SCH") or finding.code == UNEXPECTED
        if is_schema_fault and finding.severity == "error" and finding.where.file in edit.writes:
            raise _not_committed(finding.where.file, changed)


def _not_committed(file: str, schemas: list[str]) -> StateFault:
    listed, words = ", ".join(schemas), shlex.join(schemas)
    command = f'git add {words} && git commit -m "…" -- {words}'
    return StateFault(
        Message(
            "{file} would be invalid under the schemas of the last commit: not committed yet: {listed}",
            file=file,
            listed=listed,
        ),
        Message("commit the schemas first: {command}; or --no-commit", command=command),
    )


PERSONAL = "REC121"
ALLOWABLE: Mapping[str, Text] = {
    PERSONAL: Message("if it is not a person's own"),
    "GEO717": Message("where it really is there"),
    "GEO731": Message("where it really is there"),
}
"""The warnings that refuse a write which introduces them, unless it allows them, and when it may."""


class RefusedWrite(Refused):
    """The edit would break rules: `outcome` says which, and what it would have changed. Nothing was written."""

    def __init__(self, outcome: Outcome) -> None:
        count = sum(finding.severity == "error" for finding in outcome.introduced)
        super().__init__(
            plural(
                "not written: this would add {n} error to the registry",
                "not written: this would add {n} errors to the registry",
                n=count,
            )
        )
        self.outcome = outcome


def carry_out(repo: Repo, before: Registry, edit: Edit, checker: Checker, options: WriteOptions) -> Outcome:
    """Check and write an edit. Raises RefusedWrite if it introduces errors, StateFault if Git cannot take it; in both
    cases nothing has changed. `before` must be the registry of the working tree."""
    if options.commit:
        trailers = ((f"--trailer {key}", f"{key}: {value}") for key, value in options.trailers)
        refuse_private([("-m", options.message), ("--reason", options.reason), *trailers])
    if options.confirm is not None and options.commit and not options.dry_run:
        # Do not ask for confirmation of what Git would refuse; the commit itself checks again.
        preflight(repo, sorted(edit.writes))
    checks = None
    if options.commit and not options.dry_run:  # Git works in the background
        checks = ask_before_write(repo, {path: present(before.tree, path) for path in edit.writes})
    try:
        outcome = _grade(plan_edit(before, edit, checker, repo), options, checker.selection.severity)
        if checks is not None:
            refuse_uncommitted_schemas(repo, before, outcome.edit, checker)
        return _write(repo, before, outcome, options, checks)
    finally:
        if checks is not None:
            checks.end()


def _grade(outcome: Outcome, options: WriteOptions, severity: Mapping[str, str]) -> Outcome:
    """Personal data, which Git never forgets, and positions far from their commune are errors if the edit adds them,
    unless it allows them; what is unlawful is told, and refuses nothing (`domain/refusals.py`)."""
    refused = ALLOWABLE.keys() - options.allowed
    graded = [_as_error(each) if each.code in refused else each for each in told(outcome.introduced, severity)]
    return replace(outcome, introduced=tuple(in_order(graded)))


def _as_error(finding: Finding) -> Finding:
    hint, when = finding.hint or verbatim(""), ALLOWABLE[finding.code]
    return finding._replace(
        severity="error",
        hint=Message("{hint}; {when}: --allow {code} -m REASON", hint=hint, when=when, code=finding.code),
    )


def _write(
    repo: Repo, before: Registry, outcome: Outcome, options: WriteOptions, checks: PendingWriteChecks | None
) -> Outcome:
    if not outcome.edit.settles and any(finding.severity == "error" for finding in outcome.introduced):
        raise RefusedWrite(outcome)
    if not outcome.edit.writes or options.dry_run:
        return outcome
    if options.confirm is not None and not options.confirm(outcome):
        raise Cancelled(Message("cancelled; nothing was changed"))
    writes = [Write(path, content) for path, content in sorted(outcome.edit.writes.items())]
    expected = {path: outcome.edit.basis.get(path, present(before.tree, path)) for path in outcome.edit.writes}
    _refuse_other_texts(before, expected)
    # A requested change that is already in place is not part of the commit.
    written = {record_at(path, before.schemas) for path in outcome.edit.writes}
    edit = replace(outcome.edit, records=tuple(rid for rid in outcome.edit.records if rid in written))
    codes = {finding.code for finding in outcome.introduced}
    allowed = tuple(code for code in options.allowed if code in codes)
    unlawful, reason = sorted(codes & TOLD.keys()), options.reason
    if unlawful and (reason or options.message):  # which stays beside what is unlawful
        allowed, reason = (*allowed, *unlawful), reason or options.message
    message = edit.message(replace(options, allowed=allowed, reason=reason), outcome.changes)
    oid = commit(repo, writes, message, expected=expected, make_commit=options.commit, checks=checks)
    return replace(outcome, commit=oid, written=True, confirmed=options.confirm is not None)


def _refuse_other_texts(before: Registry, expected: Mapping[str, bytes | None]) -> None:
    """Refuse to overwrite a text that differs from the record on which the edit was planned: somebody changed it in
    between."""
    for path, text in expected.items():
        record = before.at(path) if path in before.by_file else None
        if record is not None and (text is None or blob_id(text, before.tree.object_format) != record.blob):
            raise concurrent_change(path)


def plan_edit(before: Registry, edit: Edit, checker: Checker, repo: Repo | None = None) -> Outcome:
    """The edit without writes that change nothing, its changes, and the findings that it introduces: those of the
    resulting registry, and those of the change itself. `repo` knows what is already committed."""
    effective = {path: text for path, text in edit.writes.items() if present(before.tree, path) != text}
    edit = replace(edit, writes=effective)
    if not effective:
        return Outcome(edit, (), ())
    after = before.with_writes(effective)
    touched = records_in(effective, before, after)
    changes: Sequence[Change] = diff(before, after, touched)
    checker = with_recorded_corrections(checker, edit, changes)
    compared = checker.compare(before, after, touched)
    introduced: Sequence[Finding] = compared.introduced
    if introduced and edit.moved:
        gone = {_alert(old, edit.moved) for old in compared.fixed}
        introduced = [new for new in introduced if _alert(new, {}) not in gone]
    introduced = in_order([*introduced, *against_the_past((before, after), edit, checker, touched, repo)])
    introduced = without_mirrors([new for new in introduced if not edit.uncovers(new.where)], effective)
    old = conventions_of(before, (change.before for change in changes if change.before))
    new = conventions_of(after, (change.after for change in changes if change.after))
    edit = replace(edit, conventions=tuple(sorted({*edit.conventions, *old, *new})))
    return Outcome(edit, tuple(changes), tuple(introduced))


def _alert(finding: Finding, moved: Mapping[str, str]) -> tuple[str, str, KeyPath]:
    where = finding.where
    return (finding.code, moved.get(where.file, where.file), where.path)


def conventions_of(registry: Registry, records: Iterable[Record]) -> tuple[str, ...]:
    """The ids of the conventions that the records are or name, for the commit's trailers."""
    kinds = registry.schemas.kinds
    return tuple(sorted(set().union(*(named_conventions(kinds[record.rid.kind], record) for record in records))))
