"""`audit countersign`: a party signs the line of a seal, or hands in what it has signed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from smartreg import __version__
from smartreg.core.errors import Refused
from smartreg.core.messages import Message, joined
from smartreg.core.values import RecordId
from smartreg.features.proofs.trail.countersignatures import (
    ENDING,
    SignedLine,
    parties_of,
    read_signed_line,
    text_of,
    weakness_of,
)
from smartreg.features.proofs.trail.proofs import folder_of, read_proofs
from smartreg.features.proofs.trail.seals import Seal
from smartreg.gitio import OP, VERSION, CommitMessage, Write, commit
from smartreg.gitio.ssh_signatures import SEAL, sign
from smartreg.workspace.workspace import Workspace


@dataclass(frozen=True)
class Countersigned:
    """A countersignature (`content`: its file) of a party; `commit` is None if it was not recorded. `agrees`: it signs
    the line of the seal that is here."""

    party: RecordId
    signed: SignedLine
    content: bytes
    commit: str | None
    agrees: bool


def countersign(workspace: Workspace, seal: Seal, on: date, *, record: bool) -> Countersigned:
    """Sign the line of a seal with the user's key, and commit that unless it is for somebody else to `record`. Refused
    if no party lists the key, StateFault if it does not sign."""
    content = text_of(seal.line, sign(workspace.git, seal.line.encode("utf-8"), SEAL))
    return _record(workspace, content, seal, on, record=record)


def hand_in(workspace: Workspace, content: bytes, seals: dict[str, Seal], on: date) -> Countersigned:
    """Commit a countersignature that somebody made elsewhere, whatever line it signs: one that contradicts the seal
    here is evidence all the more. Refused if its signature is bad or no party lists its key."""
    signed = read_signed_line(content)
    if signed is None:
        raise Refused(
            Message("this is no countersignature, or its signature does not match its line"),
            Message("it is made by: smartreg audit countersign --to FILE"),
        )
    return _record(workspace, content, seals.get(signed.seal_line.name), on, record=True)


def _record(workspace: Workspace, content: bytes, seal: Seal | None, on: date, *, record: bool) -> Countersigned:
    signed = read_signed_line(content)
    assert signed is not None
    party = _party_of(workspace, signed, seal, on)
    agrees = seal is not None and seal.line == signed.seal_line.text
    if not record:
        return Countersigned(party, signed, content, None, agrees)
    repo, name = workspace.git, signed.seal_line.name
    present = read_proofs(repo, repo.resolve("HEAD")).get(name, {})
    if content in present.values() or (agrees and f"{party.id}{ENDING}" in present):
        raise Refused(Message("{party} has countersigned {seal} already", party=party.id, seal=name))
    numbers = range(2, len(present) + 3)
    names = (f"{party.id}{ENDING}", *(f"{party.id}.{number}{ENDING}" for number in numbers))
    path = f"{folder_of(name)}/{next(free for free in names if free not in present)}"
    message = CommitMessage(
        f"Countersign {name} for {party.id}",
        f"{signed.seal_line.text}\n{signed.key}",
        ((OP, "countersign"), (VERSION, __version__)),
    )
    made = commit(repo, (Write(path, content),), message, expected={path: None})
    return Countersigned(party, signed, content, made, agrees)


def _party_of(workspace: Workspace, signed: SignedLine, seal: Seal | None, on: date) -> RecordId:
    """The one party that lists the key, now or where the seal is."""
    registries = [workspace.registry("HEAD")]
    if seal is not None and workspace.git.tree_id(seal.sealed.commit) is not None:
        registries.append(workspace.registry(seal.sealed.commit))
    for registry in registries:
        weakness = weakness_of(signed, registry, on)
        if weakness is not None:
            raise Refused(Message("this signature does not count: {weakness}", weakness=weakness))
        parties = sorted(parties_of(signed, registry, on))
        if len(parties) > 1:
            raise Refused(
                Message("{who} share the key {key}", who=joined([party.id for party in parties]), key=signed.key),
                Message("give each party its own key"),
            )
        if parties:
            return parties[0]
    raise Refused(
        Message("no party lists the key {key}", key=signed.key),
        Message(
            "list it first, with the agreement of the party: smartreg set PARTY writers.keys+={key}", key=signed.key
        ),
    )
