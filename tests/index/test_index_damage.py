"""The state in the index: it answers as a dict does, through damage, killed writers and several processes (R15)."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from children import begin, exit_code
from hypothesis import given, settings
from hypothesis import strategies as st

from smartreg.index import (
    LINK,
    Index,
    IndexedState,
    Refresh,
    StoredFinding,
    Term,
    load_findings,
    load_state,
    load_values,
    store_findings,
    store_state,
    store_values,
)

FRAME, PAGE = "schemas of the day", 16384
NUMBERS = st.sets(st.integers(0, 59), max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "remove", "name", "reopen", "clear"]), NUMBERS), max_size=10)


def blob(number: int) -> str:
    return hashlib.sha1(b"%d" % number).hexdigest()


def value(number: int) -> bytes:
    return json.dumps([number] * (number % 50)).encode()


def path(number: int) -> str:
    return f"registry/{'supports' if number % 3 else 'équipement'}/{number % 7}/s{number}.yaml"


def terms(number: int) -> tuple[Term, ...]:
    return ((LINK, f"support-{number % 7}"), ("equipment.dev_eui", f"{number}"), ("x", "é\n" if number % 2 else ""))


def states(numbers: Iterable[int]) -> dict[str, str]:
    return {path(number): blob(number) for number in numbers}


def rows(numbers: Iterable[int]) -> dict[str, list[StoredFinding]]:
    """What was found in the files of these numbers."""
    return {path(n): [StoredFinding(path(n), "X", "info", False, f"[{n}]")] for n in numbers if n % 2}


def index_in(folder: Path) -> Index:
    return Index.open(folder, "")


def state_in(index: Index, numbers: Iterable[int] = ()) -> IndexedState:
    """The state in the index; if the index goes away, that of these numbers."""
    state = load_state(index, lambda: states(numbers))
    assert state is not None
    return state


def store(index: Index, numbers: Iterable[int]) -> IndexedState | None:
    """Store the texts of these numbers, and the state that consists of their files, with all terms and findings."""
    numbers = list(numbers)
    store_values(index, "text", [(blob(number), value(number)) for number in numbers])
    if not store_state(index, states(numbers), "seen"):
        return None
    state = state_in(index, numbers)
    if name(state, numbers):
        store_findings(state, "note", rows(numbers), ())
    return state


def put(state: IndexedState, changes: dict[str, str | None]) -> bool:
    return state.update(Refresh(changes, None, None, "then"))


def name(state: IndexedState, numbers: Iterable[int]) -> bool:
    """Store the terms of the files of these numbers."""
    carried = {path(number): terms(number) for number in numbers}
    return state.store_terms(FRAME, states(numbers), carried.__getitem__)


def tells(state: IndexedState, numbers: Iterable[int], unnamed: Iterable[int] = ()) -> None:
    """The state consists of the files of these numbers; those of `unnamed` have no terms yet."""
    present, named = set(numbers), set(numbers) - set(unnamed)
    assert state.rows() == sorted(states(present).items())
    assert len(state) == len(present)
    some = (0, 1, 5, 30)
    assert state.states(map(path, some)) == states(present.intersection(some))
    assert state.paths_with(f"s{number}" for number in some) == {
        f"s{number}": [path(number)] if number in present else [] for number in some
    }
    for folder in ("registry", "registry/supports/4", "registry/nothing"):
        below = [file for file in sorted(states(present)) if file.startswith(f"{folder}/")]
        assert state.below(folder) == below
        assert state.inside(folder) == {
            file.rpartition("/")[2] for file in below if file.count("/") == folder.count("/") + 1
        }
    assert sum(state.counts().values()) == len(present)
    asked: list[Term] = [term for number in (0, 1, 30) for term in terms(number)] + [(LINK, "nobody")]
    found = state.find(FRAME, asked)
    if found is not None:
        carried = {term: {path(number) for number in named if term in terms(number)} for term in asked}
        assert {term: set(paths) for term, paths in found.items()} == carried
        assert all(len(set(paths)) == len(paths) for paths in found.values())


def never_wrong(index: Index, numbers: Iterable[int]) -> None:
    """Whatever the index says is true."""
    numbers = set(numbers)
    known = {blob(number): value(number) for number in numbers}
    assert load_values(index, "text", [blob(number) for number in range(60)]).items() <= known.items()
    state = load_state(index, lambda: states(numbers))
    if state is not None:
        tells(state, numbers)
        found = load_findings(state)
        assert found in (None, ("note", [row for _, some in sorted(rows(numbers).items()) for row in some]))


def assert_heals(folder: Path) -> None:
    """After at most one run that meets the damage, the index works as new."""
    for _ in range(2):
        index = index_in(folder)
        store(index, range(60))
        index.close()
    index = index_in(folder)
    state = state_in(index)
    tells(state, range(60))
    assert state.find(FRAME, [("x", "é\n")]) is not None
    assert load_findings(state) is not None
    assert len(load_values(index, "text", [blob(number) for number in range(60)])) == 60
    index.close()


def store_and_die(folder: Path) -> None:
    """A process of its own stores a state of twenty numbers, and ends without closing anything."""

    def work() -> None:
        index = index_in(folder)
        store(index, range(20))
        os._exit(9)

    assert exit_code(begin(work)) == 9


@settings(max_examples=20)
@given(STEPS)
def test_it_answers_like_a_dict(steps: list[tuple[str, set[int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = index_in(Path(folder))
        state = store(index, ())
        present: set[int] = set()
        named: set[int] = set()  # also of files that are gone: they may come back as they were
        for step, numbers in steps:
            assert state is not None
            if step == "put":
                assert put(state, {**states(numbers)})
                present |= numbers
            elif step == "remove":
                assert put(state, dict.fromkeys(map(path, numbers)))
                present -= numbers
            elif step == "name":
                assert name(state, numbers & present)
                named |= numbers & present
            elif step == "clear":
                index.clear()
                assert load_state(index) is None
                state, present, named = store(index, numbers), set(numbers), set(numbers)
                assert state is not None
            else:
                index.close()
                index = index_in(Path(folder))
                state = state_in(index)
            unnamed = present - named
            tells(state, present, unnamed)
            stale = {file for file, now, _ in state.stale("linked") if now is not None}
            assert stale == {path(number) for number in unnamed}
            assert state.find("another frame", []) is None
        index.close()


def test_what_is_derived_says_of_which_state_it_is(tmp_path: Path) -> None:
    state = store(index_in(tmp_path), range(3))
    assert state is not None
    assert state.stale("checked") == []
    assert put(state, {path(0): blob(30), path(1): None, path(9): blob(9)})
    stale = [(path(0), blob(30), blob(0)), (path(1), None, blob(1)), (path(9), blob(9), None)]
    assert sorted(state.stale("checked")) == sorted(state.stale("linked")) == sorted(stale)
    assert put(state, {path(0): blob(0)})
    assert len(state.stale("checked")) == 2
    store_findings(state, "later", {}, [path(9)], [path(1)])
    assert state.stale("checked") == [(path(9), blob(9), None)]
    assert load_findings(state) == ("later", [])
    assert [file for file, _, _ in state.stale_below("tabled", "registry/supports/2")] == [path(2)]


@pytest.mark.promise("R15")
@settings(max_examples=30)
@given(NUMBERS, st.floats(0, 1, exclude_max=True), st.sampled_from(["cut", "zeros", "noise"]))
def test_no_damage_gives_a_wrong_answer(numbers: set[int], place: float, how: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = index_in(folder)
        store(index, numbers)
        index.close()
        damage(file_in(folder), place, how)
        index = index_in(folder)
        never_wrong(index, numbers)
        index.close()  # while it is open, nobody removes the file
        assert_heals(folder)


def damage(file: Path, place: float, how: str) -> None:
    """Cut the file, or fill a page with zeros or noise."""
    content = bytearray(file.read_bytes())
    start = int(place * len(content))
    if how == "cut":
        del content[start:]
    else:
        start -= start % PAGE
        content[start : start + PAGE] = bytes(PAGE) if how == "zeros" else os.urandom(PAGE)
    file.write_bytes(content)


def file_in(folder: Path) -> Path:
    (file,) = folder.glob("index-*.sqlite")
    return file


@pytest.mark.parametrize("table", ["about", "text", "file", "link", "value"])
def test_a_table_that_is_gone(tmp_path: Path, table: str) -> None:
    index = index_in(tmp_path)
    store(index, range(60))
    index.close()
    with closing(sqlite3.connect(file_in(tmp_path), isolation_level=None)) as connection:
        connection.execute(f"DROP TABLE {table}")
    never_wrong(index_in(tmp_path), range(60))
    assert_heals(tmp_path)


@pytest.mark.parametrize("content", [b"garbage", b"", b"SQLite format 3\0" + bytes(200), b"x" * 100_000])
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock"])
def test_files_written_over(tmp_path: Path, suffix: str, content: bytes) -> None:
    store_and_die(tmp_path)
    file = file_in(tmp_path)
    (file.with_suffix(".lock") if suffix == ".lock" else Path(f"{file}{suffix}")).write_bytes(content)
    never_wrong(index_in(tmp_path), range(20))
    for left in tmp_path.glob("*.lock"):
        assert left.stat().st_size in (0, len(content))
    store(index_in(tmp_path), range(60))
    assert_heals(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_a_log_left_by_a_killed_writer_and_damaged(tmp_path: Path, seed: int) -> None:
    store_and_die(tmp_path)
    log = Path(f"{file_in(tmp_path)}-wal")
    content = bytearray(log.read_bytes())
    assert content
    for place in range(seed * 997 % 4096, len(content), 9973):
        content[place] ^= 0x55
    log.write_bytes(content)
    index = index_in(tmp_path)
    state = load_state(index, lambda: states(range(20)))
    assert state is None or {file for file, _ in state.rows()} <= states(range(20)).keys()
    store(index, range(60))
    index.close()
    assert_heals(tmp_path)


def test_what_a_killed_writer_had_stored_is_there(tmp_path: Path) -> None:
    store_and_die(tmp_path)
    tells(state_in(index_in(tmp_path)), range(20))


def test_a_state_that_another_process_replaced_is_not_mixed_with_the_new_one(tmp_path: Path) -> None:
    one, other = index_in(tmp_path), index_in(tmp_path)
    state = store(one, range(20))
    assert state is not None
    assert state.find(FRAME, [("x", "é\n")]) is not None
    store(other, range(5, 40))
    assert not put(state, {path(3): None})
    assert not name(state, [3])
    assert load_findings(state) is None
    assert state.reader() is None
    tells(state, range(20))
    assert state.find(FRAME, [("x", "é\n")]) is None


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    def write(start: int) -> None:
        index = index_in(tmp_path)
        store(index, range(start, start + 20))
        index.close()

    started = [begin(partial(write, start)) for start in (0, 10, 20, 40)]
    assert [exit_code(child) for child in started] == [0, 0, 0, 0]
    index = index_in(tmp_path)
    assert len(load_values(index, "text", map(blob, range(60)))) == 60
    state = state_in(index)
    assert state.rows() in [sorted(states(range(start, start + 20)).items()) for start in (0, 10, 20, 40)]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    assert store(index, range(20)) is not None
    with index.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    store_values(index, "text", [(blob(number), b'"%s"' % (b"x" * 100_000)) for number in range(20, 60)])
    assert not store_state(index, {f"registry/x/{number}.yaml": blob(number) for number in range(9000)}, "")
    never_wrong(index, range(20))
    assert not index.in_memory


FILL = """
import subprocess, sys
from pathlib import Path
from test_index_damage import blob, index_in, never_wrong, store, store_values

for kibibytes in (100, 300, 500, 600, 900, 1500):
    disk = Path(sys.argv[1], str(kibibytes))
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kibibytes}k", "tmpfs", str(disk)], check=True)
    index = index_in(disk)
    store(index, range(20))
    store_values(index, "text", [(blob(number), b'"%s"' % (b"x" * 100_000)) for number in range(100, 140)])
    never_wrong(index, range(20))
    print(*(file.name for file in disk.glob("*-wal") if file.stat().st_size))
    (disk / "record.yaml").write_bytes(bytes(20_000))
    never_wrong(index_in(disk), range(20))
"""


def test_a_full_disk_gets_back_what_a_write_took_in_vain(tmp_path: Path) -> None:
    """However much room there is: the log is emptied, or the file goes, and there is room for what people write."""
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("a disk of our own needs user namespaces")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*alone, sys.executable, "-c", FILL, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n" * 6, "")


@pytest.mark.parametrize("step", range(1, 14))
def test_a_refresh_that_is_killed_leaves_the_state_before(tmp_path: Path, step: int) -> None:
    """At every write of a refresh, which is one transaction, and of two that write at once."""

    def refresh() -> None:
        index = index_in(tmp_path)
        state = state_in(index)
        writes = iter(range(1, step))

        def count(statement: str) -> None:
            if statement.startswith(("INSERT", "DELETE", "UPDATE", "COMMIT")) and next(writes, None) is None:
                os._exit(9)

        with index.reading() as connection:
            pass
        connection.set_trace_callback(count)
        put(state, {path(3): None, path(30): blob(30)})
        name(state, [30])

    index = index_in(tmp_path)
    store(index, range(20))
    index.close()
    started = [begin(refresh) for _ in range(2)]
    assert set(map(exit_code, started)) <= {0, 9}
    state = state_in(index_in(tmp_path))
    if state.states([path(3)]):
        tells(state, range(20))
    else:
        unnamed = [number for number in (30,) if path(number) in {file for file, _, _ in state.stale("linked")}]
        tells(state, {*range(20), 30} - {3}, unnamed)
