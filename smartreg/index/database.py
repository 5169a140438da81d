"""The file of the index, shared by all processes that work in one worktree, and never trusted blindly.

A file that is damaged, of another format or written by another build is dropped and built again; so is one that is no
regular file of this user, or does not bear the mark of the user's key for this folder (`core.user_key`): it was
received with the folder, and may say anything. Where no file can be used, the same tables are in memory.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import quote

from smartreg.core.files import NotRegular, make_folder, open_to_lock
from smartreg.core.locking import excludes, try_lock
from smartreg.core.messages import Message, Text
from smartreg.core.user_key import is_marked, key_path, mark
from smartreg.index.format import FORMAT, KIND_TABLE, LAYOUT, WORDS_TABLE, build_fingerprint, statements

_MEMORY = ":memory:"
_BUSY_SECONDS = 2.0
_STEPS_TO_VERIFY = 100_000  # of SQLite's machine; a file of ours takes some hundred
_SUFFIXES = ("", "-wal", "-shm", "-journal")
# Larger pages than the default, about as long as a row, are written and read in half the time.
_NEW_FILE = "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL;"
# NORMAL: a database with a write-ahead log stays whole through a power cut; only checkpoints wait for the disk.
# Whoever opens the file reads all of its log, which is kept about as short as this many bytes.
_LOG_BYTES = 4 * 1024 * 1024
_READING = "PRAGMA cache_size = -16384; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
_SETTINGS = f"PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = {_LOG_BYTES}; {_READING}"
_SURROUNDINGS = {  # errors that do not mean that the file is damaged, as all others do
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# Also what Python raises where a damaged file makes SQLite speak in bytes that are no text, or ask for absurd lengths.
_FAULTS = (sqlite3.DatabaseError, UnicodeDecodeError, MemoryError)
_BUGS = (sqlite3.ProgrammingError, sqlite3.InterfaceError)

SWITCHED_OFF = Message("it is switched off (--no-index, or a CI service runs smartreg)")
NO_FOLDER = Message("there is no Git repository to keep it in")
UNUSABLE = Message("its file cannot be written or locked")
DAMAGED = Message("its file was damaged while it was in use")
FOREIGN = Message("another version of smartreg uses its file")
STRANGE = Message("its file belongs to another user")
FORKED = Message("its file belongs to the parent process")


class Lost(Exception):
    """The content of the index is gone: damaged, foreign, or taken over by another build. The same `Index` is now
    empty: build it again and ask again. Raised at most twice in a run."""


class Unwritable(Exception):
    """Nothing was written: the file stays locked by another process, or the disk is full. It can still be read."""


class Damaged(Exception):
    """Raised inside `reading` and `writing` when a row cannot be read or is missing; these turn it into `Lost`."""


def no_key() -> Text:
    """The reason why nothing is stored where no key of the user can be kept."""
    path = key_path()
    return Message("your key cannot be kept in {path}", path=path)


class Index:
    """One database: the file in `folder` for the registry at `root` of the repository; in memory without a folder, or
    where the file cannot be used.

    Not thread-safe. A forked child works in memory: the file belongs to the process that opened it.
    """

    def __init__(self, path: Path | None, why: Text = NO_FOLDER) -> None:
        self.path = path
        self.why: Text | None = None
        self._why_no_path = why
        self._presence: _Presence | None = None
        self._connection: sqlite3.Connection | None = None
        self._parents: sqlite3.Connection | None = None
        self._owner = os.getpid()
        self._drops = 0

    @classmethod
    def open(cls, folder: Path | None, root: str) -> Index:
        """The index stored in `folder`, which is created if absent; the file is opened on first use."""
        return cls(None if folder is None else folder / file_name(root))

    @property
    def in_memory(self) -> bool:
        """Whether nothing is stored for the next run; `why` gives the reason."""
        self._open()
        return self.why is not None

    @property
    def dropped(self) -> bool:
        """Whether this run found the file damaged or of another format, and replaced it."""
        return self._drops > 0

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one consistent state of all tables. Lost."""
        with self._transaction("DEFERRED") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that writes everything or nothing. Lost, Unwritable."""
        with self._transaction("IMMEDIATE") as connection:
            yield connection
        if not connection.in_transaction:
            self._cut_log(connection)

    def _cut_log(self, connection: sqlite3.Connection) -> None:
        """Empty a log that a large write has made long; not while others read from it, for whom nobody waits."""
        with suppress(OSError, *_FAULTS):
            if self.path is not None and os.path.getsize(f"{self.path}-wal") > 2 * _LOG_BYTES:
                connection.execute("PRAGMA busy_timeout = 0")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute(f"PRAGMA busy_timeout = {1000 * _BUSY_SECONDS:.0f}")

    def reader(self) -> sqlite3.Connection:
        """Another connection to the file. It only reads, and what is there now, whoever writes meanwhile. A forked
        child may read, too, as long as its parent keeps the connection open. Lost if the index is in memory."""
        self._open()
        if self.path is None or self.why is not None:
            raise Lost
        place = f"file:{quote(os.fspath(self.path))}?mode=ro"
        try:
            connection = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
            connection.executescript(_READING)
            connection.execute("BEGIN")
            if _is_ours(connection):
                return connection
        except _FAULTS:
            pass
        raise Lost

    def clear(self) -> None:
        """Delete all content and return the space to the disk. Unwritable."""
        self._open()
        if self._presence is not None and self.path is not None and self._presence.alone():
            self._disconnect()
            remove_files(self.path)
            self.close()
            return
        with suppress(Lost):
            with self.writing() as connection:
                _empty(connection)
            with suppress(*_FAULTS):  # another reader may be in the way of that
                self._open().execute("VACUUM")
                self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def size(self) -> int:
        """Size of the database in bytes, without free pages. Lost."""
        with self.reading() as connection:
            used = _number(connection, "page_count") - _number(connection, "freelist_count")
            return used * _number(connection, "page_size")

    def is_sound(self) -> bool:
        """Whether SQLite finds its file whole; otherwise it is dropped."""
        with suppress(Lost), self.reading() as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchall() == [("ok",)]:
                return True
            raise Damaged
        return False

    def write_time_ns(self) -> int:
        """When the file was last written, in nanoseconds by the clock of its disk."""
        times = [0]
        for suffix in ("", "-wal"):
            with suppress(OSError):
                assert self.path is not None
                times.append(self.path.with_name(self.path.name + suffix).stat().st_mtime_ns)
        return max(times)

    def close(self) -> None:
        """Release the file; the index opens it again when it is next used."""
        self._disconnect()
        if self._presence is not None:
            self._presence.close()
            self._presence = None

    def __del__(self) -> None:
        # In this order: SQLite removes files by name when it closes the last connection.
        if self._owner == os.getpid():
            self.close()

    def _disconnect(self) -> None:
        if self._connection is not None:
            with suppress(*_FAULTS):
                self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        if connection.in_transaction:  # what is inside of another one is part of it
            yield connection
            return
        try:
            connection.execute(f"BEGIN {mode}")
            if self.why is None and not _is_ours(connection):
                raise _Foreign
            yield connection
            connection.execute("COMMIT")
        except BaseException as fault:
            with suppress(*_FAULTS):  # a damaged database may be closed by now, a full disk may have rolled back
                connection.execute("ROLLBACK")
            if isinstance(fault, _BUGS):
                raise
            if isinstance(fault, _Foreign):
                self._use_memory(FOREIGN)
                raise Lost from None
            if isinstance(fault, Damaged) or (isinstance(fault, _FAULTS) and _tells_damage(fault)):
                self._drop()
                raise Lost from None
            if isinstance(fault, _FAULTS):
                if _tells_full(fault) and not self._give_back():
                    raise Lost from None
                if mode == "IMMEDIATE":
                    raise Unwritable from None
                self._use_memory(UNUSABLE)
                raise Lost from None
            raise

    def _open(self) -> sqlite3.Connection:
        if self._owner != os.getpid():
            # Neither used nor closed here: to close it could write what its owner has not.
            self._parents, self._connection, self._presence = self._connection, None, None
            self._owner = os.getpid()
            self._use_memory(FORKED)
        if self._connection is None and self.path is None:
            self._use_memory(self._why_no_path)
        if self._connection is None:
            self._open_file()
        assert self._connection is not None
        return self._connection

    def _open_file(self) -> None:
        assert self.path is not None
        try:
            make_folder(self.path.parent)
            if mark(self.path.parent) is None:
                return self._use_memory(no_key())
            self._presence = _Presence(self.path.with_suffix(".lock"))
            # A new file is laid out alone: who comes meanwhile would take it for a damaged one.
            if os.path.lexists(self.path) or not self._presence.alone():
                self._presence.share()
            self._presence.refuse_to_lock_nothing()
            refuse_odd_files(self.path)
            self._connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            _prepare(self._connection, self.path)
            self._presence.share()
        except Damaged:
            self._drop()
        except PermissionError as fault:
            self._use_memory(STRANGE if fault.filename == self.path else UNUSABLE)
        except OSError:
            self._use_memory(UNUSABLE)
        except _FAULTS as fault:
            if _tells_damage(fault):
                self._drop()
            elif not _tells_full(fault) or self._give_back():
                self._use_memory(UNUSABLE)

    def _give_back(self) -> bool:
        """Return to a full disk what a failed write took of it: the log, or, if that cannot be emptied without room,
        the whole file, for what people write comes first. Whether the file is still there."""
        if self.path is None or self._connection is None or self._presence is None:
            return True
        with suppress(*_FAULTS):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return True
        if not self._presence.alone():
            return True
        self._disconnect()
        with suppress(OSError):
            remove_files(self.path)
        self._use_memory(UNUSABLE)
        return False

    def _drop(self) -> None:
        """Delete the file if no other process has it open, and start a new one; the second time, work in memory."""
        self._disconnect()
        self._drops += 1
        if self.path is None or self._presence is None or self._drops > 1 or not self._presence.alone():
            return self._use_memory(DAMAGED)
        try:
            remove_files(self.path)
        except OSError:
            return self._use_memory(DAMAGED)
        self._presence.close()
        return self._open_file()

    def _use_memory(self, why: Text) -> None:
        self.close()
        self.why = why
        self._connection = sqlite3.connect(_MEMORY, isolation_level=None)
        _prepare(self._connection, None)


class _Foreign(Exception):
    """Another build has taken over the file."""


class _Presence:
    """A lock that marks the file as open in this process. SQLite breaks when a database is unlinked while another
    process has it open; the sole holder of the lock may unlink it. The lock is a file of its own, created if absent and
    never removed.

    OSError where it cannot be taken.
    """

    # Who holds the lock alone makes or removes a file meanwhile: a matter of milliseconds.
    _TRIES = 50
    _PAUSE_SECONDS = 0.005

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = open_to_lock(path)

    def refuse_to_lock_nothing(self) -> None:
        """OSError if this lock keeps nobody out, as on some shares."""
        if not excludes(self._path):
            raise OSError

    def alone(self) -> bool:
        """Take the lock exclusively, if no other process holds it."""
        return self._take()

    def share(self) -> None:
        """Take the lock together with others; wait a moment for an exclusive holder."""
        for _ in range(self._TRIES):
            if self._take(shared=True):
                return
            time.sleep(self._PAUSE_SECONDS)
        raise BlockingIOError

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _take(self, *, shared: bool = False) -> bool:
        return self._file is not None and try_lock(self._file, shared=shared)


def file_name(root: str) -> str:
    """The file name of the index for the registry at this path: one repository may hold several registries."""
    return f"index-{sha1(root.encode('utf-8', 'surrogateescape'), usedforsecurity=False).hexdigest()[:16]}.sqlite"


def index_files(folder: Path) -> list[Path]:
    """The indexes of all registries that are stored in `folder`."""
    return sorted(folder.glob("index-*.sqlite"))


def remove_files(path: Path) -> None:
    """Remove a database and its companion files of SQLite."""
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def read_about(connection: sqlite3.Connection, name: str) -> Any:
    """The value stored under a name; None if there is none."""
    row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def write_about(connection: sqlite3.Connection, name: str, value: Any) -> None:
    connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))


def parse(text: Any) -> list[Any]:
    """The values of a stored list, which is JSON. Damaged if it is none."""
    with suppress(TypeError, ValueError):
        values = json.loads(text)
        if isinstance(values, list):
            return values
    raise Damaged


def refuse_odd_files(path: Path) -> None:
    """Damaged if the database or a companion file is anything but a regular file with this name alone; also for a
    rollback journal, which no log needs, and which could make SQLite remove any file. PermissionError, with the path,
    for a file of another user; NotRegular if the folder is a link."""
    if not stat.S_ISDIR(os.lstat(path.parent).st_mode):
        raise NotRegular(errno.ENOTDIR, "not a folder", path.parent)
    for suffix in _SUFFIXES:
        try:
            about = os.lstat(f"{path}{suffix}")
        except FileNotFoundError:
            continue
        if about.st_uid != os.geteuid():
            raise PermissionError(0, "of another user", path)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1 or suffix == "-journal":
            raise Damaged


def refuse_other_origin(connection: sqlite3.Connection, path: Path) -> None:
    """Damaged unless the tables are those of the layout, of kinds and of words, and nothing else is there, and the file
    bears the mark of the user's key for its folder and itself. Whatever the file holds, this ends soon: no view,
    trigger or virtual table is asked, and a schema in which pages are shared to seem endless breaks off."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.set_progress_handler(lambda: 1, _STEPS_TO_VERIFY)
    try:
        texts = [text for (text,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
        layout = statements()
        fixed = [text for text in texts if text in layout or not re.fullmatch(f"{KIND_TABLE}|{WORDS_TABLE}", text)]
        if sorted(fixed) != sorted(layout):
            raise Damaged
        origin = connection.execute("SELECT value FROM about WHERE name = 'origin'").fetchone()
    finally:
        connection.set_progress_handler(None, 0)
    if origin is None or not is_marked(origin[0], path.parent, *_identity(path)):
        raise Damaged


def _identity(path: Path) -> tuple[bytes, ...]:
    return b"index", os.fsencode(path.name), b"%d" % os.stat(path).st_ino


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    """Lay out a new file, empty one of another build, configure the connection. Damaged if of another format or
    origin."""
    if path is not None and os.path.getsize(path):
        refuse_other_origin(connection, path)
        if _number(connection, "user_version") != FORMAT:
            raise Damaged
    else:
        connection.executescript(f"{_NEW_FILE} BEGIN IMMEDIATE; {LAYOUT} PRAGMA user_version = {FORMAT};")
        origin = None if path is None else mark(path.parent, *_identity(path))
        write_about(connection, "origin", origin)
        connection.execute("COMMIT")
    connection.executescript(_SETTINGS)
    if not _is_ours(connection):
        connection.execute("BEGIN IMMEDIATE")
        if not _is_ours(connection):
            _empty(connection)
        connection.execute("COMMIT")


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Whether this build wrote the content."""
    return bool(read_about(connection, "build") == build_fingerprint())


def _empty(connection: sqlite3.Connection) -> None:
    """Delete all rows and claim the file for this build."""
    drop_kind_tables(connection)
    connection.execute("DROP TABLE IF EXISTS words")  # with its own tables, from which nobody else may delete
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        connection.execute(f'DELETE FROM "{name}"' + " WHERE name <> 'origin'" * (name == "about"))
    write_about(connection, "build", build_fingerprint())


def drop_kind_tables(connection: sqlite3.Connection) -> None:
    """Drop the tables of kinds."""
    for name, text in connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall():
        if re.fullmatch(KIND_TABLE, text):
            connection.execute(f"DROP TABLE {name}")
    for statement in ("DELETE FROM odd", "DELETE FROM unread", "UPDATE file SET tabled = NULL"):
        connection.execute(statement)


def _tells_damage(fault: BaseException) -> bool:
    """Whether SQLite failed because of the content of the file."""
    # The low byte is the kind; the rest tells more of it.
    return getattr(fault, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _SURROUNDINGS


def _tells_full(fault: BaseException) -> bool:
    return getattr(fault, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
