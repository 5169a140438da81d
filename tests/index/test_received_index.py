"""An index that was received with a folder, or is anything but a file of this user: the answer is the one without it,
nothing else is opened, made or removed, and nobody waits (R8, R15)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import forks
import pytest
from crashes import run
from program import start

from smartreg.workspace.workspace import open_workspace

RECORD = "registry/parties/istres.yaml"
PARTY = "add-party --id istres --name Istres --category commune --siren 211300470 --insee-code 13047 -y"
PAGE = 512
pytestmark = pytest.mark.promise("R15")


@pytest.fixture(scope="module")
def registry(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a fault."""
    forks.load()
    root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("made") / "repo"))
    for line in ("init . --name Istres -y", PARTY):
        assert start(*line.split(), cwd=root).returncode == 0
    (root / RECORD).write_text((root / RECORD).read_text().replace("211300470", "211300471"))
    subprocess.run(["git", "commit", "-qam", "by hand"], cwd=root, check=True)
    shutil.rmtree(root / ".git/smartreg")
    return root


@pytest.fixture
def root(registry: Path, home: Path, tmp_path: Path) -> Path:
    """A copy of it, with an index of its own."""
    root = Path(shutil.copytree(registry, tmp_path / "repo", symlinks=True))
    assert validate(root) == 1
    return root


def validate(root: Path) -> int:
    """The exit code; nobody waits for anything."""
    ended = run(root, "validate", HOME=os.environ["HOME"])
    assert "Traceback" not in ended.err, ended.err
    return ended.code


def index_file(root: Path) -> Path:
    (file,) = (root / ".git/smartreg").glob("index-*.sqlite")
    return file


def take_findings_out(root: Path) -> None:
    """What an attacker does: every table is as it should be, and nothing was found."""
    index = open_workspace(root).index
    with index.writing() as connection:
        assert connection.execute("DELETE FROM finding").rowcount
    index.close()


def test_a_forged_index_of_another_user_is_built_anew(
    root: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "other"))
    assert validate(root) == 1
    take_findings_out(root)
    assert validate(root) == 0, "the forgery is none"
    monkeypatch.setenv("HOME", str(home))
    assert validate(root) == 1
    assert validate(root) == 1


@pytest.mark.parametrize("how", ["copied", "copied back", "file copied"])
def test_a_forged_index_in_a_folder_from_elsewhere_is_built_anew(root: Path, how: str) -> None:
    take_findings_out(root)
    assert validate(root) == 0, "the forgery is none"
    if how == "file copied":
        shutil.copy(index_file(root), root / "kept")
        index_file(root).unlink()
        (root / "kept").rename(index_file_name(root))
    else:
        copy = Path(shutil.copytree(root, root.parent / "copy", symlinks=True))
        if how == "copied back":
            root.rename(root.parent / "away")
            copy.rename(root)
        else:
            root = copy
    assert validate(root) == 1


def index_file_name(root: Path) -> Path:
    (lock,) = (root / ".git/smartreg").glob("index-*.lock")
    return lock.with_suffix(".sqlite")


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock"])
@pytest.mark.parametrize("what", ["link", "link to nothing", "pipe", "folder", "hard link"])
def test_an_index_that_is_no_file_of_its_own_is_not_opened(root: Path, suffix: str, what: str) -> None:
    file = index_file(root)
    place = file.with_suffix(".lock") if suffix == ".lock" else Path(f"{file}{suffix}")
    outside = root.parent / "outside"
    outside.mkdir()
    content = place.read_bytes() if place.exists() else b"precious"
    (outside / "precious").write_bytes(content)
    place.unlink(missing_ok=True)
    match what:
        case "link":
            place.symlink_to(outside / "precious")
        case "link to nothing":
            place.symlink_to(outside / "made")
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
        case "hard link":
            os.link(outside / "precious", place)
    assert validate(root) == 1
    assert validate(root) == 1
    assert [(file.name, file.read_bytes()) for file in outside.iterdir()] == [("precious", content)]


def test_a_folder_of_the_index_that_is_a_link_is_not_entered(root: Path) -> None:
    outside = root.parent / "outside"
    (root / ".git/smartreg").rename(outside)
    (root / ".git/smartreg").symlink_to(outside)
    before = {file.name: file.read_bytes() for file in outside.iterdir()}
    assert validate(root) == 1
    assert {file.name: file.read_bytes() for file in outside.iterdir()} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_an_index_of_another_user_is_left_alone(root: Path) -> None:
    take_findings_out(root)
    file = index_file(root)
    os.chown(file, 12345, 12345)
    before = file.read_bytes()
    assert validate(root) == 1
    assert file.read_bytes() == before


def endless_view(file: Path) -> None:
    """A table `about` that is asked and never ends."""
    connection = sqlite3.connect(file)
    connection.executescript(
        "PRAGMA user_version = 5; CREATE VIEW about AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 'build' AS name, i AS value FROM n WHERE i < 0;"
    )
    connection.close()


def endless_schema(file: Path) -> None:
    """Twelve pages that stand for fifty to the power of twelve: each names the next one fifty times."""
    connection = sqlite3.connect(file)
    connection.executescript(f"PRAGMA page_size = {PAGE}; PRAGMA user_version = 5; CREATE TABLE about (x);")
    connection.close()
    head = bytearray(file.read_bytes()[:100])
    head[28:32] = struct.pack(">I", 13)
    content = b""
    for number in range(1, 13):
        start_of_page = 100 if number == 1 else 0
        cells = [struct.pack(">IB", number + 1, key + 1) for key in range(50)]
        at = PAGE - 5 * len(cells)
        offsets = b"".join(struct.pack(">H", at + 5 * key) for key in range(len(cells)))
        tree = struct.pack(">BHHHBI", 5, 0, len(cells), at, 0, number + 1) + offsets
        page = (bytes(head) if start_of_page else b"") + tree
        content += page.ljust(at, b"\0") + b"".join(cells)
    content += struct.pack(">BHHHB", 13, 0, 0, 0, 0).ljust(PAGE, b"\0")
    file.write_bytes(content)


@pytest.mark.promise("R8")
@pytest.mark.parametrize("make", [endless_view, endless_schema])
def test_a_file_of_sqlite_that_is_made_to_be_endless_ends(root: Path, make: Callable[[Path], None]) -> None:
    file = index_file(root)
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    make(file)
    assert validate(root) == 1
    assert validate(root) == 1


@pytest.mark.promise("R8", "R10")
def test_a_rollback_journal_removes_no_file(root: Path) -> None:
    """SQLite removes the super-journal that a journal names once it has rolled back, whatever file that is."""
    victim = root.parent / "victim.txt"
    victim.write_bytes(b"mine")
    file = index_file(root)
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    connection = sqlite3.connect(file)
    connection.executescript(f"PRAGMA page_size = {PAGE}; CREATE TABLE about (x);")
    connection.close()
    name = os.fsencode(victim)
    total = sum(name) & 0xFFFFFFFF
    magic = bytes.fromhex("d9d505f920a163d7")
    header = magic + struct.pack(">IIIII", 0, 1, 2, PAGE, PAGE)
    end = struct.pack(">I", 0x40000000 // PAGE + 1) + name + struct.pack(">II", len(name), total) + magic
    journal = Path(f"{file}-journal")
    journal.write_bytes(header.ljust(PAGE, b"\0") + end)
    shutil.copy(file, root.parent / "tried")
    shutil.copy(journal, root.parent / "tried-journal")
    other = sqlite3.connect(root.parent / "tried")
    other.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    other.close()
    assert not victim.exists(), "the trap does not work"
    victim.write_bytes(b"mine")

    assert validate(root) == 1

    assert victim.read_bytes() == b"mine"
