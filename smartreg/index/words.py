"""The texts by which people search for files, with their trigrams: a table that is made at the first search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from functools import cache

from smartreg.index.database import Lost, read_about, write_about
from smartreg.index.format import WORDS
from smartreg.index.state import PATH, IndexedState

_OLD = "worded IS NOT state AND worded IS NOT NULL"
_SEVERAL, _LONG = 4, 64  # words, and letters of each: enough to find few files, and nothing that SQLite refuses


@cache
def has_trigrams() -> bool:
    """Whether this SQLite has FTS5 and its trigrams."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(WORDS)
        return True
    return False


def begin_texts(state: IndexedState, note: str) -> bool:
    """Whether there is a table of texts with this note; an empty one is made where there is none, and no file has words
    then. False if that is impossible."""
    if state.about("worded") == note:
        return True

    def write(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE IF EXISTS words")
        connection.execute(WORDS)
        connection.execute("UPDATE file SET worded = NULL WHERE worded IS NOT NULL")
        write_about(connection, "worded", note)

    return state.settle("worded", (), write, ())


def store_texts(state: IndexedState, texts: Mapping[int, str], unsettled: Iterable[str]) -> None:
    """Replace the texts of all files whose texts are out of date by these, by the numbers of the files. Files that are
    `unsettled` changed meanwhile. Does nothing if it cannot be written."""

    def write(connection: sqlite3.Connection) -> None:
        connection.execute(f"DELETE FROM words WHERE rowid IN (SELECT no FROM file WHERE {_OLD})")
        # In this order: FTS5 writes out what it has gathered whenever a number is smaller than the last.
        connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", sorted(texts.items()))

    state.settle("worded", unsettled, write)


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
