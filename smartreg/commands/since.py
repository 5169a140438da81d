"""`validate --since`: what a change introduces, checked by the rules of its base.

A run of `validate --since` that could check nothing because its settings or schemas are unusable, for reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from smartreg.commands.validate import ValidateOptions, Verdict, blank_verdict, checker_of, state, within
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import SmartregError, UsageFault
from smartreg.core.findings import Finding, Spot, in_order
from smartreg.core.values import Location, Mark, Words, short_id
from smartreg.edit.autofix import with_respelling
from smartreg.gitio import Repo
from smartreg.history import last_touched
from smartreg.history.details import corrections_between
from smartreg.registry import Registry, record_at, schemas_and_config
from smartreg.review.authors import MISSING, Sides, check_authors
from smartreg.review.baseline import FRAME, find_introduced, frame_changes, frames, load_totals, terms_of_change, totals
from smartreg.review.binding import report_binding
from smartreg.review.notes import (
    SUBMODULE,
    came_and_went,
    ignore_changes,
    large_files,
    power,
    records_left,
    workflow_changes,
)
from smartreg.rules import all_rules
from smartreg.schema import Schemas
from smartreg.schema.settings import Config, Waiver
from smartreg.trees import CommitTree, Tree
from smartreg.validation.check import CheckedSide, Selection
from smartreg.validation.manuals import refuse_unknown_codes


@dataclass(frozen=True)
class Trust:
    """Whether the schemas and settings of the change count (`head`), and whether its authors are checked."""

    head: bool = False
    authors: bool = False


NONE = Trust()


def validate_since(workspace: Workspace, rev: str, options: ValidateOptions, trust: Trust = NONE) -> Verdict:
    """What changed since the common ancestor of `rev` and HEAD (or the revision `at`) introduces into the working tree
    (the index, the revision). Judged by the schemas, settings and waivers of the ancestor, or of the later side if it
    is trusted; with `authors`, the authors of the commits are checked too, by the rights that the ancestor grants.
    UsageFault if either side's cannot be used: nothing could be checked after the change."""
    git, trust_head = workspace.git, trust.head
    upstream, tip = git.resolve(rev), git.resolve("HEAD" if options.at is None else options.at)
    base = git.merge_base(upstream, tip)
    workspace = workspace.widen_to(base, tip)
    git = workspace.git
    earlier, later = CommitTree(git, base, workspace.index), workspace.tree(state(options.staged, options.at))
    if trust_head:
        after = workspace.of_tree(later)
        before, kinds, own = after.with_tree(earlier), after.schemas, after.config
    else:
        before, (kinds, own) = _of_base(workspace, earlier, options.on), schemas_and_config(later)
        after = before.with_tree(later)
    checker = checker_of(workspace, before, options.on, options.select, options.ignore)
    if own.plugins == before.config.plugins:
        refuse_unknown_codes(own, checker.rules)
    was = CheckedSide(before, checker, checker.terms._replace(standing=_own_waivers(earlier) if trust_head else None))
    terms = checker.terms if trust_head else terms_of_change(checker, before, own.waivers)
    context = replace(
        checker.context,
        last_touched=last_touched(workspace.history, before.schemas, later.commit, options.on),
        corrected=corrections_between(git, before.schemas, base, tip),
    )
    kept = within((after, before), options.names)
    total = totals(was, kept) if options.names else load_totals(was)
    found = find_introduced(was, CheckedSide(after, replace(checker, context=context), terms))
    outlines = _outlines(before, own)
    frame = frame_changes(earlier, later, outlines, _describe_judge(base, trust_head))
    frame += ignore_changes(before, after, _describe_judge(base, trust_head) if trust_head else None)
    frame += _for_review(git, (before, after), (tip, upstream, base), options)
    if trust.authors:
        frame += _authors(workspace, earlier, (tip, upstream), outlines, options.on)
    agreed = [finding for finding in frame if finding.code != MISSING]
    graded = [*in_order(agreed, checker.selection.grade), *_find_missing_agreements(frame, options)]
    findings, fixed, waived, unwaived = (
        [finding for finding in some if kept(finding.where.file)]
        for some in ((*found.findings, *graded), found.fixed, found.waived, found.unwaived)
    )
    findings = [_of_new_kind(finding, kinds) for finding in findings]
    return replace(
        blank_verdict(workspace, after, checker),
        findings=in_order(with_respelling(after, findings)),
        accepted=tuple(waived),
        waived=total.waived - len(unwaived) + len(waived),
        base=base,
        before=total.found - len(fixed),
    )


def _of_new_kind(finding: Finding, kinds: Schemas) -> Finding:
    """A file that no kind of the base claims, and one of the change does: what to do is to merge the schema first."""
    rid = record_at(finding.where.file, kinds) if finding.code == "CHG810" else None
    if rid is None:
        return finding
    return replace(
        finding,
        hint=Words(
            f"the kind {rid.kind} comes with this change, which is checked against the base: merge its schema first, "
            "and these records after it; --trust-head checks against what the change brings",
            f"le type {rid.kind} arrive avec cette modification, contrôlée d'après la base : fusionnez d'abord son "
            "schéma, puis ces fiches ; --trust-head suit ce qu'apporte la modification",
        ),
    )


def _outlines(before: Registry, own: Config) -> tuple[str | None, ...]:
    return before.config.territory.boundaries, own.territory.boundaries


def _for_review(
    git: Repo, sides: tuple[Registry, Registry], span: tuple[str, str, str], options: ValidateOptions
) -> Iterator[Finding]:
    """What is not wrong in the checked state, but reviewers of the change should see."""
    tip, upstream, base = span
    changes = git.diff_files(base, None if options.at is None else git.resolve(options.at), staged=options.staged)
    # Of a file that is not in Git yet, the blob is zeros.
    blobs = [change.after for change in changes if change.after and change.mode_after != SUBMODULE]
    sizes = git.sizes([blob for blob in blobs if blob.strip("0")])
    yield from workflow_changes(changes, git.prefix)
    yield from records_left(*sides)
    yield from report_binding(*sides, options.on)
    yield from large_files(changes, sizes, git.prefix, sides[0].config.thresholds.large_file_mb)
    yield from came_and_went(git, sides, (tip, upstream), {change.after for change in changes if change.after})


def _authors(
    workspace: Workspace, earlier: CommitTree, span: tuple[str, str], outlines: tuple[str | None, ...], on: date
) -> list[Finding]:
    """Findings on the authors of the commits. Whatever else is trusted, their rights are those of the base."""
    base = workspace.of_tree(earlier)
    tip, upstream = span
    after = base.with_tree(CommitTree(workspace.git, tip, workspace.index))
    later = earlier.commit != upstream
    latest = base.with_tree(CommitTree(workspace.git, upstream, workspace.index)) if later else None

    changes = workspace.git.diff_files(earlier.commit or upstream, tip)
    modes = {change.path: change.mode_after for change in changes}

    def is_framing(path: str) -> bool:
        return frames(path, outlines) or power(path, modes.get(f"{workspace.git.prefix}{path}")) is not None

    return check_authors(workspace.git, Sides(base, after, latest), span, is_framing, on)


def _find_missing_agreements(findings: Iterable[Finding], options: ValidateOptions) -> Iterator[Finding]:
    """What a party has not agreed to, whatever the settings say of it: they belong to one party, and bind all."""
    selection = Selection(tuple(options.select), tuple(options.ignore))
    return (one for one in findings if one.code == MISSING and selection.grade(one.code, one.severity))


def _own_waivers(tree: CommitTree) -> tuple[Waiver, ...]:
    """The waivers of a commit that is judged by the settings of another one; none when its own cannot be read."""
    try:
        return schemas_and_config(tree)[1].waivers
    except UsageFault:
        return ()


def _of_base(workspace: Workspace, tree: CommitTree, on: date) -> Registry:
    try:
        registry = workspace.of_tree(tree)
        workspace.checker(registry, on)
    except UsageFault as fault:
        raise UsageFault(
            Words(f"at {tree.name}, {fault.message.en}", f"à {tree.name}, {fault.message.fr}"),
            Words(
                "--trust-head uses the schemas and settings of the change instead",
                "--trust-head contrôle d'après les schémas et réglages de la modification",
            ),
            fault.where,
        ) from None
    return registry


def _describe_judge(base: str, trust_head: bool) -> Words:
    if trust_head:
        return Words("review it: this run was checked against it", "à relire : ce contrôle en dépend")
    return Words(
        f"review it: this run was checked against what {short_id(base)} has; --trust-head uses those of the change",
        f"à relire : ce contrôle suit ce qu'il y a dans {short_id(base)} ; --trust-head suit la modification",
    )


def report_unjudged(workspace: Workspace, options: ValidateOptions, fault: SmartregError, where: Location) -> Verdict:
    """The verdict with one finding, an error: what stopped the work, at its place in the state that was asked for."""
    tree = workspace.tree(state(options.staged, options.at))
    found = Finding(FRAME, "error", fault.message, where, fault.hint)
    prefix = workspace.repo.prefix if workspace.repo else ""
    return Verdict([found], 0, tree.name, options.on, lambda place: _spot(tree, place), all_rules(), prefix=prefix)


def _spot(tree: Tree, where: Location) -> Spot | None:
    """Its mark, else the line that sets the last key of its path; where there is none, the first line."""
    try:
        lines = tree.read(where.file).decode("utf-8", "replace").splitlines()
    except (OSError, KeyError):
        return None
    key = re.compile(rf"\s*[\"']?{re.escape(str(where.path[-1]))}[\"']?\s*=") if where.path else None
    named = (number for number, text in enumerate(lines, 1) if key and key.match(text))
    start = where.mark or Mark(next(named, 1), 1)
    text = lines[start.line - 1] if start.line <= len(lines) else ""
    return Spot(start, start, text)
