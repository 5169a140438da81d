"""The table of a kind: one row per record, one column per plain field, and what can be said beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TypeAlias

from smartreg.codes import commune, commune_of
from smartreg.registry import Registry, position
from smartreg.schema import Field, FieldPath, Kind
from smartreg.tables.table import Column, Row, Table, column_of, distinct, table_name
from smartreg.values import Json, Record, RecordId, Words, value_at

Cell: TypeAlias = Callable[[Record], Json]
Pair: TypeAlias = tuple[Column, Cell]

ID = Column("id", Words("id", "identifiant"), "string", Words("Identifier", "Identifiant"), required=True)
INSEE = Column(
    "insee_code",
    Words("insee_code", "code_insee_commune"),
    "string",
    Words("INSEE code of the commune where it stands", "Code INSEE de la commune d'implantation"),
)
COMMUNE = Column(
    "commune", Words("commune", "nom_commune"), "string", Words("Name of the commune", "Nom de la commune")
)
LON = Column(
    "lon",
    Words("lon", "longitude"),
    "number",
    Words("Longitude, WGS 84, decimal degrees", "Longitude WGS 84 en degrés décimaux"),
)
LAT = Column(
    "lat",
    Words("lat", "latitude"),
    "number",
    Words("Latitude, WGS 84, decimal degrees", "Latitude WGS 84 en degrés décimaux"),
)


def record_table(registry: Registry, kind: Kind) -> Table:
    """The records of a kind, the id first. A derived column gives way to a field that bears its name or heading."""
    point = _point_path(kind)
    pairs = [_id(kind)]
    for field in kind.fields:
        if field.kind in ("array", "object") or field.in_list or field.column is None or field.path == ("id",):
            continue
        if point is None or field.path not in ((*point, "lon"), (*point, "lat")):
            pairs.append((column_of(field), _value(field.path)))
        pairs.extend(_beside(registry, kind, field))
    pairs.extend(_place(registry, kind))
    taken = {word for column, _ in pairs if column.field for word in (column.name, column.heading.fr)}
    pairs = [(column, cell) for column, cell in pairs if column.field or not taken & {column.name, column.heading.fr}]
    cells = [cell for _, cell in pairs]

    def rows() -> Iterator[Row]:
        for record in registry.of_kind(kind.name):
            yield tuple([cell(record) for cell in cells])

    columns = distinct(column for column, _ in pairs)
    return Table(table_name(kind), kind, (), kind.title, kind.description, columns, 1, rows)


def _id(kind: Kind) -> Pair:
    field = kind.by_path.get(("id",))
    column = ID if field is None else column_of(field)
    return column, lambda record: record.rid.id  # what others name it by, even where the text says something else


def _value(path: FieldPath) -> Cell:
    if len(path) == 1:
        name = path[0]
        return lambda record: record.data.get(name)
    return lambda record: value_at(record.data, path)


def _point_path(kind: Kind) -> FieldPath | None:
    """Where the records of a kind have their own point; it is shown for all that have one, own or borrowed."""
    found = kind.position[:1]
    return found if all((*found, axis) in kind.by_path for axis in ("lon", "lat")) else None


def _beside(registry: Registry, kind: Kind, field: Field) -> Iterator[Pair]:
    """What stands beside a field for people: the name of a party, the name of a commune."""
    if field.path == ("insee_code",):
        yield COMMUNE, lambda record: _name_of(record.data.get("insee_code"))
    column = column_of(field)
    if column.name.endswith("_id") and _named_by_name(registry, field):
        stem, bare = column.name.removesuffix("_id"), column.heading.fr.removeprefix("identifiant_")
        heading = Words(f"{stem}_name", bare if bare != column.heading.fr else f"nom_{bare}")
        name = cache(partial(_name, registry, field))
        yield Column(heading.en, heading, "string", field.title), lambda record: name(value_at(record.data, field.path))


def _named_by_name(registry: Registry, field: Field) -> bool:
    kinds = [registry.schemas.kinds[ref] for ref in field.refs if ref in registry.schemas.kinds]
    return bool(kinds) and all(kind.label == ("name",) for kind in kinds)
