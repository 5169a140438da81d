"""The files of the working tree, as the index describes them, and what is looked up in them.

What is derived from a file (links and values, findings, rows of tables, words) says of which state of the file it is:
where that differs, it is out of date. Only upper rooms know how it is derived.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from sqlite3 import Connection
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import uuid4

from smartreg.index.database import Index, Lost, Unwritable, read_about, write_about

T = TypeVar("T")
Derived: TypeAlias = Literal["linked", "checked", "tabled", "worded"]
"""Sorts of what is derived from a file: links and values, findings, rows of tables, words."""
Term: TypeAlias = tuple[str, str]
"""A look-up of files: a field and its value; the field `LINK` and an id that the file names."""
Stamp: TypeAlias = tuple[int, int, int]
"""Two times (nanoseconds) and the inode of a folder."""

LINK = ""
UNKNOWN = "?"
"""The state of a file whose content is not known."""
RECORD_ENDS = (".yaml", ".yml")

PATH = "CASE folder WHEN '' THEN name ELSE folder || '/' || name END"
_BELOW = "(folder = ?1 OR folder > ?1 || '/' AND folder < ?1 || '0')"
_AT_ONCE = 20_000  # files whose links and values are sorted before they are stored
_TEXTS_AT_ONCE = 5_000
_ATTEMPTS = 3


class StaleFile(NamedTuple):
    """A file with its present state, None if it is gone, and the one of which something was derived, None for none."""

    path: str
    state: str | None
    derived: str | None


class StaleText(NamedTuple):
    """A file of which something is to be derived again, by its number: with its present state, None if it is gone, and
    what its text says if the index has that: JSON, as it was stored for the blob."""

    no: int
    path: str
    state: str | None
    text: bytes | None


class Refresh(NamedTuple):
    """The change of a working tree: new states of files (None: gone); and, as they are now, the stamps of all
    folders and what differs from HEAD with the blob there (None: as before), and the writer's note."""

    states: Mapping[str, str | None]
    folders: Mapping[str, Stamp | None] | None
    dirty: Mapping[str, str | None] | None
    note: str


class IndexedState:
    """The files of a state. If another process describes another state meanwhile, or the file of the index is lost,
    `relist` lists all files with their states anew, and they are looked up in memory."""

    def __init__(self, index: Index, serial: str, note: str, relist: Callable[[], Mapping[str, str]]) -> None:
        self.index = index
        self.serial = serial
        self.note = note
        self._relist = relist

    def __len__(self) -> int:
        return int(self._ask("SELECT count(*) FROM file WHERE state IS NOT NULL")[0][0])

    def states(self, paths: Iterable[str]) -> dict[str, str]:
        """The states of those of these files that are there."""
        wanted = json.dumps([split(path) for path in paths])
        query = (
            f"SELECT {PATH}, state FROM json_each(?) AS each JOIN file ON folder = each.value ->> 0 AND "
            "name = each.value ->> 1 WHERE state IS NOT NULL"
        )
        return dict(self._ask(query, wanted))

    def paths_with(self, ids: Iterable[str]) -> dict[str, list[str]]:
        """The files that have the name of a record with each of these ids, sorted."""
        paths: dict[str, list[str]] = {id: [] for id in ids}
        query = (
            f"SELECT file.id, {PATH} AS place FROM json_each(?) AS each JOIN file ON file.id = each.value "
            "WHERE state IS NOT NULL ORDER BY place"
        )
        for id, path in self._ask(query, json.dumps([*paths])):
            paths[id].append(path)
        return paths

    def rows(self) -> list[tuple[str, str]]:
        """All files with their states, sorted by path."""
        return sorted(self._ask(f"SELECT {PATH}, state FROM file WHERE state IS NOT NULL"))

    def below(self, folder: str) -> list[str]:
        """The paths in a folder and its subfolders, sorted."""
        return sorted(
            path for (path,) in self._ask(f"SELECT {PATH} FROM file WHERE state IS NOT NULL AND {_BELOW}", folder)
        )

    def inside(self, folder: str) -> set[str]:
        """The names of the files directly in a folder."""
        return {name for (name,) in self._ask("SELECT name FROM file WHERE folder = ? AND state IS NOT NULL", folder)}

    def others(self) -> list[str]:
        """The paths of the files that have not the name of a record, sorted."""
        return sorted(path for (path,) in self._ask(f"SELECT {PATH} FROM file WHERE id IS NULL AND state IS NOT NULL"))

    def counts(self) -> dict[str, int]:
        """The number of files with the name of a record directly in each folder."""
        query = "SELECT folder, count(*) FROM file WHERE id IS NOT NULL AND state IS NOT NULL GROUP BY folder"
        return dict(self._ask(query))

    def folders(self) -> dict[str, Stamp | None]:
        """The stamp of each folder when its names were read; None if it may have changed unnoticed since."""
        rows = self._ask("SELECT path, ctime, mtime, inode FROM folder")
        return {path: None if inode is None else (ctime, mtime, int(inode)) for path, ctime, mtime, inode in rows}

    def dirty(self) -> dict[str, str | None]:
        """The files that differ from HEAD, with its blob; None if it has none."""
        return dict(self._ask("SELECT path, head FROM dirty"))

    def update(self, refresh: Refresh) -> bool:
        """Describe another state; False if that failed, or if another process was here meanwhile."""
        serial = uuid4().hex if refresh.states else self.serial

        def write(connection: Connection) -> None:
            _put_states(connection, refresh.states.items())
            if refresh.folders is not None:
                connection.execute("DELETE FROM folder")
                connection.executemany("INSERT INTO folder VALUES (?, ?, ?, ?)", _folder_rows(refresh.folders))
            if refresh.dirty is not None:
                connection.execute("DELETE FROM dirty")
                connection.executemany("INSERT INTO dirty VALUES (?, ?)", refresh.dirty.items())
            _forget_gone(connection)
            write_about(connection, "state", refresh.note)
            write_about(connection, "serial", serial)

        if not self._write(write):
            return False
        self.serial, self.note = serial, refresh.note
        return True

    # -- what is derived from files --------------------------------------------------------------------------

    def stale(self, what: Derived) -> list[StaleFile]:
        """The files of which something else, or nothing, was derived."""
        query = f"SELECT {PATH}, state, {what} FROM file WHERE {what} IS NOT state"
        return [StaleFile(*row) for row in self._ask(query)]

    def stale_below(self, what: Derived, folder: str) -> list[StaleFile]:
        """The same, in a folder and its subfolders."""
        query = f"SELECT {PATH}, state, {what} FROM file WHERE {what} IS NOT state AND {_BELOW}"
        return [StaleFile(*row) for row in self._ask(query, folder)]

    def all_stale(self) -> list[StaleFile]:
        """All files, as if nothing were derived from them."""
        return [StaleFile(path, state, None) for path, state in self.rows()]

    def stale_texts(self, what: Derived) -> Iterator[StaleText]:
        """The files of which something else, or nothing, was derived, by their numbers."""
        blob = "substr(state, 1, instr(state || ':', ':') - 1)"
        query = (  # as bytes: the text of a damaged value may be none
            f"SELECT no, {PATH}, state, (SELECT CAST(value AS BLOB) FROM text WHERE text.name = {blob}) FROM file "
            f"WHERE {what} IS NOT state AND no > ? ORDER BY no LIMIT {_TEXTS_AT_ONCE}"
        )
        last = -1
        while rows := self._ask(query, last):
            yield from map(StaleText._make, rows)
            last = rows[-1][0]

    def about(self, name: str) -> Any:
        """The value stored about the whole state under a name; None for nothing."""
        rows = self._ask("SELECT value FROM about WHERE name = ?", name)
        return rows[0][0] if rows else None

    def settle(
        self,
        what: Derived,
        unsettled: Iterable[str],
        write: Callable[[Connection], None],
        files: Collection[str] | None = None,
    ) -> bool:
        """Store, as `write` does, what was derived from these files (None: all) as they are now, except for those that
        are `unsettled`: they changed meanwhile. False if that failed, or if another process was here meanwhile."""

        def settle(connection: Connection) -> None:
            write(connection)
            # Of a file whose content is not known, something was derived, too: its end has to be noticed.
            update = f"UPDATE file SET {what} = CASE state WHEN '{UNKNOWN}' THEN '' ELSE state END"
            if files is None:
                connection.execute(f"{update} WHERE {what} IS NOT state")
            else:
                connection.executemany(f"{update} WHERE (folder, name) = (?, ?)", map(split, files))
            rows = map(split, unsettled)
            connection.executemany(f"UPDATE file SET {what} = NULL WHERE (folder, name) = (?, ?)", rows)
            _forget_gone(connection)

        return self._write(settle)

    def find(self, frame: str, terms: Iterable[Term], most: int | None = None) -> dict[Term, list[str]] | None:
        """The files that carry each term, `most` of them at most; None if terms are not derived by this frame."""

        def find(connection: Connection) -> dict[Term, list[str]] | None:
            if read_about(connection, "frame") != frame:
                return None
            limit = -1 if most is None else most
            return {term: [path for (path,) in _find_term(connection, term, limit)] for term in terms}

        return self._read(find)

    def terms(self) -> dict[str, list[Term]]:
        """All terms by file."""
        query = (
            f"SELECT {PATH}, field, value FROM (SELECT '{LINK}' AS field, target AS value, file AS carrier FROM link "
            "UNION ALL SELECT * FROM value) JOIN file ON no = carrier"
        )
        terms: dict[str, list[Term]] = {}
        for path, field, value in self._ask(query):
            terms.setdefault(path, []).append((field, value))
        return terms

    def store_terms(
        self, frame: str, states: Mapping[str, str | None], terms_of: Callable[[str], Iterable[Term]]
    ) -> bool:
        """Store the terms of these files in these states, as `terms_of` gives them for a file that is there; False if
        that failed. With another frame than before, the terms of all other files are forgotten."""

        def write(connection: Connection) -> None:
            if read_about(connection, "frame") != frame:
                for statement in ("DELETE FROM link", "DELETE FROM value", "UPDATE file SET linked = NULL"):
                    connection.execute(statement)
                write_about(connection, "frame", frame)
            else:
                _delete_terms(connection, states)
            waiting = iter(states.items())
            while some := list(islice(waiting, _AT_ONCE)):
                _insert_terms(connection, some, terms_of)
            rows = ((state, *split(path)) for path, state in states.items())
            connection.executemany("UPDATE file SET linked = ? WHERE (folder, name) = (?, ?)", rows)
            _forget_gone(connection)

        return self._write(write)

    def reader(self) -> Connection | None:
        """A connection that reads this state, as long as it is open; None if the index has it no more, or is in
        memory."""
        with suppress(Lost):
            connection = self.index.reader()
            if read_about(connection, "serial") == self.serial:
                return connection
            connection.close()
        return None

    # -- asking ----------------------------------------------------------------------------------------------

    def _ask(self, query: str, *values: Any) -> list[Any]:
        return self._read(lambda connection: connection.execute(query, values).fetchall())

    def _read(self, read: Callable[[Connection], T]) -> T:
        for _ in range(_ATTEMPTS):
            with suppress(Lost), self.index.reading() as connection:
                if read_about(connection, "serial") == self.serial:
                    return read(connection)
            self._use_memory()
        raise AssertionError("a state in memory is gone")

    def _write(self, write: Callable[[Connection], None]) -> bool:
        with suppress(Lost, Unwritable), self.index.writing() as connection:
            if read_about(connection, "serial") == self.serial:
                write(connection)
                return True
        return False

    def _use_memory(self) -> None:
        self.index = Index(None)
        with self.index.writing() as connection:
            _put_states(connection, self._relist().items())
            write_about(connection, "serial", self.serial)


def describes_state(index: Index) -> bool:
    """Whether the index describes a state at all; true also where none can be kept."""
    if index.in_memory:
        return True
    with suppress(Lost), index.reading() as connection:
        return read_about(connection, "serial") is not None
    return False


def load_state(index: Index, relist: Callable[[], Mapping[str, str]] = dict) -> IndexedState | None:
    """The state that the index describes; None if it describes none, or is in memory."""
    if index.in_memory:
        return None
    with suppress(Lost), index.reading() as connection:
        serial, note = (read_about(connection, name) for name in ("serial", "state"))
        return None if serial is None or note is None else IndexedState(index, serial, note, relist)
    return None


def store_state(index: Index, states: Mapping[str, str], note: str) -> bool:
    """Describe a new state, of which nothing is derived: all files with their states. False if it cannot be stored."""
    if index.in_memory:
        return False
    with suppress(Lost, Unwritable), index.writing() as connection:
        for table in ("file", "folder", "dirty", "link", "value", "finding"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DROP TABLE IF EXISTS words")
        connection.execute("DELETE FROM about WHERE name IN ('frame', 'checked', 'tabled', 'worded')")
        _put_states(connection, states.items())
        write_about(connection, "state", note)
        write_about(connection, "serial", uuid4().hex)
        return True
    return False


def id_of(name: str) -> str | None:
    """The id of a record in a file of this name, without its folder; None if it cannot be a record."""
    return name.rpartition(".")[0] if name.endswith(RECORD_ENDS) else None


def _put_states(connection: Connection, states: Iterable[tuple[str, str | None]]) -> None:
    rows = ((folder, name, id_of(name), state) for path, state in states for folder, name in (split(path),))
    connection.executemany(
        "INSERT INTO file (folder, name, id, state) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (folder, name) DO UPDATE SET state = excluded.state",
        rows,
    )


def _forget_gone(connection: Connection) -> None:
    """Delete the rows of files that are gone, once nothing is derived from them any more."""
    connection.execute("DELETE FROM file WHERE state IS NULL AND coalesce(linked, checked, tabled, worded) IS NULL")


def _folder_rows(folders: Mapping[str, Stamp | None]) -> Iterator[tuple[Any, ...]]:
    for path, stamp in folders.items():
        yield (path, stamp[0], stamp[1], str(stamp[2])) if stamp is not None else (path, None, None, None)


def _find_term(connection: Connection, term: Term, limit: int) -> Iterable[tuple[str]]:
    """The paths of the files that carry a term."""
    carriers = "link WHERE target = ?2" if term[0] == LINK else "value WHERE (field, value) = (?1, ?2)"
    query = f"SELECT {PATH} FROM file JOIN (SELECT file AS carrier FROM {carriers}) ON no = carrier"
    return connection.execute(f"{query} WHERE state IS NOT NULL LIMIT ?3", (*term, limit))


def _delete_terms(connection: Connection, paths: Iterable[str]) -> None:
    keys = [split(path) for path in paths]
    for table in ("link", "value"):
        query = f"DELETE FROM {table} WHERE file = (SELECT no FROM file WHERE (folder, name) = (?, ?))"
        connection.executemany(query, keys)


def _insert_terms(
    connection: Connection, states: Sequence[tuple[str, str | None]], terms_of: Callable[[str], Iterable[Term]]
) -> None:
    links: list[tuple[str, int]] = []
    values: list[tuple[str, str, int]] = []
    query = (
        f"SELECT {PATH}, no FROM json_each(?) AS each JOIN file ON folder = each.value ->> 0 AND "
        "name = each.value ->> 1"
    )
    paths = json.dumps([split(path) for path, state in states if state is not None])
    for path, no in connection.execute(query, (paths,)).fetchall():
        for field, value in terms_of(path):
            if field == LINK:
                links.append((value, no))
            else:
                values.append((field, value, no))
    # In the order of their keys, each page is written once.
    connection.executemany("INSERT OR IGNORE INTO link VALUES (?, ?)", sorted(links))
    connection.executemany("INSERT OR IGNORE INTO value VALUES (?, ?, ?)", sorted(values))


def split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name
