"""Rows in pages by hash of their key, and the terms by which files are looked up; `about` holds the checksums of
all pages.

So an empty answer means "there is none", never "something is missing": a page that is lost, stale or damaged does
not match. Single rows could not prove that, nor could SQLite's own search trees: a damaged key is just not found.

Images are whole databases made by upper rooms, with their bytes in pages, of which a change rewrites few. Callers
get a copy, so that no SQL of a user ever runs on the index.

A term is a short text, such as an id that a file names, a value that it contains, or the grid cell that it is in.
It is stored as a digest of a few bytes, in pages by digest. Its *postings* are the places of the files that have
it: slot and page of the file, as one number.
"""

from __future__ import annotations

import marshal
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any
from zlib import crc32

from smartreg.index.database import Damaged, Index, Lost, Unwritable, checksum

_FORMAT = 4  # of marshal: every Python since 3.4 reads and writes it
_SUM = 8
_ABOUT = "SELECT value, sum FROM about WHERE name = ?"
_SAY = "INSERT OR REPLACE INTO about VALUES (?, ?, ?)"
_PAGE = "SELECT content FROM page WHERE kind = ? AND number = ?"
_PAGES = "SELECT number, content FROM page WHERE kind = ? ORDER BY number"
_PUT = "INSERT OR REPLACE INTO page VALUES (?, ?, ?)"
_CLEAR = "DELETE FROM page WHERE kind = ?"
_CUT = "DELETE FROM page WHERE kind = ? AND number >= ?"


def page_of(key: str, count: int) -> int:
    """The number of the page, of `count`, that holds a key."""
    return crc32(key.encode("utf-8", "surrogatepass")) % count


def count_pages(sums: bytes) -> int:
    """The number of pages that these checksums are of."""
    return len(sums) // _SUM


def pack(rows: Any) -> bytes:
    return marshal.dumps(rows, _FORMAT)


def unpack(content: bytes) -> Any:
    """Reverse `pack`; only for bytes whose checksum matches."""
    return marshal.loads(content)


def read_about(connection: sqlite3.Connection, name: str) -> bytes | None:
    """The value stored under a name. Damaged."""
    found = connection.execute(_ABOUT, (name,)).fetchone()
    if found is None:
        return None
    value, total = found
    if not isinstance(value, bytes) or checksum(name.encode(), value) != total:
        raise Damaged
    return value


def write_about(connection: sqlite3.Connection, name: str, value: bytes) -> None:
    connection.execute(_SAY, (name, value, checksum(name.encode(), value)))


def read_page(connection: sqlite3.Connection, kind: str, number: int, sums: bytes) -> bytes:
    """One page. Damaged if it does not match its checksum."""
    found = connection.execute(_PAGE, (kind, number)).fetchone()
    return _verify(kind, number, found[0] if found else None, sums)


def read_pages(connection: sqlite3.Connection, kind: str, sums: bytes) -> Iterator[bytes]:
    """All pages of a kind, one after the other. Damaged."""
    expected = 0
    for number, content in connection.execute(_PAGES, (kind,)):
        if number != expected:
            raise Damaged
        yield _verify(kind, number, content, sums)
        expected += 1
    if expected != count_pages(sums):
        raise Damaged


def write_pages(connection: sqlite3.Connection, kind: str, pages: Iterable[tuple[int, bytes]], sums: bytes) -> bytes:
    """Write the pages that differ from those of the checksums `sums`; returns the new checksums of all."""
    entries = bytearray(sums)
    for number, content in pages:
        place, total = slice(number * _SUM, (number + 1) * _SUM), checksum(kind.encode(), b"%d" % number, content)
        if entries[place] != total:
            connection.execute(_PUT, (kind, number, content))
            entries[place] = total
    return bytes(entries)


def replace_pages(connection: sqlite3.Connection, kind: str, pages: Sequence[bytes]) -> bytes:
    """Replace all pages of a kind; returns their checksums."""
    connection.execute(_CLEAR, (kind,))
    return write_pages(connection, kind, enumerate(pages), bytes(len(pages) * _SUM))


def _verify(kind: str, number: int, content: Any, sums: bytes) -> bytes:
    total = sums[number * _SUM : (number + 1) * _SUM]
    if not isinstance(content, bytes) or checksum(kind.encode(), b"%d" % number, content) != total:
        raise Damaged
    return content


_PAGE_BYTES = 128 * 1024


def load_image(index: Index, name: str) -> tuple[bytes, bytearray] | None:
    """The note and the bytes of a database."""
    with suppress(Lost), index.reading() as connection:
        about = read_about(connection, name)
        if about is None:
            return None
        note, sums = unpack(about)
        content = bytearray()
        for page in read_pages(connection, name, sums):  # one at a time: all of them would take the room twice
            content += page
        return note, content
    return None


def store_image(index: Index, name: str, note: bytes, content: bytes) -> None:
    """Replace the database of this name. Does nothing if it cannot be written."""
    pages = [content[start : start + _PAGE_BYTES] for start in range(0, len(content), _PAGE_BYTES)]
    with suppress(Lost, Unwritable), index.writing() as connection:
        about = read_about(connection, name)
        before: bytes = b"" if about is None else unpack(about)[1]
        length = len(pages) * _SUM
        sums = write_pages(connection, name, enumerate(pages), before[:length].ljust(length, b"\0"))
        connection.execute(_CUT, (name, len(pages)))
        write_about(connection, name, pack((note, sums)))


_KIND = "term"
_SIZE = 8  # bytes of a digest


class Postings:
    """Files that get or lose terms, by page and term; packed, because a large registry has millions."""

    def __init__(self, pages: int) -> None:
        self._pages = pages
        self.by_page: defaultdict[int, defaultdict[bytes, bytearray]] = defaultdict(lambda: defaultdict(bytearray))

    def add(self, terms: bytes | None, place: int) -> None:
        """Add the file at a place to its terms, which `pack_terms` packed."""
        packed = array("I", (place,)).tobytes()
        for term in _split(terms):
            self.by_page[_page_of(term, self._pages)][term] += packed


def pack_terms(terms: Iterable[str]) -> bytes:
    """The digests of the terms of one file, sorted."""
    return b"".join(sorted({_digest(term) for term in terms}))


def clear_postings(connection: sqlite3.Connection, pages: int) -> bytes:
    """Replace all postings by this number of empty pages; returns their checksums."""
    return replace_pages(connection, _KIND, [pack({})] * pages)


def find_places(connection: sqlite3.Connection, terms: Iterable[str], sums: bytes) -> dict[str, Sequence[int]]:
    """The places of the files that have each term. Damaged."""
    count = count_pages(sums)
    pages: dict[int, dict[bytes, bytes]] = {}
    found: dict[str, Sequence[int]] = {}
    for term in terms:
        digest = _digest(term)
        number = _page_of(digest, count)
        if number not in pages:
            pages[number] = unpack(read_page(connection, _KIND, number, sums))
        found[term] = array("I", pages[number].get(digest, b""))
    return found


def write_postings(connection: sqlite3.Connection, sums: bytes, leaving: Postings, arriving: Postings) -> bytes:
    """Remove some postings and add others; returns the checksums of all pages. Damaged."""

    def pages() -> Iterator[tuple[int, bytes]]:
        for number in leaving.by_page.keys() | arriving.by_page.keys():
            rows: dict[bytes, bytes] = unpack(read_page(connection, _KIND, number, sums))
            for term, packed in leaving.by_page.get(number, {}).items():
                gone = set(array("I", bytes(packed)))
                places = array("I", (place for place in array("I", rows.pop(term, b"")) if place not in gone))
                if places:
                    rows[term] = places.tobytes()
            for term, packed in arriving.by_page.get(number, {}).items():
                rows[term] = rows.get(term, b"") + packed
            yield number, pack(rows)

    return write_pages(connection, _KIND, pages(), sums)


def _digest(term: str) -> bytes:
    """Two terms may share a digest: callers look into the files that are found."""
    return blake2b(term.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def _split(terms: bytes | None) -> Iterator[bytes]:
    return (terms[start : start + _SIZE] for start in range(0, len(terms), _SIZE)) if terms else iter(())


def _page_of(digest: bytes, count: int) -> int:
    return int.from_bytes(digest[:4], "big") % count
