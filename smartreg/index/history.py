"""Commits and what they changed: true whatever branch is checked out, so rows are added and rarely replaced.

Three tables hold what upper rooms give: `commits` by id and `file_history` by the name of a record's files as JSON,
`commit_changes` by commit and part, compressed. `about` holds the walk (the history that was last asked for: ids and
parents, newest first), and what the changes were derived with.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from sqlite3 import Connection
from typing import Any, TypeAlias

from smartreg.index.database import Damaged, parse, read_about, write_about

Part: TypeAlias = tuple[bytes, bytes]
"""The changes of a commit to some records, and to their fields, compressed."""

_AT_ONCE = 500  # parameters of one statement


def walk(connection: Connection) -> str:
    """The walk that was stored last; empty if there is none."""
    return str(read_about(connection, "walk") or "")


def store_walk(connection: Connection, content: str) -> None:
    """Store the walk; all its commits must be stored already."""
    write_about(connection, "walk", content)


def known_commits(connection: Connection) -> set[str]:
    """The ids of the stored commits."""
    return {oid for (oid,) in connection.execute("SELECT oid FROM commits")}


def store_commits(connection: Connection, contents: Mapping[str, Any]) -> None:
    """Store commits, as plain values, by their ids."""
    rows = ((oid, _json(content)) for oid, content in contents.items())
    connection.executemany("INSERT OR REPLACE INTO commits VALUES (?, ?)", rows)


def commits(connection: Connection, oids: Iterable[str]) -> dict[str, Any]:
    """The stored commits with these ids. Damaged if one is missing."""
    ids = set(oids)
    rows = _rows(connection, "SELECT oid, content FROM commits WHERE oid IN", ids)
    by_id = {oid: parse(content) for oid, content in rows}
    if len(by_id) != len(ids):
        raise Damaged
    return by_id


def file_histories(connection: Connection, names: Collection[str] | None = None) -> dict[str, Any]:
    """The stored histories of names, or of all; names without one are left out."""
    query = "SELECT name, content FROM file_history"
    rows: Iterable[tuple[Any, ...]] = (
        connection.execute(query) if names is None else _rows(connection, f"{query} WHERE name IN", map(_encode, names))
    )
    return {_decode(name): parse(content) for name, content in rows}


def store_file_histories(connection: Connection, contents: Mapping[str, Any]) -> None:
    """Replace the stored histories of these names, which are plain values."""
    rows = ((_encode(name), _json(content)) for name, content in contents.items())
    connection.executemany("INSERT OR REPLACE INTO file_history VALUES (?, ?)", rows)


def basis(connection: Connection) -> str:
    """The basis that the stored changes were derived with: schemas decide what a record and a field is."""
    return str(read_about(connection, "basis") or "")


def begin_changes(connection: Connection, basis: str) -> None:
    """Delete the changes that were derived on another basis."""
    connection.execute("DELETE FROM commit_changes")
    write_about(connection, "basis", basis)


def commits_with_changes(connection: Connection) -> set[str]:
    """The ids of the commits whose changes are stored."""
    return {oid for (oid,) in connection.execute("SELECT oid FROM commit_changes WHERE part = 0")}


def store_changes(connection: Connection, oid: str, parts: Sequence[Part]) -> None:
    """Store the changes of a commit."""
    rows = ((oid, number, len(parts), *part) for number, part in enumerate(parts))
    connection.executemany("INSERT OR REPLACE INTO commit_changes VALUES (?, ?, ?, ?, ?)", rows)


def changes(connection: Connection, oids: Iterable[str], *, fields: bool) -> Iterator[tuple[str, Part]]:
    """The parts of commits, in order; without `fields`, their second half is empty. Damaged if one is missing."""
    left = dict.fromkeys(oids, -1)
    query = f"SELECT oid, parts, records, {'fields' if fields else 'NULL'} FROM commit_changes WHERE oid IN"
    for oid, parts, records, more in _rows(connection, query, left, "ORDER BY oid, part"):
        left[oid] = (parts if left[oid] < 0 else left[oid]) - 1
        yield oid, (_verify(records), _verify(more) if fields else b"")
    if any(left.values()):
        raise Damaged


def compress(rows: Iterable[Any]) -> bytes:
    """Plain values, compressed; `decompress` restores them."""
    return zlib.compress(_json(list(rows)).encode("ascii"), 1)


def decompress(content: bytes) -> list[Any]:
    rows: list[Any] = json.loads(zlib.decompress(content).decode("ascii"))  # of bytes, JSON guesses the encoding
    return rows


def _verify(content: Any) -> bytes:
    """The content, if it can be decompressed: its own checksum is right."""
    try:
        zlib.decompress(content)
    except (TypeError, zlib.error):
        raise Damaged from None
    return bytes(content)


def _rows(connection: Connection, query: str, keys: Iterable[Any], end: str = "") -> Iterator[tuple[Any, ...]]:
    """The rows of a query that ends with IN, a batch of keys at a time."""
    left = iter(keys)
    while some := list(islice(left, _AT_ONCE)):
        yield from connection.execute(f"{query} ({','.join('?' * len(some))}) {end}", some).fetchall()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _encode(name: str) -> bytes:
    """Encode a name: it may hold bytes that are not UTF-8 as lone surrogates, which SQLite does not take as text."""
    return name.encode("utf-8", "surrogateescape")


def _decode(name: Any) -> str:
    if not isinstance(name, bytes):
        raise Damaged
    return name.decode("utf-8", "surrogateescape")
