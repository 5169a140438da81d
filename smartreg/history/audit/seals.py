"""The seals of a registry: in their chain, against the commits that they name, against the line that somebody holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import Location, Words, short_id
from smartreg.gitio import Repo
from smartreg.gitio.tags import Tag, tags
from smartreg.history.audit.seal import FOLDER, Seal, Sealed, Sent, number_of, seal_of
from smartreg.history.audit.standing import rewritten

BROKEN = "AUD907"


@dataclass(frozen=True, slots=True)
class CheckedSeal:
    """A seal and what is wrong with it; `seal` is None where the tag cannot be read as one."""

    name: str
    seal: Seal | None
    findings: tuple[Finding, ...]


def chain(repo: Repo, head: str) -> list[CheckedSeal]:
    """Every seal of this registry, the first one first: whether its tag is at the commit that it names, the history of
    `head` holds that commit, and it follows on the seal before. What the commits hold is not looked at."""
    found: list[CheckedSeal] = []
    before: Seal | None = None
    for tag in _sort_by_number(tags(repo, FOLDER)):
        try:
            seal = seal_of(tag)
        except UsageFault as fault:
            found.append(CheckedSeal(tag.name, None, (broken(tag.name, fault.message),)))
            continue
        if seal.root == repo.prefix:
            found.append(CheckedSeal(tag.name, seal, tuple(_faults(repo, head, seal, before))))
            before = seal
    return found


def _sort_by_number(found: Sequence[Tag]) -> list[Tag]:
    named = [(number, tag) for tag in found if (number := number_of(tag.name)) is not None]
    return [tag for _, tag in sorted(named, key=lambda pair: pair[0])]


def _faults(repo: Repo, head: str, seal: Seal, before: Seal | None) -> Iterator[Finding]:
    if seal.target != seal.sealed.commit:
        yield broken(
            seal.name,
            Words(
                f"it is at {short_id(seal.target)}, and says that it seals {short_id(seal.sealed.commit)}",
                f"il est sur {short_id(seal.target)}, et dit sceller {short_id(seal.sealed.commit)}",
            ),
        )
    called = Words(f"the commit of {seal.name}", f"le commit de {seal.name}")
    gone = rewritten(repo, head, seal.sealed.commit, called, place(seal.name))
    if gone is not None:
        yield gone
    expected = (before.name, before.digest) if before else None
    if seal.previous != expected:
        yield broken(seal.name, _broken_chain(seal, before))
    elif before is not None and gone is None and not _follows(repo, seal, before):
        yield broken(
            seal.name,
            Words(
                f"its commit does not follow on that of {before.name}", f"son commit ne suit pas celui de {before.name}"
            ),
        )


def _follows(repo: Repo, seal: Seal, before: Seal) -> bool:
    """Whether its commit follows on that of the seal before; in a clone that was cut off nobody can tell."""
    return repo.is_shallow() or repo.is_ancestor(before.sealed.commit, seal.sealed.commit)


def _broken_chain(seal: Seal, before: Seal | None) -> Words:
    if seal.previous is None:
        assert before is not None
        return Words(
            f"it names no seal before it; there is {before.name}", f"il n'en cite aucun avant ; il y a {before.name}"
        )
    name, digest = seal.previous
    if before is None or name != before.name:
        return Words(f"the seal that it follows on, {name}, is not here", f"le sceau qu'il suit, {name}, n'est pas ici")
    return Words(
        f"it follows on another {name}: sha256:{digest[:12]}…, here sha256:{before.digest[:12]}…",
        f"il suit un autre {name} : sha256:{digest[:12]}…, ici sha256:{before.digest[:12]}…",
    )


def compare_seal(examined: CheckedSeal, found: Sealed) -> CheckedSeal:
    """The same seal, with what its commit holds (`found`) compared with what it says. Rules are no part of it: they are
    those of the smartreg that sealed. Records are counted by its kinds too, so only the same version counts again."""
    seal = examined.seal
    assert seal is not None
    said = seal.sealed
    told = [
        (said.tree, found.tree, Words("tree", "arborescence")),
        (said.content, found.content, Words("content", "contenu")),
    ]
    if said.rules.partition(" ")[0] == found.rules.partition(" ")[0]:
        told.append((_format(said.counts), _format(found.counts), Words("records", "fiches")))
    faults = [
        broken(
            seal.name,
            Words(
                f"{what.en}: it says {one}, its commit has {other}", f"{what.fr} : il dit {one}, son commit a {other}"
            ),
        )
        for one, other, what in told
        if one != other
    ]
    return replace(examined, findings=(*examined.findings, *faults))


def _format(counts: Mapping[str, int]) -> str:
    return " ".join(f"{kind}={number}" for kind, number in sorted(counts.items()))


def against(sent: Sent, found: Sequence[CheckedSeal], repo: Repo, head: str) -> list[Finding]:
    """What a line that somebody holds says against what is here."""
    faults = []
    called = Words(f"the commit of the line of {sent.name}", f"le commit de la ligne de {sent.name}")
    gone = rewritten(repo, head, sent.commit, called, place(sent.name))
    if gone is not None:
        faults.append(gone)
    here = next((one.seal for one in found if one.name == sent.name and one.seal), None)
    if here is None:
        faults.append(
            broken(
                sent.name, Words("the line speaks of it, and it is not here", "la ligne le cite, et il n'est pas ici")
            )
        )
    elif here.digest != sent.digest:
        faults.append(
            broken(
                sent.name,
                Words(
                    f"the line says sha256:{sent.digest[:12]}…, the tag here is sha256:{here.digest[:12]}…",
                    f"la ligne dit sha256:{sent.digest[:12]}…, le tag d'ici est sha256:{here.digest[:12]}…",
                ),
            )
        )
    elif here.sealed.commit != sent.commit:
        faults.append(broken(sent.name, Words("the line names another commit", "la ligne cite un autre commit")))
    return faults


def broken(name: str, why: Words) -> Finding:
    """AUD907."""
    return Finding(BROKEN, "error", Words(f"{name}: {why.en}", f"{name} : {why.fr}"), Location(place(name)))


def place(name: str) -> str:
    """Where a finding about a seal stands."""
    return f"refs/tags/{name}"
