"""A seal: an annotated tag that says which commit holds what, and which seal came before.

The digest of a seal is the SHA-256 of the tag as Git stores it (`git cat-file tag seal/0002 | sha256sum`), and each
seal holds that of the one before: whoever holds one line of one seal can tell whether it and all earlier ones are still
what they were.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.gitio import CommitMessage
from smartreg.gitio.tags import Tag

FOLDER = "seal"
VERSION = "1"
NONE = "none"
_NAME = re.compile(rf"{FOLDER}/([0-9]{{4,}})")
_LINE = re.compile(rf"({FOLDER}/[0-9]{{4,}}) commit:([0-9a-f]{{40,64}}) sha256:([0-9a-f]{{64}})")
_OWN = "Smartreg-"
_SEAL, _NUMBER, _COMMIT, _TREE = "Smartreg-Seal", "Smartreg-Number", "Smartreg-Commit", "Smartreg-Tree"
_COUNTS, _CONTENT, _RULES = "Smartreg-Counts", "Smartreg-Content", "Smartreg-Rules"
_PREVIOUS, _ROOT = "Smartreg-Previous", "Smartreg-Root"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a commit holds: its tree, how many records of each kind, the digest of all files of the registry
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
    """A seal as its tag says it. `root`: the folder of the registry in the repository, empty at the top. `previous`:
    name and digest of the seal before, None for the first. `target`: the commit that the tag is at."""

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
        """What the other parties are sent."""
        return f"{self.name} commit:{self.sealed.commit} sha256:{self.digest}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A line as it was sent: the name, the commit and the digest of a seal."""

    name: str
    commit: str
    digest: str


def number_of(name: str) -> int | None:
    """The number in the name of a seal, None for another name."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def name_of(number: int) -> str:
    return f"{FOLDER}/{number:04}"


def digest_of(tag: Tag) -> str:
    return hashlib.sha256(tag.content).hexdigest()


def line_of(text: str) -> Sent | None:
    """The line of a seal within a text, whatever stands around it and however it was wrapped; None when there is
    none."""
    found = _LINE.search(" ".join(text.split()))
    return Sent(found[1], found[2], found[3]) if found else None


def message_of(
    number: int, registry: str, sealed: Sealed, previous: Seal | None, root: str, remark: str
) -> CommitMessage:
    """What the tag says; `remark` is the user's own."""
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
    """What a tag says as a seal. UsageFault when it is none, or not one that can be read."""
    said = dict(tag.trailers)
    try:
        own = [name for name, _ in tag.trailers if name.startswith(_OWN)]
        if not tag.annotated or said[_SEAL] != VERSION or len(set(own)) < len(own):
            raise ValueError
        content = said[_CONTENT].removeprefix("sha256:")
        sealed = Sealed(said[_COMMIT], said[_TREE], _counts(said[_COUNTS]), content, said[_RULES])
        before = said[_PREVIOUS]
        previous = None if before == NONE else _previous(before)
    except (KeyError, ValueError):
        raise UsageFault(
            Words(f"the tag {tag.name} is no seal that can be read", f"le tag {tag.name} n'est pas un sceau lisible"),
            Words("smartreg audit seal makes one", "smartreg audit seal en fait un"),
        ) from None
    return Seal(tag.name, sealed, said.get(_ROOT, ""), previous, tag.target, digest_of(tag), tag.day, tag.signed)


def _counts(text: str) -> dict[str, int]:
    pairs = (word.split("=") for word in text.split()) if text != NONE else ()
    return {kind: int(number) for kind, number in pairs}


def _previous(text: str) -> tuple[str, str]:
    name, digest = text.split(" sha256:")
    return name, digest
