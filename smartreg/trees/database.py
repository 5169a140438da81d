"""The SQLite file behind the cache, shared by all processes that read one repository."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha1
from pathlib import Path
from typing import Any

from smartreg.trees import postings
from smartreg.trees.postings import EMPTY_DIRECTORY, checksum
from smartreg.trees.presence import Presence
from smartreg.trees.sqlite import FAULTS, bytes_used, connect, prepare, tells_damage, transaction

_AT_ONCE = 500
# From one row wanted in so many on, reading the whole partition is faster than asking for each; how many there are is
# not even counted for so few.
_SPARSE = 4
_FEW = 2_000
# The partition in use may be this many times as large as the limit before it goes too.
_OWN_SHARE = 4


class Unusable(Exception):
    """The database cannot be used now: locked, read-only, disk full, or emptied by another process."""


class Damaged(Unusable):
    """The database is damaged, and closed now. `removed`: its files are gone, a new one can be made."""

    def __init__(self, removed: bool) -> None:
        super().__init__()
        self.removed = removed


class Database:
    """One partition of the database `path`. Blob ids are hex outside, bytes inside. Any method may raise Unusable."""

    def __init__(self, path: Path, partition: str, limit: int) -> None:
        self.path = path
        self._name = partition.encode("utf-8", "surrogatepass")
        self._connection: sqlite3.Connection | None = None
        self._id: int | None = None
        try:
            self._presence = Presence(path.with_suffix(".lock"))
        except OSError:
            raise Unusable from None
        try:
            self._open(limit)
        except Unusable:
            self.close()
            raise
        except OSError:
            self.close()
            raise Unusable from None

    def close(self) -> None:
        """Let go of the files."""
        self._disconnect()
        self._presence.close()

    def values(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """The intact values among those asked for."""
        with self._using() as connection:
            mine = self._own()
            wanted = {bytes.fromhex(blob): blob for blob in blobs}
            return {
                wanted[blob]: value
                for blob, value, total in self._rows(connection, "blob, value, sum", list(wanted))
                if blob in wanted and isinstance(value, bytes) and _row_sum(mine, blob, value) == total
            }

    def absent(self, blobs: Iterable[str]) -> set[str]:
        """The blobs that have no row, intact or not."""
        with self._using() as connection:
            wanted = set(map(bytes.fromhex, blobs))
            missing = wanted - {blob for (blob,) in self._rows(connection, "blob", list(wanted))}
            return {blob.hex() for blob in missing}

    def store(self, rows: Sequence[tuple[bytes, bytes, tuple[str, ...]]]) -> None:
        """Keep (blob id, value, terms), all of them or none."""
        segments = postings.segments((blob, terms) for blob, _, terms in rows)
        before = self._id
        try:
            with self._using() as connection, transaction(connection, "IMMEDIATE"):
                directory = self._directory(connection) if self._id is not None else self._enter(connection)
                mine = self._own()
                connection.executemany(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)",
                    ((self._id, blob, value, _row_sum(mine, blob, value)) for blob, value, _ in sorted(rows)),
                )
                self._extend(connection, directory, segments)
        except BaseException:
            self._id = before
            raise
        if len(rows) > _AT_ONCE:
            with self._using() as connection:
                connection.execute("PRAGMA shrink_memory")  # pages that were written are not soon read

    def postings(self, terms: Iterable[str]) -> dict[str, list[str]]:
        """The blobs that carry each term; a term that none carries may be absent."""
        buckets: defaultdict[int, dict[bytes, str]] = defaultdict(dict)
        for term in terms:
            key = postings.digest(term)
            buckets[postings.bucket_of(key)][key] = term
        found: defaultdict[str, list[str]] = defaultdict(list)
        if self._id is None:
            return found
        with self._using() as connection, transaction(connection, "DEFERRED"):
            directory = self._directory(connection)
            for bucket, wanted in buckets.items():
                for segment in self._segments(connection, bucket, directory):
                    for key, blobs in postings.blobs_in(segment, wanted):
                        found[wanted[key]] += (blob.hex() for blob in blobs)
        return found

    def clear(self) -> None:
        """Drop all rows of all partitions."""
        with self._using() as connection:
            with transaction(connection, "IMMEDIATE"):
                self._empty(connection)
            # Gives the room back to the disk; another reader may be in the way of that.
            with suppress(sqlite3.OperationalError):
                connection.execute("VACUUM")

    def counts(self) -> tuple[int, int, int]:
        """Bytes on disk, rows of this partition, partitions."""
        with self._using() as connection:
            (rows,) = connection.execute("SELECT count(*) FROM rows WHERE partition = ?", (self._id,)).fetchone()
            (partitions,) = connection.execute("SELECT count(*) FROM partitions").fetchone()
            return bytes_used(connection), rows, partitions

    def _open(self, limit: int) -> None:
        # A new file is laid out alone: who comes meanwhile would take it for a damaged one.
        if self.path.exists() or not self._presence.alone():
            self._presence.share()
        try:
            self._connection = connect(self.path)
        except FAULTS:
            raise Unusable from None
        with self._using() as connection:
            if not prepare(connection):
                raise self._damage()
            self._id = self._find(connection)
            if bytes_used(connection) > limit:
                self._trim(connection, limit)
        self._presence.share()

    def _trim(self, connection: sqlite3.Connection, limit: int) -> None:
        """Drop the partitions used longest ago until the rest is within `limit` bytes."""
        others = "SELECT id FROM partitions WHERE id IS NOT ? ORDER BY used LIMIT 1"
        with transaction(connection, "IMMEDIATE"):
            while bytes_used(connection) > limit and (oldest := connection.execute(others, (self._id,)).fetchone()):
                connection.execute("DELETE FROM rows WHERE partition = ?", oldest)
                connection.execute("DELETE FROM segments WHERE partition = ?", oldest)
                connection.execute("DELETE FROM partitions WHERE id = ?", oldest)
            if bytes_used(connection) > limit * _OWN_SHARE:
                self._empty(connection)

    def _empty(self, connection: sqlite3.Connection) -> None:
        for table in ("rows", "segments", "partitions"):
            connection.execute(f"DELETE FROM {table}")
        self._id = None

    def _find(self, connection: sqlite3.Connection) -> int | None:
        # Asks for more than the index by name holds: an entry there may have lost its row.
        query = "SELECT id, directory FROM partitions WHERE name = ?"
        found = connection.execute(query, (self._name,)).fetchone()
        return found[0] if found else None

    def _enter(self, connection: sqlite3.Connection) -> bytes:
        """Find or make the row of the partition; its directory."""
        self._id = self._find(connection)
        if self._id is not None:
            return self._directory(connection)
        self._id = int.from_bytes(os.urandom(7), "big")
        connection.execute("INSERT INTO partitions VALUES (?, ?, 0, NULL, NULL)", (self._id, self._name))
        return EMPTY_DIRECTORY

    def _directory(self, connection: sqlite3.Connection) -> bytes:
        """The directory of the partition's postings."""
        query = "SELECT used, directory, sum FROM partitions WHERE id = ?"
        found = connection.execute(query, (self._id,)).fetchone()
        if found is None:
            raise Unusable
        used, directory, total = found
        if not isinstance(directory, bytes) or self._directory_sum(used, directory) != total:
            raise self._damage()
        return directory

    def _extend(self, connection: sqlite3.Connection, directory: bytes, segments: Mapping[int, bytes]) -> None:
        """Add segments, and write the directory that they make of the one given."""
        (serial,) = connection.execute("SELECT max(used) + 1 FROM partitions").fetchone()
        connection.executemany(
            "INSERT INTO segments VALUES (?, ?, ?, ?)",
            ((self._id, bucket, serial, content) for bucket, content in sorted(segments.items())),
        )
        sums = ((bucket, self._segment_sum(bucket, serial, content)) for bucket, content in segments.items())
        directory = postings.added(directory, sums)
        query = "UPDATE partitions SET used = ?, directory = ?, sum = ? WHERE id = ?"
        connection.execute(query, (serial, directory, self._directory_sum(serial, directory), self._id))

    def _directory_sum(self, serial: int, directory: bytes) -> bytes:
        return checksum(self._own(), b"%d" % serial, directory)

    def _segment_sum(self, bucket: int, serial: int, content: bytes) -> bytes:
        return checksum(self._own(), b"%d %d" % (bucket, serial), content)

    def _segments(self, connection: sqlite3.Connection, bucket: int, directory: bytes) -> list[bytes]:
        """All segments of a bucket, proved whole by the directory."""
        query = "SELECT serial, content FROM segments WHERE partition = ? AND bucket = ?"
        rows = connection.execute(query, (self._id, bucket)).fetchall()
        if not all(isinstance(serial, int) and isinstance(content, bytes) for serial, content in rows):
            raise self._damage()
        sums = [self._segment_sum(bucket, serial, content) for serial, content in rows]
        if not postings.tally(directory, bucket, sums):
            raise self._damage()
        return [content for _, content in rows]

    def _rows(self, connection: sqlite3.Connection, columns: str, blobs: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
        """The rows of this partition for `blobs`, and possibly others."""
        query = f"SELECT {columns} FROM rows WHERE partition = ?"
        if len(blobs) > _FEW:
            (total,) = connection.execute("SELECT count(*) FROM rows WHERE partition = ?", (self._id,)).fetchone()
            if len(blobs) * _SPARSE > total:
                yield from connection.execute(query, (self._id,))
                return
        for start in range(0, len(blobs), _AT_ONCE):
            some = blobs[start : start + _AT_ONCE]
            yield from connection.execute(f"{query} AND blob IN ({','.join('?' * len(some))})", (self._id, *some))

    def _own(self) -> bytes:
        """What binds checksums to this partition; 8 bytes."""
        return (self._id or 0).to_bytes(8, "big", signed=True)

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            raise Unusable
        try:
            yield self._connection
        except FAULTS as fault:
            raise (self._damage() if tells_damage(fault) else Unusable()) from None

    def _damage(self) -> Damaged:
        """Close the database, and remove it when no other process has it open."""
        self._disconnect()
        removed = self._presence.alone()
        if removed:
            try:
                for suffix in ("", "-wal", "-shm", "-journal"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            except OSError:
                removed = False
        self._presence.close()
        return Damaged(removed)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(*FAULTS):
                self._connection.close()
            self._connection = None


def _row_sum(own: bytes, blob: bytes, value: bytes) -> bytes:
    # Of the digests at hand the fastest: this is most of the time of reading many rows.
    return sha1(own + blob + value, usedforsecurity=False).digest()
