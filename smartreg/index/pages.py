"""Rows in pages: a page holds those whose key has one hash, and `about` holds the checksums of all pages.

So an empty answer means "there is none", never "something is missing": a page that is lost, stale or damaged does not
fit. Rows by themselves could not say that, nor could SQLite's own search trees: a damaged key is just not found.
"""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

from smartreg.index.database import Damaged, checksum

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
    return [_verify(kind, number, found.get(number), sums) for number in range(len(sums) // _SUM)]


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
