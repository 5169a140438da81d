"""The table of a kind: one row per record, one column per plain field, and derived columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

from smartreg.core.messages import SOURCE, Localized, Message, message_in
from smartreg.core.values import Json, Record, RecordId
from smartreg.schema import Field, FieldPath, Kind, Schemas, code_name
from smartreg.tables.table import Column, Table, column_of, distinct, reader, registry_column, table_name


class OwnValue(NamedTuple):
    """The value at a path of the record; without a path, the id by which others refer to it, whatever its text says."""

    path: FieldPath


class Lent(NamedTuple):
    """The `cell` of the record that the text at `path` refers to: the first one that exists, of these kinds."""

    path: FieldPath
    kinds: tuple[str, ...]
    cell: OwnValue | Lent


class CommuneName(NamedTuple):
    """The name of the commune of an INSEE code."""

    cell: Cell


class First(NamedTuple):
    """The first of these that has a value."""

    cells: tuple[Cell, ...]


class Axis(NamedTuple):
    """`lon` or `lat` of the record: its own point, or that of what it is attached to."""

    name: str


class RegistryOf(NamedTuple):
    """The UUID of the other registry whose record the text at `path` refers to."""

    path: FieldPath


Cell: TypeAlias = OwnValue | Lent | CommuneName | First | Axis | RegistryOf
"""The value that a column shows of a record."""


class RecordTable(NamedTuple):
    """The table of a kind, and what its columns show."""

    table: Table
    cells: tuple[Cell, ...]


Pair: TypeAlias = tuple[Column, Cell]

ID = Column("id", Message("id"), "string", Message("Identifier"), required=True)
INSEE = Column("insee_code", Message("insee_code"), "string", Message("INSEE code of the commune where it is"))
OFFICIAL = Column("official_code", Message("official_code"), "string", Message("Code of the municipality where it is"))
COMMUNE = Column("commune", message_in("records", "commune"), "string", Message("Name of the commune"))
LON = Column("lon", Message("lon"), "number", Message("Longitude, WGS 84, decimal degrees"))
LAT = Column("lat", Message("lat"), "number", Message("Latitude, WGS 84, decimal degrees"))


def record_table(schemas: Schemas, kind: Kind) -> RecordTable:
    """The table of a kind, the id first. A derived column gives way to a field with its name or heading."""
    point = _point_path(kind)
    id_field = kind.by_path.get(("id",))
    pairs: list[Pair] = [(ID if id_field is None else column_of(kind, id_field), OwnValue(()))]
    for field in kind.fields:
        if field.kind in ("array", "object") or field.in_list or field.column is None or field.path == ("id",):
            continue
        if point is None or field.path not in ((*point, "lon"), (*point, "lat")):
            pairs.append((column_of(kind, field), OwnValue(field.path)))
            if schemas.sources and field.may_refer_abroad:
                pairs.append((registry_column(column_of(kind, field)), RegistryOf(field.path)))
        pairs.extend(_name_column(schemas, kind, field))
    pairs.extend(_place(schemas, kind))
    taken = {word for column, _ in pairs if column.field for word in (column.name, column.heading.in_("fr"))}
    pairs = [
        (column, cell) for column, cell in pairs if column.field or not taken & {column.name, column.heading.in_("fr")}
    ]
    columns = distinct(column for column, _ in pairs)
    table = Table(table_name(kind), kind, (), kind.title, kind.description, columns, 1)
    return RecordTable(table, tuple(cell for _, cell in pairs))


def _point_path(kind: Kind) -> FieldPath | None:
    """The path of the own point of the records of a kind; its columns show any point, own or of a host."""
    path = kind.position[:1]
    return path if all((*path, axis) in kind.by_path for axis in ("lon", "lat")) else None


def _name_column(schemas: Schemas, kind: Kind, field: Field) -> Iterator[Pair]:
    """The readable column next to a field: the name of a commune, the name of a party."""
    if field.path == ("insee_code",):
        yield COMMUNE, CommuneName(OwnValue(field.path))
    column = column_of(kind, field)
    if column.name.endswith("_id") and _is_named_by_name(schemas, field):
        stem, heading, bare = column.name.removesuffix("_id"), column.heading.in_("fr"), _without_id(column)
        french = bare if bare != heading else Message("{thing}_name", thing=bare).in_("fr")
        yield (
            Column(f"{stem}_name", Localized.of(en=f"{stem}_name", fr=french), "string", field.title),
            Lent(field.path, field.refs, OwnValue(("name",))),
        )


def _without_id(column: Column) -> str:
    """The French heading, without what says that it is an id."""
    return column.heading.in_("fr").removeprefix(Message("{kind}_id", kind="").in_("fr"))


def _is_named_by_name(schemas: Schemas, field: Field) -> bool:
    kinds = [schemas.kinds[ref] for ref in field.refs if ref in schemas.kinds]
    return bool(kinds) and all(kind.label == ("name",) for kind in kinds)


def _place(schemas: Schemas, kind: Kind) -> Iterator[Pair]:
    """The place of a record: commune and point, and type and owner of the support that it is attached to."""
    hosts = [field for name in kind.position[1:] if (field := kind.by_path.get((name,))) and len(field.refs) == 1]
    for field in hosts:
        yield from _host(schemas, kind, field)
    code_field = code_name(schemas.kinds.values())
    if hosts and (code_field,) not in kind.by_path:
        code = First(tuple(Lent(field.path, field.refs, OwnValue((code_field,))) for field in hosts))
        if code_field == INSEE.name:
            yield INSEE, code
            yield COMMUNE, CommuneName(code)
        else:
            yield OFFICIAL, code
    if hosts or _point_path(kind):
        yield LON, Axis("lon")
        yield LAT, Axis("lat")


def _host(schemas: Schemas, kind: Kind, field: Field) -> Iterator[Pair]:
    """Type and owner of the record that a value of `field` refers to."""
    host = schemas.kinds.get(field.refs[0])
    stem, word = field.path[0], _without_id(column_of(kind, field))
    for item in host.fields if host else ():
        if host is None or len(item.path) > 1 or not item.required:
            continue
        cell: OwnValue | Lent = OwnValue(item.path)
        shown = item if item.enum else None
        if item.refs and _is_named_by_name(schemas, item):
            cell = Lent(item.path, item.refs, OwnValue(("name",)))
        elif not item.enum or item.path != host.label[:1]:
            continue
        bare = _without_id(column_of(host, item)).removesuffix(f"_{word}")
        heading = Localized.of(en=f"{stem}_{item.path[0]}", fr=f"{bare}_{word}")
        yield (
            Column(heading.in_(SOURCE), heading, "string", item.title, shows=shown),
            Lent(field.path, field.refs, cell),
        )


def abroad_value(cell: Cell, record: Record, get: Callable[[RecordId], Record | None]) -> Json:
    """What a cell shows of a record that no table has; None if it is no plain value."""
    match cell:
        case OwnValue(path):
            value = reader(path)(record.data) if path else record.rid.id
            return value if isinstance(value, (str, int, float)) else None
        case Lent(path, kinds, lent):
            return lent_from_abroad(kinds, lent, reader(path)(record.data), get)
        case _:
            return None


def lent_from_abroad(kinds: Iterable[str], cell: Cell, id: Json, get: Callable[[RecordId], Record | None]) -> Json:
    """What a cell shows of the record that `id` names, of the first of these kinds that has it."""
    records = (get(RecordId(kind, id)) for kind in kinds) if isinstance(id, str) else ()
    return next((abroad_value(cell, record, get) for record in records if record is not None), None)


def may_be_placed(kind: Kind) -> bool:
    """Whether the records of a kind may have a point: their own, or that of what they are attached to."""
    return any((name,) in kind.by_path for name in kind.position)
