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
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from zlib import crc32

from smartreg.index.database import Damaged, Index, Lost, Unwritable, checksum

_FORMAT = 4  # of marshal: every Python since 3.4 reads and writes it
_SUM = 8
_ABOUT = "SELECT value, sum FROM about WHERE name = ?"
_SAY = "INSERT OR REPLACE INTO about VALUES (?, ?, ?)"
_PAGE = "SELECT content FROM page WHERE kind = ? AND number = ?"
_PAGES = "SELECT number, content FROM page WHERE kind = ?"
_PUT = "INSERT OR REPLACE INTO page VALUES (?, ?, ?)"
_CLEAR = "DELETE FROM page WHERE kind = ?"
_CUT = "DELETE FROM page WHERE kind = ? AND number >= ?"


def page_of(key: str, count: int) -> int:
    """In which of `count` pages a key stands."""
    return crc32(key.encode("utf-8", "surrogatepass")) % count


def count_pages(sums: bytes) -> int:
    """How many pages these are the checksums of."""
    return len(sums) // _SUM


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


def read_pages(connection: sqlite3.Connection, kind: str, sums: bytes) -> list[bytes]:
    """All pages of a kind. Damaged."""
    found = dict(connection.execute(_PAGES, (kind,)))
    return [_verify(kind, number, found.get(number), sums) for number in range(count_pages(sums))]


def write_pages(connection: sqlite3.Connection, kind: str, pages: Iterable[tuple[int, bytes]], sums: bytes) -> bytes:
    """Replace some pages, where they differ from what `sums` has of all; the checksums of all afterwards."""
    entries = bytearray(sums)
    for number, content in pages:
        place, total = slice(number * _SUM, (number + 1) * _SUM), checksum(kind.encode(), b"%d" % number, content)
        if entries[place] != total:
            connection.execute(_PUT, (kind, number, content))
            entries[place] = total
    return bytes(entries)


def replace_pages(connection: sqlite3.Connection, kind: str, pages: Sequence[bytes]) -> bytes:
    """Put these pages in the place of all that there are; their checksums."""
    connection.execute(_CLEAR, (kind,))
    return write_pages(connection, kind, enumerate(pages), bytes(len(pages) * _SUM))


def _verify(kind: str, number: int, content: Any, sums: bytes) -> bytes:
    total = sums[number * _SUM : (number + 1) * _SUM]
    if not isinstance(content, bytes) or checksum(kind.encode(), b"%d" % number, content) != total:
        raise Damaged
    return content


_PAGE_BYTES = 128 * 1024


def load_image(index: Index, name: str) -> tuple[bytes, bytes] | None:
    """The note and the bytes of a database."""
    with suppress(Lost), index.reading() as connection:
        about = read_about(connection, name)
        if about is None:
            return None
        note, sums = unpack(about)
        return note, b"".join(read_pages(connection, name, sums))
    return None


def store_image(index: Index, name: str, note: bytes, content: bytes) -> None:
    """Put a database in the place of the one of this name. Nothing where that fails."""
    pages = [content[start : start + _PAGE_BYTES] for start in range(0, len(content), _PAGE_BYTES)]
    with suppress(Lost, Unwritable), index.writing() as connection:
        about = read_about(connection, name)
        before: bytes = b"" if about is None else unpack(about)[1]
        length = len(pages) * _SUM
        sums = write_pages(connection, name, enumerate(pages), before[:length].ljust(length, b"\0"))
        connection.execute(_CUT, (name, len(pages)))
        write_about(connection, name, pack((note, sums)))
