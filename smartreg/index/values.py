"""JSON by name: what a text says by its blob id, an answer about a whole state by a digest of the question.

What cannot be read is a miss, as is everything where the database cannot be used.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Any, Literal

from smartreg.index.database import Index, Lost, Unwritable

Table = Literal["text", "answer"]

LIMIT = 4 * 1024 * 1024 * 1024
"""Bytes from which on the oldest values are dropped: room for some two million texts."""

# As bytes: the text of a damaged value may be none.
_ALL = {table: f"SELECT name, CAST(value AS BLOB) FROM {table}" for table in ("text", "answer")}
_SOME = {table: f"{query} WHERE name IN (SELECT value FROM json_each(?))" for table, query in _ALL.items()}
_COUNT = {table: f"SELECT count(*) FROM {table}" for table in ("text", "answer")}
_STORE = {table: f"INSERT OR REPLACE INTO {table} VALUES (?, CAST(? AS TEXT))" for table in ("text", "answer")}
_DROP = {
    table: f"DELETE FROM {table} WHERE rowid <= (SELECT (min(rowid) + max(rowid)) / 2 FROM {table})"
    for table in ("text", "answer")
}
# If more than one value in this many is wanted, reading the whole table is faster than asking for each; how many there
# are is not even counted for so few.
_SPARSE, _FEW = 4, 2_000


def load_values(index: Index, table: Table, names: Iterable[str]) -> dict[str, bytes]:
    """The stored values, as JSON."""
    names_wanted = set(names)
    if not names_wanted:
        return {}
    with suppress(Lost), index.reading() as connection:
        return {name: value for name, value in _rows(connection, table, names_wanted) if name in names_wanted}
    return {}


def store_values(index: Index, table: Table, rows: Sequence[tuple[str, bytes]]) -> None:
    """Store all of these or none; values of the same name are replaced."""
    if not rows:
        return
    with suppress(Lost, Unwritable):
        with index.writing() as connection:
            connection.executemany(_STORE[table], sorted(rows))
        if len(rows) > _FEW:
            with index.reading() as connection:
                connection.execute("PRAGMA shrink_memory")  # pages that were written are not soon read
        if index.size() > LIMIT:
            with index.writing() as connection:
                connection.execute(_DROP[table])


def load_answer(index: Index, name: str) -> Any:
    """The stored answer to a question; None if there is none."""
    return load_answers(index, (name,)).get(name)


def load_answers(index: Index, names: Iterable[str]) -> dict[str, Any]:
    """The stored answers to questions."""
    answers = {}
    for name, value in load_values(index, "answer", names).items():
        with suppress(ValueError):
            answers[name] = json.loads(value)
    return answers


def store_answer(index: Index, name: str, value: Any) -> None:
    store_answers(index, {name: value})


def store_answers(index: Index, values: dict[str, Any]) -> None:
    """Store answers, which are plain values."""
    store_values(
        index, "answer", [(name, json.dumps(value, separators=(",", ":")).encode()) for name, value in values.items()]
    )


def question(*parts: object) -> str:
    """The name of the answer to a question, which is made of plain values."""
    return sha1(repr(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _rows(connection: sqlite3.Connection, table: Table, wanted: set[str]) -> Iterable[tuple[str, bytes]]:
    """The rows of these names, and possibly of others."""
    if len(wanted) > _FEW:
        (total,) = connection.execute(_COUNT[table]).fetchone()
        if len(wanted) * _SPARSE > total:
            return connection.execute(_ALL[table])
    return connection.execute(_SOME[table], (json.dumps(list(wanted)),))
