"""The seals of a registry: checked as a chain, against the commits that they name, and against a line that somebody
holds.

A seal is an annotated tag that says which commit contains what, and which seal came before.

The digest of a seal is the SHA-256 of the tag as Git stores it (`git cat-file tag seal/0002 | sha256sum`), and each
seal contains that of the previous one, so anybody with the line of one seal can tell whether it and all earlier ones
are unchanged. The content of a commit, computed from Git's objects alone, is what a seal records, and what it is
compared with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from smartreg.core.clock import now
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Location, short_id
from smartreg.features.proofs.trail.completeness import WHOLE_ID, check_contained
from smartreg.gitio import CommitMessage, Repo, commit_days
from smartreg.gitio.tags import Tag, tags
from smartreg.registry import Registry
from smartreg.schema.settings_file import further_folders
from smartreg.trees import SCOPE, SETTINGS

FOLDER = "seal"
VERSION = "1"
NONE = "none"
_NAME = re.compile(rf"{FOLDER}/([0-9]{{4,}})")
_LINE = re.compile(rf"({FOLDER}/[0-9]{{4,}}) commit:({WHOLE_ID.pattern}) sha256:([0-9a-f]{{64}})")
_OWN = "Smartreg-"
_SEAL, _NUMBER, _COMMIT, _TREE = "Smartreg-Seal", "Smartreg-Number", "Smartreg-Commit", "Smartreg-Tree"
_COUNTS, _CONTENT, _RULES = "Smartreg-Counts", "Smartreg-Content", "Smartreg-Rules"
_PREVIOUS, _ROOT = "Smartreg-Previous", "Smartreg-Root"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The content of a commit: its tree, the number of records of each kind, the digest of all files of the registry
    (`content`), and the rules in force (version of smartreg and digest of schemas, settings and codes)."""

    commit: str
    tree: str
    counts: Mapping[str, int]
    content: str
    rules: str

    @property
    def records(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as described by its tag. `root`: the folder of the registry in the repository, empty at the top.
    `previous`:
    name and digest of the seal before, None for the first. `target`: the tagged commit."""

    name: str
    sealed: Sealed
    root: str
    previous: tuple[str, str] | None
    target: str
    digest: str
    day: str
    signed: bool

    @property
    def line(self) -> str:
        """The line to send to the other parties."""
        return SealLine(self.name, self.sealed.commit, self.digest).text


@dataclass(frozen=True, slots=True)
class SealLine:
    """A line as it was sent to others: the name, the commit and the digest of a seal."""

    name: str
    commit: str
    digest: str

    @property
    def text(self) -> str:
        return f"{self.name} commit:{self.commit} sha256:{self.digest}"


def number_of(name: str) -> int | None:
    """The number in the name of a seal, None for another name."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def name_of(number: int) -> str:
    return f"{FOLDER}/{number:04}"


def digest_of(tag: Tag) -> str:
    return hashlib.sha256(tag.content).hexdigest()


def parse_seal_line(text: str) -> SealLine | None:
    """The line of a seal within a text, whatever surrounds it and however it was wrapped; None if there is none."""
    match = _LINE.search(" ".join(text.split()))
    return SealLine(match[1], match[2], match[3]) if match else None


def message_of(
    number: int, registry: str, sealed: Sealed, previous: Seal | None, root: str, remark: str
) -> CommitMessage:
    """The message of the tag; `remark` is the user's."""
    before = f"{previous.name} sha256:{previous.digest}" if previous else NONE
    counts = " ".join(f"{kind}={number}" for kind, number in sealed.counts.items())
    trailers = [
        (_SEAL, VERSION),
        (_NUMBER, str(number)),
        (_COMMIT, sealed.commit),
        (_TREE, sealed.tree),
        (_COUNTS, counts or NONE),
        (_CONTENT, f"sha256:{sealed.content}"),
        (_RULES, sealed.rules),
        (_PREVIOUS, before),
    ]
    if root:
        trailers.append((_ROOT, root))
    subject = f"Seal {number}" + (f" of {registry}" if registry else "")
    return CommitMessage(subject, remark, tuple(trailers))


def seal_of(tag: Tag) -> Seal:
    """The seal described by a tag. Raises UsageFault if it is not one, or cannot be read."""
    trailers = dict(tag.trailers)
    try:
        own = [name for name, _ in tag.trailers if name.startswith(_OWN)]
        if not tag.annotated or trailers[_SEAL] != VERSION or len(set(own)) < len(own):
            raise ValueError
        if not WHOLE_ID.fullmatch(trailers[_COMMIT]):  # a name, or an option of Git, is not the id of a commit
            raise ValueError
        content = trailers[_CONTENT].removeprefix("sha256:")
        sealed = Sealed(trailers[_COMMIT], trailers[_TREE], _counts(trailers[_COUNTS]), content, trailers[_RULES])
        before = trailers[_PREVIOUS]
        previous = None if before == NONE else _previous(before)
    except (KeyError, ValueError):
        raise UsageFault(
            Message("the tag {tag} is not a valid seal", tag=tag.name),
            Message("smartreg audit seal makes one"),
        ) from None
    return Seal(tag.name, sealed, trailers.get(_ROOT, ""), previous, tag.target, digest_of(tag), tag.day, tag.signed)


def _counts(text: str) -> dict[str, int]:
    pairs = (word.split("=") for word in text.split()) if text != NONE else ()
    return {kind: int(number) for kind, number in pairs}


def _previous(text: str) -> tuple[str, str]:
    name, digest = text.split(" sha256:")
    return name, digest


BROKEN = "AUD907"


@dataclass(frozen=True, slots=True)
class CheckedSeal:
    """A seal and what is wrong with it; `seal` is None if the tag cannot be read as one. `recorded`: the day of its
    commit (see `commit_days`), if the seal is dated before that; `is_here`: whether this repository has that
    commit."""

    name: str
    seal: Seal | None
    findings: tuple[Finding, ...]
    recorded: date | None = None
    is_here: bool = False


def chain(repo: Repo, head: str) -> list[CheckedSeal]:
    """Every seal of this registry, oldest first: whether its tag is at the commit that it names, with the tree that it
    names, the history of `head` contains that commit, and it follows the previous seal. No file is read."""
    checked: list[CheckedSeal] = []
    before: Seal | None = None
    seals = _sort_by_number(tags(repo, FOLDER))
    stamps = repo.stamps(head) if seals else {}
    days = commit_days(stamps, now())
    for tag in seals:
        try:
            seal = seal_of(tag)
        except UsageFault as fault:
            checked.append(CheckedSeal(tag.name, None, (broken_seal(tag.name, fault.message),)))
            continue
        if seal.root == repo.prefix:
            day = days.get(seal.sealed.commit)
            late = day if day is not None and seal.day < day.isoformat() else None
            tree = repo.tree_id(seal.sealed.commit)
            gone = None
            if seal.sealed.commit not in stamps:
                called = Message("the commit of {seal}", seal=seal.name)
                gone = check_contained(repo, head, seal.sealed.commit, called, place(seal.name))
            faults = tuple(_faults(repo, seal, before, tree, gone))
            checked.append(CheckedSeal(tag.name, seal, faults, late, tree is not None))
            before = seal
    return checked


def _sort_by_number(seal_tags: Sequence[Tag]) -> list[Tag]:
    numbered = [(number, tag) for tag in seal_tags if (number := number_of(tag.name)) is not None]
    return [tag for _, tag in sorted(numbered, key=lambda pair: pair[0])]


def _faults(repo: Repo, seal: Seal, before: Seal | None, tree: str | None, gone: Finding | None) -> Iterator[Finding]:
    """`tree`: that of the sealed commit, if it is here; `gone`: that the history does not contain the commit."""
    if seal.target != seal.sealed.commit:
        yield broken_seal(
            seal.name,
            Message(
                "it is at {target}, and says that it seals {commit}",
                target=short_id(seal.target),
                commit=short_id(seal.sealed.commit),
            ),
        )
    if tree is not None and tree != seal.sealed.tree:
        yield _differs(seal.name, Message("tree"), seal.sealed.tree, tree)
    if gone is not None:
        yield gone
    expected = (before.name, before.digest) if before else None
    if seal.previous != expected:
        yield broken_seal(seal.name, _broken_chain(seal, before))
    elif before is not None and gone is None and not _follows(repo, seal, before):
        yield broken_seal(
            seal.name,
            Message("its commit does not follow on that of {before}", before=before.name),
        )


def _follows(repo: Repo, seal: Seal, before: Seal) -> bool:
    """Whether its commit follows that of the previous seal; in a shallow clone nobody can tell."""
    return repo.is_shallow() or repo.is_ancestor(before.sealed.commit, seal.sealed.commit)


def _broken_chain(seal: Seal, before: Seal | None) -> Text:
    if seal.previous is None:
        assert before is not None
        return Message("it names no seal before it; there is {before}", before=before.name)
    name, digest = seal.previous
    if before is None or name != before.name:
        return Message("the seal that it follows on, {name}, is not here", name=name)
    return Message(
        "it follows on another {name}: sha256:{digest}…, here sha256:{digest2}…",
        name=name,
        digest=digest[:12],
        digest2=before.digest[:12],
    )


def compare_seal(examined: CheckedSeal, found: Sealed) -> CheckedSeal:
    """The same seal, with its commit's content (`found`) compared with what it says; its tree was compared in the
    chain. Rules are not compared, because they belong to the smartreg that sealed. Records were counted by its kinds
    too, so only the same version counts them again."""
    seal = examined.seal
    assert seal is not None
    sealed = seal.sealed
    pairs = [(sealed.content, found.content, Message("content"))]
    if sealed.rules.partition(" ")[0] == found.rules.partition(" ")[0]:
        pairs.append((_format(sealed.counts), _format(found.counts), Message("records")))
    faults = [_differs(seal.name, what, stated, other) for stated, other, what in pairs if stated != other]
    return replace(examined, findings=(*examined.findings, *faults))


def _differs(name: str, what: Text, stated: str, other: str) -> Finding:
    return broken_seal(
        name, Message("{what}: it says {stated}, its commit has {other}", what=what, stated=stated, other=other)
    )


def _format(counts: Mapping[str, int]) -> str:
    return " ".join(f"{kind}={number}" for kind, number in sorted(counts.items()))


def compare_with_line(seal_line: SealLine, seals: Sequence[CheckedSeal], repo: Repo, head: str) -> list[Finding]:
    """The contradictions between a line that somebody holds and what is here."""
    faults = []
    called = Message("the commit of the line of {seal_line}", seal_line=seal_line.name)
    gone = check_contained(repo, head, seal_line.commit, called, place(seal_line.name))
    if gone is not None:
        faults.append(gone)
    here = next((checked.seal for checked in seals if checked.name == seal_line.name and checked.seal), None)
    if here is None:
        faults.append(
            broken_seal(
                seal_line.name,
                Message("the line names it, and it is not here"),
            )
        )
    elif here.digest != seal_line.digest:
        faults.append(
            broken_seal(
                seal_line.name,
                Message(
                    "the line says sha256:{digest}…, the tag here is sha256:{digest2}…",
                    digest=seal_line.digest[:12],
                    digest2=here.digest[:12],
                ),
            )
        )
    elif here.sealed.commit != seal_line.commit:
        faults.append(broken_seal(seal_line.name, Message("the line names another commit")))
    return faults


def broken_seal(name: str, why: Text) -> Finding:
    """AUD907."""
    return Finding(BROKEN, "error", Message("{name}: {why}", name=name, why=why), Location(place(name)))


def place(name: str) -> str:
    """The location of a finding about a seal."""
    return f"refs/tags/{name}"


def content_of(repo: Repo, commit: str) -> str:
    """The SHA-256 of the list of all files of the registry: for each, sorted by path, the line that `sha256sum` writes.
    A symlink counts by its target, a submodule by its commit."""
    entries = repo.tree(commit, (*SCOPE, *further_folders(repo.text(commit, SETTINGS))))
    blobs = dict.fromkeys(entry.blob for entry in entries.values() if entry.mode != "160000")
    digests = {blob: hashlib.sha256(content).hexdigest() for blob, content in repo.blobs(blobs)}
    listing = hashlib.sha256()
    for path in sorted(entries, key=lambda path: path.encode("utf-8", "surrogateescape")):
        blob = entries[path].blob
        line = f"{digests.get(blob, blob)}  {path}\n"
        listing.update(line.encode("utf-8", "surrogateescape"))
    return listing.hexdigest()


def describe_seal(repo: Repo, registry: Registry, commit: str, tree: str, rules: str) -> Sealed:
    """The content of the commit with this tree, as `registry` reads it."""
    counts = {kind: number for kind in registry.schemas.kinds if (number := len(registry.ids(kind)))}
    return Sealed(commit, tree, counts, content_of(repo, commit), rules)
