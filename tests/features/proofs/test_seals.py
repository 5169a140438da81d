"""`audit seal` and `audit verify`: chains of real tags, moved, altered, remade; and what a line that was sent shows."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Git
from conventions import ON
from program import Done, start
from trail import GUEST, HOSTED, Trail

from smartreg import __version__
from smartreg.commands.history import undo
from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.styled import plain
from smartreg.core.values import Language
from smartreg.edit import WriteOptions
from smartreg.features.proofs import audit_report, seals_report
from smartreg.features.proofs.audit import CreatedSeal, SealOptions, VerifiedSeals, seal, verify
from smartreg.features.proofs.trail import parse_seal_line

PARIS = ZoneInfo("Europe/Paris")

GOLDEN = Path(__file__).parents[2] / "golden" / "audit"


@pytest.fixture
def trail(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Trail:
    return Trail(git_repo, git, monkeypatch)


def seal_line(trail: Trail, remark: str = "") -> str:
    """Seal, and give the line."""
    made = seal(trail.workspace, SealOptions(remark))
    assert made.seal is not None
    return made.seal.line


def verify_seals(trail: Trail, *words: str) -> VerifiedSeals:
    return verify(trail.workspace, words)


def codes(found: VerifiedSeals) -> list[tuple[str, str]]:
    return [(finding.code, finding.where.file.rpartition("/")[2]) for finding in found.findings]


def remake_tag(trail: Trail, name: str, change: tuple[str, str], *options: str) -> None:
    """The tag again, with the same words but for one change, maybe at another commit."""
    text = trail.git("cat-file", "tag", name).partition("\n\n")[2]
    assert change[0] in text
    trail.git("tag", "-f", "-a", "--cleanup=verbatim", "-m", text.replace(*change), name, *options)


def run(trail: Trail, *words: str, home: Path | None = None) -> Done:
    return start(*words, cwd=trail.root, **({"HOME": str(home)} if home else {}))


def test_two_seals_hold_and_a_line_proves_them(trail: Trail) -> None:
    first = seal_line(trail, "handed over")
    trail.set("hosted", "status=faulty")
    second = seal_line(trail)

    assert codes(verify_seals(trail)) == []
    assert codes(verify_seals(trail, "seal/0001")) == []
    for sent in (first, second, f"  Dear all,\n> {second.replace(' ', chr(10))}\nregards"):
        found = verify_seals(trail, sent)
        assert found.seal_line == parse_seal_line(sent)
        assert codes(found) == []
    content = trail.git("cat-file", "tag", "seal/0001")
    assert hashlib.sha256(content.encode()).hexdigest() == first.rpartition(":")[2]
    assert "handed over" in content
    assert "equipment=2" in content
    assert first.rpartition(":")[2] in trail.git("cat-file", "tag", "seal/0002")


def test_a_seal_dated_before_its_commit_says_so(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """The date of a tag is whatever the environment says; the day of a commit is not."""
    seal_line(trail)
    trail.set("hosted", "status=faulty")
    with monkeypatch.context() as clock:
        clock.setenv("GIT_COMMITTER_DATE", "2020-01-01T12:00:00Z")
        seal_line(trail)
    days = trail.workspace.history.days(trail.git("rev-parse", "HEAD").strip())
    sealed = days[trail.git("rev-parse", "seal/0002^{commit}").strip()]
    shown = run(trail, "audit", "verify").stdout.splitlines()
    late = f"seal/0002  2020-01-01  but its commit was recorded on {sealed}"
    assert [line.startswith(late) for line in shown[:2]] == [False, True]
    (first, second) = json.loads(run(trail, "audit", "verify", "--json").stdout)["seals"]
    assert ("recorded" in first, second["recorded"]) == (False, str(sealed))


def test_the_content_is_what_sha256sum_lists(trail: Trail) -> None:
    seal_line(trail)
    names = sorted(trail.git("ls-files", "-z", "smartreg.toml", "registry", "schemas").split("\0")[:-1])
    rows = "".join(f"{hashlib.sha256((trail.root / name).read_bytes()).hexdigest()}  {name}\n" for name in names)

    assert f"sha256:{hashlib.sha256(rows.encode()).hexdigest()}" in trail.git("cat-file", "tag", "seal/0001")


def test_a_commit_is_sealed_once(trail: Trail) -> None:
    line = seal_line(trail)
    again = seal(trail.workspace, SealOptions())

    assert (again.new, again.seal and again.seal.line) == (False, line)
    assert trail.git("tag").split() == ["seal/0001"]
    trail.edit(HOSTED, "active", "faulty")
    done = run(trail, "audit", "seal", "--json")
    assert json.loads(done.stdout)["line"] == line


def test_a_dry_run_makes_nothing(trail: Trail) -> None:
    made: CreatedSeal = seal(trail.workspace, SealOptions(dry_run=True))

    assert (made.seal, made.new, trail.git("tag")) == (None, False, "")
    assert "Smartreg-Previous: none" in made.text
    assert "dry run" in run(trail, "audit", "seal", "-n").stderr


def test_an_audit_begins_after_the_last_sound_seal(trail: Trail) -> None:
    trail.edit(HOSTED, "active", "faulty")
    trail.commit()
    seal_line(trail)
    trail.edit(HOSTED, "faulty", "active")
    trail.commit()

    found = trail.audit()

    assert (found.seal, found.commits, found.manual) == ("seal/0001", 1, 1)
    assert trail.audit("seal/0001").commits == 1
    assert trail.audit(everything=True).commits == 3


def test_what_was_sealed_is_not_undone_as_if_it_had_never_been(trail: Trail) -> None:
    new = (trail.root / HOSTED).read_text("utf-8").replace("id: hosted", "id: new").replace("61234", "61298")
    for between in (False, True):
        trail.write("registry/equipment/new.yaml", new)
        trail.commit("x", "Smartreg-Op: add\nSmartreg-Record: equipment/new")
        if between:
            seal_line(trail)
        undo(trail.workspace, options=WriteOptions(on=ON))

    found = trail.audit(everything=True)

    assert [finding.code for finding in found.traces[0].findings] == ["CHG802"]
    assert found.counts[0] == 1
    assert trail.audit().counts[0] == 1


def test_without_a_seal_nothing_is_checked(trail: Trail) -> None:
    for _ in range(2):
        done = run(trail, "audit", "verify")
        assert (done.returncode, "git fetch --tags" in done.stdout) == (3, True)
        checked = run(trail, "audit", "verify", "--json")
        assert (checked.returncode, json.loads(checked.stdout)["holds"]) == (3, None)
        line = seal_line(trail)
        assert run(trail, "audit", "verify").returncode == 0
        trail.git("tag", "-d", "seal/0001")
    assert run(trail, "audit", "verify", line).returncode == 1


def test_rewritten_history_is_seen_and_not_sealed(trail: Trail) -> None:
    trail.set("hosted", "status=faulty")
    line = seal_line(trail)
    trail.git("reset", "-q", "--hard", "HEAD~1")
    trail.set("hosted", "height_m=4")

    assert codes(verify_seals(trail)) == [("AUD903", "0001")]
    assert codes(verify_seals(trail, line)) == [("AUD903", "0001"), ("AUD903", "0001")]
    assert [finding.code for finding in trail.audit().general] == ["AUD903"]
    assert trail.audit().seal is None
    with pytest.raises(Refused):
        seal(trail.workspace, SealOptions())
    assert run(trail, "audit", "seal").returncode == 1
    assert run(trail, "audit", "verify").returncode == 1


def test_a_moved_tag_breaks_the_chain_from_there_on(trail: Trail) -> None:
    line = seal_line(trail)
    trail.set("hosted", "status=faulty")
    seal_line(trail)
    trail.set("hosted", "status=active")
    seal_line(trail)
    remake_tag(trail, "seal/0001", (trail.first, trail.first), "HEAD~1")

    assert codes(verify_seals(trail)) == [("AUD907", "0001"), ("AUD907", "0002")]
    assert ("AUD907", "0001") in codes(verify_seals(trail, line))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("equipment=2", "equipment=3"),
        ("Smartreg-Content: sha256:", "Smartreg-Content: sha256:0"),
        ("Smartreg-Tree: ", "Smartreg-Tree: 0"),
        ("Smartreg-Previous: none", "Smartreg-Previous: seal/0000 sha256:00"),
        ("Smartreg-Seal: 1", "Smartreg-Seal: 2"),
    ],
)
def test_a_seal_that_says_something_else(trail: Trail, was: str, now: str) -> None:
    line = seal_line(trail)
    remake_tag(trail, "seal/0001", (was, now), trail.first)

    assert codes(verify_seals(trail)) == [("AUD907", "0001")]
    assert ("AUD907", "0001") in codes(verify_seals(trail, line))


def test_another_smartreg_has_other_rules(trail: Trail) -> None:
    seal_line(trail)
    remake_tag(
        trail,
        "seal/0001",
        (f"Smartreg-Rules: {__version__} sha256:", f"Smartreg-Rules: {__version__} sha256:0"),
        trail.first,
    )
    assert codes(verify_seals(trail)) == []
    remake_tag(trail, "seal/0001", (f"Smartreg-Rules: {__version__}", "Smartreg-Rules: 9.9.9"), trail.first)
    remake_tag(trail, "seal/0001", ("equipment=2", "equipment=2 lamp=1"), trail.first)
    assert codes(verify_seals(trail)) == []


def test_tags_that_are_no_seals(trail: Trail) -> None:
    seal_line(trail)
    trail.git("tag", "seal/0002")
    trail.git("tag", "seal/draft")

    assert codes(verify_seals(trail)) == [("AUD907", "0002")]
    trail.git("tag", "-d", "seal/0002")
    assert codes(verify_seals(trail)) == []


@pytest.mark.promise("R10")
@pytest.mark.parametrize("name", ["HEAD", "main", "--all", "--help", "{short}"])
def test_a_seal_names_its_commit_by_the_full_id(trail: Trail, name: str) -> None:
    """Neither a name, which means another commit tomorrow, nor an option of Git."""
    seal_line(trail)
    oid = trail.git("rev-parse", "HEAD").strip()
    change = (f"Smartreg-Commit: {oid}", f"Smartreg-Commit: {name.format(short=oid[:12])}")
    remake_tag(trail, "seal/0001", change)
    assert codes(verify_seals(trail)) == [("AUD907", "0001")]
    assert "is not a valid seal" in verify_seals(trail).findings[0].message.in_("en")


def test_a_lost_seal_is_missed_by_the_next_one(trail: Trail) -> None:
    line = seal_line(trail)
    trail.set("hosted", "status=faulty")
    seal_line(trail)
    trail.git("tag", "-d", "seal/0001")

    assert codes(verify_seals(trail)) == [("AUD907", "0002")]
    assert codes(verify_seals(trail, line))[0] == ("AUD907", "0001")


def test_only_a_line_shows_that_everything_was_made_anew(trail: Trail) -> None:
    """Who rewrites history and seals together leaves a chain that fits; the line that was sent does not."""
    trail.set("hosted", "status=faulty")
    line = seal_line(trail)
    trail.git("reset", "-q", "--hard", "HEAD~1")
    trail.git("tag", "-d", "seal/0001")
    trail.edit(GUEST, "M-1", "M-9")
    trail.commit("x", "Smartreg-Op: set\nSmartreg-Record: equipment/guest")
    seal_line(trail)

    assert codes(verify_seals(trail)) == []
    assert set(codes(verify_seals(trail, line))) == {("AUD903", "0001"), ("AUD907", "0001")}


def test_hostile_words_forge_nothing(trail: Trail) -> None:
    forged = "x\n\nSmartreg-Previous: seal/0009 sha256:00\nSmartreg-Seal: 7"
    trail.write("smartreg.toml", f"name = {json.dumps(forged)}\nmetropole = 'amp'\n")
    trail.commit()
    seal_line(trail, forged)

    assert codes(verify_seals(trail)) == []


def test_signed_or_not_at_all(trail: Trail, tmp_path: Path) -> None:
    key = tmp_path / "key"
    if subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=False).returncode:
        pytest.skip("no ssh-keygen")
    trail.git("config", "gpg.format", "ssh")
    trail.git("config", "user.signingkey", str(tmp_path / "absent"))
    with pytest.raises(StateFault):
        seal(trail.workspace, SealOptions(sign=True))
    assert trail.git("tag") == ""
    trail.git("config", "user.signingkey", str(key))
    made = seal(trail.workspace, SealOptions(sign=True))

    assert made.seal is not None
    assert made.seal.signed
    assert codes(verify_seals(trail, made.seal.line)) == []
    trail.set("hosted", "status=faulty")
    trail.git("config", "tag.gpgSign", "true")
    assert "SSH SIGNATURE" in (seal_line(trail) and trail.git("cat-file", "tag", "seal/0002"))


def test_without_an_identity_nothing_is_made(trail: Trail) -> None:
    for name in ("user.name", "user.email"):
        trail.git("config", "--unset", name)
    done = run(trail, "audit", "seal")

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert trail.git("tag") == ""


def test_a_shallow_clone_neither_seals_nor_verifies(trail: Trail, tmp_path: Path, git: Git) -> None:
    seal_line(trail)
    for height in (1, 2):
        trail.set("hosted", f"height_m={height}")
    git("clone", "-q", "--depth", "1", trail.root.as_uri(), str(tmp_path / "cut"))
    git("fetch", "-q", "origin", "tag", "seal/0001", "--depth", "1", cwd=tmp_path / "cut")

    assert start("audit", "verify", cwd=tmp_path / "cut").returncode == 3
    assert start("audit", "seal", cwd=tmp_path / "cut").returncode == 3


def test_a_registry_in_a_folder_of_its_own(trail: Trail) -> None:
    (trail.root / "sub").mkdir()
    for name in ("smartreg.toml", "registry"):
        trail.git("mv", name, f"sub/{name}")
    trail.commit("moved")
    inner = Trail.__new__(Trail)
    inner.root, inner.git, inner._patch, inner._days = trail.root / "sub", trail.git, trail._patch, 9
    line = seal_line(inner)

    assert codes(verify_seals(inner, line)) == []
    assert "Smartreg-Root: sub/" in trail.git("cat-file", "tag", "seal/0001")


def test_words_that_name_nothing(trail: Trail) -> None:
    for word in ("seal/0009", "", " "):
        with pytest.raises(UsageFault):
            verify_seals(trail, word)
    for words in (
        ["verify", "x"],
        ["verify", ""],
        ["bogus"],
        ["seal", "x"],
        ["seal", "--all"],
        ["verify", "-m", "x"],
        ["-n"],
        ["--since", "HEAD", "seal"],
        ["--all", "verify"],
        ["--since", "--all"],
    ):
        done = run(trail, "audit", *words)
        assert (done.returncode, done.stdout) == (2, ""), words
    assert run(trail, "audit", "seal", "-f", "markdown").returncode == 2
    assert 'did you mean "seal"?' in run(trail, "audit", "seel").stderr
    assert "--since is not for smartreg audit seal" in run(trail, "audit", "--since", "HEAD", "seal").stderr


def test_common_options_may_stand_before_a_sub_command(trail: Trail, tmp_path: Path) -> None:
    before = run(trail, "audit", "--json", "seal", "-n")
    assert before.stdout == run(trail, "audit", "seal", "-n", "--json").stdout != ""

    file = tmp_path / "verified.json"
    assert run(trail, "audit", "-o", str(file), "verify", "--json").returncode == 3
    assert json.loads(file.read_text("utf-8"))["seals"] == []


# -- how it reads ------------------------------------------------------------------------------------------------


def anonymous(text: str) -> str:
    """Without ids and digests, which change with every rule that is added."""
    return re.sub(r"\b[0-9a-f]{64}\b", "DIGEST", re.sub(r"\b[0-9a-f]{40}\b|\b(?=\d*[a-f])[0-9a-f]{7,12}\b", "ID", text))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_how_it_reads(trail: Trail, lang: Language, request: pytest.FixtureRequest) -> None:
    trail.edit(HOSTED, "active", "broken")
    trail.commit("Remplacer le statut")
    trail.edit(HOSTED, "broken", "faulty")
    trail.commit("Rétablir")
    trail.delete(GUEST)
    trail.commit("Retirer un capteur", "Smartreg-Op: remove\nSmartreg-Record: equipment/guest")
    walked = trail.audit(trail.first, anchor=None)
    seal_line(trail)
    trail.set("hosted", "status=active")
    line = seal_line(trail)
    held = verify_seals(trail, line)
    remake_tag(trail, "seal/0001", ("party=3", "party=4"), "HEAD~1")
    trail.git("replace", trail.head, trail.first)
    lost, general = verify_seals(trail, line), trail.audit(anchor="0" * 40)
    shown = {
        f"audit.{lang}.txt": plain(audit_report.render_audit(walked, lang=lang, zone=PARIS)),
        f"audit.{lang}.md": audit_report.render_audit_markdown(walked, lang=lang, zone=PARIS),
        f"audit.{lang}.json": re.sub(
            '"smartreg": "[^"]*"', '"smartreg": "…"', audit_report.render_audit_json(walked, lang=lang)
        ),
        f"whole.{lang}.txt": plain(audit_report.render_audit(general, lang=lang, zone=PARIS)),
        f"held.{lang}.txt": plain(seals_report.render_seals(held.seals, held.seal_line, held.faults, lang=lang)),
        f"lost.{lang}.txt": plain(seals_report.render_seals(lost.seals, lost.seal_line, lost.faults, lang=lang)),
    }
    for name, text in shown.items():
        if request.config.getoption("--update"):
            GOLDEN.mkdir(exist_ok=True)
            (GOLDEN / name).write_text(anonymous(text), "utf-8")
        assert (GOLDEN / name).read_text("utf-8") == anonymous(text), name
