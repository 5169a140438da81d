"""A damaged index, a killed writer, several writers: slower at worst, never wrong (R15)."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smartreg.index import (
    Index,
    IndexedState,
    load_findings,
    load_state,
    load_states,
    load_values,
    store_findings,
    store_state,
    store_values,
    update_findings,
)

Flip: TypeAlias = tuple[float, int]

FRAME, SLOT = "schemas of the day", "finding: tree"
NUMBERS = st.sets(st.integers(0, 59), max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "remove", "name", "reopen", "clear"]), NUMBERS), max_size=10)


def blob(number: int) -> str:
    return hashlib.sha1(b"%d" % number).hexdigest()


def value(number: int) -> bytes:
    return b"%d," % number * (number % 50)


def path(number: int) -> str:
    return f"registry/{'supports' if number % 3 else 'équipement'}/{number % 7}/s{number}.yaml"


def terms(number: int) -> tuple[str, ...]:
    return (f">support-{number % 7}", f"dev_eui={number}", "é\n" if number % 2 else "")


def index_in(folder: Path) -> Index:
    return Index.open(folder, "")


def store(index: Index, numbers: Iterable[int]) -> IndexedState | None:
    """Store the texts of these numbers, and the state that consists of their files, with all terms."""
    numbers = list(numbers)
    store_values(index, "text", [(blob(number), value(number)) for number in numbers])
    rows = {path(number): [(number, f"found in {number}")] for number in numbers if number % 2}
    store_findings(index, SLOT, b"note", rows, {path(number): blob(number) for number in numbers})
    state = store_state(index, {path(number): blob(number) for number in numbers}, b"seen")
    return None if state is None else state_named(state, numbers)


def state_named(state: IndexedState, numbers: Iterable[int]) -> IndexedState | None:
    """The state in which the files of these numbers have their terms."""
    carried = {path(number): terms(number) for number in numbers}
    return state.with_terms(FRAME, carried.keys(), carried.__getitem__)


def tells(state: IndexedState, numbers: Iterable[int], unnamed: Iterable[int] = ()) -> None:
    """The state consists of the files of these numbers; those of `unnamed` have no terms yet."""
    present, named = set(numbers), set(numbers) - set(unnamed)
    assert {row.path: row.blob for row in state.rows} == {path(number): blob(number) for number in present}
    assert [row.path for row in state.rows] == sorted(row.path for row in state.rows)
    assert len(state) == len(present)
    for number in (0, 1, 5, 30):
        row = state.row(path(number))
        assert (row and row.blob) == (blob(number) if number in present else None)
        assert list(state.paths_named(f"s{number}")) == ([path(number)] if number in present else [])
    for folder in ("registry", "registry/supports/4", "registry/nothing"):
        inside = [row.path for row in state.rows if row.path.startswith(f"{folder}/")]
        assert list(state.below(folder)) == inside
        assert state.inside(folder) == {one for one in inside if one.count("/") == folder.count("/") + 1}
    asked = [term for number in (0, 1, 30) for term in terms(number)] + ["nobody carries this"]
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
    state = load_state(index)
    if state is not None:
        tells(state, numbers)
    found = load_findings(index, SLOT)
    if found is not None:
        rows = {path(number): [(number, f"found in {number}")] for number in numbers if number % 2}
        assert (found.note, found.rows) == (b"note", rows)
        assert load_states(index, SLOT, found) in (None, {path(number): blob(number) for number in numbers})


def assert_heals(folder: Path) -> None:
    """After at most one run that meets the damage, the index works as new."""
    for _ in range(2):
        index = index_in(folder)
        store(index, range(60))
        index.close()
    index = index_in(folder)
    state = load_state(index)
    assert state is not None
    tells(state, range(60))
    assert state.find(FRAME, ["é\n"]) is not None
    assert len(load_values(index, "text", [blob(number) for number in range(60)])) == 60
    index.close()


@settings(max_examples=60)
@given(STEPS)
def test_it_answers_like_a_dict(steps: list[tuple[str, set[int]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        index = index_in(Path(name))
        state = store(index, ())
        present: set[int] = set()
        unnamed: set[int] = set()
        for step, numbers in steps:
            assert state is not None
            if step == "put":
                state = state.update({path(number): blob(number) for number in numbers}, b"then")
                present, unnamed = present | numbers, unnamed | numbers
            elif step == "remove":
                state = state.update(dict.fromkeys(map(path, numbers)), b"then")
                present, unnamed = present - numbers, unnamed - numbers
            elif step == "name":
                state = state_named(state, numbers & present)
                unnamed -= numbers
            elif step == "clear":
                index.clear()
                assert load_state(index) is None
                state, present, unnamed = store(index, numbers), set(numbers), set()
            else:
                index.close()
                index = index_in(Path(name))
                state = load_state(index)
            assert state is not None
            tells(state, present, unnamed)
            assert set(state.files_without_terms(FRAME) or ()) == {path(number) for number in unnamed}
            assert state.files_without_terms("another frame") is None
        index.close()


@given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(0, 3) | st.none()), max_size=6))
def test_what_changed_since_an_earlier_state_is_known(changes: list[Mapping[int, int | None]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        index = index_in(Path(name))
        state = store_state(index, {}, b"")
        assert state is not None
        states: list[tuple[bytes, dict[str, str]]] = [(state.serial, {})]
        for change in changes:
            assert state is not None
            state = state.update({path(n): None if kind is None else blob(kind) for n, kind in change.items()}, b"")
            assert state is not None
            states.append((state.serial, {row.path: row.blob for row in state.rows}))
        now = states[-1][1]
        for serial, then in states:
            found = state.changes_since(serial)
            assert found is not None
            assert {file: was for file, was in found.items() if was != now.get(file)} == {
                file: then.get(file) for file in then.keys() | now.keys() if then.get(file) != now.get(file)
            }
        assert state.changes_since(b"of nobody") is None
        index.close()


@given(st.lists(st.dictionaries(st.integers(0, 9), st.integers(0, 3) | st.none(), max_size=4), max_size=5))
def test_findings_that_are_updated_are_those_that_are_stored_anew(changes: list[Mapping[int, int | None]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        index = index_in(Path(name))
        rows = {path(number): [(number,)] for number in range(5)}
        states = {path(number): blob(number) for number in range(5)}
        store_findings(index, SLOT, b"0", rows, states)
        first = load_findings(index, SLOT)
        for count, change in enumerate(changes, 1):
            stored = load_findings(index, SLOT)
            assert stored is not None
            some = {path(n): [] if kind is None else [(kind,)] * kind for n, kind in change.items()}
            stand = {path(n): "" if kind is None else blob(kind) for n, kind in change.items()}
            update_findings(index, SLOT, stored, b"%d" % count, some, stand)
            assert first is not None
            update_findings(index, SLOT, first, b"of one who comes too late", {path(1): []}, {})
            rows = {file: found for file, found in {**rows, **some}.items() if found}
            states = {file: state for file, state in {**states, **stand}.items() if state}
            now = load_findings(index, SLOT)
            assert now is not None
            assert (now.note, now.rows) == (b"%d" % count, rows)
            assert load_states(index, SLOT, now) == states
        index.close()


@pytest.mark.promise("R15")
@settings(max_examples=100)
@given(
    st.lists(NUMBERS, min_size=1, max_size=4),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=40),
    st.sampled_from(["flip", "cut", "zero", "swap"]),
)
@example([set()], [(0.5, 1), (0.25, 1)], "swap")
def test_any_damage_is_a_miss(puts: list[set[int]], flips: list[Flip], how: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, present = Path(name), set().union(*puts)
        index = index_in(folder)
        store(index, present)
        index.close()
        damage(file_in(folder), flips, how)
        index = index_in(folder)
        never_wrong(index, present)
        index.close()  # while it is open, nobody removes the file
        assert_heals(folder)


def damage(file: Path, flips: list[Flip], how: str) -> None:
    content = bytearray(file.read_bytes())
    at = [int(place * len(content)) for place, _ in flips]
    if how == "flip":
        for place, (_, mask) in zip(at, flips, strict=True):
            content[place] ^= mask
    elif how == "cut":
        del content[at[0] :]
    elif how == "zero":
        content[at[0] : at[0] + 5000] = bytes(len(content[at[0] : at[0] + 5000]))
    else:
        page = 16384
        one, other = at[0] // page * page, at[-1] // page * page
        content[one : one + page], content[other : other + page] = (
            content[other : other + page],
            content[one : one + page],
        )
    file.write_bytes(content)


def file_in(folder: Path) -> Path:
    (file,) = folder.glob("index-*.sqlite")
    return file


@pytest.mark.parametrize("table", ["about", "text", "answer", "page"])
@pytest.mark.parametrize("how", ["DELETE FROM {}", "DELETE FROM {} WHERE rowid % 2", "DROP TABLE {}"])
def test_rows_taken_out_of_a_table(tmp_path: Path, table: str, how: str) -> None:
    index = index_in(tmp_path)
    store(index, range(60))
    index.close()
    connection = sqlite3.connect(file_in(tmp_path), isolation_level=None)
    connection.execute(how.format(table) if table != "about" else how.format(table).replace("rowid % 2", "name > 'b'"))
    connection.close()
    never_wrong(index_in(tmp_path), range(60))
    assert_heals(tmp_path)


@pytest.mark.parametrize("content", [b"garbage", b"", b"SQLite format 3\0" + bytes(200), b"x" * 100_000])
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock"])
def test_files_written_over(tmp_path: Path, suffix: str, content: bytes) -> None:
    writer(tmp_path, range(20), killed=True)
    file = file_in(tmp_path)
    (file.with_suffix(".lock") if suffix == ".lock" else Path(f"{file}{suffix}")).write_bytes(content)
    never_wrong(index_in(tmp_path), range(20))
    for left in tmp_path.glob("*.lock"):
        assert left.stat().st_size in (0, len(content))
    store(index_in(tmp_path), range(60))
    assert_heals(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_a_log_left_by_a_killed_writer_and_damaged(tmp_path: Path, seed: int) -> None:
    writer(tmp_path, range(20), killed=True)
    log = Path(f"{file_in(tmp_path)}-wal")
    content = bytearray(log.read_bytes())
    assert content
    for place in range(seed * 997 % 4096, len(content), 9973):
        content[place] ^= 0x55
    log.write_bytes(content)
    index = index_in(tmp_path)
    state = load_state(index)
    assert state is None or {row.path for row in state.rows} <= {path(number) for number in range(20)}
    store(index, range(60))
    index.close()
    assert_heals(tmp_path)


def test_what_a_killed_writer_had_stored_is_there(tmp_path: Path) -> None:
    writer(tmp_path, range(20), killed=True)
    state = load_state(index_in(tmp_path))
    assert state is not None
    tells(state, range(20))


def test_a_state_that_another_process_replaced_is_not_mixed_with_the_new_one(tmp_path: Path) -> None:
    one, other = index_in(tmp_path), index_in(tmp_path)
    state = store(one, range(20))
    assert state is not None
    assert state.find(FRAME, ["é\n"]) is not None
    store(other, range(5, 40))
    tells(state, range(20))
    assert state.find(FRAME, ["é\n"]) is None
    assert state.update({path(3): None}, b"") is None
    assert state_named(state, [3]) is None


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    started = [writer(tmp_path, range(start, start + 20), wait=False) for start in (0, 10, 20, 40)]
    assert [process.wait(60) for process in started] == [0, 0, 0, 0]
    index = index_in(tmp_path)
    assert len(load_values(index, "text", map(blob, range(60)))) == 60
    state = load_state(index)
    assert state is not None
    assert any(len(state) == 20 and (row := state.row(path(start))) and row.blob for start in (0, 10, 20, 40))


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    state = store(index, range(20))
    assert state is not None
    with index.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    store_values(index, "text", [(blob(number), bytes(100_000)) for number in range(20, 60)])
    assert store_state(index, {f"registry/x/{number}.yaml": blob(number) for number in range(9000)}, b"") is None
    never_wrong(index, range(20))
    assert not index.in_memory


def writer(folder: Path, numbers: range, *, killed: bool = False, wait: bool = True) -> subprocess.Popen[bytes]:
    """A process of its own that stores a state of these numbers; `killed`: it ends without closing anything."""
    code = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from pathlib import Path
from test_index_damage import index_in, store
index = index_in(Path({str(folder)!r}))
store(index, {numbers!r})
if {killed}:
    os._exit(0)
index.close()
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    if wait:
        assert process.wait(60) == 0
    return process


@pytest.mark.parametrize("step", range(1, 12))
def test_a_refresh_that_is_killed_leaves_the_state_before(tmp_path: Path, step: int) -> None:
    """At every write of a refresh, which is one transaction."""
    code = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from pathlib import Path
from test_index_damage import blob, index_in, load_state, path, state_named
index = index_in(Path({str(tmp_path)!r}))
state = load_state(index)
left = {step}
def count(statement):
    global left
    left -= statement.startswith(("INSERT", "DELETE", "COMMIT"))
    if not left:
        os._exit(9)
with index.reading() as connection:
    pass
connection.set_trace_callback(count)
state = state.update({{path(3): None, path(30): blob(30)}}, b"")
state_named(state, [30])
"""
    index = index_in(tmp_path)
    store(index, range(20))
    index.close()
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=False)
    assert done.returncode in (0, 9)
    state = load_state(index_in(tmp_path))
    assert state is not None
    after = {*range(20), 30} - {3}
    if state.row(path(3)) is not None:
        tells(state, range(20))
    else:
        tells(state, after, unnamed=() if not state.files_without_terms(FRAME) else (30,))
