"""`diff`: the changes between two states of the registry, record by record and field by field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from smartreg.commands.doctor_ci import commands_removed
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding, in_order
from smartreg.core.messages import Message, verbatim
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import RecordId
from smartreg.diff import Change, ChangeKind, diff_abroad, plain_path
from smartreg.diff import diff as changes_between
from smartreg.diff.impact import Comparison, Side, hostings, impacts, other_files
from smartreg.history.details import corrections_between
from smartreg.index import describes_state
from smartreg.registry import Registry
from smartreg.review.baseline import with_way_back
from smartreg.review.binding import report_binding
from smartreg.review.frame import checks_removed, frames, id_changed, ignore_changes
from smartreg.review.notes import altered_proofs, mapping_changes
from smartreg.review.protected_files import workflow_changes
from smartreg.schema import Kind, field_path
from smartreg.trees import CommitTree, MemoryTree, find_differing
from smartreg.validation.check import Checker, without
from smartreg.workspace.workspace import INDEX, Workspace, find_on_either_side

HEAD = "HEAD"
WORKING = Side(Message("working tree"))
STAGED = Side(Message("index"))
NOTHING = Side(Message("no commit yet"))


@dataclass(frozen=True)
class DiffOptions:
    """The part of a comparison to show: only these records, only these fields of records that are on both sides; of
    which kinds of changes list the records that name it (None: all); `agreements`: say who has not agreed to the
    commits between two revisions."""

    records: Sequence[str] = ()
    fields: Sequence[str] = ()
    naming: Collection[ChangeKind] | None = None
    agreements: bool = False

    @property
    def whole(self) -> bool:
        """Whether all changes are wanted."""
        return not self.records and not self.fields


ALL = DiffOptions()


def diff(
    workspace: Workspace,
    *,
    rev: str | None = None,
    other: str | None = None,
    staged: bool = False,
    asked: DiffOptions = ALL,
    on: date | None = None,
) -> Comparison:
    """From HEAD to the working tree; from `rev` (revision or date) to the working tree; from `rev` to `other`; with
    `staged`, to the index. With `on`, every change is graded by that date, and what the later side introduces and fixes
    is looked for too. UsageFault for a revision, record or field that is not there."""
    if staged and other is not None:
        raise UsageFault(
            Message("--staged compares one revision with the index"),
            Message("give one revision, or leave --staged out"),
        )
    first_rev = HEAD if rev is None else rev
    if other is None and not staged:
        workspace.current.tree.files()
    elif other is None or not describes_state(workspace.index):
        workspace.tree().files()  # so that this is described: both sides are derived from it
    first = None if rev is None and workspace.git.head() is None else workspace.commit(first_rev)
    second = None if other is None else workspace.commit(other, first)
    start, before = _earlier(workspace, rev, first)
    if second is None or other is None:
        end, after = (STAGED, workspace.registry(INDEX)) if staged else (WORKING, workspace.current)
    else:
        end, after = _side(other, second), _beside(workspace, before, second)
    names = _fields(before, after, asked.fields)
    only = [find_on_either_side(before, after, word) for word in asked.records] or None
    every = chain(changes_between(before, after, only), diff_abroad(before, after) if only is None else ())
    found = (change.within(names) if names else change for change in every)
    changes = tuple(change for change in found if change.kind not in ("changed", "retired") or change.fields())
    others = other_files(before, after) if asked.whole else ()
    comments = tuple(ignore_changes(before, after)) if asked.whole else ()
    binding = tuple(report_binding(before, after, on or date.min)) if asked.whole else ()
    compared = Comparison(
        start, end, changes, {}, others, comments=comments, binding=binding, registries=(before, after)
    )
    if asked.agreements and on is not None and start.commit and end.commit:
        from smartreg.commands.since import missing_agreements  # and with it all that a gate checks

        compared = replace(compared, disagreed=tuple(missing_agreements(workspace, start.commit, end.commit, on)))
    if first is not None and first.commit is not None and asked.whole:
        tip = None if second is None else second.commit
        checks = _checks(workspace, (before, after), (first.commit, tip), staged=staged)
        compared = replace(compared, checks=tuple(checks))
    return _grade(compared, workspace, (before, after), on, asked)


def _checks(
    workspace: Workspace, sides: tuple[Registry, Registry], span: tuple[str, str | None], *, staged: bool
) -> Iterator[Finding]:
    """The checks that the change stops, and which of its files may run somewhere."""
    repo = workspace.git
    changes = repo.diff_files(*span, staged=staged)
    yield from id_changed(*(side.config for side in sides))
    yield from checks_removed(*(side.config for side in sides))
    yield from commands_removed(repo, changes)
    yield from workflow_changes(changes, repo.prefix)
    yield from mapping_changes(repo, changes, span[1] or HEAD, span[0])
    yield from altered_proofs(changes, repo.prefix)


def _grade(
    comparison: Comparison,
    workspace: Workspace,
    sides: tuple[Registry, Registry],
    on: date | None,
    options: DiffOptions,
) -> Comparison:
    """The comparison with what its changes bring about, by the date `on`; without it, only with who names what."""
    before, after = sides
    introduced, fixed = (None, None) if on is None else _compare_findings(workspace, sides, comparison.changes, on)
    touched = impacts(before, after, comparison.changes, on, introduced or (), options.naming)
    if on is None:
        return replace(comparison, impacts=touched)
    return replace(
        comparison,
        impacts=touched,
        introduced=introduced,
        fixed=fixed,
        hostings=hostings(sides, comparison.changes, on, options.whole),
    )


def _fields(before: Registry, after: Registry, words: Sequence[str]) -> tuple[str, ...]:
    """The requested fields, by their names or titles; UsageFault for one that no kind has."""
    kinds = (*before.schemas.kinds.values(), *after.schemas.kinds.values())
    every_name = {plain_path(field.path) for kind in kinds for field in kind.fields} - {""}
    fields: dict[str, None] = {}
    for word in words:
        names = [word] if word in every_name else _names_by_title(kinds, word)
        fields |= dict.fromkeys(names)
        if not names:
            raise UsageFault(
                Message('no kind has a field "{word}"', word=word),
                did_you_mean(
                    word,
                    sorted(every_name),
                    Message("smartreg schema KIND shows the fields"),
                ),
            )
    return tuple(fields)


def _names_by_title(kinds: Iterable[Kind], word: str) -> list[str]:
    """The names of the fields that the kinds call so."""
    names = []
    for kind in kinds:
        with suppress(UsageFault):
            field = kind.field_at(field_path(kind, word))
            names += [plain_path(field.path)] if field is not None else []
    return names


def _earlier(workspace: Workspace, rev: str | None, tree: CommitTree | None) -> tuple[Side, Registry]:
    if tree is None:
        return NOTHING, workspace.of_tree(MemoryTree({}))
    return _side(rev or HEAD, tree), workspace.comparable(tree)


def _side(rev: str, tree: CommitTree) -> Side:
    shown = tree.name if rev == tree.commit else rev
    return Side(verbatim(shown), tree.commit, tree.name)


def _beside(workspace: Workspace, before: Registry, tree: CommitTree) -> Registry:
    """The registry of the later commit. Where both have the same frame, what is known of the one holds for the
    other."""
    paths = find_differing(before.tree.files(), tree.files())
    if any(frames(path, ()) for path in paths):
        return workspace.of_tree(tree)
    changed = [rid for path in paths if (rid := before.by_file.get(path)) is not None]
    before.load_records(changed)
    before.places.load_ids(link.target for rid in changed for link in before.links_from(rid))
    return before.with_changes(tree, paths)


def _compare_findings(
    workspace: Workspace, sides: tuple[Registry, Registry], changes: Sequence[Change], on: date
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that the changed records introduce and fix, by the rules of the later side; of the rules on changes,
    what they say of these records."""
    before, after = sides
    rids = {change.rid for change in changes}
    if not rids:
        return (), ()
    checker = workspace.checker(after, on)
    compared = checker.compare(before, after, rids)
    was, now = compared.found_before.findings, compared.found_after.findings
    of_changes = _check_changes(workspace, sides, checker, rids)
    return tuple(in_order([*without(now, was), *of_changes])), tuple(without(was, now))


def _check_changes(
    workspace: Workspace, sides: tuple[Registry, Registry], checker: Checker, rids: set[RecordId]
) -> list[Finding]:
    """The findings of the change rules, given the corrections recorded in the commits in between (read only if
    needed)."""
    before, after = sides
    findings, base = checker.compare(before, after, rids).of_change().findings, before.tree.commit
    if not findings or base is None:
        return findings
    head = after.tree.commit or workspace.git.head()
    if head is None:
        return findings
    corrected = corrections_between(workspace.git, after.schemas, base, head)
    if corrected:
        informed = checker.with_context(replace(checker.context, corrected=corrected))
        findings = informed.compare(before, after, rids).of_change().findings
    return [with_way_back(each, before, after) for each in findings]
