"""Rows in pages by hash of their key; `about` holds the checksums of all pages.

So an empty answer means "there is none", never "something is missing": a page that is lost, stale or damaged does not
match. Single rows could not prove that, nor could SQLite's own search trees: a damaged key is just not found.

Images are whole databases made by upper rooms, with their bytes in pages, of which a change rewrites few. Callers get a
copy, so that no SQL of a user ever runs on the index.
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
