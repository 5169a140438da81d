"""Rows in pages: a page holds those whose key has one hash, and `about` holds the checksums of all pages.

So an empty answer means "there is none", never "something is missing": a page that is lost, stale or damaged does not
fit. Rows by themselves could not say that, nor could SQLite's own search trees: a damaged key is just not found.

Databases that others made of a state, kept whole: their bytes in pages, of which a change rewrites few.

The checksums of all pages prove every row at once, a row that is not there included; who asks gets a copy, so that no
SQL of a user ever runs on the index.
"""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
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
    """In which of `count` pages a key stands."""
    return crc32(key.encode("utf-8", "surrogatepass")) % count


def pack(rows: Any) -> bytes:
    return marshal.dumps(rows, _FORMAT)


def unpack(content: bytes) -> Any:
    """What `pack` was given; only of bytes whose checksum fits."""
    return marshal.loads(content)


def read_about(connection: sqlite3.Connection, name: str) -> bytes | None:
    """What is said under this name. Damaged."""
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
    """One page. Damaged where it is not the one that belongs to the checksums."""
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
    if expected != len(sums) // _SUM:
        raise Damaged


def write_pages(connection: sqlite3.Connection, kind: str, pages: Iterable[tuple[int, bytes]], sums: bytes) -> bytes:
    """Replace some pages; the checksums of all."""
    entries = bytearray(sums)
    for number, content in pages:
        connection.execute(_PUT, (kind, number, content))
        entries[number * _SUM : (number + 1) * _SUM] = _sum_of(kind, number, content)
    return bytes(entries)


def replace_pages(connection: sqlite3.Connection, kind: str, pages: Sequence[bytes]) -> bytes:
    """Put these pages in the place of all that there are; their checksums."""
    connection.execute(_CLEAR, (kind,))
    return write_pages(connection, kind, enumerate(pages), bytes(len(pages) * _SUM))


def update_pages(connection: sqlite3.Connection, kind: str, pages: Sequence[bytes], sums: bytes) -> bytes:
    """As `replace_pages`, where those with the checksums `sums` are there: only what differs is written."""
    after = [_sum_of(kind, number, content) for number, content in enumerate(pages)]
    for number, (content, total) in enumerate(zip(pages, after, strict=True)):
        if sums[number * _SUM : (number + 1) * _SUM] != total:
            connection.execute(_PUT, (kind, number, content))
    connection.execute(_CUT, (kind, len(pages)))
    return b"".join(after)


def _verify(kind: str, number: int, content: Any, sums: bytes) -> bytes:
    if not isinstance(content, bytes) or sums[number * _SUM : (number + 1) * _SUM] != _sum_of(kind, number, content):
        raise Damaged
    return content


def _sum_of(kind: str, number: int, content: bytes) -> bytes:
    return checksum(kind.encode(), b"%d" % number, content)


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
    """Put a database in the place of the one of this name. Nothing where that fails."""
    pages = [content[start : start + _PAGE_BYTES] for start in range(0, len(content), _PAGE_BYTES)]
    with suppress(Lost, Unwritable), index.writing() as connection:
        about = read_about(connection, name)
        sums = b"" if about is None else unpack(about)[1]
        write_about(connection, name, pack((note, update_pages(connection, name, pages, sums))))
