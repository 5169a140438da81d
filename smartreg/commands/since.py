"""`validate --since`: what a change introduces, checked by the rules of its base.

A run of `validate --since` that could check nothing because its settings or schemas are unusable, for reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from smartreg.commands.validate import ValidateOptions, Verdict, blank_verdict, checker_of, state, within
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.findings import Finding, Spot, in_order
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location, Mark, short_id
from smartreg.domain.refusals import told
from smartreg.edit.autofix import with_respelling
from smartreg.history import last_touched
from smartreg.history.details import corrections_between
from smartreg.registry import Registry, record_at, schemas_and_config
from smartreg.review.authors import MISSING, Sides, Writers, check_authors
from smartreg.review.baseline import find_introduced, load_totals, terms_of_change, totals, with_way_back
from smartreg.review.binding import report_binding
from smartreg.review.frame import FRAME, frame_changes, frames, id_changed, ignore_changes
from smartreg.review.intermediate_commits import check_intermediate_commits
from smartreg.review.lost import MergedSide, find_lost
from smartreg.review.notes import altered_proofs, large_files, mapping_changes, records_left
from smartreg.review.protected_files import SUBMODULE, execution_risk, workflow_changes
from smartreg.review.sources import check_signatures
from smartreg.rules import all_rules
from smartreg.schema import Schemas
from smartreg.schema.settings import Config
from smartreg.trees import CommitTree, Tree
from smartreg.validation.check import CheckedSide, Checker, Selection
from smartreg.validation.manuals import refuse_unknown_codes
from smartreg.workspace.workspace import Workspace


@dataclass(frozen=True)
class Trust:
    """Whether the schemas and settings of the change count (`head`), and whether its authors are checked; `if_listed`:
    only where the base lists writers."""

    head: bool = False
    authors: bool = False
    if_listed: bool = False


NONE = Trust()


class _ChangeSince(NamedTuple):
    """A change and its two sides, both by the schemas and settings that count. `tip`, `upstream`, `base`: two commits
    and their common ancestor; `earlier` and `later`: the files of both sides as they are, those of `after` may have the
    boundaries of `before`; `earlier_config`: the settings of the earlier side; `own_kinds` and `own`: schemas and
    settings of the later one."""

    workspace: Workspace
    tip: str
    upstream: str
    base: str
    earlier: CommitTree
    later: Tree
    before: Registry
    after: Registry
    earlier_config: Config
    own_kinds: Schemas
    own: Config

    @property
    def outlines(self) -> tuple[str | None, ...]:
        """The files with the boundaries of both sides."""
        return self.before.config.territory.boundaries, self.own.territory.boundaries


def validate_since(workspace: Workspace, rev: str, options: ValidateOptions, trust: Trust = NONE) -> Verdict:
    """The findings that the changes since the common ancestor of `rev` and HEAD (or the revision `at`) introduce into
    the working tree (the index, the revision). Judged by the schemas, settings and waivers of the ancestor, or of the
    later side if it is trusted; with `authors`, the authors of the commits are checked too, by the rights that the
    ancestor grants. UsageFault if either side's cannot be used: nothing could be checked after the change."""
    change = _change_since(workspace, rev, options, trust)
    before, after = change.before, change.after
    checker = checker_of(change.workspace, before, options.on, options.select, options.ignore)
    if change.own.plugins == before.config.plugins:
        refuse_unknown_codes(change.own, checker.rules)
    was, now = _checked_sides(change, checker, trust)
    kept = within((after, before), options.names)
    total = totals(was, kept) if options.names else load_totals(was)
    introduced = find_introduced(was, now)
    noted = _note(change, options, trust)
    agreed = [finding for finding in noted if finding.code != MISSING]
    graded = [*in_order(agreed, checker.selection.grade), *_find_missing_agreements(noted, options)]
    findings, fixed, waived, unwaived = (
        [finding for finding in some if kept(finding.where.file)]
        for some in ((*introduced.findings, *graded), introduced.fixed, introduced.waived, introduced.unwaived)
    )
    changed = {code for code, rule in checker.rules.items() if rule.scope == "change"}
    findings = [
        with_way_back(each, before, after) if each.code in changed else _of_new_kind(each, change.own_kinds)
        for each in findings
    ]
    return replace(
        blank_verdict(change.workspace, after, checker),
        findings=in_order(with_respelling(after, told(findings, checker.selection.severity))),
        accepted=tuple(waived),
        waived=total.waived - len(unwaived) + len(waived),
        base=change.base,
        before=total.found - len(fixed),
    )


def _change_since(workspace: Workspace, rev: str, options: ValidateOptions, trust: Trust) -> _ChangeSince:
    git = workspace.git
    upstream, tip = git.resolve(rev), git.resolve("HEAD" if options.at is None else options.at)
    base = git.merge_base(upstream, tip)
    workspace = workspace.widen_to(base, tip)
    later = workspace.tree(state(options.staged, options.at))
    later.files()  # before the earlier side is derived from what the index describes: this may describe another state
    earlier = CommitTree(workspace.git, base, workspace.index)
    if trust.head:
        after = workspace.of_tree(later)
        before, kinds, own = after.with_tree(earlier), after.schemas, after.config
        earlier_config = _own_config(earlier)
    else:
        before, (kinds, own) = _of_base(workspace, earlier, options.on), schemas_and_config(later)
        after, earlier_config = before.with_tree(later), before.config
    return _ChangeSince(workspace, tip, upstream, base, earlier, later, before, after, earlier_config, kinds, own)


def _checked_sides(change: _ChangeSince, checker: Checker, trust: Trust) -> tuple[CheckedSide, CheckedSide]:
    """Both sides with what checks them: the later one knows the commits between the two."""
    before, after = change.before, change.after
    history, git = change.workspace.history, change.workspace.git
    standing = change.earlier_config.waivers if trust.head else None
    context = replace(
        checker.context,
        last_touched=last_touched(history, before.schemas, change.later.commit, checker.context.on),
        corrected=corrections_between(git, before.schemas, change.base, change.tip),
    )
    terms = checker.terms if trust.head else terms_of_change(checker, before, change.own.waivers)
    return (
        CheckedSide(before, checker, checker.terms._replace(standing=standing)),
        CheckedSide(after, replace(checker, context=context), terms),
    )


def _note(change: _ChangeSince, options: ValidateOptions, trust: Trust) -> list[Finding]:
    """The findings on the frame of the change, on what reviewers should see, and, if they are checked, on its
    authors."""
    before, after = change.before, change.after
    judge = _describe_judge(change.base, trust.head)
    return [
        *frame_changes(change.earlier, change.later, change.outlines, judge),
        *id_changed(change.earlier_config, change.own),
        *ignore_changes(before, after, judge if trust.head else None),
        *_for_review(change, options),
        *(_check_authors(change, options.on, if_listed=trust.if_listed) if trust.authors else ()),
    ]


def _of_new_kind(finding: Finding, kinds: Schemas) -> Finding:
    """A file that no kind of the base claims, and one of the change does: what to do is to merge the schema first."""
    rid = record_at(finding.where.file, kinds) if finding.code == "CHG810" else None
    if rid is None:
        return finding
    return finding._replace(
        hint=Message(
            "the kind {kind} comes with this change, which is checked against the base: merge its schema first, and "
            "these records after it; --trust-head checks against what the change brings",
            kind=rid.kind,
        ),
    )


def _for_review(change: _ChangeSince, options: ValidateOptions) -> Iterator[Finding]:
    """The findings that are not faults of the checked state, but that reviewers of the change should see."""
    git, sides = change.workspace.git, (change.before, change.after)
    changes = git.diff_files(change.base, None if options.at is None else change.tip, staged=options.staged)
    # Of a file that is not in Git yet, the blob is zeros.
    blobs = [file_change.after for file_change in changes if file_change.after and file_change.mode_after != SUBMODULE]
    sizes = git.sizes([blob for blob in blobs if blob.strip("0")])
    commits = git.parents(change.tip, (change.upstream,))
    yield from workflow_changes(changes, git.prefix)
    yield from mapping_changes(git, changes, change.tip, change.base)
    yield from altered_proofs(changes, git.prefix)
    yield from records_left(*sides)
    yield from _lost_in_merges(change, options, commits)
    yield from report_binding(*sides, options.on)
    if change.before.foreign_files != change.after.foreign_files:
        yield from check_signatures(change.after)
    yield from large_files(changes, sizes, git.prefix, change.before.config.thresholds.large_file_mb)
    yield from check_intermediate_commits(
        git,
        sides,
        (change.tip, change.upstream),
        tuple(commits),
        {file_change.after for file_change in changes if file_change.after},
    )


def _lost_in_merges(
    change: _ChangeSince, options: ValidateOptions, commits: Mapping[str, tuple[str, ...]]
) -> Iterator[Finding]:
    """AUD915 for the merges among the `commits` of the change, each with its parents, and for the one under way."""
    git, index = change.workspace.git, change.workspace.index
    merges: list[tuple[tuple[str, ...], list[Registry]]] = []
    for oid, parents in commits.items():
        if len(parents) > 1:
            merges.append((parents, [change.before.with_tree(CommitTree(git, oid, index))]))
    pending = git.merge_heads() if options.at is None else ()
    if pending:
        merges.append(((change.tip, *pending), []))
    for parents, merged in merges:
        sides = [MergedSide(oid, change.before.with_tree(CommitTree(git, oid, index))) for oid in parents]
        yield from find_lost(git, sides, [*merged, change.after])


def _check_authors(change: _ChangeSince, on: date, *, if_listed: bool) -> list[Finding]:
    """Findings on the authors of the commits. Whatever else is trusted, their rights are those of the base."""
    workspace, upstream = change.workspace, change.upstream
    git, outlines = workspace.git, change.outlines
    base = workspace.of_tree(change.earlier)
    if if_listed and Writers(base, on).lists_nobody():
        workspace.note(
            Message("no party lists its writers yet: anybody may change anything, and the authors are not checked")
        )
        return []
    after = base.with_tree(CommitTree(git, change.tip, workspace.index))
    later = change.base != upstream
    latest = base.with_tree(CommitTree(git, upstream, workspace.index)) if later else None

    changes = git.diff_files(change.base, change.tip)
    modes = {file_change.path: file_change.mode_after for file_change in changes}

    def is_framing(path: str) -> bool:
        return frames(path, outlines) or execution_risk(path, modes.get(f"{git.prefix}{path}")) is not None

    return check_authors(git, Sides(base, after, latest), (change.tip, upstream), is_framing, on)


def missing_agreements(workspace: Workspace, base: str, tip: str, on: date) -> list[Finding]:
    """Who has not agreed to the commits from `base` to `tip` (CHG814), by what `base` says of keys; none where `base`
    is no ancestor of `tip`, or lists no writers."""
    quiet = replace(workspace, note=lambda _note: None)
    change = _change_since(quiet, base, ValidateOptions(on, at=tip), NONE)
    authors = _check_authors(change, on, if_listed=True) if change.base == base else []
    return [finding for finding in authors if finding.code == MISSING]


def _find_missing_agreements(findings: Iterable[Finding], options: ValidateOptions) -> Iterator[Finding]:
    """The findings that an agreement is missing, whatever the settings say of it: they belong to one party, and bind
    all."""
    selection = Selection(tuple(options.select), tuple(options.ignore))
    return (each for each in findings if each.code == MISSING and selection.grade(each.code, each.severity))


def _own_config(tree: CommitTree) -> Config:
    """The settings of a commit that is judged by those of another one; the defaults when its own cannot be read."""
    try:
        return schemas_and_config(tree)[1]
    except UsageFault:
        return Config()


def _of_base(workspace: Workspace, tree: CommitTree, on: date) -> Registry:
    try:
        registry = workspace.of_tree(tree)
        workspace.checker(registry, on)
    except UsageFault as fault:
        raise UsageFault(
            Message("at {tree}, {message}", tree=tree.name, message=fault.message),
            Message("--trust-head uses the schemas and settings of the change instead"),
            fault.where,
        ) from None
    return registry


def _describe_judge(base: str, trust_head: bool) -> Text:
    if trust_head:
        return Message("review it: this run was checked against it")
    return Message(
        "review it: this run was checked against what {base} has; --trust-head uses those of the change",
        base=short_id(base),
    )


def report_unjudged(workspace: Workspace, options: ValidateOptions, fault: SmartregError, where: Location) -> Verdict:
    """The verdict with one finding, an error: what stopped the work, at its place in the state that was asked for."""
    tree = workspace.tree(state(options.staged, options.at))
    finding = Finding(FRAME, "error", fault.message, where, fault.hint)
    prefix = workspace.repo.prefix if workspace.repo else ""
    return Verdict([finding], 0, tree.name, options.on, lambda place: _spot(tree, place), all_rules(), prefix=prefix)


def _spot(tree: Tree, where: Location) -> Spot | None:
    """Its mark, else the line that sets the last key of its path; where there is none, the first line."""
    try:
        lines = tree.read(where.file).decode("utf-8", "replace").splitlines()
    except (OSError, KeyError):
        return None
    key = re.compile(rf"\s*[\"']?{re.escape(str(where.path[-1]))}[\"']?\s*=") if where.path else None
    numbers = (number for number, text in enumerate(lines, 1) if key and key.match(text))
    start = where.mark or Mark(next(numbers, 1), 1)
    text = lines[start.line - 1] if start.line <= len(lines) else ""
    return Spot(start, start, text)
