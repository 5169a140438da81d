"""`audit`: every commit since a seal, and whether the history is the one that it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from smartreg.commands.workspace import Workspace
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.findings import Finding, in_order
from smartreg.core.values import Words
from smartreg.gitio import Repo
from smartreg.history.audit import Audited, audit_history
from smartreg.history.audit.agreed import unagreed
from smartreg.history.audit.seals import CheckedSeal, chain
from smartreg.history.audit.standing import INCOMPLETE, WHOLE_ID, another_history, rewritten
from smartreg.schema.settings import Config
from smartreg.validation.check import Selection, by_sameness


@dataclass(frozen=True)
class AuditOptions:
    """What was asked: to begin after this revision or seal (after the latest seal, when None and all seals hold), or at
    the root (`everything`); and a commit that must be part of the history."""

    since: str | None = None
    anchor: str | None = None
    everything: bool = False


def audit(workspace: Workspace, asked: AuditOptions) -> Audited:
    """Walk the history of HEAD. UsageFault for a revision that there is not; StateFault before the first commit, and
    where objects are missing."""
    repo = workspace.git
    head = repo.head()
    if head is None:
        raise StateFault(Words("there is no commit yet", "il n'y a encore aucun commit"))
    if asked.everything and asked.since is not None:
        raise UsageFault(Words("--all and --since exclude each other", "--all et --since s'excluent"))
    seals = chain(repo, head)
    general = [*another_history(repo), *_of_anchors(repo, head, asked)]
    general += [finding for examined in seals for finding in examined.findings]
    seal = _latest(seals) if asked.since is None and not asked.everything else None
    base = seal.seal.sealed.commit if seal and seal.seal else None if asked.since is None else repo.resolve(asked.since)
    sealed = [one.seal.sealed.commit for one in seals if one.seal]
    found = audit_history(workspace.history, head, base, sealed)
    general += _of_agreements(workspace, head, base)
    told = by_sameness((*found.general, *general)).values()
    return replace(found, seal=seal.name if seal else None, general=tuple(in_order(told)))


def _of_agreements(workspace: Workspace, head: str, base: str | None) -> list[Finding]:
    """What is to say of agreements; nothing where the registry of HEAD cannot be used, which AUD906 says."""
    try:
        found = list(unagreed(workspace.history, head, base, workspace.of_tree))
        config = workspace.registry(head).config if found else Config()
    except UsageFault:
        return []
    chosen = Selection(config.select, config.ignore, config.severity)
    graded = ((finding, chosen.grade(finding.code, finding.severity)) for finding in found)
    return [replace(finding, severity=grade) for finding, grade in graded if grade is not None]


def incomplete(findings: Iterable[Finding]) -> bool:
    """Whether a part of the history could not be looked at."""
    return any(finding.code == INCOMPLETE for finding in findings)


def _latest(seals: Sequence[CheckedSeal]) -> CheckedSeal | None:
    """The last seal; None when something is wrong with any: what is sealed then says nothing of where to begin."""
    return seals[-1] if seals and not any(examined.findings for examined in seals) else None


def _of_anchors(repo: Repo, head: str, asked: AuditOptions) -> list[Finding]:
    found = []
    if asked.anchor is not None:
        known = WHOLE_ID.fullmatch(asked.anchor) and repo.tree_id(asked.anchor) is None
        commit = asked.anchor if known else repo.resolve(asked.anchor)
        found.append(rewritten(repo, head, commit, Words("the anchor", "l'ancre"), "HEAD"))
    if asked.since is not None:
        commit = repo.resolve(asked.since)
        called = Words("the commit of --since", "le commit de --since")
        found.append(rewritten(repo, head, commit, called, "HEAD"))
    return [finding for finding in found if finding is not None]
