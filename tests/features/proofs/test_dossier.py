"""Dossiers, checked by their script with a shell and the four tools alone: a story of several years, and each attack on
it, found by the script and, where it is one on the registry, by `audit verify`."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from authority import Authority
from conftest import Git
from signing import Key, new_key
from trail import Trail

from smartreg.cli.run import run
from smartreg.commands.agree import AgreeOptions, agree
from smartreg.core.clock import now
from smartreg.core.errors import Refused, UsageFault
from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.features.proofs.audit import SealOptions, seal, seal_named, verify
from smartreg.features.proofs.countersign import countersign
from smartreg.features.proofs.dossier import DossierOptions, dossier
from smartreg.features.proofs.dossier_check import check_dossier
from smartreg.features.proofs.dossier_history import Period
from smartreg.features.proofs.timestamp import pending_timestamp, record_timestamp, request_timestamp
from smartreg.features.proofs.trail.openssl import make_request, token_in
from smartreg.history.steps import Step, Touch, steps_along, steps_of, steps_of_commits
from smartreg.workspace.output import output

pytestmark = pytest.mark.promise("R12")
ISTRES = "registry/parties/istres.yaml"
TODAY = now().date()
TOOLS = ("git", "ssh-keygen", "openssl", "sha256sum")
TAG_FILES = ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")
PROVED, WRONG, UNPROVED = 0, 1, 3


@dataclass(frozen=True)
class Story:
    """A registry and its dossiers on one sensor, whole (`record`) and without timestamps, which take most of the time
    of a check (`lean`), with what an auditor has from elsewhere."""

    trail: Trail
    authority: Authority
    folder: Path
    line: str
    root: Path
    keys: Path
    tools: Path

    @property
    def given(self) -> tuple[str, ...]:
        return ("--line", self.line, "--ca", str(self.root), "--keys", str(self.keys))

    def check(self, bag: Path, *words: str) -> tuple[int, str]:
        """Run the script with nothing on the PATH but the four tools."""
        environment = {"PATH": str(self.tools), "HOME": "/nonexistent", "TMPDIR": str(self.folder)}
        command = ["/bin/sh", "data/check.sh", *words]
        done = subprocess.run(command, cwd=bag, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def write_dossier(trail: Trail, target: Path, word: str | None = "hosted", recipient: str | None = "Court") -> None:
    options = DossierOptions(word, word is None and recipient is not None, recipient=recipient)
    dossier(trail.workspace, options, output(str(target), trail.root))


def digest_of(bag: Path) -> str:
    """As `audit dossier` prints it."""
    return f"dossier sha256:{hashlib.sha256((bag / 'tagmanifest-sha256.txt').read_bytes()).hexdigest()}"


def payload_of(bag: Path) -> list[str]:
    return sorted(str(path.relative_to(bag)) for path in (bag / "data").rglob("*") if path.is_file())


def redo_manifests(bag: Path) -> None:
    """What a forger does, too."""
    rows = [f"{hashlib.sha256((bag / name).read_bytes()).hexdigest()}  {name}\n" for name in payload_of(bag)]
    (bag / "manifest-sha256.txt").write_text("".join(rows))
    rows = [f"{hashlib.sha256((bag / name).read_bytes()).hexdigest()}  {name}\n" for name in TAG_FILES]
    (bag / "tagmanifest-sha256.txt").write_text("".join(rows))


def stamp_latest(trail: Trail, authority: Authority) -> None:
    pending = pending_timestamp(trail.workspace, seal_named(trail.workspace, None), TODAY)
    request = request_timestamp(pending)
    record_timestamp(trail.workspace, pending, request, authority.reply(request), authority.root + authority.crl())


def git_in(root: Path) -> Git:
    def run(*words: str, cwd: Path = root) -> str:
        done = subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True)
        return done.stdout.decode()

    return run


def list_key(trail: Trail, party: str, key: Key) -> None:
    path = f"registry/parties/{party}.yaml"
    text = (trail.root / path).read_text().partition("writers:")[0]
    trail.write(path, f"{text}writers:\n  keys:\n    - {key.fingerprint}\n")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, empty_repository: Path) -> Iterator[Story]:
    """Istres countersigns the first seal, whose timestamp is renewed once, and agrees to a change; then it merges into
    another commune with a key of its own, which countersigns the third seal. Each seal has a timestamp."""
    folder = tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch:
        root = Path(shutil.copytree(empty_repository, folder / "registry"))
        trail = Trail(root, git_in(root), patch)
        old, new = new_key(folder, "old"), new_key(folder, "new")
        authority, short = Authority(folder / "authority"), Authority(folder / "short", days=100, name="Short")
        trail.git("config", "gpg.format", "ssh")
        list_key(trail, "istres", old)
        trail.commit("keys")
        seal(trail.workspace, SealOptions())
        stamp_latest(trail, short)
        stamp_latest(trail, authority)
        trail.git("config", "user.signingkey", str(old.file))
        countersign(trail.workspace, seal_named(trail.workspace, None), TODAY, record=True)
        before = trail.head
        trail.edit("registry/equipment/hosted.yaml", "owner: amp", "owner: istres")
        trail.commit("handed over")
        agree(trail.workspace, ("hosted",), AgreeOptions(TODAY, since=before))
        seal(trail.workspace, SealOptions())
        stamp_latest(trail, authority)  # covers what the key of Istres has signed
        text = (trail.root / ISTRES).read_text()
        trail.write("registry/parties/istres-fos.yaml", text.replace("id: istres", "id: istres-fos"))
        list_key(trail, "istres-fos", new)
        trail.write(ISTRES, f'{text}ended_on: "2026-01-08"\nsuccessors:\n  - party: istres-fos\n')
        trail.commit("two communes merged")
        trail.set("hosted", "status=faulty")
        seal(trail.workspace, SealOptions())
        trail.git("config", "user.signingkey", str(new.file))
        countersign(trail.workspace, seal_named(trail.workspace, None), TODAY, record=True)
        stamp_latest(trail, authority)
        write_dossier(trail, folder / "record")
        (folder / "root.pem").write_bytes(authority.root + short.root)
        keys = {"istres": "old", "istres-fos": "new"}
        lines = [f"{party} {(folder / f'{name}.pub').read_text().strip()}\n" for party, name in keys.items()]
        (folder / "keys.txt").write_text("".join(lines))
        lean = Path(shutil.copytree(folder / "record", folder / "lean"))
        for path in (lean / "data/seals").glob("*/timestamp-*"):
            path.unlink()
        redo_manifests(lean)
        tools = folder / "tools"
        tools.mkdir()
        for name in TOOLS:
            os.symlink(str(shutil.which(name)), tools / name)
        line = seal_named(trail.workspace, None).line
        yield Story(trail, authority, folder, line, folder / "root.pem", folder / "keys.txt", tools)


def test_a_stranger_checks_it_with_four_tools(story: Story) -> None:
    assert verify(story.trail.workspace).findings == ()
    bag = story.folder / "record"
    code, said = story.check(bag, "--line", f" {story.line}\n", *story.given[2:], "--digest", digest_of(bag))
    assert (code, said.count("WRONG"), said.count("not proved")) == (PROVED, 0, 0), said
    assert said.count("existed on") == 4
    assert said.count("by a key that you gave") == 3
    assert "to equipment/hosted, was signed by a key that you gave for istres" in said


@pytest.mark.parametrize("lacking", ["--line", "--ca", "--keys", "--digest"])
def test_without_what_comes_from_elsewhere_it_is_not_proved(story: Story, lacking: str) -> None:
    given = (*story.given, "--digest", digest_of(story.folder / "record"))
    at = given.index(lacking)
    code, said = story.check(story.folder / "record", *given[:at], *given[at + 2 :])
    assert (code, "CONSISTENT, NOT PROVED" in said, f"({lacking})" in said) == (UNPROVED, True, True), said


def test_wrong_things_from_elsewhere(story: Story, tmp_path: Path) -> None:
    other, stranger = Authority(tmp_path / "other"), new_key(tmp_path, "stranger")
    (tmp_path / "keys.txt").write_text(f"istres {Path(f'{stranger.file}.pub').read_text()}")
    given = ("--line", story.line[:-1] + "-", "--ca", str(other.folder / "root.pem"))
    code, said = story.check(story.folder / "record", *given, "--keys", str(tmp_path / "keys.txt"))
    assert code == WRONG
    assert "your line is none of these seals" in said
    assert "timestamp 1 of seal/0003 does not hold" in said
    assert "seal/0001 was countersigned for istres by a key that you did not give for it" in said
    assert story.check(story.folder / "record", "--ca", "/nowhere")[0] == 2
    assert story.check(story.folder / "record", "--bogus", "x")[0] == 2
    code, said = story.check(story.folder / "record", "--ca", "data/seals/0003/timestamp-1.pem")
    assert (code, "has to come from elsewhere" in said) == (2, True)


def _swap(bag: Path, path: str, old: bytes, new: bytes) -> None:
    content = (bag / path).read_bytes()
    assert old in content
    (bag / path).write_bytes(content.replace(old, new, 1))


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def _word(path: Path) -> str:
    return path.read_text().split()[0]


def _drop_line(path: Path, number: int) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:number] + lines[number + 1 :]))


def _leave_out(bag: Path, kind: str) -> None:
    """The pack again, without one object of a kind."""
    git, repository = git_in(bag), bag.with_name("objects")
    git("init", "-q", "--bare", str(repository))
    inside = ["git", f"--git-dir={repository}"]
    pack = (bag / "data/objects.pack").read_bytes()
    subprocess.run([*inside, "unpack-objects", "-q"], input=pack, check=True)
    rows = git(*inside[1:], "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").split("\n")
    objects = [row.split() for row in rows if row]
    gone = next(oid for oid, of in objects if of == kind)
    given = "".join(f"{oid}\n" for oid, _ in objects if oid != gone).encode()
    command = [*inside, "pack-objects", "--stdout", "-q"]
    done = subprocess.run(command, input=given, capture_output=True, check=True)
    (bag / "data/objects.pack").write_bytes(done.stdout)


def _forge_commit(bag: Path, parent: str) -> str:
    """Add a commit on this one to the pack, which changes nothing but says so."""
    git, repository = git_in(bag), bag.with_name("forged")
    git("init", "-q", "--bare", str(repository))
    inside = ["git", f"--git-dir={repository}", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*inside, "unpack-objects", "-q"], input=(bag / "data/objects.pack").read_bytes(), check=True)
    commit = git(*inside[1:], "commit-tree", "-p", parent, "-m", "forged", f"{parent}^{{tree}}").strip()
    objects = git(*inside[1:], "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").encode()
    done = subprocess.run([*inside, "pack-objects", "--stdout", "-q"], input=objects, capture_output=True, check=True)
    (bag / "data/objects.pack").write_bytes(done.stdout)
    return commit


def _go_on_after_the_seal(bag: Path) -> None:
    head = (bag / "data/facts/head").read_text().split()[1]
    forged = _forge_commit(bag, head)
    _swap(bag, "data/facts/head", head.encode(), forged.encode())
    (bag / "data/facts/states").write_text((bag / "data/facts/states").read_text().replace(head, forged))


def _add_a_commit_beside(bag: Path) -> None:
    rows = (bag / "data/facts/states").read_text()
    commit, blob, path = rows.split("\n")[0].split(" ")
    (bag / "data/facts/states").write_text(f"{_forge_commit(bag, commit)} {blob} {path}\n{rows}")


def _list_a_copy_twice(bag: Path) -> None:
    rows = (bag / "data/facts/states").read_text()
    (bag / "data/facts/states").write_text(rows + rows.splitlines(keepends=True)[-1])
    (bag / "data/files/registry/x.yaml").write_bytes(b"forged")


def _name_a_seal_that_acts(bag: Path) -> None:
    _swap(bag, "data/facts/seals", b"seal/0002 commit:", b"\x1b[2J commit:")
    shutil.copytree(bag / "data/seals/0002", bag / "data/seals/\x1b[2J")


TOKEN, SIG = "data/seals/0003/timestamp-1.tst", "data/seals/0003/istres-fos.sig"
EARLIER = "data/seals/0001/istres.sig"
SEALS, AGREEMENTS, PACK = "data/facts/seals", "data/facts/agreements", "data/objects.pack"
FILE = "data/files/registry/equipment/hosted.yaml"
HOSTED = b"registry/equipment/hosted"
COPIES = "data/files is not what the files were at the last seal"
STATES, TOKEN_WRONG = "states of files are not those of their commits", "timestamp 1 of seal/0003 does not hold"
OBJECTS, STRAY = "objects of the history are missing or altered", "data/seals has a file that belongs to no seal here"
ALTERED = "a file is missing, altered, or in no manifest"
Attack: TypeAlias = Callable[[Path], object]
ATTACKS: Sequence[Mapping[str, tuple[Attack, str, str]]] = [
    {  # by attack: what it does, what the script says, at which file the program finds it; together, those that have
        # nothing to do with each other
        "a copy": (lambda bag: _swap(bag, FILE, b"faulty", b"active"), COPIES, FILE),
        "a tag": (
            lambda bag: _swap(bag, "data/tags/0001", b"equipment=2", b"equipment=3"),
            "seal/0001: the tag is not",
            "data/tags/0001",
        ),
        "a token of another line": (
            lambda bag: shutil.copy(bag / "data/seals/0002/timestamp-1.tst", bag / TOKEN),
            TOKEN_WRONG,
            TOKEN,
        ),
        "a countersignature replayed": (
            lambda bag: shutil.copy(bag / "data/seals/0001/istres.sig", bag / SIG),
            "istres-fos signed another line than that of seal/0003 here",
            SIG,
        ),
        "an agreement": (
            lambda bag: (bag / AGREEMENTS).write_text(_word(bag / "data/facts/states") + "\n"),
            "is no agreement",
            AGREEMENTS,
        ),
        "a token after a gap": (
            lambda bag: shutil.copy(bag / TOKEN, bag / "data/seals/0002/timestamp-3.tst"),
            STRAY,
            "data/seals/0002/timestamp-3.tst",
        ),
        "the name of the seal": (
            lambda bag: _swap(bag, "bag-info.txt", b"seal/0003", b"seal/0002"),
            "bag-info.txt names another seal than the last",
            "bag-info.txt",
        ),
    },
    {
        "a further copy": (
            lambda bag: (bag / "data/files/registry/x.yaml").write_bytes(b"x"),
            COPIES,
            "data/files/registry/x.yaml",
        ),
        "a byte of a token": (lambda bag: _flip(bag / TOKEN, -20), TOKEN_WRONG, TOKEN),
        "the certificates before a renewal": (
            lambda bag: _swap(bag, "data/seals/0001/timestamp-1.pem", b"-----END", b"\n-----END"),
            "timestamp 2 of seal/0001 does not hold",
            "data/seals/0001/timestamp-1.pem",
        ),
        "a countersignature's line": (
            lambda bag: _swap(bag, SIG, b"seal/0003", b"seal/0002"),
            "the countersignature of istres-fos on seal/0003 is no signature on its line",
            SIG,
        ),
        "a countersignature of a seal that is not there": (
            lambda bag: shutil.copytree(bag / "data/seals/0001", bag / "data/seals/0009"),
            "istres signed another line than that of seal/0009 here",
            "data/seals/0009/istres.sig",
        ),
        "a commit left out": (lambda bag: _leave_out(bag, "commit"), OBJECTS, PACK),
    },
    {
        "no states": (lambda bag: (bag / "data/facts/states").write_bytes(b""), STATES, "data/facts/states"),
        "a token cut": (lambda bag: (bag / TOKEN).write_bytes((bag / TOKEN).read_bytes()[:500]), TOKEN_WRONG, TOKEN),
        "the pack cut": (lambda bag: (bag / PACK).write_bytes(b"PACK"), OBJECTS, PACK),
    },
    {
        "a state": (
            lambda bag: _swap(bag, "data/facts/states", HOSTED, b"registry/equipment/guest"),
            STATES,
            "data/facts/states",
        )
    },
    {
        "a state at the end of the file": (
            lambda bag: (bag / "data/facts/states").open("ab").write(b"0123456789 - registry/x.yaml"),
            STATES,
            "data/facts/states",
        ),
        "a link": (lambda bag: (bag / "data/x").symlink_to("/dev/null"), ALTERED, "data/x"),
    },
    {
        "a path written otherwise": (
            lambda bag: (bag / "data/facts/states").write_text(
                f"{(bag / 'data/facts/head').read_text().split()[1]} - registry//equipment/hosted.yaml\n"
                + (bag / "data/facts/states").read_text()
            ),
            STATES,
            "data/facts/states",
        )
    },
    {"a copy listed twice": (_list_a_copy_twice, COPIES, "data/files/registry/x.yaml")},
    {"commits after the seal": (_go_on_after_the_seal, "the history goes on after the last seal", "data/facts/head")},
    {"a commit beside the history": (_add_a_commit_beside, STATES, "data/facts/states")},
    {"a tree left out": (lambda bag: _leave_out(bag, "tree"), STATES, PACK)},
    {"a file left out": (lambda bag: _leave_out(bag, "blob"), STATES, PACK)},
    {"another head": (lambda bag: _swap(bag, "data/facts/head", b"sha1 ", b"sha1 -"), OBJECTS, "data/facts/head")},
    {"a seal's line": (_name_a_seal_that_acts, "is no line", SEALS)},
    {"a seal left out": (lambda bag: _drop_line(bag / SEALS, 1), "seal/0003 does not follow on the seal", SEALS)},
]


def found_by_program(story: Story, bag: Path) -> dict[str, Finding]:
    """What `audit verify --dossier` says, by file of the dossier."""
    findings = check_dossier(story.trail.workspace, "d", bag)
    return {finding.where.file.removeprefix("d/"): finding for finding in findings}


@pytest.mark.parametrize("attacks", ATTACKS, ids=", ".join)
def test_each_attack_on_a_dossier_is_found(
    story: Story, tmp_path: Path, attacks: Mapping[str, tuple[Attack, str, str]]
) -> None:
    """Whoever alters it also makes the manifests again. The script finds it, and so does smartreg by its own registry,
    and both say what follows."""
    stamped = any("timestamp" in file for _, _, file in attacks.values())
    bag = Path(shutil.copytree(story.folder / ("record" if stamped else "lean"), tmp_path / "bag"))
    for attack, _, _ in attacks.values():
        attack(bag)
    redo_manifests(bag)
    code, said = story.check(bag, "--line", story.line, "--keys", str(story.keys), *(story.given if stamped else ()))
    assert code == WRONG, said
    found = found_by_program(story, bag)
    for name, (_, sentence, file) in attacks.items():
        assert any(line.startswith("WRONG") and sentence in line for line in said.splitlines()), (name, said)
        assert (found[file].severity, found[file].hint is None) == ("error", False), name
    assert "\x1b" not in said


def _take_out_timestamps(bag: Path) -> None:
    for path in (bag / "data/seals").glob("*/timestamp-*"):
        path.unlink()


def _alter_page(bag: Path) -> None:
    _swap(bag, "data/index.html", b"belongs to Istres", b"belongs to Martigues")


def _change_recipient(bag: Path) -> None:
    _swap(bag, "bag-info.txt", b"Recipient: Court", b"Recipient: Press")
    _swap(bag, "data/index.html", b"For Court", b"For Press")


@pytest.mark.parametrize("attack", [_take_out_timestamps, _alter_page, _change_recipient])
def test_what_git_and_seals_do_not_cover_is_found_by_the_digest_or_named_in_the_first_lines(
    story: Story, tmp_path: Path, attack: Attack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bag, told = Path(shutil.copytree(story.folder / "record", tmp_path / "bag")), digest_of(story.folder / "record")
    attack(bag)
    redo_manifests(bag)
    monkeypatch.chdir(story.trail.root)
    code, said = story.check(bag, *story.given)
    assert (code, said.startswith("not proved  that pages and recipient are as they were made")) == (UNPROVED, True)
    assert ("it was taken out" in said) == (attack is _take_out_timestamps)
    code, said = story.check(bag, *story.given, "--digest", told)
    assert (code, "something was changed or taken out" in said) == (WRONG, True)
    run(["audit", "verify", "--dossier", str(bag)])
    shown = " ".join(capsys.readouterr().out.split())
    assert "Not covered without --digest: its pages, the name of its recipient" in shown
    assert ("which lacks it" in shown) == (attack is _take_out_timestamps)
    assert run(["audit", "verify", "--dossier", str(bag), "--digest", told]) == 1
    capsys.readouterr()
    assert run(["audit", "verify", "--dossier", str(story.folder / "record"), "--digest", told]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "nothing in it was changed since it was made" in shown


def test_a_forged_script_is_found(story: Story, tmp_path: Path) -> None:
    """By its digest, which `audit dossier` prints, and by smartreg; a script of one's own checks the same dossier."""
    bag = Path(shutil.copytree(story.folder / "record", tmp_path / "bag"))
    assert found_by_program(story, bag) == {}
    (bag / "data/check.sh").write_text("echo PROVED\n")
    redo_manifests(bag)
    assert found_by_program(story, bag).keys() == {"data/check.sh"}
    assert story.check(bag, *story.given) == (0, "PROVED\n")
    own = story.folder / "record/data/check.sh"
    _swap(bag, FILE, b"faulty", b"active")
    redo_manifests(bag)
    environment = {"PATH": str(story.tools), "TMPDIR": str(tmp_path)}
    done = subprocess.run(["/bin/sh", str(own)], cwd=bag, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, COPIES in done.stdout) == (WRONG, True)
    _swap(bag, "bag-info.txt", b"Agent: smartreg", b"Agent: smartreg 0.0.1 or")
    redo_manifests(bag)
    assert found_by_program(story, bag)["data/check.sh"].severity == "warning"


def test_verify_shows_what_a_dossier_says_otherwise(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = Path(shutil.copytree(story.folder / "record", tmp_path / "bag"))
    monkeypatch.chdir(story.trail.root)
    assert run(["audit", "verify", "--dossier", str(bag)]) == 0
    assert run(["audit", "verify", "--digest", digest_of(bag)]) == 2
    assert run(["audit", "verify", "--dossier", str(bag), "--digest", "0123"]) == 2
    assert "says what this registry says" in capsys.readouterr().out
    (bag / PACK).write_bytes(b"PACK")
    assert run(["audit", "verify", "--dossier", str(bag), "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["dossier"]
    assert {(row["code"], row["file"]) for row in rows} == {("AUD925", f"{bag}/{PACK}")}
    assert run(["audit", "verify", "--dossier", str(bag)]) == 1
    assert "is not what this registry says" in capsys.readouterr().out
    with pytest.raises(UsageFault):
        found_by_program(story, tmp_path)


def _change(word: str) -> str:
    """The same word but for one sign of it, of the same kind."""
    at = next((at for at, sign in reversed([*enumerate(word)]) if sign.isalnum()), 0)
    other = {"0": "1", "a": "b"}.get(word[at : at + 1], "0" if word[at : at + 1].isdigit() else "a")
    return f"{word[:at]}{other}{word[at + 1 :]}"


def _change_fields(path: Path, field: int, row: int | None) -> None:
    """Change a field in a row of a file (None: in all)."""
    lines = path.read_text().split("\n")
    for number, text in enumerate(lines):
        words = text.split(" ")
        if row in (None, number) and field < len(words):
            words[field] = _change(words[field]) if words[field] else ""
            lines[number] = " ".join(words)
    path.write_text("\n".join(lines))


def test_each_parsed_field_is_found(story: Story, tmp_path: Path) -> None:
    """Every field of every row of the facts, the tags, the countersignatures and the name of the bag: rows that are
    checked one by one together, as are files that have nothing to do with each other; the others in turn. Both find
    each."""
    lean = story.folder / "lean"

    def both(*changes: tuple[str, int, int | None, str]) -> list[int]:
        """Make these changes, each of a file, a field and a row; how many states each of the two calls wrong."""
        bag = Path(shutil.copytree(lean, tmp_path / "bag"))
        for file, field, row, _ in changes:
            _change_fields(bag / file, field, row)
        redo_manifests(bag)
        code, said = story.check(bag, "--line", story.line)
        found = found_by_program(story, bag)
        shutil.rmtree(bag)
        for file, field, row, sentence in changes:
            assert (code, sentence in said, file in found) == (WRONG, True, True), (file, field, row, said)
        messages = [said, *(finding.message.in_("en") for finding in found.values())]
        return [
            int(match[1]) for text in messages for match in re.finditer(r"(\d+)(?: of \d+)? states of files are", text)
        ]

    stated = (lean / "data/facts/states").read_text().splitlines()
    absent = sum(row.split(" ")[1] == "-" for row in stated)  # nothing is at another path, either
    for field in range(3):
        counts = both(
            ("data/facts/states", field, None, STATES),
            (SIG, field, 0, "istres-fos"),
            ("bag-info.txt", field + 1, 2, "bag-info.txt names another seal"),
        )
        rows = len(stated) - (absent if field == 2 else 0)
        assert [count >= rows for count in counts] == [True, True]
        both((SEALS, field, field, "WRONG"))  # of a row each: all are read alike
    both(("data/facts/head", 0, 0, OBJECTS))
    both(("data/facts/head", 1, 0, OBJECTS))
    both((AGREEMENTS, 0, 0, "is no agreement"), ("data/tags/0002", 1, 0, "seal/0002: the tag is not"))
    signed = (lean / SIG).read_text().count("\n")
    assert signed == (lean / EARLIER).read_text().count("\n")
    for row in range(
        1, signed, 2
    ):  # two signatures, of which every other row is changed in one and the next in the other
        both(
            (SIG, 0, row, "the countersignature of istres-fos on seal/0003 is no signature"),
            (EARLIER, 0, min(row + 1, signed - 1), "the countersignature of istres on seal/0001 is no signature"),
        )
    digest = (lean / SEALS).read_text().split()[5].removeprefix("sha256:")  # of the whole tag, by which both go
    for row, text in enumerate((lean / "data/tags/0002").read_text().split("\n")):
        for field in range(text.count(" ") + 1 if text else 0):
            changed = Path(shutil.copy(lean / "data/tags/0002", tmp_path / "tag"))
            _change_fields(changed, field, row)
            assert hashlib.sha256(changed.read_bytes()).hexdigest() != digest


def test_an_authority_that_had_ended_or_was_revoked(story: Story, tmp_path: Path) -> None:
    """Both as the auditor knows it: by the authority's own root and revocation list."""
    authority = Authority.__new__(Authority)
    authority.folder = Path(shutil.copytree(story.authority.folder, tmp_path / "authority"))
    authority.revoke()
    (tmp_path / "lists.pem").write_bytes(story.root.read_bytes() + authority.crl(timedelta(minutes=1)))
    code, said = story.check(story.folder / "record", "--ca", str(tmp_path / "lists.pem"))
    assert (code, TOKEN_WRONG in said) == (WRONG, True), said

    ended = Authority(tmp_path / "ended", days=1, begins=-5)
    bag = Path(shutil.copytree(story.folder / "record", tmp_path / "bag"))
    reply = ended.reply(make_request(hashlib.sha256(story.line.encode()).hexdigest()))
    (bag / TOKEN).write_bytes(token_in(reply))
    (bag / TOKEN).with_suffix(".pem").write_bytes(ended.root)
    redo_manifests(bag)
    (tmp_path / "roots.pem").write_bytes(story.root.read_bytes() + ended.root)
    code, said = story.check(bag, "--ca", str(tmp_path / "roots.pem"))
    assert (code, TOKEN_WRONG in said) == (WRONG, True), said


def test_each_file_is_in_the_manifest(story: Story, tmp_path: Path) -> None:
    """A byte of each file changed: `sha256sum` alone finds each, and the script one of them, and one too many."""
    bag = Path(shutil.copytree(story.folder / "record", tmp_path / "bag"))
    files = {path: path.read_bytes() for path in bag.rglob("*") if path.is_file()}
    for names, listed in (("tagmanifest-sha256.txt", TAG_FILES), ("manifest-sha256.txt", payload_of(bag))):
        for name in listed:
            content = files[bag / name]
            (bag / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        done = subprocess.run(
            ["sha256sum", "-c", "--quiet", names], cwd=bag, capture_output=True, text=True, check=False
        )
        assert sorted(done.stdout.splitlines()) == sorted(f"{name}: FAILED" for name in listed)
        for name in listed:
            (bag / name).write_bytes(files[bag / name])
    manifest = (bag / "manifest-sha256.txt").read_text()
    (bag / "data/index.html").write_text("forged")
    for rows in (
        manifest.replace("  data/index.html", "  data/index.fr.html"),
        re.sub(".*index.html\n", "x\n", manifest),
    ):
        (bag / "manifest-sha256.txt").write_text(rows)
        tags = [(name, hashlib.sha256((bag / name).read_bytes()).hexdigest()) for name in TAG_FILES]
        (bag / "tagmanifest-sha256.txt").write_text("".join(f"{digest}  {name}\n" for name, digest in tags))
        code, said = story.check(bag, *story.given)
        assert (code, "WRONG    a file is missing, altered, or in no manifest" in said) == (WRONG, True)


def test_everything_forged_together(story: Story, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another history with seals, root and keys of the forger's own is consistent, and no more."""
    forged = Trail.__new__(Trail)
    forged.root, forged._patch, forged._days = tmp_path / "forged", monkeypatch, 1
    forged.git = lambda *words: git(*words, cwd=forged.root)
    git("clone", "-q", str(story.trail.root), str(forged.root))
    for name, value in {"user.name": "x", "user.email": "x@example.org", "gpg.format": "ssh"}.items():
        forged.git("config", name, value)
    forged.git("tag", "-d", "seal/0001", "seal/0002", "seal/0003")
    forged.git("reset", "-q", "--hard", forged.git("rev-list", "--max-parents=0", "HEAD").strip())
    key, authority = new_key(tmp_path, "forger"), Authority(tmp_path / "authority")
    list_key(forged, "istres", key)
    forged.commit("keys")
    forged.git("config", "user.signingkey", str(key.file))
    seal(forged.workspace, SealOptions())
    countersign(forged.workspace, seal_named(forged.workspace, None), TODAY, record=True)
    stamp_latest(forged, authority)
    assert verify(forged.workspace).findings == ()
    write_dossier(forged, tmp_path / "bag")
    own = (tmp_path / "keys.txt", tmp_path / "root.pem")
    own[0].write_text(f"istres {Path(f'{key.file}.pub').read_text()}")
    own[1].write_bytes(authority.root)
    assert story.check(tmp_path / "bag", "--keys", str(own[0]), "--ca", str(own[1]))[0] == UNPROVED
    code, said = story.check(tmp_path / "bag", *story.given)
    assert (code, said.count("WRONG") >= 3) == (WRONG, True), said
    # A signature that another program calls good counts for nobody.
    tools = Path(shutil.copytree(story.tools, tmp_path / "tools", symlinks=True))
    for name in ("gpg", "gpgsm"):
        words = ("GOODSIG A istres", "VALIDSIG A", "TRUST_FULLY")
        (tools / name).write_text("#!/bin/sh\n" + "".join(f"echo '[GNUPG:] {word}'\n" for word in words))
        (tools / name).chmod(0o755)
    signed = _sign_by_openpgp(forged)
    seal(forged.workspace, SealOptions())
    write_dossier(forged, tmp_path / "signed")
    code, said = replace(story, tools=tools).check(tmp_path / "signed", "--keys", str(own[0]))
    assert code == WRONG
    assert f"WRONG    the agreement {signed}, to equipment/hosted, was signed by no key that you gave" in said
    # And by smartreg, with the line alone.
    codes = {finding.code for finding in verify(forged.workspace, (story.line,)).findings}
    assert codes == {"AUD903", "AUD907"}


def _sign_by_openpgp(trail: Trail) -> str:
    """A commit by which nobody agrees to anything, with what looks like a signature; its id."""
    headers = f"tree {trail.git('rev-parse', 'HEAD^{tree}').strip()}\nparent {trail.head}\n"
    people = "".join(f"{who} x <x@example.org> 1768000000 +0100\n" for who in ("author", "committer"))
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n"
    message = "\nAgree\n\nSmartreg-Op: agree\nSmartreg-Record: equipment/hosted\nSmartreg-Version: 0.1.0\n"
    (trail.root / "commit").write_text(headers + people + signature + message)
    commit = trail.git("hash-object", "-t", "commit", "-w", "commit").strip()
    (trail.root / "commit").unlink()
    trail.git("update-ref", "HEAD", commit)
    return commit


def touches(steps: Sequence[Step]) -> list[tuple[str, tuple[Touch, ...]]]:
    return [(step.commit.oid, step.touches) for step in steps]


def test_a_record_read_alone_has_the_steps_of_the_whole_history(
    git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved, renamed, merged, deleted and made again; a device of another kind or id beside it has no part in that."""
    trail = Trail(git_repo, git, monkeypatch)
    path, moved = "registry/equipment/hosted.yaml", "registry/equipment/istres/hosted.yaml"
    trail.edit(path, "owner: amp", "owner: istres")
    trail.commit("handed over")
    (trail.root / moved).parent.mkdir()
    trail.git("mv", path, moved)
    trail.commit("moved")
    trail.git("checkout", "-q", "-b", "side")
    trail.edit(moved, "status: active", "status: faulty")
    trail.commit("faulty")
    trail.git("checkout", "-q", "main")
    trail.edit("registry/equipment/guest.yaml", "status: active", "status: faulty")
    trail.edit(moved, "owner: istres", "owner: amp")
    trail.commit("both")
    trail.git("merge", "-q", "--no-edit", "side")
    text = (trail.root / moved).read_text()
    trail.delete(moved)
    trail.commit("deleted")
    trail.write(moved, text)
    trail.commit("made again")
    trail.delete(moved)
    trail.write("registry/equipment/istres-hosted.yaml", text.replace("id: hosted", "id: istres-hosted"))
    trail.commit("renamed", "Smartreg-Op: rename\nSmartreg-Record: equipment/istres-hosted\nSmartreg-Version: 0.1.0")
    trail.set("istres-hosted", "status=active")
    workspace = trail.workspace
    registry = workspace.registry("HEAD")
    for id in ("istres-hosted", "guest"):
        rid = RecordId("equipment", id)
        whole = steps_of(workspace.history, registry.schemas, rid, trail.head)
        alone = steps_along(workspace.git, registry.schemas, registry.files_of(rid), trail.head)
        assert touches(alone) == touches(whole)
        assert len(alone) == {"istres-hosted": 9, "guest": 2}[id]
    oids = workspace.git.parents(trail.head)
    told = list(steps_of_commits(workspace.git, registry.schemas, [*oids]))
    every = steps_of(workspace.history, registry.schemas, None, trail.head)
    assert touches(told) == touches(every)


def test_a_history_that_was_rewritten_gives_no_dossier(story: Story, tmp_path: Path, git: Git) -> None:
    git("clone", "-q", str(story.trail.root), str(tmp_path / "clone"))
    git("reset", "-q", "--hard", "HEAD~3", cwd=tmp_path / "clone")
    lost = Trail.__new__(Trail)
    lost.root = tmp_path / "clone"
    with pytest.raises(Refused):
        write_dossier(lost, tmp_path / "bag")
    assert not (tmp_path / "bag").exists()


@pytest.mark.promise("R13")
def test_the_same_bytes_from_any_clone(story: Story, tmp_path: Path, git: Git) -> None:
    git("clone", "-q", str(story.trail.root), str(tmp_path / "clone"))
    git("gc", "-q", "--aggressive", cwd=tmp_path / "clone")
    clone = Trail.__new__(Trail)
    clone.root = tmp_path / "clone"
    for trail, name in ((story.trail, "a"), (clone, "b")):
        (tmp_path / name).mkdir()
        write_dossier(trail, tmp_path / name / "d.zip")
    assert (tmp_path / "a/d.zip").read_bytes() == (tmp_path / "b/d.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a/d.zip") as archive:
        names = {f"d/{path.relative_to(story.folder / 'record')}" for path in (story.folder / "record").rglob("*.*")}
        assert names <= set(archive.namelist())
    assert str(tmp_path).encode() not in (tmp_path / "a/d.zip").read_bytes()


def test_everything_and_a_period(story: Story, tmp_path: Path) -> None:
    write_dossier(story.trail, tmp_path / "all", word=None)
    assert story.check(tmp_path / "all", *story.given, "--digest", digest_of(tmp_path / "all"))[0] == PROVED
    period = Period(date(2026, 1, 3), date(2026, 1, 3))
    options = DossierOptions(None, False, period, "Court")
    dossier(story.trail.workspace, options, output(str(tmp_path / "period"), story.trail.root))
    assert story.check(tmp_path / "period", *story.given, "--digest", digest_of(tmp_path / "period"))[0] == PROVED
    told = (tmp_path / "period/data/index.html").read_text()
    assert "Changes from 2026-01-03 to 2026-01-03" in told
    assert ("handed over" in told, "two communes merged" in told) == (True, False)


@pytest.mark.promise("R11")
def test_a_public_one_has_nothing_of_records_and_authors(story: Story, tmp_path: Path) -> None:
    write_dossier(story.trail, tmp_path / "public", word=None, recipient=None)
    content = b"".join(path.read_bytes() for path in (tmp_path / "public").rglob("*") if path.is_file())
    for word in (b"hosted", b"Service registre", b"registre@example.org", b"70B3D57ED0061234", b"PACK"):
        hidden = (
            content.replace(b"-f keys.txt -I istres", b"").replace(b"istres", b"") if word == b"istres" else content
        )
        assert word not in hidden, word
    assert not list((tmp_path / "public").rglob("*.sig"))
    code, said = story.check(tmp_path / "public", *story.given)
    assert (code, said.count("existed on")) == (UNPROVED, 4), said


def test_what_is_refused(story: Story, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("x")
    wrong = [
        (DossierOptions("hosted"), "a"),
        (DossierOptions("hosted", True, recipient="Court"), "a"),
        (DossierOptions(None, recipient="Court"), "a"),
        (DossierOptions("hosted", recipient="a\nb"), "a"),
        (DossierOptions("hosted", recipient="Court"), "full"),
        (DossierOptions("nothing", recipient="Court"), "a"),
    ]
    for options, name in wrong:
        with pytest.raises(UsageFault):
            dossier(story.trail.workspace, options, output(str(tmp_path / name), story.trail.root))
    assert not (tmp_path / "a").exists()


def held_by(bag: Path) -> set[str]:
    return {path.removeprefix("data/files/registry/") for path in payload_of(bag) if path.startswith("data/files/")}


def page_of(bag: Path, lang: str = "") -> str:
    text = (bag / f"data/index{lang}.html").read_text("utf-8").partition("<main>")[2].replace("\u00a0", " ")
    return html.unescape(re.sub(r"<[^>]+>", "", text))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, empty_repository: Path) -> Iterator[Trail]:
    """Istres becomes istres-fos by a prefect's order that lies in the folder of its record, and so does the text of the
    convention; a deliberation's text lies below `registry/`; the sensor hung on another pole before."""
    folder = tmp_path_factory.mktemp("chain")
    with pytest.MonkeyPatch.context() as patch:
        root = Path(shutil.copytree(empty_repository, folder / "registry"))
        trail = Trail(root, git_in(root), patch)
        digest = hashlib.sha256(b"text").hexdigest()
        for path in ("parties/order.pdf", "conventions/acts/signed.pdf", "annexes/vote.pdf", "annexes/avenant.pdf"):
            trail.write(f"registry/{path}", "text")
        new = (root / ISTRES).read_text().replace("id: istres\nname: Istres", "id: istres-fos\nname: Istres-Fos")
        trail.write("registry/parties/istres-fos.yaml", new)
        order = f"successors:\n  - party: istres-fos\n    document: order.pdf\n    sha256: {digest}\n"
        trail.write(ISTRES, f'{(root / ISTRES).read_text()}ended_on: "2025-01-01"\n{order}')
        signed = f"annexes:\n  - kind: other\n    title: Signed\n    path: acts/signed.pdf\n    sha256: {digest}\n"
        trail.write("registry/conventions/c.yaml", f"{(root / 'registry/conventions/c.yaml').read_text()}{signed}")
        vote = "registry/deliberations/d.yaml"
        trail.write(vote, f"{(root / vote).read_text()}document:\n  path: annexes/vote.pdf\n  sha256: {digest}\n")
        pole = (root / "registry/supports/13047/pole.yaml").read_text().replace("id: pole", "id: second-pole")
        trail.write("registry/supports/13047/second-pole.yaml", pole)
        moved = 'placed_on: "2024-06-01"\nplacements:\n  - support: pole\n    until: "2024-05-31"\n'
        trail.edit("registry/equipment/hosted.yaml", "support: pole\n", f"support: second-pole\n{moved}")
        trail.commit("acts")
        seal(trail.workspace, SealOptions())
        yield trail


CHAIN = {
    *("equipment/hosted.yaml", "supports/13047/pole.yaml", "supports/13047/second-pole.yaml", "networks/lora.yaml"),
    *("flows/levels.yaml", "use-cases/noise.yaml", "conventions/c.yaml", "conventions/acts/signed.pdf"),
    *("parties/amp.yaml", "parties/istres.yaml", "parties/istres-fos.yaml", "parties/order.pdf"),
    *("deliberations/d.yaml", "deliberations/older.yaml", "annexes/vote.pdf"),
}


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("equipment/hosted", CHAIN),
        ("flow/levels", CHAIN - {"use-cases/noise.yaml"}),
        (
            "support/second-pole",
            {path for path in CHAIN if path.partition("/")[0] not in ("flows", "use-cases")},
        ),
        (
            "convention/c",
            {
                path
                for path in CHAIN
                if path.partition("/")[0] in ("conventions", "parties", "deliberations", "annexes")
            },
        ),
        ("party/istres", {"parties/istres.yaml", "parties/istres-fos.yaml", "parties/order.pdf"}),
        (
            "deliberation/d",
            {"deliberations/d.yaml", "deliberations/older.yaml", "annexes/vote.pdf", "parties/amp.yaml"},
        ),
    ],
)
def test_a_dossier_holds_the_chain_of_title_and_the_documents_wherever_they_lie(
    sealed: Trail, tmp_path: Path, word: str, held: set[str]
) -> None:
    write_dossier(sealed, tmp_path / "bag", word)
    assert held <= held_by(tmp_path / "bag"), held - held_by(tmp_path / "bag")
    assert run(["-C", str(sealed.root), "audit", "verify", "--dossier", str(tmp_path / "bag")]) == 0


def test_the_page_tells_the_chain_in_words_and_what_is_missing(sealed: Trail, tmp_path: Path) -> None:
    write_dossier(sealed, tmp_path / "bag", "equipment/hosted")
    english, french = page_of(tmp_path / "bag"), page_of(tmp_path / "bag", ".fr")
    for sentence in (
        "equipment/hosted belongs to Métropole (party/amp).",
        "It hangs on support/second-pole, which belongs to Istres-Fos (party/istres-fos).",
        "It sends through LoRa (network/lora), which Métropole (party/amp) operates.",
        "Levels (flow/levels) is produced by Métropole (party/amp) and received by Istres (party/istres).",
        "on support/second-pole, of Istres-Fos (party/istres-fos): Convention (convention/c) covers it.",
        "On 2026-01-02, Convention (convention/c) is in force, from 2023-12-01 to 2026-12-31.",
        "Istres-Fos (party/istres-fos) took the place of Istres (party/istres) on 2025-01-01.",
        "voted by: IVIS-009-13539/23/BM (deliberation/d) of 2023-03-16, of Métropole (party/amp).",
        "Convention (convention/c): no deliberation of Istres (party/istres) is recorded.",
        "IVIS-002-08327/20/CM (deliberation/older): its text is not in the registry.",
        "seal/0001 has no timestamp",
    ):
        assert sentence in english, sentence
    assert "La chaîne des titres au 2026-01-02" in french
    assert "Il est posé sur support/second-pole, qui appartient à Istres-Fos (party/istres-fos)." in french
    assert "IVIS-009-13539/23/BM (deliberation/d): its text" not in english


def test_the_chain_is_that_of_the_day_asked_for(sealed: Trail, tmp_path: Path) -> None:
    for day, sentence in (
        (date(2024, 5, 1), "It hangs on support/pole, which belongs to Istres (party/istres)."),
        (date(2023, 6, 1), "The chain of title on 2023-06-01"),
    ):
        options = DossierOptions("equipment/hosted", False, Period(None, day), "Court")
        dossier(sealed.workspace, options, output(str(tmp_path / day.isoformat()), sealed.root))
        assert sentence in page_of(tmp_path / day.isoformat())
