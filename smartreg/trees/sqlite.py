"""How a SQLite file for the cache is opened, laid out, and judged sound."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_VERSION = 1
# Values are about as long as a page of the default size: larger pages are half as long to write and read.
# A partition's id is drawn at random and never used again, so that rows left behind by one stay unseen by the next.
_SCHEMA = f"""
PRAGMA page_size = 16384;
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS partitions (id INTEGER PRIMARY KEY, name UNIQUE, used INTEGER, directory BLOB, sum BLOB);
CREATE TABLE IF NOT EXISTS rows (partition INTEGER, blob BLOB, value BLOB, sum BLOB);
CREATE UNIQUE INDEX IF NOT EXISTS rows_by_blob ON rows (partition, blob);
CREATE TABLE IF NOT EXISTS segments (partition INTEGER, bucket INTEGER, serial INTEGER, content BLOB,
    PRIMARY KEY (partition, bucket, serial)) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
COMMIT;
"""
# NORMAL: a database with a write-ahead log stays whole through a power cut; only checkpoints wait for the disk.
_SETTINGS = """
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -16384;
PRAGMA cell_size_check = ON;
PRAGMA trusted_schema = OFF;
"""
_BUSY_SECONDS = 2.0
# What SQLite says when the file may well be sound. Everything else is taken as damage.
_SURROUNDINGS = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}

# Also what Python raises where a damaged file makes SQLite speak in bytes that are no text, or ask for absurd lengths.
FAULTS = (sqlite3.Error, UnicodeDecodeError, MemoryError)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; text comes back as bytes, since damaged text need not be UTF-8."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.text_factory = bytes
    return connection


def prepare(connection: sqlite3.Connection) -> bool:
    """Lay out a new file and set how this connection works. False for a file of another layout."""
    if _number(connection, "user_version") != _VERSION:
        if _number(connection, "page_count"):
            return False
        connection.executescript(_SCHEMA)
    connection.executescript(_SETTINGS)
    return True


def tells_damage(fault: BaseException) -> bool:
    """Whether SQLite failed because of what is in the file."""
    # The low byte is the kind; the rest tells more of it.
    return getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _SURROUNDINGS


def bytes_used(connection: sqlite3.Connection) -> int:
    """Bytes of the file, without pages that wait to be used again."""
    pages = _number(connection, "page_count") - _number(connection, "freelist_count")
    return pages * _number(connection, "page_size")


@contextmanager
def transaction(connection: sqlite3.Connection, mode: str) -> Iterator[None]:
    """All or nothing of what is done inside; `mode` as SQLite's BEGIN takes it."""
    connection.execute(f"BEGIN {mode}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A damaged database is closed by now, and a full disk may have rolled back already.
        with suppress(*FAULTS):
            connection.execute("ROLLBACK")
        raise


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
