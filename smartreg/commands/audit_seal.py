"""`audit seal` and `audit verify`: seals are made and looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smartreg import __version__
from smartreg.commands.origin import rules_digest
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Words
from smartreg.gitio.tags import make_tag, tags
from smartreg.history.audit import Seal, Sealed, line_of
from smartreg.history.audit.seal import FOLDER, Sent, message_of, name_of, number_of
from smartreg.history.audit.sealed import sealed_by
from smartreg.history.audit.seals import CheckedSeal, against, chain, compare_seal


@dataclass(frozen=True)
class SealOptions:
    """How a seal is made: the user's own remark, signed or as the settings of Git say, or only shown."""

    remark: str = ""
    sign: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class CreatedSeal:
    """A seal: the one that there is, or the one that would be (`text`: what its tag says). `new`: made just now."""

    name: str
    sealed: Sealed
    seal: Seal | None
    text: str
    new: bool


@dataclass(frozen=True)
class VerifiedSeals:
    """The seals that were looked at, what a line says against them (`sent`), and what is wrong with it."""

    seals: tuple[CheckedSeal, ...]
    sent: Sent | None
    faults: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.faults, *(finding for examined in self.seals for finding in examined.findings))


def seal(workspace: Workspace, options: SealOptions) -> CreatedSeal:
    """Seal the commit of HEAD; the seal that is at it already, when there is one. Refused when an earlier seal does not
    hold: the chain would go on from what was rewritten. StateFault before the first commit, in a shallow clone, and
    when Git makes no tag."""
    repo = workspace.git
    head = _head(workspace)
    before = chain(repo, head)
    _refuse_broken(workspace, before)
    last = before[-1].seal if before else None
    if last is not None and last.sealed.commit == head:
        return CreatedSeal(last.name, last.sealed, last, "", False)
    number = 1 + max((number_of(tag.name) or 0 for tag in tags(repo, FOLDER)), default=0)
    registry = workspace.registry(head)
    sealed = sealed_by(repo, registry, head, f"{__version__} sha256:{rules_digest(registry)}")
    message = message_of(number, registry.config.name, sealed, last, repo.prefix, options.remark)
    name = name_of(number)
    if options.dry_run:
        return CreatedSeal(name, sealed, None, message.text(), False)
    make_tag(repo, name, head, message, sign=options.sign)
    made = next(one.seal for one in chain(repo, head) if one.name == name)
    return CreatedSeal(name, sealed, made, message.text(), True)


def verify(workspace: Workspace, words: Sequence[str] = ()) -> VerifiedSeals:
    """Look at every seal again, or at one and those before it; with the line of a seal, at what it says too. UsageFault
    for a seal that there is not, and for an empty text: a script whose variable is empty has checked nothing.
    StateFault before the first commit."""
    repo = workspace.git
    head = _head(workspace)
    found = chain(repo, head)
    text = " ".join(words).strip()
    if words and not text:
        raise UsageFault(
            Words("an empty text names no seal", "un texte vide ne désigne aucun sceau"),
            Words("smartreg audit verify looks at all of them", "smartreg audit verify les regarde tous"),
        )
    sent = line_of(text)
    if text and sent is None:
        found = _up_to(found, text)
    examined = tuple(_compare_with_commit(workspace, one) for one in found)
    faults = tuple(against(sent, found, repo, head)) if sent else ()
    return VerifiedSeals(examined, sent, faults)


def _head(workspace: Workspace) -> str:
    head = workspace.git.head()
    if head is None:
        raise StateFault(Words("there is no commit yet", "il n'y a encore aucun commit"))
    return head


def _refuse_broken(workspace: Workspace, seals: Sequence[CheckedSeal]) -> None:
    if workspace.git.is_shallow():
        raise StateFault(
            Words(
                "this clone is shallow: earlier seals cannot be looked for", "clone superficiel : sceaux invérifiables"
            ),
            Words("git fetch --unshallow --tags", "git fetch --unshallow --tags"),
        )
    wrong = next((finding for examined in seals for finding in examined.findings), None)
    if wrong is not None:
        raise Refused(
            Words(
                f"nothing is sealed on top of a seal that does not hold: {wrong.message.en}",
                f"on ne scelle rien sur un sceau qui ne tient pas : {wrong.message.fr}",
            ),
            Words("smartreg audit verify tells all of it", "smartreg audit verify dit le tout"),
        )


def _up_to(seals: Sequence[CheckedSeal], name: str) -> list[CheckedSeal]:
    names = [examined.name for examined in seals]
    if name not in names:
        listed = ", ".join(names[-3:])
        raise UsageFault(
            Words(f'no seal "{name}", and no line of one', f"« {name} » n'est ni un sceau ni la ligne d'un sceau"),
            Words(f"there are {listed}", f"il y a {listed}")
            if names
            else Words("smartreg audit seal makes one", "smartreg audit seal en fait un"),
        )
    return list(seals[: names.index(name) + 1])


def _compare_with_commit(workspace: Workspace, examined: CheckedSeal) -> CheckedSeal:
    """With what its commit holds, where it is here and can be read."""
    if examined.seal is None or workspace.git.tree_id(examined.seal.sealed.commit) is None:
        return examined
    commit = examined.seal.sealed.commit
    registry = workspace.registry(commit)
    found = sealed_by(workspace.git, registry, commit, f"{__version__} sha256:{rules_digest(registry)}")
    return compare_seal(examined, found)
