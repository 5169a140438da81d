"""`audit`: check every commit since a seal, and that the history was not rewritten.

`audit seal` makes seals, `audit verify` checks them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from smartreg import __version__
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.findings import Finding, in_order
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.secret import cut, private_in, private_in_name, refuse_private
from smartreg.core.values import Location, short_id
from smartreg.features.proofs.proofs import CheckedProofs, Elsewhere, check_proofs
from smartreg.features.proofs.trail import Audited, Seal, Sealed, audit_history, parse_seal_line
from smartreg.features.proofs.trail.agreed import find_missing_agreements
from smartreg.features.proofs.trail.completeness import INCOMPLETE, WHOLE_ID, another_history, check_contained
from smartreg.features.proofs.trail.proofs import folder_of
from smartreg.features.proofs.trail.seals import (
    FOLDER,
    CheckedSeal,
    SealLine,
    chain,
    compare_seal,
    compare_with_line,
    describe_seal,
    message_of,
    name_of,
    number_of,
)
from smartreg.gitio import Repo
from smartreg.gitio.tags import make_tag, tags
from smartreg.registry import Registry
from smartreg.schema.settings import Config
from smartreg.validation.check import Selection, by_identity
from smartreg.workspace.origin import rules_digest
from smartreg.workspace.workspace import Workspace

PRIVATE = "AUD919"


@dataclass(frozen=True)
class AuditOptions:
    """Where to start: after this revision or seal (if None, after the latest seal, provided that all hold), or at
    the root (`everything`); and a commit that must be part of the history."""

    since: str | None = None
    anchor: str | None = None
    everything: bool = False


def audit(workspace: Workspace, options: AuditOptions) -> Audited:
    """Walk the history of HEAD. UsageFault for an unknown revision; StateFault before the first commit, and
    where objects are missing."""
    repo = workspace.git
    head = repo.head()
    if head is None:
        raise StateFault(Message("there is no commit yet"))
    if options.everything and options.since is not None:
        raise UsageFault(Message("--all and --since cannot be used together"))
    seals = chain(repo, head)
    general = [*another_history(repo), *_of_anchors(repo, head, options)]
    general += [finding for examined in seals for finding in examined.findings]
    general += check_proofs(workspace, head, seals, Elsewhere()).findings
    seal = _latest(seals) if options.since is None and not options.everything else None
    base = (
        seal.seal.sealed.commit
        if seal and seal.seal
        else None
        if options.since is None
        else repo.resolve(options.since)
    )
    sealed = [checked.seal.sealed.commit for checked in seals if checked.seal]
    audited = audit_history(workspace.history, head, base, sealed)
    graded = [*_of_agreements(workspace, head, base), *_of_private_texts(repo, head, base)]
    general += _grade(workspace, head, graded)
    merged = by_identity((*audited.general, *general)).values()
    return replace(audited, seal=seal.name if seal else None, general=tuple(in_order(merged)))


def _of_agreements(workspace: Workspace, head: str, base: str | None) -> list[Finding]:
    """Findings on agreements; none if the registry of HEAD cannot be used, which AUD906 reports."""
    try:
        return list(find_missing_agreements(workspace.history, head, base, workspace.of_tree))
    except UsageFault:
        return []


def _of_private_texts(repo: Repo, head: str, base: str | None) -> Iterator[Finding]:
    """AUD919 for messages of commits since `base`, and names of branches and tags, with a secret or a telephone
    number."""
    for oid, message in repo.messages(head, (base,) if base else ()):
        what = private_in(message)
        if what is not None:
            short = short_id(oid)
            yield _private(Message("the message of commit {short}", short=short), what)
    for name in repo.ref_names():
        what = private_in_name(name)
        if what is not None:
            shown = "/".join(part if private_in_name(part) is None else cut(part) for part in name.split("/"))
            shown = shown if shown != name else cut(name)  # no part by itself, but several together
            yield _private(Message("the name of {shown}", shown=shown), what)


def _private(place: Text, what: Text) -> Finding:
    return Finding(
        PRIVATE,
        "warning",
        Message("{place} holds what looks like {what}", place=place, what=what),
        Location(""),
        Message(
            "replace a secret; of a number, ask your data protection officer whether the history must be rewritten"
        ),
    )


def _grade(workspace: Workspace, head: str, findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the severities of the settings of HEAD, if these can be used."""
    try:
        config = workspace.registry(head).config if findings else Config()
    except UsageFault:
        config = Config()
    return in_order(findings, Selection(config.select, config.ignore, config.severity).grade)


def incomplete(findings: Iterable[Finding]) -> bool:
    """Whether a part of the history could not be checked."""
    return any(finding.code == INCOMPLETE for finding in findings)


def _latest(seals: Sequence[CheckedSeal]) -> CheckedSeal | None:
    """The last seal; None if any seal is faulty: then seals do not say where to start."""
    return seals[-1] if seals and not any(examined.findings for examined in seals) else None


def _of_anchors(repo: Repo, head: str, options: AuditOptions) -> list[Finding]:
    checks = []
    if options.anchor is not None:
        is_absent = WHOLE_ID.fullmatch(options.anchor) and repo.tree_id(options.anchor) is None
        commit = options.anchor if is_absent else repo.resolve(options.anchor)
        checks.append(check_contained(repo, head, commit, Message("the anchor"), "HEAD"))
    if options.since is not None:
        commit = repo.resolve(options.since)
        called = Message("the commit of --since")
        checks.append(check_contained(repo, head, commit, called, "HEAD"))
    return [finding for finding in checks if finding is not None]


@dataclass(frozen=True)
class SealOptions:
    """How a seal is made: the user's own remark, signed or as the settings of Git say, or only shown."""

    remark: str = ""
    sign: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class CreatedSeal:
    """A seal that exists or would be made (`text`: the message of its tag). `new`: made just now."""

    name: str
    sealed: Sealed
    seal: Seal | None
    text: str
    new: bool


@dataclass(frozen=True)
class VerifiedSeals:
    """The checked seals, what others gave for them, the line compared with them (`seal_line`), and what is wrong with
    it."""

    seals: tuple[CheckedSeal, ...]
    seal_line: SealLine | None
    line_faults: tuple[Finding, ...]
    proofs: CheckedProofs

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that belong to no seal."""
        return (*self.line_faults, *self.proofs.general)

    @property
    def findings(self) -> tuple[Finding, ...]:
        of_seals = (finding for examined in self.seals for finding in examined.findings)
        return (*self.line_faults, *of_seals, *self.proofs.findings)


def seal(workspace: Workspace, options: SealOptions) -> CreatedSeal:
    """Seal the commit of HEAD; the seal that is at it already, when there is one. Refused when an earlier seal does not
    hold: the chain would go on from what was rewritten. StateFault before the first commit, in a shallow clone, and
    when Git makes no tag."""
    repo = workspace.git
    head = _head(workspace)
    before = chain(repo, head)
    refuse_private([("-m", options.remark)])
    _refuse_broken(workspace, before)
    last = before[-1].seal if before else None
    if last is not None and (last.sealed.commit == head or _adds_only_timestamps(repo, last, head)):
        return CreatedSeal(last.name, last.sealed, last, "", False)
    number = 1 + max((number_of(tag.name) or 0 for tag in tags(repo, FOLDER)), default=0)
    registry = workspace.registry(head)
    rules = f"{__version__} sha256:{rules_digest(registry)}"
    sealed = describe_seal(repo, registry, head, repo.tree_id(head) or "", rules)
    message = message_of(number, registry.config.name, sealed, last, repo.prefix, options.remark)
    name = name_of(number)
    if options.dry_run:
        return CreatedSeal(name, sealed, None, message.text(), False)
    make_tag(repo, name, head, message, sign=options.sign)
    made = next(checked.seal for checked in chain(repo, head) if checked.name == name)
    return CreatedSeal(name, sealed, made, message.text(), True)


def _adds_only_timestamps(repo: Repo, seal: Seal, head: str) -> bool:
    """Whether nothing was committed since a seal but its own timestamps, which another seal would need in turn."""
    own = f"{folder_of(seal.name)}/timestamp-"
    return all(change.path.startswith(own) for change in repo.changes(seal.sealed.commit, head, ()))


def seal_named(workspace: Workspace, name: str | None) -> Seal:
    """A seal that holds, or the latest. UsageFault for an unknown one, Refused if one does not hold, StateFault if
    there is none."""
    seals = chain(workspace.git, _head(workspace))
    chosen = _up_to(seals, name) if name is not None else seals
    if not chosen:
        raise StateFault(Message("there is no seal yet"), Message("smartreg audit seal makes one"))
    _refuse_broken(workspace, chosen)
    seal = chosen[-1].seal
    assert seal is not None
    return seal


def verify(workspace: Workspace, words: Sequence[str] = (), elsewhere: Elsewhere | None = None) -> VerifiedSeals:
    """Check every seal again, or one and those before it; with the line of a seal, compare that too; and what others
    gave for them, by what whoever checks has from `elsewhere`. UsageFault
    for an unknown seal, and for an empty text: a script whose variable is empty has checked nothing.
    StateFault before the first commit."""
    repo = workspace.git
    head = _head(workspace)
    everything = seals = chain(repo, head)
    text = " ".join(words).strip()
    if words and not text:
        raise UsageFault(
            Message("empty seal name"),
            Message("smartreg audit verify checks all of them"),
        )
    seal_line = parse_seal_line(text)
    if text and seal_line is None:
        seals = _up_to(seals, text)
    examined = tuple(
        compare_with_registry(workspace, checked, workspace.registry(checked.seal.sealed.commit))
        if checked.seal is not None and checked.is_here
        else checked
        for checked in seals
    )
    faults = tuple(compare_with_line(seal_line, seals, repo, head)) if seal_line else ()
    proofs = check_proofs(workspace, head, everything, elsewhere or Elsewhere())
    names = {checked.name for checked in seals}
    shown = {name: proofs_of for name, proofs_of in proofs.by_seal.items() if name in names}
    return VerifiedSeals(examined, seal_line, faults, replace(proofs, by_seal=shown))


def _head(workspace: Workspace) -> str:
    head = workspace.git.head()
    if head is None:
        raise StateFault(Message("there is no commit yet"))
    return head


def _refuse_broken(workspace: Workspace, seals: Sequence[CheckedSeal]) -> None:
    if workspace.git.is_shallow():
        raise StateFault(
            Message("this clone is shallow: earlier seals cannot be found"),
            verbatim("git fetch --unshallow --tags"),
        )
    wrong = next((finding for examined in seals for finding in examined.findings), None)
    if wrong is not None:
        raise Refused(
            Message("cannot go on from a broken seal: {message}", message=wrong.message),
            Message("smartreg audit verify shows everything"),
        )


def _up_to(seals: Sequence[CheckedSeal], name: str) -> list[CheckedSeal]:
    names = [examined.name for examined in seals]
    if name not in names:
        listed = ", ".join(names[-3:])
        raise UsageFault(
            Message('no seal or seal line "{name}"', name=name),
            Message("there are {listed}", listed=listed) if names else Message("smartreg audit seal makes one"),
        )
    return list(seals[: names.index(name) + 1])


def compare_with_registry(workspace: Workspace, checked: CheckedSeal, registry: Registry) -> CheckedSeal:
    """A seal that can be read, compared with all that the registry of its commit holds."""
    assert checked.seal is not None
    sealed, rules = checked.seal.sealed, f"{__version__} sha256:{rules_digest(registry)}"
    return compare_seal(checked, describe_seal(workspace.git, registry, sealed.commit, sealed.tree, rules))
