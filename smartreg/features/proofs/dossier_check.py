"""`audit verify --dossier`: a dossier compared with this registry, whose seals and history whoever checks has from
elsewhere than the dossier: AUD925 for whatever it holds that they do not.

Its pages, its recipient and what may have been taken out are covered by its digest alone, as whoever made it told it.
What others gave for the seals is verified where the registry has it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from smartreg import __version__
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.files import read_regular
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, plural
from smartreg.core.values import Location, short_id
from smartreg.features.proofs.dossier import AGENT, IDENTIFIER, TAG_MANIFEST, constant_texts
from smartreg.features.proofs.dossier_history import (
    FileState,
    agreements_of,
    object_ids,
    objects_for,
    pack_ids,
    whole_history,
)
from smartreg.features.proofs.trail.countersignatures import ENDING
from smartreg.features.proofs.trail.proofs import folder_of, read_proofs
from smartreg.features.proofs.trail.seals import CheckedSeal, SealLine, chain, compare_with_line, parse_seal_line
from smartreg.gitio import Repo
from smartreg.gitio.objects import blob_id
from smartreg.workspace.workspace import Workspace

BROKEN = "AUD925"
_MOST = 20  # findings about the files of the manifests: an empty folder lacks all
_FACTS = 1 << 28  # bytes of one file of facts
_ROW = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_STATE = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}) (-|[0-9a-f]{40}|[0-9a-f]{64}) (.+)")

AGAIN = Message("it was altered after it was made: ask whoever keeps the registry for it again")
FORGED = Message("it says what this history does not: it proves nothing, and whoever made it has to answer for it")
SPLIT = Message(
    "there are two histories, or this clone is behind (git fetch --tags): compare with the lines that the parties keep"
)


@dataclass(frozen=True)
class _Bag:
    """The folder of a dossier, and its name as the user wrote it."""

    name: str
    folder: Path

    def read(self, path: str) -> bytes | None:
        """The content of a file; None if there is no regular one."""
        try:
            return read_regular(self.folder / path, _FACTS)
        except OSError:
            return None

    def rows(self, path: str) -> list[str]:
        text = (self.read(path) or b"").decode("utf-8", "surrogateescape")
        return text.removesuffix("\n").split("\n") if text else []

    def files(self, below: str) -> list[str]:
        """The paths of everything in a folder but folders, sorted; of what is no regular file, too."""
        paths = (
            Path(folder) / name
            for folder, folders, names in os.walk(self.folder / below)
            for name in (*names, *(name for name in folders if (Path(folder) / name).is_symlink()))
        )
        return sorted(path.relative_to(self.folder).as_posix() for path in paths)

    def broken(self, path: str, message: Text, hint: Text) -> Finding:
        return Finding(BROKEN, "error", message, Location(f"{self.name}/{path}"), hint)


def check_dossier(workspace: Workspace, name: str, folder: Path, digest: str | None = None) -> list[Finding]:
    """What a dossier holds that this registry does not, as far as its own last seal; `digest`: what its digest should
    be. UsageFault if there is none in this folder."""
    bag = _Bag(name, folder)
    if bag.read("data/facts/seals") is None:
        raise UsageFault(
            Message("{folder} is no dossier: it has no data/facts/seals", folder=name),
            Message("give the folder that has bagit.txt; unpack a ZIP first"),
        )
    repo = workspace.git
    head = repo.resolve("HEAD")
    chained = chain(repo, head)
    findings = [*_check_manifests(bag), *_check_constant_texts(bag), *_check_digest(bag, digest)]
    lines, faults = _check_lines(bag, chained, repo, head)
    findings += [*faults, *_check_given(bag, read_proofs(repo, head), lines)]
    if lines and f"{IDENTIFIER}: {lines[-1].text}" not in bag.rows("bag-info.txt"):
        message = Message("bag-info.txt names another seal than the last")
        findings.append(bag.broken("bag-info.txt", message, FORGED))
    if faults or bag.read("data/facts/head") is None:
        return findings
    return [*findings, *_check_evidence(bag, repo, lines)]


def _check_manifests(bag: _Bag) -> list[Finding]:
    findings: list[Finding] = []
    for manifest, inside in (("tagmanifest-sha256.txt", False), ("manifest-sha256.txt", True)):
        listed: set[str] = set()
        for row in bag.rows(manifest):
            match = _ROW.fullmatch(row)
            if match is None or ("/" in match[2]) != inside or not _is_plain(match[2]):
                findings.append(bag.broken(manifest, Message("{row} names no file", row=row[:80]), AGAIN))
                continue
            listed.add(match[2])
            if _digest(bag.folder / match[2]) != match[1]:
                message = Message("{file} is not as its manifest says, or is missing", file=match[2])
                findings.append(bag.broken(match[2], message, AGAIN))
        for path in bag.files("data") if inside else ():
            if path not in listed:
                findings.append(bag.broken(path, Message("{file} is in no manifest", file=path), AGAIN))
        if not listed:
            findings.append(bag.broken(manifest, Message("{file} lists nothing", file=manifest), AGAIN))
    return findings[:_MOST]


def _check_digest(bag: _Bag, digest: str | None) -> Iterator[Finding]:
    """Whether this is the dossier that was made, byte by byte: its tag manifest lists the digests of all the rest."""
    if digest is None:
        return
    wanted = digest.strip().lower().removeprefix("dossier ").removeprefix("sha256:")
    if re.fullmatch("[0-9a-f]{64}", wanted) is None:
        raise UsageFault(
            Message("--digest {digest} is no SHA-256", digest=digest[:80]),
            Message("it has 64 hexadecimal digits, as smartreg audit dossier printed them"),
        )
    if _digest(bag.folder / TAG_MANIFEST) != wanted:
        message = Message("this is not the dossier that has that digest: something in it was changed or taken out")
        yield bag.broken(TAG_MANIFEST, message, AGAIN)


def _is_plain(path: str) -> bool:
    """Whether a path leads down from the folder, and is written in the one usual way."""
    return PurePosixPath(path).as_posix() == path and not path.startswith("/") and ".." not in path.split("/")


def _digest(path: Path) -> str | None:
    """The SHA-256 of a regular file, of any size."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_constant_texts(bag: _Bag) -> Iterator[Finding]:
    """The script and CHECK.md are constant for a version: of another one, this version does not have them."""
    same_version = f"{AGENT}: smartreg {__version__}" in bag.rows("bag-info.txt")
    for path, text in constant_texts().items():
        content = bag.read(path) or b""
        if content == text.encode():
            continue
        if same_version:
            message = Message("{file} is not the one of smartreg {version}", file=path, version=__version__)
            hint = Message("do not run it, and do not follow it: whoever forges a dossier can forge them with it")
            yield bag.broken(path, message, hint)
        else:
            digest = hashlib.sha256(content).hexdigest()
            message = Message("{file} is of another version, or forged: sha256:{digest}", file=path, digest=digest)
            hint = Message("compare this with the release notes of the version that bag-info.txt names")
            yield bag.broken(path, message, hint)._replace(severity="warning")


def _check_lines(
    bag: _Bag, chained: Sequence[CheckedSeal], repo: Repo, head: str
) -> tuple[list[SealLine], list[Finding]]:
    """The lines of the seals, and what contradicts those here."""
    path = "data/facts/seals"
    lines: list[SealLine] = []
    findings: list[Finding] = []
    for row in bag.rows(path):
        seal_line = parse_seal_line(row)
        if seal_line is None or seal_line.text != row:
            findings.append(bag.broken(path, Message("{row} is no line of a seal", row=row[:80]), FORGED))
            continue
        lines.append(seal_line)
        for finding in compare_with_line(seal_line, chained, repo, head):
            findings.append(finding._replace(where=Location(f"{bag.name}/{path}"), hint=SPLIT))
    here = [checked.seal.line for checked in chained if checked.seal is not None]
    if not findings and (not lines or [seal_line.text for seal_line in lines] != here[: len(lines)]):
        findings.append(bag.broken(path, Message("a seal was left out, or they are out of order"), FORGED))
    return lines, findings


def _check_given(bag: _Bag, here: Mapping[str, Mapping[str, bytes]], lines: Iterable[SealLine]) -> Iterator[Finding]:
    """Timestamps and countersignatures: each is the one that the registry has for that seal, where it is verified."""
    known = {
        f"data/{folder_of(seal_line.name)}/{name}": content
        for seal_line in lines
        for name, content in here.get(seal_line.name, {}).items()
    }
    held = bag.files("data/seals")
    public = bag.read("data/facts/head") is None
    for path in known:
        if path not in held and not (public and path.endswith(ENDING)):
            message = Message("this registry has {file} for a seal of the dossier, which lacks it", file=path)
            hint = Message("it was taken out, or came after the dossier was made: give its digest (--digest)")
            yield bag.broken(path, message, hint)._replace(severity="warning")
    for path in held:
        if path not in known:
            hint = Message(
                "it proves no date and nobody's agreement, unless it came since: git fetch, and compare again"
            )
            message = Message("this registry has no {file} for a seal of the dossier", file=path)
            yield bag.broken(path, message, hint)
        elif bag.read(path) != known[path]:
            hint = Message("it proves no date and nobody's agreement: believe the one that is recorded here")
            yield bag.broken(path, Message("{file} is not the one that this registry has", file=path), hint)


def _check_evidence(bag: _Bag, repo: Repo, lines: Sequence[SealLine]) -> Iterator[Finding]:
    head = lines[-1].commit
    for seal_line in lines:
        tag = f"data/tags/{seal_line.name.partition('/')[2]}"
        if hashlib.sha256(bag.read(tag) or b"").hexdigest() != seal_line.digest:
            yield bag.broken(tag, Message("the tag of {seal} is not the one of its line", seal=seal_line.name), FORGED)
    (stated, *more) = bag.rows("data/facts/head") or [""]
    top = f"{repo.object_format()} {head}"
    everything = stated == f"{top} all"
    if more or not (everything or stated == top):
        ends = Message("the history does not end with the last seal, {commit}", commit=short_id(head))
        yield bag.broken("data/facts/head", ends, FORGED)
        return
    rows = bag.rows("data/facts/states")
    matches = [match for row in rows if (match := _STATE.fullmatch(row)) is not None]
    states = [FileState(match[1], None if match[2] == "-" else match[2], match[3]) for match in matches]
    right = list(_right_states(repo, head, states))
    uncovered = {seal_line.commit for seal_line in lines} - {state.commit for state in states}
    wrong = len(rows) - len(right) + len(uncovered)
    if wrong:
        differ = plural(
            "{n} state of a file is not that of its commit",
            "{n} states of files are not those of their commits",
            n=wrong,
        )
        yield bag.broken("data/facts/states", differ, FORGED)
    if not everything:
        yield from _check_copies(bag, repo, [state for state in right if state.commit == head])
    yield from _check_pack(bag, repo, whole_history(repo, head) if everything else objects_for(repo, head, right))
    agreed = {commit.oid for commit in agreements_of(repo, head, None)}
    for oid in bag.rows("data/facts/agreements"):
        if oid not in agreed:
            message = Message("{commit} is no agreement of this history", commit=oid[:64])
            yield bag.broken("data/facts/agreements", message, FORGED)


def _right_states(repo: Repo, head: str, states: Sequence[FileState]) -> Iterator[FileState]:
    """Those whose commit is in the history of `head`, and has that there."""
    history = repo.parents(head)
    ids = object_ids(repo, [f"{state.commit}:{state.path}" for state in states])
    for state, oid in zip(states, ids, strict=True):
        if state.commit in history and _is_plain(state.path) and oid == state.oid:
            yield state


def _check_copies(bag: _Bag, repo: Repo, states: Iterable[FileState]) -> Iterator[Finding]:
    expected = {f"data/files/{state.path}": state.oid for state in states if state.oid is not None}
    for path in sorted(expected.keys() | set(bag.files("data/files"))):
        content = bag.read(path)
        if content is None or blob_id(content, repo.object_format()) != expected.get(path):
            yield bag.broken(path, Message("{file} is not the file at the last seal", file=path), FORGED)


def _check_pack(bag: _Bag, repo: Repo, expected: Iterable[str]) -> Iterator[Finding]:
    path = "data/objects.pack"
    try:
        with TemporaryDirectory(prefix="smartreg-") as folder:
            held = pack_ids(repo, bag.folder / path, Path(folder))
    except StateFault:
        yield bag.broken(path, Message("{file} cannot be read by Git", file=path), AGAIN)
        return
    missing, foreign = set(expected) - held, held - set(expected)
    if missing:
        message = plural("{file} lacks {n} object", "{file} lacks {n} objects", n=len(missing), file=path)
        yield bag.broken(path, message, AGAIN)
    if foreign:
        message = plural(
            "{file} has {n} object that proves none of its states",
            "{file} has {n} objects that prove none of its states",
            n=len(foreign),
            file=path,
        )
        yield bag.broken(path, message, FORGED)
