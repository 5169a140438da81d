"""The texts by which people search for files, with their trigrams: a table that is made at the first search."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache

from smartreg.index.database import Lost, read_about, write_about
from smartreg.index.format import WORDS
from smartreg.index.state import PATH, IndexedState, split

_NUMBER = "(SELECT no FROM file WHERE (folder, name) = (?, ?))"
_SEVERAL, _LONG = 4, 64  # words, and letters of each: enough to find few files, and nothing that SQLite refuses


@cache
def has_trigrams() -> bool:
    """Whether this SQLite has FTS5 and its trigrams."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(WORDS)
        return True
    return False


def store_texts(
    state: IndexedState,
    note: str,
    files: Mapping[str, str | None],
    unsettled: Iterable[str],
    text_of: Callable[[str], str | None],
) -> None:
    """Replace the texts of these files in these states (None: it is gone), as `text_of` gives them; of all files where
    what is stored has another `note`. Files that are `unsettled` changed meanwhile. Does nothing if it cannot be
    written."""

    def write(connection: sqlite3.Connection) -> None:
        if read_about(connection, "worded") != note:
            connection.execute("DROP TABLE IF EXISTS words")
            connection.execute(WORDS)
            connection.execute("UPDATE file SET worded = NULL WHERE worded IS NOT NULL")
            write_about(connection, "worded", note)
        else:
            connection.executemany(f"DELETE FROM words WHERE rowid = {_NUMBER}", map(split, files))
        there = (path for path, now in files.items() if now is not None)
        numbered = sorted((connection.execute(f"SELECT {_NUMBER}", split(path)).fetchone()[0], path) for path in there)
        # In this order: FTS5 writes out what it has gathered whenever a number is smaller than the last.
        rows = ((number, text) for number, path in numbered if (text := text_of(path)) is not None)
        connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", rows)

    state.settle("worded", unsettled, write, files)


def find_texts(state: IndexedState, note: str, words: Sequence[str]) -> list[tuple[str, str]] | None:
    """The files whose text contains the beginnings of the longest of these words, with their texts; None if no texts
    with this note are there. Words are letters and digits in ASCII. What is too short for trigrams is compared."""
    patterns = [f"%{word[:_LONG]}%" for word in sorted(words, key=len)[-_SEVERAL:]]
    parts = " AND ".join(["state IS NOT NULL", *["text LIKE ?"] * len(patterns)])
    query = f"SELECT {PATH}, text FROM words JOIN file ON no = words.rowid WHERE {parts}"
    with suppress(Lost), state.index.reading() as connection:
        if read_about(connection, "serial") == state.serial and read_about(connection, "worded") == note:
            return connection.execute(query, patterns).fetchall()
    return None
