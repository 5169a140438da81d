"""Values by name: the data of a text by its blob id, an answer about a whole state by a digest of the question.

A value that does not match its checksum is a miss, as is everything where the database cannot be used.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Literal

from smartreg.index.database import Index, Lost, Unwritable

Table = Literal["text", "answer"]

LIMIT = 4 * 1024 * 1024 * 1024
"""Bytes from which on the oldest values are dropped: room for some two million texts."""

_SOME = {
    table: f"SELECT name, value, sum FROM {table} WHERE name IN (SELECT value FROM json_each(?))"
    for table in ("text", "answer")
}
_ALL = {table: f"SELECT name, value, sum FROM {table}" for table in ("text", "answer")}
_COUNT = {table: f"SELECT count(*) FROM {table}" for table in ("text", "answer")}
_STORE = {table: f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)" for table in ("text", "answer")}
_DROP = {
    table: f"DELETE FROM {table} WHERE rowid <= (SELECT (min(rowid) + max(rowid)) / 2 FROM {table})"
    for table in ("text", "answer")
}
# If more than one value in this many is wanted, reading the whole table is faster than asking for each; how many there
# are is not
# even counted for so few.
_SPARSE, _FEW = 4, 2_000


def load_values(index: Index, table: Table, names: Iterable[str]) -> dict[str, bytes]:
    """The values that are stored and intact."""
    wanted = set(names)
    if not wanted:
        return {}
    with suppress(Lost), index.reading() as connection:
        return {
            name: value
            for name, value, total in _rows(connection, table, wanted)
            if name in wanted and isinstance(value, bytes) and _sum(name, value) == total
        }
    return {}


def store_values(index: Index, table: Table, rows: Sequence[tuple[str, bytes]]) -> None:
    """Store all of these or none; values of the same name are replaced."""
    if not rows:
        return
    with suppress(Lost, Unwritable):
        with index.writing() as connection:
            connection.executemany(_STORE[table], ((name, value, _sum(name, value)) for name, value in sorted(rows)))
        if len(rows) > _FEW:
            with index.reading() as connection:
                connection.execute("PRAGMA shrink_memory")  # pages that were written are not soon read
        if index.size() > LIMIT:
            with index.writing() as connection:
                connection.execute(_DROP[table])


def load_answer(index: Index, name: str) -> bytes | None:
    """The stored answer to a question."""
    return load_values(index, "answer", (name,)).get(name)


def store_answer(index: Index, name: str, value: bytes) -> None:
    store_values(index, "answer", [(name, value)])


def question(*parts: object) -> str:
    """The name of the answer to a question, which is made of plain values."""
    return sha1(repr(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _rows(connection: sqlite3.Connection, table: Table, wanted: set[str]) -> Iterable[tuple[str, bytes, bytes]]:
    """The rows of these names, and possibly of others."""
    if len(wanted) > _FEW:
        (total,) = connection.execute(_COUNT[table]).fetchone()
        if len(wanted) * _SPARSE > total:
            return connection.execute(_ALL[table])
    return connection.execute(_SOME[table], (json.dumps(list(wanted)),))


def _sum(name: str, value: bytes) -> bytes:
    # Of the digests at hand the fastest: this is most of the time of reading many rows.
    return sha1(name.encode() + value, usedforsecurity=False).digest()
