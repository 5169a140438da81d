"""Timestamps on seals, by a local authority: recorded, renewed, verified offline, and each way in which one fails."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from authority import Authority
from conftest import Git
from program import start
from trail import Trail

from smartreg.core.clock import now
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.styled import plain
from smartreg.features.proofs.audit import SealOptions, seal, seal_named, verify
from smartreg.features.proofs.proofs import Elsewhere
from smartreg.features.proofs.seals_report import render_seals
from smartreg.features.proofs.timestamp import (
    Stamped,
    ask_authority,
    pending_timestamp,
    record_timestamp,
    request_timestamp,
)
from smartreg.features.proofs.trail import Seal
from smartreg.review.frame import checks_removed
from smartreg.schema.settings_file import read_config

pytestmark = pytest.mark.promise("R12")
TODAY = now().date()
TOKEN = "seals/0001/timestamp-1.tst"
KEPT = "seals/0001/timestamp-1.pem"


@pytest.fixture
def trail(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Trail:
    return Trail(git_repo, git, monkeypatch)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "a")


def make_seal(trail: Trail) -> Seal:
    made = seal(trail.workspace, SealOptions())
    assert made.seal is not None
    return made.seal


def stamp(trail: Trail, authority: Authority, on: date = TODAY, kept: bytes | None = None) -> Stamped:
    """Timestamp the latest seal, or renew that; the root is kept beside it unless said otherwise."""
    pending = pending_timestamp(trail.workspace, seal_named(trail.workspace, None), on)
    request = request_timestamp(pending)
    return record_timestamp(
        trail.workspace, pending, request, authority.reply(request), authority.root if kept is None else kept
    )


def found(trail: Trail, roots: bytes | None = None, on: date = TODAY) -> list[tuple[str, str, str]]:
    """Code, severity and file of each finding."""
    verified = verify(trail.workspace, (), Elsewhere(roots, on=on))
    return [(finding.code, finding.severity, finding.where.file) for finding in verified.findings]


def replace_file(trail: Trail, path: str, content: bytes) -> None:
    (trail.root / path).write_bytes(content)
    trail.commit("x")


def test_a_seal_is_timestamped_and_verified_offline(trail: Trail, authority: Authority, tmp_path: Path) -> None:
    sealed = make_seal(trail)
    stamped = stamp(trail, authority)

    verified = verify(trail.workspace, (), Elsewhere(authority.root))
    (timestamp,) = verified.proofs.by_seal["seal/0001"].timestamps
    assert (verified.findings, timestamp.rooted) == ((), True)
    assert timestamp.time == stamped.timestamp.time
    assert timestamp.authority == "CN=Local authority"
    assert trail.git("show", "-s", "--format=%s", stamped.commit).strip() == "Timestamp seal/0001"
    assert sorted(trail.git("ls-files", "seals").split()) == [KEPT, TOKEN]
    # The same by the tools of an auditor alone.
    (tmp_path / "root.pem").write_bytes(authority.root)
    digest = hashlib.sha256(sealed.line.encode()).hexdigest()
    words = ("-verify", "-digest", digest, "-token_in", "-in", TOKEN, "-CAfile", str(tmp_path / "root.pem"))
    done = subprocess.run(["openssl", "ts", *words], cwd=trail.root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_timestamp_needs_no_other_seal(trail: Trail, authority: Authority) -> None:
    """What adds the timestamp is not sealed in its turn; records that change later are."""
    make_seal(trail)
    stamp(trail, authority)
    again = seal(trail.workspace, SealOptions())
    assert (again.new, again.name) == (False, "seal/0001")
    trail.set("hosted", "status=faulty")
    assert seal(trail.workspace, SealOptions()).name == "seal/0002"


def test_from_an_address_and_by_files(trail: Trail, authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(authority.root)
    with authority.served() as url:
        done = start("audit", "seal", "--timestamp", url, "--ca", str(tmp_path / "root.pem"), cwd=trail.root)
    assert done.returncode == 0, done.stderr
    assert "Timestamped seal/0001: " in done.stderr
    trail.set("hosted", "status=faulty")
    make_seal(trail)
    request, reply = tmp_path / "request.tsq", tmp_path / "reply.tsr"
    asked = start("audit", "timestamp", "--request", str(request), cwd=trail.root)
    assert asked.returncode == 0, asked.stderr
    reply.write_bytes(authority.reply(request.read_bytes()))
    words = ("--request", str(request), "--reply", str(reply), "--ca", str(tmp_path / "root.pem"))
    recorded = start("audit", "timestamp", *words, "--json", cwd=trail.root)
    assert json.loads(recorded.stdout)["seal"] == "seal/0002"
    for roots in (authority.root, None):
        verified = verify(trail.workspace, (), Elsewhere(roots))
        shown_by = (verified.seals, None, verified.faults, verified.proofs.by_seal)
        shown = plain(render_seals(*shown_by, lang="en"))
        assert (shown.count("UTC by CN=Local authority"), "--ca FILE" in shown) == (2, roots is None)


def test_a_seal_stays_when_the_authority_is_silent(trail: Trail) -> None:
    done = start("audit", "seal", "--timestamp", "http://127.0.0.1:9/", cwd=trail.root)
    assert done.returncode == 3
    assert "seal/0001 was made, and is without a timestamp" in done.stderr
    assert trail.git("tag").split() == ["seal/0001"]
    for address in ("file:///etc/passwd", "http:", "ftp://example.org/"):
        with pytest.raises((UsageFault, StateFault)):
            ask_authority(address, b"")
    assert start("audit", "timestamp", cwd=trail.root).returncode == 2
    assert start("audit", "seal", "--timestamp", "file:///etc/passwd", cwd=trail.root).returncode == 2


def test_a_reply_to_another_request_is_refused(trail: Trail, authority: Authority) -> None:
    """One that answers about the same line, too: its nonce is another."""
    make_seal(trail)
    pending = pending_timestamp(trail.workspace, seal_named(trail.workspace, None), TODAY)
    request, other = request_timestamp(pending), request_timestamp(pending)
    head = trail.head
    for reply in (authority.reply(other), b"no reply", b""):
        with pytest.raises(Refused):
            record_timestamp(trail.workspace, pending, request, reply, authority.root)
    assert trail.head == head


def test_a_missing_one_is_reported_where_the_settings_ask_for_it(trail: Trail, authority: Authority) -> None:
    make_seal(trail)
    assert found(trail) == []
    settings = (trail.root / "smartreg.toml").read_text() + "[audit]\ntimestamped_from = 2026-01-01\n"
    trail.write("smartreg.toml", settings)
    trail.commit()
    make_seal(trail)
    missing = ("AUD920", "error", "refs/tags/seal/0002")
    assert found(trail) == [missing]
    assert "AUD920" in {finding.code for finding in trail.audit().general}
    trail.write("smartreg.toml", settings.replace("2026-01-01", "2036-01-01"))
    trail.commit("dropped afterwards")
    assert found(trail) == [missing]
    stamp(trail, authority)
    assert found(trail) == []


def test_a_timestamp_is_renewed_before_it_ends(trail: Trail, tmp_path: Path, authority: Authority) -> None:
    make_seal(trail)
    short = Authority(tmp_path / "short", days=30)
    stamp(trail, short)
    soon, later = TODAY + timedelta(days=20), TODAY + timedelta(days=40)
    assert found(trail, on=soon) == [("AUD922", "warning", TOKEN)]
    assert found(trail, on=later) == [("AUD922", "error", TOKEN)]

    renewed = stamp(trail, authority, on=soon)
    assert renewed.timestamp.number == 2
    assert found(trail, on=later) == []
    assert found(trail, roots=short.root + authority.root, on=later) == []
    listing = "".join(
        f"{hashlib.sha256((trail.root / path).read_bytes()).hexdigest()}  {path.rpartition('/')[2]}\n"
        for path in (KEPT, TOKEN)
    )
    digest = hashlib.sha256(listing.encode()).hexdigest()
    words = ("-verify", "-digest", digest, "-token_in", "-in", "seals/0001/timestamp-2.tst")
    anchors = ("-CAfile", str(authority.folder / "root.pem"))
    subprocess.run(["openssl", "ts", *words, *anchors], cwd=trail.root, capture_output=True, check=True)
    # The one that was renewed, changed by a byte: the renewal no longer covers it.
    replace_file(trail, KEPT, (trail.root / KEPT).read_bytes() + short.root)
    assert ("AUD921", "error", "seals/0001/timestamp-2.tst") in found(trail)


@pytest.mark.parametrize("attack", ["another line", "forged", "removed", "another root", "ended", "revoked"])
def test_what_does_not_hold_is_found(trail: Trail, authority: Authority, tmp_path: Path, attack: str) -> None:
    make_seal(trail)
    if attack == "ended":  # the authority signs although its certificate has ended
        ended = Authority(tmp_path / "ended", days=1, begins=-5)
        pending = pending_timestamp(trail.workspace, seal_named(trail.workspace, None), TODAY)
        request = request_timestamp(pending)
        reply = ended.reply(request)
        with pytest.raises(Refused):
            record_timestamp(trail.workspace, pending, request, reply, ended.root)
        (trail.root / "reply").write_bytes(reply)
        token = subprocess.run(
            ["openssl", "ts", "-reply", "-in", "reply", "-token_out"], cwd=trail.root, capture_output=True, check=True
        ).stdout
        (trail.root / "reply").unlink()
        trail.write(KEPT, ended.root.decode())
        replace_file(trail, TOKEN, token)
        assert found(trail) == [("AUD921", "error", TOKEN)]
        return
    if attack == "revoked":
        gone = Authority(tmp_path / "gone")
        stamp(trail, gone)
        gone.revoke()
        assert found(trail, roots=gone.root) == []
        assert found(trail, roots=gone.root + gone.crl()) == [("AUD921", "error", TOKEN)]
        return
    stamp(trail, authority)
    token = (trail.root / TOKEN).read_bytes()
    altered = ("CHG830", "error", TOKEN)
    broken = ("AUD921", "error", TOKEN)
    if attack == "another root":
        assert found(trail, roots=Authority(tmp_path / "other").root) == [broken]
        return
    if attack == "removed":
        trail.delete(TOKEN)
        trail.commit("x")
        assert found(trail) == [altered]
        return
    if attack == "another line":
        trail.git("tag", "-d", "seal/0001")
        trail.git("reset", "-q", "--hard", "HEAD~1")
        trail.set("hosted", "status=faulty")
        make_seal(trail)
        trail.write(KEPT, authority.root.decode())
        replace_file(trail, TOKEN, token)
        assert found(trail) == [broken]
        return
    for content in (token[:-20] + bytes([token[-20] ^ 1]) + token[-19:], token[: len(token) // 2]):
        replace_file(trail, TOKEN, content)
        assert set(found(trail)) == {altered, broken}


def test_a_clean_list_is_kept_and_a_revoked_authority_refused(trail: Trail, tmp_path: Path) -> None:
    make_seal(trail)
    authority = Authority(tmp_path / "a")
    stamp(trail, authority, kept=authority.root + authority.crl())
    assert found(trail) == []
    trail.set("hosted", "status=faulty")
    make_seal(trail)
    authority.revoke()
    with pytest.raises(Refused):
        stamp(trail, authority, kept=authority.root + authority.crl())


@pytest.mark.promise("R9")
def test_settings_that_ask_for_less_are_reported() -> None:
    before, after, never = (
        read_config(text)
        for text in (b"[audit]\ntimestamped_from = 2026-01-01\n", b"[audit]\ntimestamped_from = 2027-01-01\n", b"")
    )
    assert [len(list(checks_removed(*sides))) for sides in ((before, after), (after, never), (never, before))] == [
        1,
        1,
        0,
    ]
    with pytest.raises(UsageFault):
        read_config(b'[audit]\ntimestamp_url = "file:///etc/passwd"\n')
    with pytest.raises(UsageFault):
        read_config(b'[folders]\nequipment = "seals"\n')


@pytest.mark.promise("R9")
def test_the_gate_finds_an_altered_one(trail: Trail, authority: Authority) -> None:
    make_seal(trail)
    stamp(trail, authority)
    base = trail.head
    replace_file(trail, KEPT, b"")
    done = start("validate", "--since", base, "--json", cwd=trail.root)
    assert "CHG830" in done.stdout


def test_without_openssl_nothing_is_called_valid(
    trail: Trail, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_seal(trail)
    stamp(trail, authority)
    for name in ("git", "ssh-keygen"):
        program = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        os.symlink(program, tmp_path / name)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StateFault):
        found(trail)
