"""`log`: the history of one record or of all. `blame`: who last set each field of a record. `undo`: revert a commit
with a new one; the history is never rewritten."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.messages import SOURCE, Language, Message, Text, computed, first_few, verbatim
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import RecordId, short_id
from smartreg.diff import Change
from smartreg.edit import Edit, Outcome, RefusedWrite, WriteOptions
from smartreg.gitio import UNDOES, Commit, FileChange, Repo
from smartreg.history import OPERATIONS, REGULAR
from smartreg.history.blame import Blame, blame
from smartreg.history.entries import LogEntry, LogOptions, entries
from smartreg.registry import Registry, record_at
from smartreg.schema import Schemas, as_typed
from smartreg.trees import SETTINGS, in_scope
from smartreg.wording.log_report import op_word
from smartreg.workspace.conventions import KIND as CONVENTION
from smartreg.workspace.origin import find_record, past_record
from smartreg.workspace.workspace import Workspace, record_named, write


@dataclass(frozen=True)
class Log:
    """The entries, newest first, of one record or (None) of all. `note` says what they may lack."""

    record: RecordId | None
    entries: tuple[LogEntry, ...]
    note: Text | None


def log(workspace: Workspace, *, record: str | None = None, wanted: LogOptions | None = None) -> Log:
    """The history of HEAD. A record that is gone has a history too. UsageFault for a record that there
    never was, or a convention that there is none of; StateFault without Git."""
    past, schemas = workspace.history, workspace.current.schemas
    wanted = wanted or LogOptions()
    _refuse_unknown_op(wanted.op)
    if wanted.convention is not None:
        word = schemas.without_kind(wanted.convention, (CONVENTION,))
        convention = workspace.current.by_name.resolve_name((CONVENTION,), word)
        wanted = wanted._replace(convention=convention if isinstance(convention, str) else word)
    note = (
        Message("this clone is shallow: the history may be longer (git fetch --unshallow)")
        if past.repo.is_shallow()
        else None
    )
    if record is None:
        listed = tuple(entries(past, schemas, wanted))
        if not listed and wanted.convention is not None:
            _refuse_unknown_convention(workspace, schemas, wanted.convention)
        return Log(None, listed, note)
    try:
        rid = record_named(workspace.current, record)
    except UsageFault:
        former = past_record(workspace, record)
        if former is None:
            raise
        rid = former[0]
    return Log(rid, tuple(entries(past, schemas, wanted, rid)), note)


def _refuse_unknown_op(op: str | None) -> None:
    if op is not None and op not in OPERATIONS:
        raise UsageFault(
            Message('no operation "{op}"; there are {operations}', op=op, operations=computed(_list_operations)),
            did_you_mean(op, OPERATIONS),
        )


def _list_operations(lang: Language) -> str:
    """The operations, each with its name in a language that has another."""
    names = [(operation, op_word(operation, False, lang)) for operation in OPERATIONS]
    return ", ".join(operation if lang == SOURCE else f"{operation} = {name}" for operation, name in names)


def _refuse_unknown_convention(workspace: Workspace, schemas: Schemas, word: str) -> None:
    """Nothing was found: because there is no such convention, now or in any commit, or because of other conditions."""
    conventions = workspace.current.ids("convention")
    if word in conventions or next(entries(workspace.history, schemas, LogOptions(convention=word, limit=1)), None):
        return
    raise UsageFault(
        Message('no convention "{word}"', word=word),
        did_you_mean(word, conventions) or verbatim("smartreg list convention"),
    )


def blame_record(workspace: Workspace, *, record: str, at: str | None = None) -> tuple[Blame, Text | None]:
    """The fields of a record as it lies in the working tree, or `at` a revision, each with the commit that set it; and
    what the history here may lack. UsageFault for a record that there is not, StateFault without Git."""
    repo = workspace.git
    registry = workspace.registry(at, use_current_schemas=True)
    present = find_record(workspace, registry, record, at)
    start = repo.head() if at is None else repo.resolve(at)
    note = (
        Message("this clone is shallow: what its oldest commit has may be older (git fetch --unshallow)")
        if repo.is_shallow()
        else None
    )
    return blame(workspace.history, registry.schemas, present.rid, present.data, start), note


NAMED = 3  # paths that a refusal names
DELETIONS = ("CHG801", "CHG802")


class RefusedUndo(RefusedWrite):
    """The commit is upstream: others rely on it, and its undo would rewrite what they have. `forward`: the commands
    that correct it instead."""

    def __init__(self, outcome: Outcome, short: str, forward: Sequence[str]) -> None:
        super().__init__(outcome)
        self.message = Message(
            "{short} is already upstream: others have it, and undoing it would rewrite the past", short=short
        )
        listed = "\n".join(f"  {line}" for line in forward[:NAMED]) + ("\n  …" if len(forward) > NAMED else "")
        self.hint = Message("correct it by a further change:\n{listed}", listed=listed)


def undo(workspace: Workspace, *, commit: str | None = None, options: WriteOptions) -> Outcome:
    """Write back what the files held before the commit (HEAD when None), in a commit of its own; an undo is undone the
    same way. Refused when the commit is a merge, touched files that are not the registry's, or when a later commit
    touched the same files; UsageFault when there is no such commit. What nobody else has may be taken back whatever it
    said; once it is upstream the change rules apply, and RefusedUndo names the correction."""
    repo = workspace.git
    if repo.head() is None:
        raise StateFault(Message("there is no commit yet"))
    undone = repo.commit_info(repo.resolve("HEAD" if commit is None else commit))
    repo.refuse_cut(undone.oid)
    edit = plan(repo, workspace.current, undone)
    try:
        return write(workspace, workspace.current, edit, options)
    except RefusedWrite as refusal:
        forward = _forward(workspace.current, refusal.outcome)
        if not forward:
            raise
        raise RefusedUndo(refusal.outcome, short_id(undone.oid), forward) from None


def plan(repo: Repo, registry: Registry, undone: Commit) -> Edit:
    """The edit that reverts a commit."""
    short = short_id(undone.oid)
    _refuse_unfit(undone, short, repo.folders)
    _refuse_changed_since(repo, undone, short)
    rids = {record_at(change.path, registry.schemas) for change in undone.changes}
    conventions = tuple(dict.fromkeys(name for operation in undone.operations for name in operation.conventions))
    return Edit(
        "undo",
        tuple(sorted(rid for rid in rids if rid is not None)),
        _former_texts(repo, undone),
        subject(undone.subject),
        f"This undoes commit {undone.oid}.",
        conventions,
        ((UNDOES, undone.oid),),
        past="kept" if repo.is_upstream(undone.oid) else "unpublished",
    )


def _forward(registry: Registry, outcome: Outcome) -> list[str]:
    """The commands that correct what the undo may not rewrite."""
    changes = {change.rid: change for change in outcome.changes}
    lines: dict[str, None] = {}
    for finding in outcome.introduced:
        rid = registry.by_file.get(finding.where.file)
        if finding.severity != "error" or not finding.code.startswith("CHG") or rid is None:
            continue
        if finding.code in DELETIONS:
            lines[f"smartreg retire {rid}"] = None
        elif rid in changes:
            lines[f"smartreg set {rid} {shlex.join(_corrections(changes[rid]))} --correct -m …"] = None
    return list(lines)


def _corrections(change: Change) -> list[str]:
    """The arguments of `set` that give the record the values it has after the change."""
    before, after = (record.data if record else {} for record in (change.before, change.after))
    changed = [name for name, value in after.items() if before.get(name) != value]
    gone = [word for name in before if name not in after for word in ("--unset", name)]
    return [*(f"{name}={as_typed(after[name])}" for name in changed), *gone]


def subject(undone: str) -> str:
    """The subject of an undo, as `git revert` writes it: the undo of an undo reapplies the change."""
    for word, opposite in (("Revert", "Reapply"), ("Reapply", "Revert")):
        if undone.startswith(f'{word} "') and undone.endswith('"'):
            return f'{opposite} "{undone[len(word) + 2 : -1]}"'
    return f'Revert "{undone}"'


def _former_texts(repo: Repo, undone: Commit) -> Mapping[str, bytes | None]:
    blobs = dict(repo.blobs(change.before for change in undone.changes if change.before is not None))
    return {change.path: blobs[change.before] if change.before else None for change in undone.changes}


def _refuse_unfit(undone: Commit, short: str, folders: Sequence[str]) -> None:
    """Refuse anything but a plain change of the registry's own files."""
    if len(undone.parents) > 1:
        raise Refused(
            Message("{short} is a merge and cannot be undone as a whole", short=short),
            Message("undo the commits that it brought, the latest first"),
        )
    if not undone.changes:
        raise Refused(Message("{short} changed nothing in the registry", short=short))
    if any(change.path == SETTINGS and change.before is None for change in undone.changes):
        raise Refused(
            Message("{short} created this registry and cannot be undone", short=short),
            Message("take back later ones: smartreg log lists them"),
        )
    foreign = [change.path for change in undone.changes if not in_scope(change.path, folders) or not _is_plain(change)]
    if foreign:
        listed = first_few(foreign, NAMED)
        raise Refused(
            Message("{short} also changed files outside the registry: {listed}", short=short, listed=listed),
            Message("use git revert, which takes all of it back"),
        )


def _is_plain(change: FileChange) -> bool:
    return all(mode is None or mode in REGULAR for mode in (change.mode_before, change.mode_after))


def _refuse_changed_since(repo: Repo, undone: Commit, short: str) -> None:
    """Refuse when HEAD no longer holds what the commit wrote; the working tree is looked at when it is written."""
    since = repo.changes(undone.oid, repo.resolve("HEAD"))
    other = {change.path for change in since if change.before != change.after}
    changed = [change.path for change in undone.changes if change.path in other]
    if not changed:
        return
    later = next(islice(repo.history(changed, exclude=(undone.oid,)), 1), None)
    if later is None or repo.merge_base(undone.oid, repo.resolve("HEAD")) != undone.oid:
        raise Refused(
            Message(
                "{short} is not part of the current history, and {changed} differs here",
                short=short,
                changed=changed[0],
            )
        )
    name = short_id(later.oid)
    if any(operation.undoes == undone.oid for operation in later.operations):
        raise Refused(
            Message("{short} was already undone by {name}", short=short, name=name),
            Message("to bring it back: smartreg undo {name}", name=name),
        )
    if len(later.parents) > 1:
        hint = Message("a merge cannot be undone: correct {changed} by a further change", changed=changed[0])
    else:
        hint = Message("undo that one first: smartreg undo {name}", name=name)
    raise Refused(
        Message(
            "{changed} changed since {short}, in {name} ({subject})",
            changed=changed[0],
            short=short,
            name=name,
            subject=later.subject,
        ),
        hint,
    )
