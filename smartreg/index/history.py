"""Commits and what they changed: true whatever branch is checked out, so rows are added and rarely replaced.

Three tables hold content packed by upper rooms, each row with a checksum: `commits` by id, `file_history` by the name
of a record's files, `commit_changes` by commit and part. `about` holds the walk (the history that was last asked for:
ids and parents, newest first), the number of names, and what the changes were derived with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from sqlite3 import Connection
from typing import Any, TypeAlias

from smartreg.index.database import Damaged, checksum
from smartreg.index.pages import read_about, write_about

Part: TypeAlias = tuple[bytes, bytes]
"""What a commit did to some records, and to their fields."""

_WALK, _NAMES, _BASIS = "walk", "names in file_history", "basis of commit_changes"
_AT_ONCE = 500  # parameters of one statement


def walk(connection: Connection) -> bytes:
    """The walk that was stored last; empty if there is none."""
    return read_about(connection, _WALK) or b""


def store_walk(connection: Connection, content: bytes) -> None:
    """Store the walk; all its commits must be stored already."""
    write_about(connection, _WALK, content)


def known_commits(connection: Connection) -> set[str]:
    """The ids of the stored commits."""
    return {oid for (oid,) in connection.execute("SELECT oid FROM commits")}


def store_commits(connection: Connection, contents: Mapping[str, bytes]) -> None:
    """Store commits by their ids."""
    rows = ((oid, content, checksum(oid.encode(), content)) for oid, content in contents.items())
    connection.executemany("INSERT OR REPLACE INTO commits VALUES (?, ?, ?)", rows)


def commits(connection: Connection, oids: Iterable[str]) -> dict[str, bytes]:
    """The stored commits with these ids. Damaged if one is missing."""
    wanted = set(oids)
    rows = _rows(connection, "SELECT oid, content, sum FROM commits WHERE oid IN", wanted)
    found = {oid: _verify(total, content, oid.encode()) for oid, content, total in rows}
    if len(found) != len(wanted):
        raise Damaged
    return found


def file_histories(connection: Connection, names: Collection[str] | None = None) -> dict[str, bytes]:
    """The stored histories of names, or of all; names without one are left out. Damaged if a row may be missing."""
    query = "SELECT name, content, sum FROM file_history"
    if names is None:
        rows: Iterable[tuple[Any, ...]] = connection.execute(query)
    else:
        rows = _rows(connection, f"{query} WHERE name IN", map(_encode, names))
    found = {_decode(name): _verify(total, content, name) for name, content, total in rows}
    if names is None:
        _prove_count(connection, len(found))
    elif len(found) < len(names) and not _names(connection).isdisjoint(set(names) - found.keys()):
        raise Damaged  # the search was led astray; a look at every name is not
    return found


def store_file_histories(connection: Connection, contents: Mapping[str, bytes]) -> None:
    """Replace the stored histories of these names."""
    names = _names(connection) | contents.keys()
    encoded = ((_encode(name), content) for name, content in contents.items())
    rows = ((name, content, checksum(name, content)) for name, content in encoded)
    connection.executemany("INSERT OR REPLACE INTO file_history VALUES (?, ?, ?)", rows)
    write_about(connection, _NAMES, b"%d" % len(names))


def basis(connection: Connection) -> str:
    """What the stored changes were derived with: schemas decide what a record and a field is."""
    return (read_about(connection, _BASIS) or b"").decode()


def begin_changes(connection: Connection, basis: str) -> None:
    """Delete the changes that were derived on another basis."""
    connection.execute("DELETE FROM commit_changes")
    write_about(connection, _BASIS, basis.encode())


def commits_with_changes(connection: Connection) -> set[str]:
    """The ids of the commits whose changes are stored."""
    return {oid for (oid,) in connection.execute("SELECT oid FROM commit_changes WHERE part = 0")}


def store_changes(connection: Connection, oid: str, parts: Sequence[Part]) -> None:
    """Store the changes of a commit."""
    for number, (records, fields) in enumerate(parts):
        place = (oid, number, len(parts))
        sums = checksum(_key("records", *place), records), checksum(_key("fields", *place), fields)
        row = (*place, records, sums[0], fields, sums[1])
        connection.execute("INSERT OR REPLACE INTO commit_changes VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def changes(connection: Connection, oids: Iterable[str], *, fields: bool) -> Iterator[tuple[str, Part]]:
    """The parts of commits, in order; without `fields`, their second half is empty. Damaged if one is missing."""
    left = dict.fromkeys(oids, -1)
    columns = "oid, part, parts, records, records_sum" + (", fields, fields_sum" if fields else "")
    for oid, number, parts, records, total, *more in _rows(
        connection, f"SELECT {columns} FROM commit_changes WHERE oid IN", left, "ORDER BY oid, part"
    ):
        place = (oid, number, parts)
        proved = _verify(total, records, _key("records", *place))
        left[oid] = (parts if left[oid] < 0 else left[oid]) - 1
        yield oid, (proved, _verify(more[1], more[0], _key("fields", *place)) if more else b"")
    if any(left.values()):
        raise Damaged


def _rows(connection: Connection, query: str, keys: Iterable[Any], end: str = "") -> Iterator[tuple[Any, ...]]:
    """The rows of a query that ends with IN, a batch of keys at a time."""
    left = iter(keys)
    while some := list(islice(left, _AT_ONCE)):
        yield from connection.execute(f"{query} ({','.join('?' * len(some))}) {end}", some).fetchall()


def _names(connection: Connection) -> set[str]:
    found = {_decode(name) for (name,) in connection.execute("SELECT name FROM file_history")}
    _prove_count(connection, len(found))
    return found


def _prove_count(connection: Connection, count: int) -> None:
    if count != int(read_about(connection, _NAMES) or b"0"):
        raise Damaged


def _verify(total: Any, content: Any, key: Any) -> bytes:
    """The content of a row, if it is what was stored under the key."""
    if not isinstance(content, bytes) or not isinstance(key, bytes) or checksum(key, content) != total:
        raise Damaged
    return content


def _key(column: str, oid: str, number: int, parts: int) -> bytes:
    return f"{column} {oid} {number} {parts}".encode()


def _encode(name: str) -> bytes:
    """Encode a name: it may hold bytes that are not UTF-8 as lone surrogates, which SQLite does not take as text."""
    return name.encode("utf-8", "surrogateescape")


def _decode(name: Any) -> str:
    if not isinstance(name, bytes):
        raise Damaged
    return name.decode("utf-8", "surrogateescape")
