"""The cache: what comes out is what went in, or nothing (R15)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest

from smartreg.beside import PAYS_FROM, beside
from smartreg.trees import Cache
from smartreg.trees.cache import FILE, Row


def blob(number: int) -> str:
    return hashlib.sha1(b"%d" % number).hexdigest()


def value(number: int) -> bytes:
    return b"%d," % number * (number % 50)


def terms(number: int) -> tuple[str, ...]:
    return (f">support-{number % 7}", f"dev_eui={number}", "é\n" if number % 2 else "")


def rows(numbers: Iterable[int]) -> list[Row]:
    return [(blob(number), value(number), terms(number)) for number in numbers]


def carriers(numbers: Iterable[int], term: str) -> frozenset[str]:
    return frozenset(blob(number) for number in numbers if term in terms(number))


def holds(cache: Cache, numbers: Iterable[int]) -> None:
    """The cache holds these numbers and no others below 4000."""
    present = set(numbers)
    blobs = {blob(number): value(number) for number in present}
    everything = [blob(number) for number in range(4000)]
    assert cache.get_many(everything) == blobs
    assert cache.unknown(everything) == set(everything) - blobs.keys()
    assert cache.get_many(everything[:3]) == {blob(number): value(number) for number in present & {0, 1, 2}}
    asked = [term for number in (0, 1, 77) for term in terms(number)] + ["nobody carries this"]
    assert cache.find_many(asked) == {term: carriers(present, term) for term in asked}
    assert cache.find(asked[0]) == carriers(present, asked[0])


@pytest.fixture(params=["on disk", "in memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "git" / "smartreg" if request.param == "on disk" else None


def test_what_went_in_comes_out(place: Path | None) -> None:
    with Cache.open(place, "p") as cache:
        holds(cache, ())
        cache.put_many(rows(range(3000)))
        holds(cache, range(3000))
        cache.put_many(rows(range(2990, 3010)))
        cache.put_many([])
        holds(cache, range(3010))
        cache.clear()
        holds(cache, ())
        cache.put_many(rows((1, 5)))
        holds(cache, (1, 5))


def test_it_stays(tmp_path: Path) -> None:
    for number in range(3):
        with Cache.open(tmp_path, "p") as cache:
            holds(cache, range(number))
            cache.put_many(rows((number,)))
    with Cache.open(tmp_path, "p") as cache:
        assert cache.stats()[2:] == (3, 1)
        assert cache.stats().path == tmp_path / FILE


def test_partitions_do_not_see_each_other(tmp_path: Path) -> None:
    with Cache.open(tmp_path, "old schemas") as old, Cache.open(tmp_path, "new schemas") as new:
        old.put_many([(blob(1), b"old", ("x",))])
        holds(new, ())
        new.put_many([(blob(1), b"new", ("y",))])
        assert (old.get_many([blob(1)]), new.get_many([blob(1)])) == ({blob(1): b"old"}, {blob(1): b"new"})
        assert old.find("y") == frozenset()
        assert new.find("y") == frozenset({blob(1)})
        assert new.stats().partitions == 2
        new.clear()
        assert old.get_many([blob(1)]) == {}
        assert old.find("x") is None


def test_sha256_ids_and_empty_values(place: Path | None) -> None:
    name = hashlib.sha256(b"x").hexdigest()
    with Cache.open(place, "p") as cache:
        cache.put_many([(name, b"", ("", "t"))])
        assert cache.get_many([name, blob(1)]) == {name: b""}
        assert cache.find_many(["", "t", "u"]) == {"": {name}, "t": {name}, "u": frozenset()}


def test_a_blob_id_that_is_none(place: Path | None) -> None:
    with Cache.open(place, "p") as cache, pytest.raises(ValueError, match="hex"):
        cache.put_many([("not hex", b"x", ())])


def test_two_that_are_open_see_each_other_s_rows(tmp_path: Path) -> None:
    with Cache.open(tmp_path, "p") as one, Cache.open(tmp_path, "p") as other:
        one.put_many(rows((1, 2)))
        other.put_many(rows((2, 3)))
        holds(one, (1, 2, 3))
        holds(other, (1, 2, 3))


def test_emptied_by_another_while_open(tmp_path: Path) -> None:
    with Cache.open(tmp_path, "p") as one, Cache.open(tmp_path, "p") as other:
        one.put_many(rows(range(10)))
        assert not one.unknown([blob(1)])
        other.clear()
        other.put_many(rows((1,)))
        # It has told of ten rows: to find nothing now would be wrong.
        assert one.find(terms(2)[1]) is None
        one.put_many(rows((2,)))
        assert one.get_many([blob(2)]) == {blob(2): value(2)}
        assert one.find(terms(2)[1]) is None
        holds(other, (1,))


@pytest.mark.parametrize("blocked", ["folder is a file", "file is a folder", "no such place", "lock is a link"])
def test_without_a_usable_folder_it_works_from_memory(tmp_path: Path, blocked: str) -> None:
    folder = tmp_path / "smartreg"
    if blocked == "folder is a file":
        folder.write_text("x")
    elif blocked == "file is a folder":
        (folder / FILE).mkdir(parents=True)
    elif blocked == "lock is a link":
        folder.mkdir()
        (folder / FILE).with_suffix(".lock").symlink_to(tmp_path / "elsewhere")
    else:
        folder = Path("/proc/smartreg")
    with Cache.open(folder, "p") as cache:
        cache.put_many(rows(range(20)))
        holds(cache, range(20))
        assert cache.stats() == (None, 0, 20, 1)
    assert not (tmp_path / "elsewhere").exists()


def test_a_database_locked_by_another_can_be_read(tmp_path: Path) -> None:
    with Cache.open(tmp_path, "p") as cache:
        cache.put_many(rows((1,)))
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        cache.put_many(rows((2,)))
        holds(cache, (1, 2))
        other.close()
        holds(cache, (1, 2))
    with Cache.open(tmp_path, "p") as cache:
        holds(cache, (1,))


def test_it_is_bounded(tmp_path: Path) -> None:
    big = [(blob(number), bytes(10_000), ("t",)) for number in range(10)]
    for partition in range(12):
        with Cache.open(tmp_path, f"p{partition}", limit=600_000) as cache:
            cache.put_many(big)
            assert cache.get_many([blob(1)])
    with Cache.open(tmp_path, "p0") as cache:
        assert len(cache.unknown(blob(number) for number in range(10))) == 10
        assert cache.find("t") == frozenset()
    with Cache.open(tmp_path, "p11") as cache:
        assert len(cache.get_many(blob(number) for number in range(10))) == 10
        assert 1 < cache.stats().partitions < 8
    with Cache.open(tmp_path, "p11", limit=1000) as cache:
        assert cache.stats()[2:] == (0, 0)


def test_clearing_gives_the_room_back(tmp_path: Path) -> None:
    with Cache.open(tmp_path, "p") as cache:
        cache.put_many([(blob(number), bytes(10_000), ()) for number in range(100)])
        cache.clear()
    assert (tmp_path / FILE).stat().st_size < 200_000


def test_a_forked_child_leaves_the_database_to_its_parent(tmp_path: Path) -> None:
    def told_and_asked() -> tuple[dict[str, bytes], object]:
        cache.put_many(rows([2]))
        return cache.get_many([blob(1), blob(2)]), cache.find(terms(1)[0])

    with Cache.open(tmp_path, "p") as cache:
        cache.put_many(rows([1]))
        here, there = beside(PAYS_FROM, lambda: cache.get_many([blob(1)]), told_and_asked)
        assert here == {blob(1): value(1)}
        assert there == ({blob(2): value(2)}, None)
        holds(cache, [1])
