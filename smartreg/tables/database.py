"""The tables of a registry in SQLite, filled kind by kind on demand: in memory, or in the index.

Each record has a number, its rows have that number. A file is one record; if several files claim one id, the first
counts. Values that do not fit their column, or are no text for SQLite, are stored as JSON in bytes; `odd` names
their columns. `unread` names the files of records that cannot be read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from typing import Any, Protocol, TypeAlias

from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.codes import commune, commune_of
from smartreg.registry import Locator
from smartreg.schema import ABROAD, Kind
from smartreg.tables.layout import LENT, REGISTRY, WIDTH, Layout, Selected, Shape, StoredColumn
from smartreg.tables.records import lent_from_abroad
from smartreg.tables.table import CellType, Row, registry_of

_AT_ONCE = 5_000  # records
_LARGEST = 2**63
_EXACT = 2**53  # from here on, not every integer is a number of SQLite
_SQL_TYPES: Mapping[CellType, str] = {"string": "TEXT", "date": "TEXT", "integer": "INTEGER", "boolean": "INTEGER"}
# Numbers have no type: an integer stays one.


def lay_out(base: sqlite3.Connection, layout: Layout) -> None:
    """Create the tables of all kinds, without rows."""
    for kind in layout.kinds:
        for shape in layout.of_kind(kind):
            for number, part in enumerate(shape.parts):
                columns = (f"{column.name} {_SQL_TYPES.get(column.type, '')}".rstrip() for column in part)
                names = ", ".join((*_head(shape, number), *columns))
                if shape.table.main:
                    base.execute(f"CREATE TABLE {part[0].table} ({names})")
                else:
                    base.execute(f"CREATE TABLE {part[0].table} ({names}, PRIMARY KEY (no, n)) WITHOUT ROWID")
            if shape.table.main:
                base.execute(f"CREATE UNIQUE INDEX {shape.name}_by_id ON {shape.name} (c0, file)")


def insert(base: sqlite3.Connection, layout: Layout, kind: str, records: Iterable[tuple[str, Record | None]]) -> None:
    """Store the rows of the records of a kind, with their files; None for a record that cannot be read."""
    waiting = iter(records)
    (last,) = base.execute(f"SELECT coalesce(max(no), 0) FROM {layout.of_kind(kind)[0].name}").fetchone()
    while some := list(islice(waiting, _AT_ONCE)):
        unread = ((encode_path(file),) for file, record in some if record is None)
        base.executemany("INSERT OR IGNORE INTO unread VALUES (?)", unread)
        numbered = list(enumerate((record for _, record in some if record is not None), last + 1))
        for shape in layout.of_kind(kind):
            _insert(base, shape, numbered)
        last += len(numbered)


def remove(base: sqlite3.Connection, layout: Layout, kind: str, id: str, file: str) -> None:
    """Remove the rows of a record."""
    query = f"SELECT no FROM {layout.of_kind(kind)[0].name} WHERE (c0, file) = (?, ?)"
    for (no,) in base.execute(query, (encode("string", id), encode_path(file))).fetchall():
        for table in (part[0].table for shape in layout.of_kind(kind) for part in shape.parts):
            base.execute(f"DELETE FROM {table} WHERE no = ?", (no,))
            base.execute("DELETE FROM odd WHERE owner = ? AND no = ?", (table, no))
    base.execute("DELETE FROM unread WHERE file = ?", (encode_path(file),))


def encode_path(path: str) -> bytes:
    """Encode a path: it may hold what is no text for SQLite. The bytes sort as the characters do."""
    return path.encode("utf-8", "surrogatepass")


def decode_path(path: bytes) -> str:
    return path.decode("utf-8", "surrogatepass")


def encode(kind: CellType, value: Json) -> Json | bytes:
    """A value as stored in a column of this type."""
    if value is None:
        return None
    if kind == "string" or kind == "date":
        if isinstance(value, str) and (value.isascii() or _is_utf8(value)):
            return value
    elif kind == "boolean":
        if isinstance(value, bool):
            return int(value)
    elif type(value) is int:
        if abs(value) < (_LARGEST if kind == "integer" else _EXACT):
            return value
    elif type(value) is float and kind == "number":
        return value
    return json.dumps(value).encode()


def decode(kind: CellType, value: Json | bytes) -> Json:
    """Reverse `encode`."""
    if isinstance(value, bytes):
        decoded: Json = json.loads(value)
        return decoded
    return bool(value) if kind == "boolean" and value is not None else value


def _insert(base: sqlite3.Connection, shape: Shape, records: Sequence[tuple[int, Record]]) -> None:
    columns, kind, main = list(shape.columns), shape.table.kind, shape.table.main
    types = [column.type for column in columns]
    rows: list[tuple[Json | bytes, ...]] = []
    odd: list[tuple[str, str, int]] = []
    for no, record in records:
        for n, cells in enumerate(shape.cells_of(record)):
            stored = cells if main else cells[1:]
            row = [encode(each, cell) for each, cell in zip(types, stored, strict=True)]
            if bytes in map(type, row):
                some = [column for column, cell in zip(columns, row, strict=True) if isinstance(cell, bytes)]
                odd += [(column.table, column.name, no) for column in some]
            rows.append((no, *((encode_path(record.file), *place_of(kind, record)) if main else (n,)), *row))
    base.executemany("INSERT INTO odd VALUES (?, ?, ?)", odd)
    start = width = len(_head(shape, 0))
    for number, part in enumerate(shape.parts):
        head, end = len(_head(shape, number)), start + len(part)
        marks = ", ".join("?" * (head + len(part)))
        cut: Iterable[Row] = rows if len(shape.parts) == 1 else ((*row[:width][:head], *row[start:end]) for row in rows)
        base.executemany(f"INSERT INTO {part[0].table} VALUES ({marks})", cut)
        start = end


def place_of(kind: Kind, record: Record) -> tuple[float | None, float | None, str | None]:
    """Longitude and latitude of a record itself; or, as JSON, what it may be attached to, of which the first with a
    point counts: ids, and a point of its own after them."""
    hosts: list[Json] = []
    for name in kind.position:
        value = record.data.get(name)
        if isinstance(value, Mapping):
            lon, lat = value.get("lon"), value.get("lat")
            if _is_number(lon) and _is_number(lat):
                if not hosts:
                    return float(lon), float(lat), None  # type: ignore[arg-type]
                hosts.append([float(lon), float(lat)])  # type: ignore[arg-type]
                break
        elif isinstance(value, str) and (field := kind.by_path.get((name,))):
            hosts.append([value, *field.refs])
    return None, None, json.dumps(hosts) if hosts else None


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _head(shape: Shape, part: int) -> tuple[str, ...]:
    """The columns of a part that precede those of the layout."""
    if not shape.table.main:
        return ("no INTEGER", "n INTEGER")
    own = ("file BLOB", "lon REAL", "lat REAL", "hosts TEXT") if part == 0 else ()
    return ("no INTEGER PRIMARY KEY", *own)


Fill: TypeAlias = Callable[[str], Iterable[tuple[str, Record | None]]]
"""The files of a kind, and their records, None for one that cannot be read."""
OptionalPoint: TypeAlias = tuple[float | None, float | None]
Get: TypeAlias = Callable[[RecordId], Record | None]
"""A look-up of a record here or in another registry."""


def _nothing(_rid: RecordId) -> None:
    return None


class StoredTables(Protocol):
    """Tables that are stored in a file."""

    def connect(self, kinds: Collection[str]) -> sqlite3.Connection | None:
        """A connection that reads the tables of these kinds as they are now, once they are filled; None if that is
        impossible."""


class Tables:
    """The tables of all kinds of a layout, in memory, or as they are `stored`. Those of a kind are filled from `fill`
    on demand. `get`: gives the records of other registries, which are in no table."""

    def __init__(self, layout: Layout, fill: Fill, stored: StoredTables | None = None, get: Get = _nothing) -> None:
        self.layout = layout
        self._get = get
        self._fill, self._stored = fill, stored
        self._filled: set[str] = set()
        self.base = self._connect()

    def need(self, kinds: Iterable[str]) -> None:
        """Fill the tables of these kinds, and of the kinds that they take columns from. `base` may be another one
        afterwards."""
        missing = {other for kind in kinds for other in self.layout.lenders(kind)} - self._filled
        if missing and self._stored is not None:
            self._filled |= missing
            self.base.close()
            self.base = self._connect()
        elif missing:
            self._insert(missing)

    def use_memory(self) -> bool:
        """Fill the same tables in memory, because those that are stored are damaged; False if they are in memory."""
        if self._stored is None:
            return False
        self._stored = None
        self.base.close()
        self.base = self._connect()
        return True

    def _connect(self) -> sqlite3.Connection:
        base = self._stored.connect(self._filled) if self._stored is not None else None
        if base is None:
            self._stored = None
            base = sqlite3.connect(":memory:", isolation_level=None)
            base.execute("CREATE TABLE odd (owner TEXT, name TEXT, no INTEGER)")
            base.execute("CREATE TABLE unread (file BLOB PRIMARY KEY) WITHOUT ROWID")
            lay_out(base, self.layout)
        base.execute("PRAGMA temp_store = MEMORY")
        # SQLite holds these functions, and frees nothing that leads back to the database: they have no hold on it.
        places, lent, get = _Places(self.layout, self._get), self.layout.lent, self._get
        self._places = places
        base.create_function("lon_of_host", 1, lambda hosts: places.point(hosts)[0], deterministic=True)
        base.create_function("lat_of_host", 1, lambda hosts: places.point(hosts)[1], deterministic=True)
        base.create_function("commune_name", 1, cache(_commune_name), deterministic=True)
        sources = self.layout.schemas.sources
        if sources:
            base.create_function(REGISTRY, 1, lambda reference: registry_of(reference, sources), deterministic=True)
            base.create_function(
                LENT, 2, lambda no, id: lent_from_abroad(lent[no].kinds, lent[no].cell, id, get), deterministic=True
            )
        if self._stored is None:
            self.base, filled, self._filled = base, self._filled, set()
            self._insert(filled)
        return base

    def _insert(self, kinds: Iterable[str]) -> None:
        for kind in sorted(kinds):
            self._filled.add(kind)
            self.base.execute("BEGIN")
            insert(self.base, self.layout, kind, self._fill(kind))
            self.base.execute("COMMIT")

    def load_places(self, kind: str) -> None:
        """Load the points of what the records of a kind, whose table is filled, may be attached to."""
        self._places.load(self.base, kind)

    def unreadable(self, kinds: Iterable[str]) -> list[str]:
        """The files of these kinds that cannot be read."""
        names = [*kinds]
        self.need(names)
        files = [decode_path(file) for (file,) in self.base.execute("SELECT file FROM unread")]
        kind_of = Locator(self.layout.schemas).kind_in
        return sorted(file for file in files if kind_of(file.rpartition("/")[0]) in names)

    def rows(self, shape: Shape, files: Iterable[str] | None = None) -> Iterator[Row]:
        """The rows of a table, of all records or of those in these files, sorted by id and file."""
        chosen, done = None if files is None else list(files), 0
        try:
            for row in self._rows(shape, chosen):
                yield row
                done += 1
        except sqlite3.DatabaseError:
            if not self.use_memory():
                raise
            yield from islice(self._rows(shape, chosen), done, None)

    def _rows(self, shape: Shape, files: Sequence[str] | None) -> Iterator[Row]:
        self.need((shape.table.kind.name,))
        if shape.places:
            self.load_places(shape.table.kind.name)
        where = "" if files is None else f" WHERE m.file IN temp.{self._selection(files)}"
        order = "m.c0, m.file" if shape.table.main else "m.c0, m.file, k.n"
        texts = [each.sql for each in shape.selected]
        cursors = [
            self.base.execute(f"SELECT {', '.join(some)} FROM {shape.source}{where} ORDER BY {order}")
            for some in (texts[start : start + WIDTH] for start in range(0, len(texts), WIDTH))
        ]
        rows: Iterator[Row] = cursors[0] if len(cursors) == 1 else _side_by_side(cursors)
        odd = self.odd()
        readers = [(place, read) for place, each in enumerate(shape.selected) if (read := _reader(each, odd))]
        return _decode_rows(rows, readers) if readers else rows

    def values(self, kind: str, columns: Sequence[StoredColumn]) -> Iterator[tuple[str, Row]]:
        """File and stored values of each record of a kind, sorted by id and file."""
        self.need((kind,))
        texts = ", ".join(("m.file", *(f"{column.alias}.{column.name}" for column in columns)))
        source = self.layout.of_kind(kind)[0].source
        for file, *row in self.base.execute(f"SELECT {texts} FROM {source} ORDER BY m.c0, m.file"):
            values = zip(columns, row, strict=True)
            yield decode_path(file), tuple(decode(column.type, value) for column, value in values)

    def ids_where(
        self, kind: str, conditions: Sequence[tuple[StoredColumn, Callable[[Json], bool]]]
    ) -> list[tuple[Json | bytes, bytes]]:
        """The stored ids and files of the records of a kind whose stored values meet all conditions, sorted by both.
        SQLite asks a condition once for each value."""
        self.need((kind,))
        base, names = self.base, [f"meets{number}" for number in range(len(conditions))]

        def asked(column: StoredColumn, meets: Callable[[Json], bool]) -> Callable[[Json | bytes], bool]:
            return lru_cache(maxsize=None, typed=True)(lambda value: meets(decode(column.type, value)))

        texts = [f"{name}({column.alias}.{column.name})" for name, (column, _) in zip(names, conditions, strict=True)]
        where = " AND ".join(texts) or "true"
        try:
            for name, condition in zip(names, conditions, strict=True):
                base.create_function(name, 1, asked(*condition), deterministic=True)
            source = self.layout.of_kind(kind)[0].source
            return base.execute(f"SELECT m.c0, m.file FROM {source} WHERE {where} ORDER BY m.c0, m.file").fetchall()
        finally:
            for name in names:
                base.create_function(name, 1, None)  # else it would hold on to what the conditions look at

    def count(self, kind: str) -> int:
        """The number of records of a kind."""
        self.need((kind,))
        (number,) = self.base.execute(f"SELECT count(*) FROM main.{self.layout.of_kind(kind)[0].name}").fetchone()
        return int(number)

    def odd(self) -> frozenset[tuple[str, str]]:
        """The stored columns with a value of another type: their tables and names."""
        return frozenset(self.base.execute("SELECT DISTINCT owner, name FROM odd"))

    def _selection(self, files: Iterable[str]) -> str:
        (number,) = self.base.execute("SELECT count(*) FROM temp.sqlite_schema").fetchone()
        self.base.execute(f"CREATE TEMP TABLE chosen{number} (file BLOB PRIMARY KEY) WITHOUT ROWID")
        self.base.executemany(f"INSERT INTO temp.chosen{number} VALUES (?)", ((encode_path(file),) for file in files))
        return f"chosen{number}"


def is_odd(selected: Selected, odd: frozenset[tuple[str, str]]) -> bool:
    """Whether a column may show a value of another type."""
    return any((source.table, source.name) in odd for source in selected.sources)


class _Places:
    """The points of what records are attached to, of the kinds that were loaded."""

    def __init__(self, layout: Layout, get: Get) -> None:
        self._layout = layout
        self._get = get
        self._loaded: dict[str, dict[Json | bytes, tuple[float | None, float | None, str | None]]] = {}
        self._points: dict[str, OptionalPoint] = {}

    def load(self, base: sqlite3.Connection, kind: str) -> None:
        """Load the records that those of a kind may be attached to, by id; if several claim one, the first."""
        for other in self._layout.lenders(kind) - self._loaded.keys():
            main = self._layout.of_kind(other)[0].name
            rows = base.execute(f"SELECT c0, lon, lat, hosts FROM main.{main} ORDER BY c0, file DESC")
            self._loaded[other] = {id: (lon, lat, hosts) for id, lon, lat, hosts in rows}

    def point(self, hosts: str | None) -> OptionalPoint:
        """Longitude and latitude of the first of these hosts that has a point, as `registry.position`."""
        if hosts is None:
            return None, None
        assert self._loaded, "points are looked up before they were loaded"  # else NULL would stand for "there is none"
        if hosts not in self._points:
            self._points[hosts] = self._walk(hosts, frozenset()) or (None, None)
        return self._points[hosts]

    def _walk(self, hosts: str, passed: frozenset[tuple[str, str]]) -> OptionalPoint | None:
        for first, *rest in json.loads(hosts):
            if not isinstance(first, str):
                return first, rest[0]
            id = encode("string", first)
            for kind in rest:
                host = self._loaded.get(kind, {}).get(id) or self._abroad(kind, first)
                if host is not None:
                    break
            else:
                continue
            lon, lat, further = host
            if (kind, first) in passed:
                continue
            if lon is not None:
                return lon, lat
            if further is not None and (point := self._walk(further, passed | {(kind, first)})):
                return point
        return None

    def _abroad(self, kind: str, id: str) -> tuple[float | None, float | None, str | None] | None:
        """The point of a record that no table has, or what that may be attached to."""
        record = self._get(RecordId(kind, id)) if ABROAD in id else None
        return place_of(self._layout.schemas.kinds[kind], record) if record is not None else None


def _commune_name(insee: Any) -> str | None:
    town = commune(commune_of(insee)) if isinstance(insee, str) else None
    return town.name if town else None


def _side_by_side(cursors: Sequence[Iterator[Row]]) -> Iterator[Row]:
    for parts in zip(*cursors, strict=True):
        yield tuple([cell for part in parts for cell in part])


def _reader(selected: Selected, odd: frozenset[tuple[str, str]]) -> Callable[[Json | bytes], Json] | None:
    """A reader for the values of a column; None if they are stored as they are."""
    if any(source.type == "boolean" for source in selected.sources):
        return lambda value: decode("boolean", value)
    return (lambda value: decode("string", value)) if is_odd(selected, odd) else None


def _decode_rows(rows: Iterator[Row], readers: Sequence[tuple[int, Callable[[Json | bytes], Json]]]) -> Iterator[Row]:
    for row in rows:
        cells = list(row)
        for place, read in readers:
            cells[place] = read(cells[place])
        yield tuple(cells)
