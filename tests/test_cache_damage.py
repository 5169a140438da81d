"""A damaged cache, a killed writer, several writers: slower at worst, never wrong (R15)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cache import blob, carriers, holds, rows, terms, value

from smartreg.trees import Cache
from smartreg.trees.cache import FILE

Flip: TypeAlias = tuple[float, int]

ALL = [blob(number) for number in range(60)]
NUMBERS = st.lists(st.integers(0, 59), max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "put", "reopen", "clear"]), NUMBERS), max_size=12)


def never_wrong(cache: Cache, put: set[int]) -> None:
    """Whatever the cache says of the numbers that were put is true, and what it finds leaves out nothing it knows."""
    known = set(ALL) - cache.unknown(ALL)
    assert known <= {blob(number) for number in put}
    for term in {term for number in (0, 1, 5, 30) for term in terms(number)}:
        found = cache.find(term)
        if found is not None:
            assert carriers(put, term) & known <= found <= carriers(put, term)
    assert cache.get_many(ALL).items() <= {blob(number): value(number) for number in put}.items()


def healed(folder: Path) -> None:
    """After at most one run that meets the damage, the cache works as new."""
    for _ in range(2):
        with Cache.open(folder, "p") as cache:
            missing = [number for number in range(60) if blob(number) not in cache.get_many(ALL)]
            cache.put_many(rows(missing))
            cache.find_many(term for number in range(60) for term in terms(number))
    with Cache.open(folder, "p") as cache:
        cache.put_many(rows(number for number in range(60) if blob(number) not in cache.get_many(ALL)))
        holds(cache, range(60))


@given(STEPS)
def test_it_answers_like_a_dict(steps: list[tuple[str, list[int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        put: set[int] = set()
        cache = Cache.open(Path(folder), "p")
        for step, numbers in steps:
            if step == "put":
                cache.put_many(rows(numbers))
                put |= set(numbers)
            elif step == "clear":
                cache.clear()
                put = set()
            else:
                cache.close()
                cache = Cache.open(Path(folder), "p")
            holds(cache, put)
        cache.close()


@pytest.mark.promise("R15")
@settings(max_examples=100)
@given(
    st.lists(NUMBERS, min_size=1, max_size=4),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=40),
    st.sampled_from(["flip", "cut", "zero", "swap"]),
)
def test_any_damage_is_a_miss(puts: list[list[int]], flips: list[Flip], how: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, put = Path(name), {number for numbers in puts for number in numbers}
        for numbers in puts:
            with Cache.open(folder, "p") as cache:
                cache.put_many(rows(numbers))
        damage(folder / FILE, flips, how)
        with Cache.open(folder, "p") as cache:
            never_wrong(cache, put)
            cache.put_many(rows(range(30)))
            never_wrong(cache, put | set(range(30)))
        healed(folder)


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


@pytest.mark.parametrize("content", [b"garbage", b"", b"SQLite format 3\0" + bytes(200), b"x" * 100_000])
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".lock"])
def test_files_written_over(tmp_path: Path, suffix: str, content: bytes) -> None:
    writer(tmp_path, range(20), killed=True)
    path = (tmp_path / FILE).with_suffix(".lock") if suffix == ".lock" else tmp_path / (FILE + suffix)
    path.write_bytes(content)
    with Cache.open(tmp_path, "p") as cache:
        never_wrong(cache, set(range(20)))
    healed(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_a_log_left_by_a_killed_writer_and_damaged(tmp_path: Path, seed: int) -> None:
    writer(tmp_path, range(20), killed=True)
    log = tmp_path / (FILE + "-wal")
    content = bytearray(log.read_bytes())
    assert content
    for place in range(seed * 997 % 4096, len(content), 9973):
        content[place] ^= 0x55
    log.write_bytes(content)
    with Cache.open(tmp_path, "p") as cache:
        never_wrong(cache, set(range(20)))
    healed(tmp_path)


def test_what_a_killed_writer_had_stored_is_there(tmp_path: Path) -> None:
    writer(tmp_path, range(20), killed=True)
    with Cache.open(tmp_path, "p") as cache:
        holds(cache, range(20))


def test_a_damaged_file_is_not_removed_under_another(tmp_path: Path) -> None:
    with Cache.open(tmp_path, "p") as one:
        one.put_many(rows(range(20)))
        garbage = b"garbage" * 3000
        inode = (tmp_path / FILE).stat().st_ino
        (tmp_path / FILE).write_bytes(garbage)
        (tmp_path / (FILE + "-wal")).write_bytes(b"")
        with Cache.open(tmp_path, "p") as other:
            never_wrong(other, set(range(20)))
            assert (tmp_path / FILE).stat().st_ino == inode
            other.put_many(rows(range(30)))
            holds(other, range(30))
        never_wrong(one, set(range(20)))
    healed(tmp_path)


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    started = [writer(tmp_path, range(start, start + 400), wait=False) for start in (0, 200, 400, 3000)]
    assert [process.wait(60) for process in started] == [0, 0, 0, 0]
    with Cache.open(tmp_path, "p") as cache:
        holds(cache, [*range(800), *range(3000, 3400)])


def writer(folder: Path, numbers: range, *, killed: bool = False, wait: bool = True) -> subprocess.Popen[bytes]:
    """A process of its own that puts the numbers, ten at a time; `killed`: it ends without closing anything."""
    code = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from pathlib import Path
from test_cache import rows
from smartreg.trees import Cache
cache = Cache.open(Path({str(folder)!r}), "p")
for start in {numbers!r}[::10]:
    cache.put_many(rows(range(start, start + 10)))
if {killed}:
    os._exit(0)
cache.close()
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    if wait:
        assert process.wait(60) == 0
    return process
