"""Countersignatures of parties on seals: made, handed in, replayed, by keys that were never or are no longer listed;
and two parties that hold different lines."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from authority import Authority
from conftest import Git
from program import start
from signing import Key, new_key
from trail import Trail

from smartreg.core.clock import now
from smartreg.core.errors import Refused, StateFault
from smartreg.features.proofs.audit import SealOptions, seal, seal_named, verify
from smartreg.features.proofs.countersign import Countersigned, countersign, hand_in
from smartreg.features.proofs.proofs import Elsewhere
from smartreg.features.proofs.timestamp import pending_timestamp, record_timestamp, request_timestamp
from smartreg.features.proofs.trail import Seal

pytestmark = pytest.mark.promise("R12")
TODAY = now().date()
ISTRES = "registry/parties/istres.yaml"
FILE = "seals/0001/istres.sig"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: new_key(folder, name) for name in ("istres", "bureau", "stranger")}


@pytest.fixture
def trail(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Key]) -> Trail:
    """Istres and the bureau list a key; the first seal is of that state."""
    trail = Trail(git_repo, git, monkeypatch)
    for party in ("istres", "bureau"):
        path = f"registry/parties/{party}.yaml"
        listed = f"writers:\n  keys:\n    - {keys[party].fingerprint}\n"
        trail.write(path, (trail.root / path).read_text() + listed)
    trail.commit()
    trail.git("config", "gpg.format", "ssh")
    make_seal(trail)
    return trail


def make_seal(trail: Trail) -> Seal:
    made = seal(trail.workspace, SealOptions())
    assert made.seal is not None
    return made.seal


def sign(trail: Trail, key: Key, *, record: bool = True) -> Countersigned:
    trail.git("config", "user.signingkey", str(key.file))
    return countersign(trail.workspace, seal_named(trail.workspace, None), TODAY, record=record)


def found(trail: Trail, **files: bytes) -> list[tuple[str, str]]:
    verified = verify(trail.workspace, (), Elsewhere(countersignatures=files))
    return [(finding.code, finding.where.file) for finding in verified.findings]


def text_of_findings(trail: Trail, **files: bytes) -> str:
    verified = verify(trail.workspace, (), Elsewhere(countersignatures=files))
    return "\n".join(finding.message.in_("en") for finding in verified.findings)


def test_a_party_countersigns(trail: Trail, keys: dict[str, Key]) -> None:
    made = sign(trail, keys["istres"])
    assert (made.party.id, made.agrees) == ("istres", True)
    verified = verify(trail.workspace)
    (countersignature,) = verified.proofs.by_seal["seal/0001"].countersignatures
    assert (verified.findings, countersignature.key) == ((), keys["istres"].fingerprint)
    assert countersignature.recorded is not None
    with pytest.raises(Refused):
        sign(trail, keys["istres"])
    # The same by the tools of an auditor alone.
    line, signature = (trail.root / FILE).read_bytes().split(b"\n", 1)
    (trail.root.parent / "line.sig").write_bytes(signature)
    words = ("-Y", "check-novalidate", "-n", "smartreg-seal", "-s", str(trail.root.parent / "line.sig"))
    subprocess.run(["ssh-keygen", *words], input=line, capture_output=True, check=True)


def test_it_is_handed_in_by_somebody_else(trail: Trail, keys: dict[str, Key], tmp_path: Path) -> None:
    trail.git("config", "user.signingkey", str(keys["bureau"].file))
    file = tmp_path / "bureau.sig"
    assert start("audit", "countersign", "--to", str(file), cwd=trail.root).returncode == 0
    assert not (trail.root / "seals").exists()
    trail.git("config", "--unset", "user.signingkey")
    done = start("audit", "countersign", "--from", str(file), "--json", cwd=trail.root)
    assert json.loads(done.stdout)["party"] == "party/bureau"
    verified = verify(trail.workspace, (), Elsewhere(countersignatures={"bureau.sig": file.read_bytes()}))
    parties = [one.party.id for one in verified.proofs.by_seal["seal/0001"].countersignatures]
    assert (verified.findings, parties) == ((), ["bureau", "bureau"])
    with pytest.raises(StateFault):  # no key to sign with
        countersign(trail.workspace, seal_named(trail.workspace, None), TODAY, record=True)
    with pytest.raises(Refused):
        hand_in(trail.workspace, file.read_bytes(), {"seal/0001": seal_named(trail.workspace, None)}, TODAY)


def test_who_may_not_countersign(trail: Trail, keys: dict[str, Key]) -> None:
    head = trail.head
    with pytest.raises(Refused):
        sign(trail, keys["stranger"])
    trail.git("config", "user.signingkey", "/nowhere")
    with pytest.raises(StateFault):
        countersign(trail.workspace, seal_named(trail.workspace, None), TODAY, record=True)
    with pytest.raises(Refused):
        hand_in(trail.workspace, b"seal/0001 commit:00 sha256:00\n", {}, TODAY)
    assert trail.head == head


@pytest.mark.parametrize("attack", ["replayed", "another line", "another namespace", "not listed", "junk"])
def test_what_does_not_count_is_found(trail: Trail, keys: dict[str, Key], tmp_path: Path, attack: str) -> None:
    first = sign(trail, keys["istres"], record=False).content
    line, _, signature = first.partition(b"\n")
    trail.set("hosted", "status=faulty")
    second = make_seal(trail)
    place = "seals/0002/istres.sig"
    content = first
    if attack == "another line":
        content = second.line.encode() + b"\n" + signature
    elif attack == "another namespace":
        (tmp_path / "line").write_bytes(second.line.encode())
        words = ("-Y", "sign", "-q", "-n", "git", "-f", str(keys["istres"].file), str(tmp_path / "line"))
        subprocess.run(["ssh-keygen", *words], check=True)
        content = second.line.encode() + b"\n" + (tmp_path / "line.sig").read_bytes()
    elif attack == "not listed":
        (tmp_path / "line").write_bytes(second.line.encode())
        words = ("-Y", "sign", "-q", "-n", "smartreg-seal", "-f", str(keys["stranger"].file), str(tmp_path / "line"))
        subprocess.run(["ssh-keygen", *words], check=True)
        content = second.line.encode() + b"\n" + (tmp_path / "line.sig").read_bytes()
    elif attack == "junk":
        content = line + b" \n" + signature
    (trail.root / place).parent.mkdir(parents=True)
    (trail.root / place).write_bytes(content)
    trail.commit("x")
    assert found(trail) == [("AUD923", place)]
    if attack == "replayed":
        assert "it signs seal/0001, not seal/0002" in text_of_findings(trail)


def test_a_key_that_is_no_longer_listed_needs_a_timestamp(trail: Trail, keys: dict[str, Key], tmp_path: Path) -> None:
    """Whoever has the key by now could sign whatever it likes; what a timestamp covers was signed before."""
    old = sign(trail, keys["istres"], record=False).content
    signed = sign(trail, keys["istres"])
    assert signed.commit is not None
    trail.git("branch", "covered")
    trail.edit(ISTRES, keys["istres"].fingerprint, keys["stranger"].fingerprint)
    trail.commit("another key")
    assert found(trail) == [("AUD923", FILE)]

    trail.git("checkout", "-q", "-B", "main", "covered")
    make_seal(trail)
    authority = Authority(tmp_path / "authority")
    pending = pending_timestamp(trail.workspace, seal_named(trail.workspace, None), TODAY)
    request = request_timestamp(pending)
    record_timestamp(trail.workspace, pending, request, authority.reply(request), authority.root)
    trail.edit(ISTRES, keys["istres"].fingerprint, keys["stranger"].fingerprint)
    trail.commit("another key")
    assert found(trail) == []
    (trail.root / "seals/0001/istres.2.sig").write_bytes(old)
    trail.commit("signed with the old key afterwards")
    assert found(trail) == [("AUD923", "seals/0001/istres.2.sig")]


def test_two_parties_that_hold_different_lines(trail: Trail, keys: dict[str, Key], git: Git, tmp_path: Path) -> None:
    """Somebody shows Istres one history and the bureau another, each with a seal of the same number."""
    git("clone", "-q", str(trail.root), str(tmp_path / "other"))
    shared = trail.head
    trail.set("hosted", "status=faulty")
    make_seal(trail)
    sign(trail, keys["istres"])
    other = Trail.__new__(Trail)
    other.root, other._patch, other._days = tmp_path / "other", trail._patch, 20
    other.git = lambda *words: git(*words, cwd=other.root)
    for name, value in {"user.name": "x", "user.email": "x@example.org", "gpg.format": "ssh"}.items():
        other.git("config", name, value)
    other.set("hosted", "height_m=4")
    make_seal(other)
    theirs = sign(other, keys["bureau"], record=False).content

    assert found(trail, bureau=theirs) == [("AUD924", "bureau")]
    assert "bureau holds another seal/0002" in text_of_findings(trail, bureau=theirs)
    assert "that commit is not here" in text_of_findings(trail, bureau=theirs)
    trail.git("fetch", "-q", str(other.root), "HEAD:refs/heads/theirs")
    assert f"the two histories part after {shared[:7]}" in text_of_findings(trail, bureau=theirs)
    # Whoever is shown to be wrong cannot refuse the evidence, nor lose it.
    made = hand_in(trail.workspace, theirs, {"seal/0002": seal_named(trail.workspace, None)}, TODAY)
    assert (made.agrees, made.party.id) == (False, "bureau")
    assert found(trail) == [("AUD924", "seals/0002/bureau.sig")]
