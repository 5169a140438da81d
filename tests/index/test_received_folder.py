"""A folder that was received with its `.git`: nothing that lies in it acts. Who unpacks an archive owns its files, so a
journal counts only with the mark of this user's key, which is kept outside of every repository (R1, R8, R10)."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from conftest import Git
from program import Done, start

import smartreg
from smartreg.core.user_key import is_marked, key_path, mark
from smartreg.gitio import blob_id
from smartreg.gitio.journal import Journal, Planned
from smartreg.gitio.turns import current_writer

OLD, NEW = b"theirs\n", b"of the victim\n"
READS = (
    *("list support", "validate", "show party/istres", "log", "diff HEAD", "audit", "status"),
    *("query 'SELECT 1'", "export parties -f csv", "report", "graph", "blame party/istres", "doctor"),
)
WRITE = "set party/istres name=Istres-Ville -y"


@pytest.fixture(scope="module")
def registry(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry of one party."""
    root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("made") / "repo"))
    party = "add-party --id istres --name Istres --category commune --siren 211300470 --insee-code 13047 -y"
    for line in ("init . --name Istres -y", party):
        assert start(*line.split(), cwd=root).returncode == 0
    shutil.rmtree(root / ".git/smartreg")
    return root


@pytest.fixture
def root(registry: Path, home: Path, tmp_path: Path) -> Path:
    """A copy of the registry, and beside it a file that is none of its business."""
    root = Path(shutil.copytree(registry, tmp_path / "repo", symlinks=True))
    (root / ".git/smartreg").mkdir()
    (root / ".git/smartreg/lock").touch()
    (tmp_path / "victim.txt").write_bytes(NEW)
    return root


def run(root: Path, line: str) -> Done:
    return start(*shlex.split(line), cwd=root)


def forge(path: str, *, created: bool = False, deleted: bool = False, prefix: str = "") -> Journal:
    """The journal of a write that is to be undone by putting `OLD` where `NEW` is at the path, by deleting that, or by
    creating it."""
    old = None if deleted else blob_id(OLD, "sha1")
    new = None if created else blob_id(NEW, "sha1")
    dead = current_writer()._replace(started="0")
    folders = ("../emptied",) if path.startswith("../") else ()
    return Journal(prefix, None, "s", False, folders, (Planned(path, old, new),), dead)


def plant(root: Path, journal: Journal, given: object = None, version: int = 2) -> Path:
    """Put a journal where an interrupted write leaves it."""
    folder = root / ".git/smartreg/write"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "old-0").write_bytes(OLD)
    (folder / "old-0").chmod(0o755)
    text = json.dumps(asdict(journal))
    stored = (
        {"version": version, "mark": given, "journal": text} if version == 2 else {"version": 1, **json.loads(text)}
    )
    (folder / "journal.json").write_text(json.dumps(stored), "ascii")
    return folder


def mark_of(root: Path, journal: Journal) -> str:
    given = mark(root / ".git/smartreg", b"journal", json.dumps(asdict(journal)).encode("ascii"))
    assert given is not None
    return given


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All files below a folder, but for what is derived, what belongs to Git's index, and the key."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if "smartreg/index-" in name or "/smartreg/lock" in name or name.endswith("git/index"):
            continue
        mode = path.lstat().st_mode
        found[name] = (mode, path.read_bytes() if stat.S_ISREG(mode) else b"")
    return found


PATHS: dict[str, Callable[[Path], Journal]] = {
    "beside": lambda root: forge("../victim.txt"),
    "absolute": lambda root: forge(str(root.parent / "victim.txt")),
    "deep": lambda root: forge("registry/../../victim.txt"),
    "created": lambda root: forge("../planted.txt", created=True),
    "deleted": lambda root: forge("../victim.txt", deleted=True),
    "hook": lambda root: forge(".git/hooks/pre-commit", created=True),
    "odd hook": lambda root: forge(".GIT/hooks/pre-commit", created=True),
    "prefix": lambda root: forge("victim.txt", prefix="../"),
    "link": lambda root: forge("registry/away/victim.txt"),
}


@pytest.mark.promise("R1", "R8", "R10")
@pytest.mark.parametrize("where", PATHS)
def test_a_forged_journal_moves_nothing(root: Path, where: str) -> None:
    """Neither one without a mark, nor one that this user's own key has marked, if it leads where no record is."""
    (root.parent / "emptied").mkdir()
    (root / "registry/away").symlink_to(root.parent)
    journal = PATHS[where](root)
    for given in (None, mark_of(root, journal)):
        plant(root, journal, given)
        before = everything(root.parent)
        for line in (READS[0], WRITE, "doctor --fix -y"):
            done = run(root, line)
            assert "Traceback" not in done.stderr
            assert done.returncode == (0 if line == READS[0] else 3), done.stderr
        assert everything(root.parent) == before


@pytest.mark.promise("R1", "R10")
def test_no_reader_finishes_or_undoes_anything(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a write of one's own: each says what was found, and what finishes it."""
    record = "registry/parties/istres.yaml"
    text = (root / record).read_bytes()
    (root / record).write_bytes(text + b"# half done\n")
    planned = Planned(record, blob_id(text, "sha1"), blob_id(text + b"# half done\n", "sha1"))
    journal = replace(forge(record), files=(planned,))
    (plant(root, journal, mark_of(root, journal)) / "old-0").write_bytes(text)
    before = everything(root.parent)
    for line in READS:
        done = run(root, line)
        assert "smartreg doctor --fix" in done.stderr + done.stdout, f"{line}: {done.stderr}"
    with smartreg.open(root)._open_registry():
        pass
    monkeypatch.chdir(root)
    assert everything(root.parent) == before

    assert "undone" in run(root, "doctor --fix").stderr

    assert (root / record).read_bytes() == text
    assert run(root, READS[0]).stderr == ""


@pytest.mark.promise("R1")
@pytest.mark.parametrize(
    "how", ["no mark", "other key", "other text", "no key", "copied", "first version", "other host", "no text", "list"]
)
def test_a_journal_that_is_not_known_to_be_ours_is_left_to_people(root: Path, home: Path, how: str) -> None:
    record = "registry/parties/istres.yaml"
    text = (root / record).read_bytes()
    journal = replace(forge(record), files=(Planned(record, blob_id(OLD, "sha1"), blob_id(text, "sha1")),))
    given: object = mark_of(root, journal)
    match how:
        case "no mark":
            given = None
        case "list":
            given = [given]
        case "other text":
            journal = replace(journal, subject="other")
        case "other host":
            journal = replace(journal, writer=journal.writer._replace(host="elsewhere", boot="1"))
            given = mark_of(root, journal)
    folder = plant(root, journal, given, version=1 if how == "first version" else 2)
    if how in ("other key", "no key"):
        Path(key_path()).unlink()
    if how == "no key":
        shutil.rmtree(home / ".local")
        (home / ".local").write_bytes(b"")  # nothing can be kept there
    if how == "no text":
        (folder / "journal.json").write_bytes(b"")
    if how == "copied":
        root = Path(shutil.copytree(root, root.parent / "copy", symlinks=True))
        folder = root / ".git/smartreg/write"

    done = run(root, WRITE)

    assert done.returncode == 3
    assert (root / record).read_bytes() == text
    assert f"rm -r {folder}" in done.stderr
    shutil.rmtree(folder)
    assert run(root, WRITE).returncode == 0


@pytest.mark.promise("R8")
@pytest.mark.parametrize("what", ["link", "pipe", "folder", "link to its folder", "link to all", "folder inside"])
def test_what_lies_in_the_place_of_the_journal_is_not_followed(root: Path, tmp_path: Path, what: str) -> None:
    own, outside = root / ".git/smartreg", tmp_path / "outside"
    shutil.copytree(own, outside)
    (outside / "write").mkdir()
    for name in ("journal.json", "precious.txt"):
        (outside / "write" / name).write_text("{}")
    (own / "write").mkdir()
    match what:
        case "link":
            (own / "write/journal.json").symlink_to(outside / "write/journal.json")
        case "pipe":
            os.mkfifo(own / "write/journal.json")
        case "folder":
            (own / "write/journal.json").mkdir()
        case "folder inside":
            (own / "write/below").mkdir()
        case "link to its folder":
            (own / "write").rmdir()
            (own / "write").symlink_to(outside / "write")
        case "link to all":
            shutil.rmtree(own)
            own.symlink_to(outside)
    before = everything(outside)

    assert run(root, READS[0]).returncode == 0
    done = run(root, WRITE)

    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert str(own) in done.stderr
    assert everything(outside) == before


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "hard link"])
def test_a_lock_that_is_no_file_of_its_own_is_refused(root: Path, tmp_path: Path, what: str) -> None:
    lock, outside = root / ".git/smartreg/lock", tmp_path / "outside"
    lock.unlink()
    outside.write_text("mine")
    match what:
        case "link":
            lock.symlink_to(tmp_path / "created")
        case "pipe":
            os.mkfifo(lock)
        case "folder":
            lock.mkdir()
        case "hard link":
            os.link(outside, lock)

    assert run(root, READS[0]).returncode == 0
    done = run(root, WRITE)

    assert (done.returncode, str(lock) in done.stderr) == (3, True)
    assert not (tmp_path / "created").exists()


def test_without_a_key_a_write_that_fails_is_undone_all_the_same(root: Path, home: Path) -> None:
    (home / ".local").write_bytes(b"")
    hook = root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    text = (root / "registry/parties/istres.yaml").read_bytes()
    assert run(root, WRITE).returncode == 3
    assert (root / "registry/parties/istres.yaml").read_bytes() == text
    hook.unlink()
    assert run(root, WRITE).returncode == 0


def test_the_key_is_made_once_and_for_this_user_alone(home: Path, tmp_path: Path) -> None:
    line = f"from smartreg.core.user_key import mark; print(mark({str(tmp_path)!r}, b'x'))"
    command = [sys.executable, "-c", line]

    def made(_number: int) -> str:
        return subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(8) as threads:
        (given,) = set(threads.map(made, range(8)))
    assert is_marked(given.strip(), tmp_path, b"x")
    place = Path(key_path())
    assert place == home / ".local/state/smartreg/key"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [file.name for file in place.parent.iterdir()] == ["key"]


@pytest.mark.parametrize("how", ["readable by others", "link", "short", "long", "pipe", "folder"])
def test_a_key_that_somebody_else_may_have_put_there_is_none(home: Path, tmp_path: Path, how: str) -> None:
    assert mark(tmp_path) is not None
    place = Path(key_path())
    match how:
        case "readable by others":
            place.chmod(0o644)
        case "link":
            place.rename(tmp_path / "key")
            place.symlink_to(tmp_path / "key")
        case "short" | "long":
            place.write_bytes(bytes(31 if how == "short" else 33))
        case "pipe":
            place.unlink()
            os.mkfifo(place, 0o600)
        case "folder":
            place.unlink()
            place.mkdir()
    assert mark(tmp_path) is None
    assert not is_marked(None, tmp_path)


def test_a_key_inside_of_the_repository_is_none(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch, git: Git
) -> None:
    own = root / ".git/smartreg"
    assert mark(own) is not None
    monkeypatch.setenv("XDG_STATE_HOME", str(root / "state"))
    assert mark(own) is None
    git("worktree", "add", "-q", str(root.parent / "linked"), cwd=root)
    monkeypatch.setenv("XDG_STATE_HOME", str(root.parent / "linked/state"))
    (root / ".git/worktrees/linked/smartreg").mkdir()
    assert mark(root / ".git/worktrees/linked/smartreg") is None
    monkeypatch.setenv("XDG_STATE_HOME", "state")  # "all paths must be absolute", as the specification says
    assert Path(key_path()) == home / ".local/state/smartreg/key"


def test_a_mark_is_of_one_folder_and_one_content(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    given = mark(tmp_path / "a", b"x", b"yz")
    assert is_marked(given, tmp_path / "a", b"x", b"yz")
    assert not is_marked(given, tmp_path / "a", b"xy", b"z")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert not is_marked(given, tmp_path / "b", b"x", b"yz")
    (tmp_path / "a").rename(tmp_path / "moved")
    (tmp_path / "b").rename(tmp_path / "a")
    assert not is_marked(given, tmp_path / "a", b"x", b"yz")
