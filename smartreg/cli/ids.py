"""The ids of a kind by the names of its files, for Tab: Python alone, and no listing of a large folder twice.

What a large folder holds is noted in `.git/smartreg`, where smartreg keeps what it can find out again. A folder's note
holds while the folder is the same by number and both times, unless it was noted so soon after its last change that
another one could have the same time. Without a note, or with one that is damaged, the folder is listed.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from mmap import ACCESS_READ, mmap
from typing import TypeAlias

from smartreg.grain import own_clock, settled
from smartreg.named import NamedTuple
from smartreg.sparse import may_be_sparse

ENDS = (".yaml", ".yml")
LARGE = 16_384
"""So many bytes of names are worth a note: some 700 names."""
HEAD, TAIL = b"smartreg ids 1\n", b"end of ids\n"

State: TypeAlias = list[int]
"""What changes with every name in a folder: device, number, time of content, time of change."""


class Names(NamedTuple):
    """Ids, sorted, in UTF-8, with a zero byte before each and after the last: those of a `text` from the zero byte at
    `low` to the one at `high`."""

    text: bytes | mmap
    low: int
    high: int


class Place(NamedTuple):
    """A folder, the ids in it, and what else is in it: perhaps folders. `noted`: it stands in the note."""

    path: str
    state: State
    inner: Sequence[str]
    names: Names
    noted: bool


def ids(root: str, folder: str, start: str = "") -> Iterator[str]:
    """The ids of the records in a kind's folder that begin with `start`, sorted."""
    if may_be_sparse(root):
        yield from _by_git(root, folder, start)
        return
    note = _note_of(root, folder)
    known = _read(note, root) if note else {}
    begun = time.time_ns()
    places = list(_places(os.path.join(root, "registry", folder), known))
    if note and sum(place.names.high for place in places if not place.noted) > LARGE:
        with suppress(OSError):
            _write(note, root, places, begun)
    found = [_starting(place.names, start.encode("utf-8", "surrogateescape")) for place in places]
    if len(found) == 1:
        yield from found[0]
        return
    from heapq import merge

    yield from merge(*found)


def _by_git(root: str, folder: str, start: str) -> Iterator[str]:
    """The ids where only Git tells of all files."""
    from pathlib import Path

    from smartreg.gitio import open_repo
    from smartreg.trees import RECORD_ENDS, WorkingTree

    files = WorkingTree(Path(root), open_repo(Path(root))).files().below(f"registry/{folder}")
    names = (path.rpartition("/")[2].rpartition(".")[0] for path in files if path.endswith(RECORD_ENDS))
    yield from sorted({name for name in names if name.startswith(start)})


def _places(top: str, known: dict[str, Place]) -> Iterator[Place]:
    """The folder and all below it, symbolic links left out."""
    folders = [top]
    while folders:
        path = folders.pop()
        if os.path.islink(path):
            continue
        try:
            state = _state(os.stat(path))
            place = known.get(path)
            if place is None or place.state != state:
                place = _listed(path, state)
        except OSError:  # no folder
            continue
        yield place
        folders += [os.path.join(path, name) for name in place.inner]


def _listed(path: str, state: State) -> Place:
    names = os.listdir(path)
    found = sorted(name.rpartition(".")[0] for name in names if name.endswith(ENDS))
    inner = [name for name in names if not name.endswith(ENDS)]
    try:
        packed = "\0".join(("", *found, "")).encode()
    except UnicodeEncodeError:  # a name that is not UTF-8: its bytes come in another order
        packed = b"\0".join((b"", *sorted(map(os.fsencode, found)), b""))
    return Place(path, state, inner, Names(packed, 0, len(packed) - 1), noted=False)


def _state(about: os.stat_result) -> State:
    return [about.st_dev, about.st_ino, about.st_mtime_ns, about.st_ctime_ns]


def _starting(names: Names, start: bytes) -> Iterator[str]:
    """The names that begin so; the first is sought by halves."""
    text, low, last = names
    high = last
    while low < high:
        middle = text.rfind(b"\0", low, (low + high) // 2 + 1)
        end = text.find(b"\0", middle + 1)
        if text[middle + 1 : end] < start:
            low = end
        else:
            high = middle
    while low < last:
        end = text.find(b"\0", low + 1)
        name = text[low + 1 : end]
        if not name.startswith(start):
            return
        yield name.decode("utf-8", "surrogateescape")
        low = end


def _note_of(root: str, folder: str) -> str | None:
    """Where what a kind's folder holds is noted: in the Git directory, beside the cache; None where there is none."""
    above = root
    while not os.path.exists(os.path.join(above, ".git")):
        above, below = os.path.dirname(above), above
        if above == below:
            return None
    place = os.path.join(above, ".git")
    plain = folder.replace("-", "").replace("_", "").isalnum()
    return os.path.join(place, "smartreg", f"ids-{folder}") if plain and os.path.isdir(place) else None


def _read(note: str, root: str) -> dict[str, Place]:
    """What is noted of this registry; nothing where there is no note, or no whole one."""
    try:
        with open(note, "rb") as file:
            text = mmap(file.fileno(), 0, access=ACCESS_READ)
        told = text.find(b"\n", len(HEAD)) + 1
        whose, rows = json.loads(text[len(HEAD) : told])
        whole = told + sum(row[-1] for row in rows) + len(TAIL) == len(text) and text[-len(TAIL) :] == TAIL
        if text[: len(HEAD)] != HEAD or whose != root or not whole:
            return {}
        found, low = {}, told
        for path, state, inner, length in rows:
            if text[low] or text[low + length - 1]:
                return {}
            found[path] = Place(path, state, inner, Names(text, low, low + length - 1), noted=True)
            low += length
        return found
    except (OSError, ValueError, TypeError):
        return {}


def _write(note: str, root: str, places: Sequence[Place], begun: int) -> None:
    """Note what was listed, `begun` at that nanosecond, in one step; folders that changed just before are left out."""
    os.makedirs(os.path.dirname(note), exist_ok=True)
    draft, opened = f"{note}.{os.getpid()}", time.time_ns()
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with open(file, "wb") as out:
            now = os.fstat(file)
            if own_clock(now.st_mtime_ns, opened):
                raise OSError
            kept = [place for place in places if place.state[0] == now.st_dev and settled(begun, *place.state[2:])]
            names = [text[low : high + 1] for text, low, high in (place.names for place in kept)]
            rows = [(place.path, place.state, place.inner, len(own)) for place, own in zip(kept, names, strict=True)]
            told = json.dumps([root, rows]).encode()
            out.write(b"".join((HEAD, told, b"\n", *names, TAIL)))
            out.flush()
            os.fsync(file)
        os.replace(draft, note)
    except BaseException:
        os.unlink(draft)
        raise
