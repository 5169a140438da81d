"""The layout of the tables of a registry in SQLite: generated names, each kind separate, and what each column selects.

Only values of the record itself are stored. Values of other records are selected by SQL, so that renaming a party
changes one row. SQLite takes 2 000 columns in a table and in a result, so tables and selections are split into parts of
some hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from smartreg.core.values import Record
from smartreg.schema import ITEM, FieldPath, Kind, Schemas
from smartreg.tables.lists import ListTable, list_tables
from smartreg.tables.records import Axis, Cell, CommuneName, First, Lent, OwnValue, RegistryOf, record_table
from smartreg.tables.table import CellType, ForeignKey, Row, Table, cell_type, free, here_only, reader

LENT, REGISTRY = "lent_from_abroad", "registry_of"
"""SQL functions: what a column shows of a record of another registry, and which registry that is."""
WIDTH = 800
"""Columns of a part."""


class StoredColumn(NamedTuple):
    """A stored column: its table and the alias of that in a selection, its own name, the type of its values."""

    table: str
    alias: str
    name: str
    type: CellType


class Selected(NamedTuple):
    """The SQL of a column of a table, and the stored columns that its values come from. `plain`: it is one of these."""

    sql: str
    sources: tuple[StoredColumn, ...]
    plain: bool = False


@dataclass(frozen=True)
class Shape:
    """A table and how it is stored: its name and that of the table of its kind, the parts, each with its columns, and
    what each column selects. `cells_of` gives the rows of a record in it, with a cell for each stored column; rows of
    lists begin with the id of the record, which is not stored again. `places`: the columns that show the point of
    another record if a record has none."""

    table: Table
    name: str
    main: str
    parts: tuple[tuple[StoredColumn, ...], ...]
    selected: tuple[Selected, ...]
    cells_of: Callable[[Record], Iterable[Row]]
    places: frozenset[str] = frozenset()

    @property
    def columns(self) -> Iterator[StoredColumn]:
        """The columns of all parts."""
        return chain.from_iterable(self.parts)

    @property
    def source(self) -> str:
        """The FROM clause; `m` is the record."""
        same = "no" if self.table.main else "no, n"
        further = (part[0] for part in self.parts[1:])
        joined = (f"main.{each.table} AS {each.alias} USING ({same})" for each in further)
        first = () if self.table.main else (f"main.{self.name} AS k USING (no)",)
        return " CROSS JOIN ".join((f"main.{self.main} AS m", *first, *joined))


@lru_cache(maxsize=8)
def layout_of(schemas: Schemas) -> Layout:
    """The layout of the tables of these schemas, made once: registries of a process share it, as they share schemas."""
    return Layout(schemas)


class Layout:
    """The tables of all kinds of some schemas, with unique names that do not depend on which others are requested."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.lent: list[Lent] = []
        self.kinds = {name: number for number, name in enumerate(schemas.kinds)}
        self._records = {kind.name: record_table(schemas, kind) for kind in schemas.kinds.values()}
        self._lists = {kind.name: list(list_tables(kind, schemas.sources)) for kind in schemas.kinds.values()}
        # No list takes the name of a kind.
        tables = [made.table for made in self._records.values()]
        tables += [made.table for lists in self._lists.values() for made in lists]
        taken: set[str] = set()
        names = {(table.kind.name, table.path): free(table.name, taken) for table in tables}
        self._tables = {
            (table.kind.name, table.path): replace(
                table,
                name=names[table.kind.name, table.path],
                columns=table.columns
                if schemas.sources
                else tuple(here_only(table.kind, column) for column in table.columns),
                links=_links(table, names, schemas.sources),
            )
            for table in tables
        }

    def of_kind(self, kind: str) -> list[Shape]:
        """The tables of a kind: its own, then those of its lists."""
        return self._shapes[kind]

    def lenders(self, kind: str) -> set[str]:
        """The kinds from which the table of a kind takes columns, and itself."""
        kinds, fresh = {kind}, self._looked_up[kind]
        while fresh:
            kinds |= fresh
            fresh = {other for name in fresh for other in self._hosts[name]} - kinds
        return kinds

    @cached_property
    def _hosts(self) -> Mapping[str, set[str]]:
        """The kinds that the records of a kind may be attached to."""
        kinds = self.schemas.kinds
        fields = {name: [kind.by_path.get((part,)) for part in kind.position] for name, kind in kinds.items()}
        return {
            name: {ref for field in some if field for ref in field.refs if ref in kinds}
            for name, some in fields.items()
        }

    @cached_property
    def _looked_up(self) -> Mapping[str, set[str]]:
        """The kinds whose records are looked up for the table of a kind."""
        return {
            name: {ref for cell in made.cells for ref, _ in _read_by(cell, ()) if ref in self.kinds} | self._hosts[name]
            for name, made in self._records.items()
        }

    @cached_property
    def _shapes(self) -> Mapping[str, list[Shape]]:
        return {
            name: [self._of_records(name), *(self._of_list(name, number, made) for number, made in enumerate(lists))]
            for name, lists in self._lists.items()
        }

    def _of_records(self, kind: str) -> Shape:
        made, stored = self._records[kind], self.stored[kind]
        readers = [reader(path) for path in stored if path]

        def cells_of(record: Record) -> Iterable[Row]:
            return ((record.rid.id, *[read(record.data) for read in readers]),)

        selected = tuple(self._select(cell, kind) for cell in made.cells)
        name = self._name(kind)
        table = self._tables[kind, ()]
        pairs = zip(table.columns, made.cells, strict=True)
        places = frozenset(column.name for column, cell in pairs if isinstance(cell, Axis) and self._hosts[kind])
        return Shape(table, name, name, _parts(stored.values()), selected, cells_of, places)

    def _of_list(self, kind: str, number: int, made: ListTable) -> Shape:
        table, name = self._tables[kind, made.table.path], f"{self._name(kind)}l{number}"
        stored = [_store(name, "k", place, column.type) for place, column in enumerate(table.columns[1:])]
        owner = Selected("m.c0", (self.stored[kind][()],), True)
        selected = (owner, *(Selected(f"{column.alias}.{column.name}", (column,), True) for column in stored))
        return Shape(table, name, self._name(kind), _parts(stored), selected, made.rows_of)

    def _name(self, kind: str) -> str:
        return f"k{self.kinds[kind]}"

    @cached_property
    def stored(self) -> Mapping[str, Mapping[FieldPath, StoredColumn]]:
        """The stored columns of the records of each kind, by the path of their values; the id first."""
        paths: dict[str, dict[FieldPath, None]] = {name: {(): None} for name in self.schemas.kinds}
        for name, made in self._records.items():
            for cell in made.cells:
                for owner, path in _read_by(cell, (name,)):
                    if owner in paths:
                        paths[owner][path] = None
        return {
            name: {
                path: _store(self._name(name), "m", place, _type_at(self.schemas.kinds[name], path))
                for place, path in enumerate(some)
            }
            for name, some in paths.items()
        }

    def _select(self, cell: Cell, kind: str, record: str = "") -> Selected:
        """The selection of a cell of a record of this kind; `record` names the table that it is selected from, if that
        is not part of its own selection."""
        match cell:
            case OwnValue(path):
                column = self.stored[kind][path]
                return Selected(f"{record or column.alias}.{column.name}", (column,), True)
            case Lent(path, kinds, lent):
                named = self._select(OwnValue(path), kind, record).sql
                here = [self._lent_cell(named, lent, ref, f"{record or 'm'}x") for ref in kinds if ref in self.kinds]
                if not self.schemas.sources:
                    return _first(here)
                if cell not in self.lent:  # the layout is shared, and asked many times
                    self.lent.append(cell)
                return _first([*here, Selected(f"{LENT}({self.lent.index(cell)}, {named})", ())])
            case CommuneName(code):
                return Selected(f"commune_name({self._select(code, kind, record).sql})", ())
            case First(cells):
                return _first([self._select(each, kind, record) for each in cells])
            case RegistryOf(path):
                return Selected(f"{REGISTRY}({self._select(OwnValue(path), kind, record).sql})", ())
            case Axis(name):
                hosts = f"coalesce(m.{name}, {name}_of_host(m.hosts))"
                return Selected(hosts if self._hosts[kind] else f"m.{name}", ())

    def _lent_cell(self, named: str, cell: OwnValue | Lent, kind: str, alias: str) -> Selected:
        """The selection of a cell of the record with this kind and the id `named`."""
        main, table, selected = self._name(kind), self.stored[kind][cell.path].table, self._select(cell, kind, alias)
        by = alias if table == main else f"{alias}m"
        source = f"main.{main} AS {by}"
        if table != main:
            source += f" JOIN main.{table} AS {alias} USING (no)"
        sql = f"(SELECT {selected.sql} FROM {source} WHERE {by}.c0 = {named} ORDER BY {by}.file LIMIT 1)"
        return Selected(sql, selected.sources)


def _first(cells: Sequence[Selected]) -> Selected:
    sources = tuple(source for each in cells for source in each.sources)
    texts = [each.sql for each in cells] or ["NULL"]
    return Selected(texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})", sources)


def _read_by(cell: Cell, kinds: Iterable[str]) -> Iterator[tuple[str, FieldPath]]:
    """The values that a cell of records of these kinds is made of, each with the kind that has it."""
    match cell:
        case OwnValue(path) | RegistryOf(path):
            yield from ((kind, path) for kind in kinds)
        case Lent(path, lenders, lent):
            yield from ((kind, path) for kind in kinds)
            yield from _read_by(lent, lenders)
        case CommuneName(code):
            yield from _read_by(code, kinds)
        case First(cells):
            for each in cells:
                yield from _read_by(each, kinds)


def _store(table: str, alias: str, place: int, kind: CellType) -> StoredColumn:
    if part := place // WIDTH:
        return StoredColumn(f"{table}p{part}", f"p{part}", f"c{place}", kind)
    return StoredColumn(table, alias, f"c{place}", kind)


def _parts(stored: Iterable[StoredColumn]) -> tuple[tuple[StoredColumn, ...], ...]:
    columns = tuple(stored)
    return tuple(columns[start : start + WIDTH] for start in range(0, len(columns), WIDTH))


def _type_at(kind: Kind, path: FieldPath) -> CellType:
    field = kind.by_path.get(path)
    return "string" if field is None else cell_type(field)


def _links(
    table: Table, names: Mapping[tuple[str, FieldPath], str], sources: Collection[str]
) -> tuple[ForeignKey, ...]:
    """The keys of the row that a list belongs to, and of references to a single kind, which has all that they name: not
    where they may name a record of another registry."""
    links = [] if table.main else [_outer(table, names)]
    for column in table.columns:
        target = names.get((column.field.refs[0], ())) if column.field and len(column.field.refs) == 1 else None
        if target is not None and not (sources and column.field and column.field.may_refer_abroad):
            links.append(ForeignKey((column.name,), target))
    return tuple(links)


def _outer(table: Table, names: Mapping[tuple[str, FieldPath], str]) -> ForeignKey:
    """The key of what a table belongs to: the record, or an item of an outer list."""
    lists = [table.path[:length] for length, part in enumerate(table.path) if part == ITEM]
    target = names[table.kind.name, lists[-1] if lists else ()]
    return ForeignKey(tuple(column.name for column in table.columns[: table.key - 1]), target)
