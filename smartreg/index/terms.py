"""Terms: short texts by which files are looked up, such as an id that a file names, a value that it contains, or the
grid cell that it is in.

A term is stored as a digest of a few bytes, in pages by digest (see `pages`). Its *postings* are the places of the
files that have it: slot and page of the file, as one number.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from smartreg.index.pages import count_pages, pack, read_page, replace_pages, unpack, write_pages

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
