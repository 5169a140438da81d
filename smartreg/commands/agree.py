"""`agree`: a signed commit that changes nothing, by which a party agrees to what a change makes binding, or withdraws
its agreement to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from smartreg import __version__
from smartreg.core.errors import Cancelled, Refused, UsageFault
from smartreg.core.messages import Message
from smartreg.core.secret import refuse_private
from smartreg.core.values import RecordId, short_id
from smartreg.domain.binding import Bond
from smartreg.domain.kinds import is_deliberation
from smartreg.gitio import AGREE, DELIBERATION, OP, RECORD, VERSION, WITHDRAW, CommitMessage, Repo
from smartreg.gitio.signatures import sign_empty
from smartreg.registry import Registry
from smartreg.review.authors import Agreement, Sides, agreement, change_of, speaks_for
from smartreg.review.binding import find_changed_bonds, steps_text
from smartreg.trees import CommitTree
from smartreg.workspace.workspace import Workspace, find_on_either_side, record_named


@dataclass(frozen=True)
class AgreeOptions:
    """`on`: today; `since`: the revision that the change goes into (None: the branch that changes usually go into);
    `deliberation`: the decision on which the agreement of a party without a key rests; `withdraw`: no longer agree;
    `message`: the subject of the commit. `confirm` is shown what is agreed to, and answers whether to sign."""

    on: date
    since: str | None = None
    deliberation: str | None = None
    withdraw: bool = False
    message: str | None = None
    dry_run: bool = False
    confirm: Callable[[Sequence[Bond]], bool] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Agreed:
    """The changes agreed to (or no longer), since when, by which commit (None after a dry run), and those of the
    parties it binds for which the commit speaks. `agreements`: as the gate sees each record after this commit."""

    bonds: tuple[Bond, ...]
    base: str
    commit: str | None = None
    parties: frozenset[RecordId] = frozenset()
    agreements: tuple[Agreement, ...] = ()


def agree(workspace: Workspace, words: Sequence[str], options: AgreeOptions) -> Agreed:
    """Sign what HEAD says of the records. Refused if nothing that binds changes in one of them, and if its file has
    uncommitted changes; StateFault if Git cannot sign."""
    repo = workspace.git
    head = repo.resolve("HEAD")
    upstream = repo.resolve(options.since or repo.upstream())
    base = repo.merge_base(upstream, head)
    workspace = workspace.widen_to(base, head)
    repo = workspace.git
    before = workspace.of_tree(CommitTree(repo, base, workspace.index))
    after = before.with_tree(CommitTree(repo, head, workspace.index))
    rids = dict.fromkeys(find_on_either_side(before, after, word) for word in words)
    changed_bonds = {bond.rid: bond for bond in find_changed_bonds(before, after, options.on)}
    for rid in rids:
        if rid not in changed_bonds:
            raise Refused(
                Message("no binding change in {rid} since {short}", rid=rid, short=short_id(base)),
                Message(
                    "commit the change first, or fetch the branch that has it; --since REV names what it goes into"
                ),
            )
    bonds = tuple(changed_bonds[rid] for rid in rids)
    _refuse_uncommitted(repo, bonds)
    message = _message(after, bonds, options)
    refuse_private([("-m", options.message)])
    if options.dry_run:
        return Agreed(bonds, base)
    if options.confirm is not None and not options.confirm(bonds):
        raise Cancelled(Message("cancelled; nothing was signed"))
    commit = sign_empty(repo, message)
    agreements = _agreements(workspace, before, bonds, (commit, upstream, base), options.on)
    signer = speaks_for(repo, before, commit, options.on)
    # A key that several of them list withdraws for each of them, and agrees for none.
    heard = (bond.parties & signer for bond in bonds if options.withdraw or len(bond.parties & signer) == 1)
    return Agreed(bonds, base, commit, frozenset().union(*heard), agreements)


def _agreements(
    workspace: Workspace, before: Registry, bonds: Sequence[Bond], span: tuple[str, str, str], on: date
) -> tuple[Agreement, ...]:
    """Who agrees to each of these changes, by the commits that the first of `span` reaches and the second does not; the
    third is where they part."""
    repo, (tip, upstream, base) = workspace.git, span
    after, latest = (before.with_tree(CommitTree(repo, oid, workspace.index)) for oid in (tip, upstream))
    sides = Sides(before, after, latest if upstream != base else None)
    change = change_of(repo, sides, (tip, upstream), on)
    return tuple(agreement(change, bond) for bond in bonds)


def _refuse_uncommitted(repo: Repo, bonds: Sequence[Bond]) -> None:
    status = repo.status([bond.where.file for bond in bonds])
    own = sorted(status.dirty() | status.untracked)
    if own:
        raise Refused(
            Message("{own} has changes that are not committed", own=own[0]),
            Message("commit or undo them: only what is committed is agreed to"),
        )


def _message(after: Registry, bonds: Sequence[Bond], options: AgreeOptions) -> CommitMessage:
    names = ", ".join(str(bond.rid) for bond in bonds)
    body = "\n".join(f"{bond.rid}: {steps_text(bond).in_('en')}" for bond in bonds)
    op, subject = (AGREE, "Agree to") if not options.withdraw else (WITHDRAW, "Withdraw the agreement to")
    trailers = [(OP, op), *((RECORD, str(bond.rid)) for bond in bonds)]
    if options.deliberation is not None and options.withdraw:
        raise UsageFault(
            Message("--withdraw and --deliberation cannot be used together"),
            Message("an agreement by deliberation is withdrawn by another deliberation"),
        )
    if options.deliberation is not None:
        deliberation = record_named(after, options.deliberation)
        if not is_deliberation(deliberation):
            raise UsageFault(Message("{named} is not a deliberation", named=deliberation))
        trailers.append((DELIBERATION, deliberation.id))
    return CommitMessage(options.message or f"{subject} {names}", body, (*trailers, (VERSION, __version__)))
