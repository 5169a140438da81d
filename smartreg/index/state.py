"""The state that the index describes: its files, each with its blob and the terms by which it is found.

Which terms a file has (see `terms`) only upper rooms know; their `frame` says what the terms were derived with.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

from smartreg.index.database import Damaged, Index, Lost, Unwritable, index_files, refuse_odd_files, refuse_other_origin
from smartreg.index.pages import (
    Postings,
    clear_postings,
    find_places,
    pack,
    pack_terms,
    page_of,
    read_about,
    read_page,
    read_pages,
    replace_pages,
    unpack,
    write_about,
    write_pages,
    write_postings,
)

_FILES, _ABOUT = "file", "state"
_ROWS = 128  # of a page, on average
_SHARE, _FEW = 8, 256  # a journal lists at most one file in `_SHARE`, but always up to `_FEW`


class StateRow(NamedTuple):
    """A file with its blob in Git's index and the digests of its terms, None until they are derived."""

    path: str
    blob: str
    terms: bytes | None = None


_Slot: TypeAlias = tuple[str, str, bytes | None] | None
"""What a page holds in the place of a row: its values, as they are unpacked; None where there is none any more."""


class _About(NamedTuple):
    """`serial` changes whenever the files do; `frame` is what terms were derived with, empty for none at all; `pending`
    are the files without terms; `note` is the writer's description of where the state was seen; `journal` has earlier
    serials, each with the former blobs of the files that were changed next."""

    serial: bytes
    pages: int
    files: int
    frame: str
    pending: tuple[str, ...]
    note: bytes
    journal: tuple[tuple[bytes, dict[str, str | None]], ...]
    file_sums: bytes
    term_sums: bytes


class IndexedState:
    """The files of the state, as they were when it was loaded. Terms are looked up in the database."""

    def __init__(self, index: Index, about: _About, pages: Sequence[bytes]) -> None:
        self.index = index
        self._about = about
        self._pages = pages
        self._slots: dict[int, list[_Slot]] = {}
        self._by_path: dict[int, dict[str, _Slot]] = {}

    @property
    def serial(self) -> bytes:
        """An identifier that is the same as long as the files are."""
        return self._about.serial

    @property
    def note(self) -> bytes:
        return self._about.note

    def __len__(self) -> int:
        return self._about.files

    def row(self, path: str) -> StateRow | None:
        """The file at a path."""
        number = _stem_page(path, self._about.pages)
        slots = self._by_path.get(number)
        if slots is None:
            slots = self._by_path[number] = {slot[0]: slot for slot in self._page(number) if slot is not None}
        slot = slots.get(path)
        return None if slot is None else StateRow(*slot)

    def paths_named(self, stem: str) -> Iterator[str]:
        """The paths whose name without its extension is `stem`."""
        page, start = self._page(page_of(stem, self._about.pages)), f"{stem}."
        return (slot[0] for slot in page if slot is not None and start in slot[0] and stem_of(slot[0]) == stem)

    @cached_property
    def rows(self) -> Sequence[StateRow]:
        """All files, sorted by path."""
        every = (slot for number in range(self._about.pages) for slot in self._page(number) if slot is not None)
        return [StateRow(*slot) for slot in sorted(every)]

    def below(self, folder: str) -> Sequence[str]:
        """The paths in a folder and its subfolders, sorted."""
        return sorted(self._below(f"{folder}/"))

    def inside(self, folder: str) -> set[str]:
        """The paths directly in a folder."""
        start = len(folder) + 1
        return {path for path in self._below(f"{folder}/") if path.find("/", start) < 0}

    def _below(self, start: str) -> Iterator[str]:
        mark = start.encode("utf-8", "surrogatepass")  # as in a page: most need not be unpacked for few files
        pages = (self._page(number) for number, page in enumerate(self._pages) if mark in page)
        return (slot[0] for page in pages for slot in page if slot is not None and slot[0].startswith(start))

    def changes_since(self, serial: bytes) -> dict[str, str | None] | None:
        """The former blobs (None: no file) of the files that have changed since; None if that is unknown."""
        if serial == self.serial:
            return {}
        found: dict[str, str | None] = {}
        for before, blobs in reversed(self._about.journal):
            found |= blobs
            if before == serial:
                return found
        return None

    @property
    def has_terms(self) -> bool:
        """Whether the terms of any files have been derived, by whatever frame."""
        return bool(self._about.frame)

    def files_without_terms(self, frame: str) -> Sequence[str] | None:
        """The files whose terms by this frame have not been derived; None for all."""
        return self._about.pending if self._about.frame == frame else None

    def find(self, frame: str, terms: Iterable[str], most: int | None = None) -> dict[str, list[str]] | None:
        """The files that carry each term, `most` of them at most, among those with terms; None if the index does not
        know."""
        with suppress(Lost), self.index.reading() as connection:
            about = _read(connection)
            if about is None or (about.serial, about.frame) != (self.serial, frame):
                return None
            found = find_places(connection, terms, about.term_sums)
            return {term: [*map(self._path, places[:most])] for term, places in found.items()}
        return None

    def update(self, changes: Mapping[str, str | None], note: bytes) -> IndexedState | None:
        """The state with other blobs of these files (None removes), stored in the index; None if that failed."""
        by_page: defaultdict[int, dict[str, str | None]] = defaultdict(dict)
        for path, blob in changes.items():
            by_page[_stem_page(path, self._about.pages)][path] = blob
        with suppress(Lost, Unwritable), self.index.writing() as connection:
            about = _read(connection)
            if about is None or about.serial != self.serial:
                return None
            pages: dict[int, bytes] = {}
            leaving = Postings(about.pages)
            before: dict[str, str | None] = dict.fromkeys(changes)
            gone = 0
            for number, some in by_page.items():
                rows = [*map(_row, unpack(read_page(connection, _FILES, number, about.file_sums)))]
                slots = {row.path: slot for slot, row in enumerate(rows) if row is not None}
                for path, blob in some.items():
                    slot = slots.get(path)
                    old = None if slot is None else rows[slot]
                    if old is not None and slot is not None:
                        leaving.add(old.terms, slot * about.pages + number)
                        before[path] = old.blob
                        gone += 1
                    _put(rows, slot, None if blob is None else StateRow(path, blob))
                pages[number] = _pack(rows)
            count = about.files - gone + sum(blob is not None for blob in changes.values())
            pending = {path for path in about.pending if changes.get(path, "") is not None}
            pending |= {path for path, blob in changes.items() if blob is not None}
            after = about._replace(
                serial=os.urandom(8) if changes else about.serial,
                files=count,
                pending=tuple(sorted(pending)),
                note=note,
                journal=_shorten((*about.journal, (about.serial, before)) if changes else about.journal, count),
                file_sums=write_pages(connection, _FILES, pages.items(), about.file_sums),
                term_sums=write_postings(connection, about.term_sums, leaving, Postings(about.pages)),
            )
            _write(connection, after)
            return IndexedState(self.index, after, [pages.get(number, page) for number, page in enumerate(self._pages)])
        return None

    def with_terms(self, frame: str, files: Set[str], terms_of: Callable[[str], Iterable[str]]) -> IndexedState | None:
        """The state in which these files have the terms that `terms_of` gives, stored in the index; None if that
        failed. With another frame than before, the terms of all other files are forgotten."""
        with suppress(Lost, Unwritable), self.index.writing() as connection:
            about = _read(connection)
            if about is None or about.serial != self.serial:
                return None
            fresh = about.frame != frame
            arriving, leaving = Postings(about.pages), Postings(about.pages)
            written: dict[int, bytes] = {}
            pending = set() if fresh else set(about.pending) - files
            for number in range(about.pages) if fresh else {_stem_page(path, about.pages) for path in files}:
                rows = [*map(_row, unpack(read_page(connection, _FILES, number, about.file_sums)))]
                for slot, row in enumerate(rows):
                    if row is None or not (fresh or row.path in files):
                        continue
                    if not fresh:
                        leaving.add(row.terms, slot * about.pages + number)
                    if row.path not in files:
                        pending.add(row.path)
                        rows[slot] = row._replace(terms=None)
                        continue
                    digests = pack_terms(terms_of(row.path))
                    rows[slot] = row._replace(terms=digests)
                    arriving.add(digests, slot * about.pages + number)
                written[number] = _pack(rows)
            if fresh:
                about = about._replace(term_sums=clear_postings(connection, about.pages))
            after = about._replace(
                frame=frame,
                pending=tuple(sorted(pending)),
                file_sums=write_pages(connection, _FILES, written.items(), about.file_sums),
                term_sums=write_postings(connection, about.term_sums, leaving, arriving),
            )
            _write(connection, after)
            pages = [written.get(number, page) for number, page in enumerate(self._pages)]
            return IndexedState(self.index, after, pages)
        return None

    def _page(self, number: int) -> list[_Slot]:
        slots = self._slots.get(number)
        if slots is None:
            slots = self._slots[number] = unpack(self._pages[number])
        return slots

    def _path(self, place: int) -> str:
        at, number = divmod(place, self._about.pages)
        slots = self._page(number)
        slot = slots[at] if at < len(slots) else None
        if slot is None:
            raise Damaged
        return slot[0]


def describes_state(index: Index) -> bool:
    """Whether the index describes a state at all; true also where none can be kept."""
    if index.in_memory:
        return True
    with suppress(Lost), index.reading() as connection:
        return _read(connection) is not None
    return False


def load_state(index: Index) -> IndexedState | None:
    """The state that the index describes; None if it describes none, or is in memory."""
    if index.in_memory:
        return None
    with suppress(Lost), index.reading() as connection:
        about = _read(connection)
        return None if about is None else IndexedState(index, about, [*read_pages(connection, _FILES, about.file_sums)])
    return None


def peek_states(folder: Path) -> Iterator[bytes]:
    """What the indexes in a folder say of the states that they describe: quick, and without their checksums."""
    for path in index_files(folder):
        place = f"file:{quote(str(path))}?mode=ro"
        with suppress(sqlite3.Error, OSError, Damaged):
            refuse_odd_files(path)
            with closing(sqlite3.connect(place, uri=True)) as connection:
                refuse_other_origin(connection, path)
                found = connection.execute("SELECT value FROM about WHERE name = ?", (_ABOUT,)).fetchone()
            if found is not None and isinstance(found[0], bytes):
                yield found[0]


def store_state(index: Index, blobs: Mapping[str, str], note: bytes) -> IndexedState | None:
    """Describe a new state: all files by path, without terms. None if it cannot be stored."""
    if index.in_memory:
        return None
    count = max(1, len(blobs) // _ROWS)
    rows: list[list[StateRow | None]] = [[] for _ in range(count)]
    for path, blob in blobs.items():
        rows[_stem_page(path, count)].append(StateRow(path, blob))
    pages = [*map(_pack, rows)]
    with suppress(Lost, Unwritable), index.writing() as connection:
        sums = replace_pages(connection, _FILES, pages)
        terms = clear_postings(connection, count)
        about = _About(os.urandom(8), count, len(blobs), "", (), note, (), sums, terms)
        _write(connection, about)
        return IndexedState(index, about, pages)
    return None


def stem_of(path: str) -> str:
    """The name of a file without its folder and extension."""
    return path.rpartition("/")[2].rpartition(".")[0]


def _stem_page(path: str, count: int) -> int:
    return page_of(stem_of(path), count)


def _shorten(
    journal: tuple[tuple[bytes, dict[str, str | None]], ...], files: int
) -> tuple[tuple[bytes, dict[str, str | None]], ...]:
    """The last entries of a journal, as long as they are shorter than a list of all files would be."""
    room, kept = files // _SHARE + _FEW, len(journal)
    while kept and room >= len(journal[kept - 1][1]):
        kept -= 1
        room -= max(1, len(journal[kept][1]))
    return journal[kept:]


def _read(connection: sqlite3.Connection) -> _About | None:
    value = read_about(connection, _ABOUT)
    return None if value is None else _About(*unpack(value))


def _write(connection: sqlite3.Connection, about: _About) -> None:
    write_about(connection, _ABOUT, pack(tuple(about)))


def _row(slot: _Slot) -> StateRow | None:
    return None if slot is None else StateRow(*slot)


def _put(rows: list[StateRow | None], slot: int | None, row: StateRow | None) -> None:
    """Put a row into its slot or, without one, into the first that is free."""
    if slot is None and row is not None:
        slot = next((free for free, other in enumerate(rows) if other is None), len(rows))
        rows += [None] * (slot + 1 - len(rows))
    if slot is not None:
        rows[slot] = row


def _pack(rows: Sequence[StateRow | None]) -> bytes:
    return pack([None if row is None else tuple(row) for row in rows])
