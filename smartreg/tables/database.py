"""The tables of a registry in SQLite: filled kind by kind on demand, or loaded whole from the index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias

from smartreg.core.values import Json, Record
from smartreg.domain.codes import commune, commune_of
from smartreg.registry import Locator
from smartreg.tables.layout import WIDTH, Layout, Selected, Shape, StoredColumn
from smartreg.tables.store import decode, decode_path, encode, encode_path, insert, lay_out
from smartreg.tables.table import Row

Fill: TypeAlias = Callable[[str], Iterable[tuple[str, str, Record | None]]]
"""The files of a kind, with the states of their texts, and their records, None for one that cannot be read."""
Keep: TypeAlias = Callable[[sqlite3.Connection, Iterable[str]], None]
Point: TypeAlias = tuple[float | None, float | None]


class Tables:
    """The tables of all kinds of a layout. `base` has the rows of the `filled` kinds; those of other kinds are filled
    from `fill` on demand, and passed to `keep`."""

    def __init__(
        self,
        layout: Layout,
        fill: Fill,
        base: sqlite3.Connection | None = None,
        filled: Iterable[str] = (),
        keep: Keep = lambda _base, _kinds: None,
    ) -> None:
        self.layout = layout
        self.base = sqlite3.connect(":memory:", isolation_level=None) if base is None else base
        if base is None:
            lay_out(self.base, layout)
        self._fill, self._filled, self._keep = fill, set(filled), keep
        self.base.execute("PRAGMA temp_store = MEMORY")
        # SQLite holds these functions, and frees nothing that leads back to the database: they have no hold on it.
        places = self._places = _Places(layout)
        self.base.create_function("lon_of_host", 1, lambda hosts: places.point(hosts)[0], deterministic=True)
        self.base.create_function("lat_of_host", 1, lambda hosts: places.point(hosts)[1], deterministic=True)
        self.base.create_function("commune_name", 1, cache(_commune_name), deterministic=True)

    def need(self, kinds: Iterable[str]) -> None:
        """Fill the tables of these kinds, and of the kinds that they take columns from."""
        wanted = {other for kind in kinds for other in self.layout.lenders(kind)}
        missing = sorted(wanted - self._filled)
        for kind in missing:
            self._filled.add(kind)
            self.base.execute("BEGIN")
            insert(self.base, self.layout, kind, self._fill(kind))
            self.base.execute("COMMIT")
        if missing:
            self._keep(self.base, self._filled)

    def load_places(self, kind: str) -> None:
        """Load the points of what the records of a kind, whose table is filled, may be attached to."""
        self._places.load(self.base, kind)

    def unreadable(self, kinds: Iterable[str]) -> list[str]:
        """The files of these kinds that cannot be read."""
        names = [*kinds]
        self.need(names)
        files = [decode_path(file) for (file,) in self.base.execute("SELECT file FROM state WHERE NOT readable")]
        kind_of = Locator(self.layout.schemas).kind_in
        return sorted(file for file in files if kind_of(file.rpartition("/")[0]) in names)

    def rows(self, shape: Shape, files: Iterable[str] | None = None) -> Iterator[Row]:
        """The rows of a table, of all records or of those in these files, sorted by id and file."""
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
        found: Iterator[Row] = cursors[0] if len(cursors) == 1 else _side_by_side(cursors)
        odd = self.odd()
        readers = [(place, read) for place, each in enumerate(shape.selected) if (read := _reader(each, odd))]
        return _decode_rows(found, readers) if readers else found

    def values(self, kind: str, columns: Sequence[StoredColumn]) -> Iterator[tuple[str, Row]]:
        """File and stored values of each record of a kind, sorted by id and file."""
        self.need((kind,))
        texts = ", ".join(("m.file", *(f"{column.alias}.{column.name}" for column in columns)))
        source = self.layout.of_kind(kind)[0].source
        for file, *row in self.base.execute(f"SELECT {texts} FROM {source} ORDER BY m.c0, m.file"):
            values = zip(columns, row, strict=True)
            yield decode_path(file), tuple(decode(column.type, value) for column, value in values)

    def count(self, kind: str) -> int:
        """The number of records of a kind."""
        self.need((kind,))
        (found,) = self.base.execute(f"SELECT count(*) FROM main.{self.layout.of_kind(kind)[0].name}").fetchone()
        return int(found)

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

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[str, dict[Json | bytes, tuple[float | None, float | None, str | None]]] = {}
        self._points: dict[str, Point] = {}

    def load(self, base: sqlite3.Connection, kind: str) -> None:
        """Load the records that those of a kind may be attached to, by id; if several claim one, the first."""
        for other in self._layout.lenders(kind) - self._known.keys():
            main = self._layout.of_kind(other)[0].name
            rows = base.execute(f"SELECT c0, lon, lat, hosts FROM main.{main} ORDER BY c0, file DESC")
            self._known[other] = {id: (lon, lat, hosts) for id, lon, lat, hosts in rows}

    def point(self, hosts: str | None) -> Point:
        """Longitude and latitude of the first of these hosts that has a point, as `registry.position`."""
        if hosts is None:
            return None, None
        assert self._known, "points are looked up before they were loaded"  # else NULL would stand for "there is none"
        if hosts not in self._points:
            self._points[hosts] = self._walk(hosts, frozenset()) or (None, None)
        return self._points[hosts]

    def _walk(self, hosts: str, passed: frozenset[tuple[str, str]]) -> Point | None:
        for first, *rest in json.loads(hosts):
            if not isinstance(first, str):
                return first, rest[0]
            id = encode("string", first)
            for kind in rest:
                found = self._known.get(kind, {}).get(id)
                if found is not None:
                    break
            else:
                continue
            lon, lat, further = found
            if (kind, first) in passed:
                continue
            if lon is not None:
                return lon, lat
            if further is not None and (point := self._walk(further, passed | {(kind, first)})):
                return point
        return None


def _commune_name(insee: Any) -> str | None:
    found = commune(commune_of(insee)) if isinstance(insee, str) else None
    return found.name if found else None


def _side_by_side(cursors: Sequence[Iterator[Row]]) -> Iterator[Row]:
    for parts in zip(*cursors, strict=True):
        yield tuple([cell for part in parts for cell in part])


def _reader(selected: Selected, odd: frozenset[tuple[str, str]]) -> Callable[[Json | bytes], Json] | None:
    """How to read the values of a column; None if they are stored as they are."""
    if any(source.type == "boolean" for source in selected.sources):
        return lambda value: decode("boolean", value)
    return (lambda value: decode("string", value)) if is_odd(selected, odd) else None


def _decode_rows(rows: Iterator[Row], readers: Sequence[tuple[int, Callable[[Json | bytes], Json]]]) -> Iterator[Row]:
    for row in rows:
        cells = list(row)
        for place, read in readers:
            cells[place] = read(cells[place])
        yield tuple(cells)
