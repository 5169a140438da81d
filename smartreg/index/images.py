"""Databases that others made of a state, kept whole: their bytes in pages, of which a change rewrites few.

The checksums of all pages prove every row at once, a row that is not there included; who asks gets a copy, so that no
SQL of a user ever runs on the index.
"""

from __future__ import annotations

from contextlib import suppress

from smartreg.index.database import Index, Lost, Unwritable
from smartreg.index.pages import pack, read_about, read_pages, unpack, update_pages, write_about

_PAGE = 128 * 1024


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
    pages = [content[start : start + _PAGE] for start in range(0, len(content), _PAGE)]
    with suppress(Lost, Unwritable), index.writing() as connection:
        about = read_about(connection, name)
        sums = b"" if about is None else unpack(about)[1]
        write_about(connection, name, pack((note, update_pages(connection, name, pages, sums))))
