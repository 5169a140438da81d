"""The index: what is stored comes out again, or is lost and said to be lost, whatever happens to its file (R15)."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from conftest import Git
from program import start

from smartreg.core.parallel import PAYS_FROM, run_in_parallel
from smartreg.index import Damaged, Index, Lost, Unwritable

NOTE = "INSERT OR REPLACE INTO about VALUES ('note', ?)"
ASK = "SELECT value FROM about WHERE name = 'note'"


def note(index: Index, text: str) -> None:
    with index.writing() as connection:
        connection.execute(NOTE, (text,))


def note_again(index: Index) -> str | None:
    """What is noted, asked again where the index says that it lost it."""
    for _ in range(3):
        try:
            with index.reading() as connection:
                found = connection.execute(ASK).fetchone()
                return found[0] if found else None
        except Lost:
            continue
    raise AssertionError("lost more often than twice")


def test_what_is_written_is_there_for_the_next(tmp_path: Path) -> None:
    one = Index.open(tmp_path / "smartreg", "")
    assert not one.in_memory
    note(one, "é")
    assert note_again(Index.open(tmp_path / "smartreg", "")) == "é"
    assert note_again(Index.open(tmp_path / "smartreg", "another/root")) is None
    with pytest.raises(ZeroDivisionError), one.writing() as connection:
        connection.execute(NOTE, (f"{1 / (connection.execute(NOTE, ('half',)).rowcount - 1)}",))
    assert note_again(one) == "é"
    one.clear()
    assert note_again(one) is None


def test_the_log_of_a_large_write_is_cut_down_at_once_or_once_nobody_reads_it(tmp_path: Path) -> None:
    index = Index.open(tmp_path / "smartreg", "")
    note(index, "x" * 10_000_000)
    (log,) = (tmp_path / "smartreg").glob("*-wal")
    assert log.stat().st_size == 0
    reader = index.reader()
    assert reader.execute(ASK).fetchone()
    note(index, "y" * 10_000_000)
    assert log.stat().st_size > 10_000_000
    assert reader.execute(ASK).fetchone()[0][0] == "x"
    reader.close()
    note(index, "z" * 10_000_000)
    assert log.stat().st_size == 0


def test_without_a_folder_the_index_is_in_memory() -> None:
    index = Index.open(None, "")
    assert index.in_memory
    assert index.why is not None
    note(index, "x")
    assert note_again(index) == "x"


@pytest.mark.parametrize("blocked", ["folder is a file", "file is a folder", "no such place", "lock is a link"])
def test_without_a_usable_folder_the_index_is_in_memory(tmp_path: Path, blocked: str) -> None:
    folder = tmp_path / "smartreg"
    path = Index.open(folder, "").path
    assert path is not None
    if blocked == "folder is a file":
        folder.write_text("x")
    elif blocked == "file is a folder":
        path.mkdir(parents=True)
    elif blocked == "lock is a link":
        folder.mkdir()
        path.with_suffix(".lock").symlink_to(tmp_path / "elsewhere")
    else:
        folder = Path("/proc/smartreg")
    index = Index.open(folder, "")
    assert index.in_memory
    note(index, "x")
    assert note_again(index) == "x"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"garbage" * 9000, b"", b"SQLite format 3\0" + bytes(200), None])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes | None) -> None:
    index = Index.open(tmp_path, "")
    note(index, "x" * 100_000)
    index.close()
    assert index.path is not None
    before = index.path.read_bytes()
    index.path.write_bytes(before[: len(before) // 2] if content is None else content)
    assert note_again(Index.open(tmp_path, "")) is None
    note(Index.open(tmp_path, ""), "y")
    assert note_again(Index.open(tmp_path, "")) == "y"


def test_damage_that_a_reader_finds_empties_the_index(tmp_path: Path) -> None:
    index = Index.open(tmp_path, "")
    note(index, "x")
    with pytest.raises(Lost), index.reading():
        raise Damaged
    assert not index.in_memory
    assert note_again(index) is None
    note(index, "y")
    with pytest.raises(Lost), index.reading():
        raise Damaged
    assert index.in_memory
    assert note_again(index) is None


def test_a_file_that_another_has_open_is_not_removed(tmp_path: Path) -> None:
    one, other = Index.open(tmp_path, ""), Index.open(tmp_path, "")
    note(one, "x")
    assert note_again(other) == "x"
    with pytest.raises(Lost), other.reading():
        raise Damaged
    assert other.in_memory
    assert note_again(one) == "x"


def test_another_build_takes_the_file_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Index.open(tmp_path, "")
    note(old, "old")
    with monkeypatch.context() as patched:
        patched.setattr("smartreg.index.database.build_fingerprint", lambda: "another build")
        new = Index.open(tmp_path, "")
        assert note_again(new) is None
        note(new, "new")
        assert note_again(new) == "new"
    with pytest.raises(Lost):
        note(old, "older")
    assert old.in_memory
    assert note_again(old) is None


def test_a_file_of_another_format_is_made_anew(tmp_path: Path) -> None:
    index = Index.open(tmp_path, "")
    note(index, "x")
    index.close()
    assert index.path is not None
    with sqlite3.connect(index.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert note_again(Index.open(tmp_path, "")) is None


def test_what_is_locked_by_another_can_be_read(tmp_path: Path) -> None:
    index = Index.open(tmp_path, "")
    note(index, "x")
    assert index.path is not None
    other = sqlite3.connect(index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unwritable):
        note(index, "y")
    assert note_again(index) == "x"
    other.close()
    note(index, "y")
    assert note_again(index) == "y"


def test_a_forked_child_leaves_the_file_to_its_parent(tmp_path: Path) -> None:
    def in_child() -> tuple[str | None, int]:
        found = note_again(index)
        note(index, "of the child")
        return found, os.getpid()

    index = Index.open(tmp_path, "")
    note(index, "x")
    here, (there, pid) = run_in_parallel(PAYS_FROM, lambda: note_again(index), in_child)
    assert (here, there) == ("x", None)
    assert pid != os.getpid()
    assert note_again(index) == "x"


def test_a_command_that_can_keep_nothing_gives_the_same_answer_and_says_so(git_repo: Path, git: Git) -> None:
    (git_repo / "smartreg.toml").touch()
    (git_repo / "registry/parties").mkdir(parents=True)
    (git_repo / "registry/parties/a.yaml").write_text("id: a\nname: A\ncategory: commune\nowner: b\n")
    git("add", "-A")
    git("commit", "-qm", "start")
    usual = start("validate", cwd=git_repo)
    shutil.rmtree(git_repo / ".git/smartreg")
    (git_repo / ".git/smartreg").touch()
    for verbose in ((), ("-v",)):
        found = start("validate", *verbose, cwd=git_repo)
        assert found.returncode == usual.returncode == 1
        assert "SCH107" in found.stdout
        assert ("nothing is cached for the next run" in found.stderr) == bool(verbose)
