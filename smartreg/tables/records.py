"""The table of a kind: one row per record, one column per plain field, and what can be said beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import TypeAlias

from smartreg.codes import commune, commune_of
from smartreg.registry import RecordsById, position
from smartreg.schema import Field, FieldPath, Kind
from smartreg.tables.table import Column, Records, Row, Table, column_of, distinct, reader, table_name
from smartreg.values import Json, Record, RecordId, Words

Cell: TypeAlias = Callable[[Record], Json]
LookUp: TypeAlias = Callable[[str], Json]
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


def record_table(registry: RecordsById, kind: Kind, records: Records) -> Table:
    """The records of a kind, the id first. A derived column gives way to a field that bears its name or heading."""
    point = _point_path(kind)
    pairs = [_id(kind)]
    for field in kind.fields:
        if field.kind in ("array", "object") or field.in_list or field.column is None or field.path == ("id",):
            continue
        if point is None or field.path not in ((*point, "lon"), (*point, "lat")):
            pairs.append((column_of(kind, field), _value(field.path)))
        pairs.extend(_beside(registry, kind, field))
    pairs.extend(_place(registry, kind))
    taken = {word for column, _ in pairs if column.field for word in (column.name, column.heading.fr)}
    pairs = [(column, cell) for column, cell in pairs if column.field or not taken & {column.name, column.heading.fr}]
    cells = [cell for _, cell in pairs]

    def rows(some: Iterable[Record]) -> Iterator[Row]:
        for record in some:
            yield tuple([cell(record) for cell in cells])

    columns = distinct(column for column, _ in pairs)
    about = kind.title, kind.description
    return Table(table_name(kind), kind, (), *about, columns, 1, lambda: rows(records()), of=rows)


def _id(kind: Kind) -> Pair:
    field = kind.by_path.get(("id",))
    column = ID if field is None else column_of(kind, field)
    return column, lambda record: record.rid.id  # what others name it by, even where the text says something else


def _value(path: FieldPath) -> Cell:
    if len(path) == 1:
        name = path[0]
        return lambda record: record.data.get(name)
    read = reader(path)
    return lambda record: read(record.data)


def _point_path(kind: Kind) -> FieldPath | None:
    """Where the records of a kind have their own point; it is shown for all that have one, own or borrowed."""
    found = kind.position[:1]
    return found if all((*found, axis) in kind.by_path for axis in ("lon", "lat")) else None


def _beside(registry: RecordsById, kind: Kind, field: Field) -> Iterator[Pair]:
    """What stands beside a field for people: the name of a commune, the name of a party."""
    if field.path == ("insee_code",):
        yield COMMUNE, _through(field.path, cache(_commune_name))
    column = column_of(kind, field)
    if column.name.endswith("_id") and _named_by_name(registry, field):
        stem, bare = column.name.removesuffix("_id"), column.heading.fr.removeprefix("identifiant_")
        heading = Words(f"{stem}_name", bare if bare != column.heading.fr else f"nom_{bare}")
        yield Column(heading.en, heading, "string", field.title), _through(field.path, _names(registry, field))


def _named_by_name(registry: RecordsById, field: Field) -> bool:
    kinds = [registry.schemas.kinds[ref] for ref in field.refs if ref in registry.schemas.kinds]
    return bool(kinds) and all(kind.label == ("name",) for kind in kinds)


def _names(registry: RecordsById, field: Field) -> LookUp:
    """What people call the record that a value of this field names."""
    found = _named(registry, field)
    return cache(lambda id: record.data.get("name") if (record := found(id)) else None)


def _named(registry: RecordsById, field: Field) -> Callable[[str], Record | None]:
    """The record that a value of this field names."""
    return lambda id: next((record for ref in field.refs if (record := registry.get(RecordId(ref, id)))), None)


def _through(path: FieldPath, look_up: LookUp) -> Cell:
    """What a look-up says of the text at `path`."""
    value = _value(path)
    return lambda record: look_up(found) if isinstance(found := value(record), str) else None


def _commune_name(insee: str) -> str | None:
    found = commune(commune_of(insee))
    return found.name if found else None


def _place(registry: RecordsById, kind: Kind) -> Iterator[Pair]:
    """Where a record stands: commune and point, and type and owner of the support that it hangs on."""
    hosts = [field for name in kind.position[1:] if (field := kind.by_path.get((name,))) and len(field.refs) == 1]
    for field in hosts:
        yield from _host(registry, kind, field)
    if hosts and ("insee_code",) not in kind.by_path:
        where = [_through(field.path, _of_host(registry, field, "insee_code")) for field in hosts]
        name = cache(_commune_name)
        yield INSEE, lambda record: _first(where, record)
        yield COMMUNE, lambda record: name(found) if isinstance(found := _first(where, record), str) else None
    if hosts or _point_path(kind):
        point = _points(registry)
        yield LON, lambda record: point(record)[0]
        yield LAT, lambda record: point(record)[1]


def _host(registry: RecordsById, kind: Kind, field: Field) -> Iterator[Pair]:
    """Type and owner of the record that a value of `field` names."""
    host = registry.schemas.kinds.get(field.refs[0])
    stem, word = field.path[0], column_of(kind, field).heading.fr.removeprefix("identifiant_")
    for item in host.fields if host else ():
        if host is None or len(item.path) > 1 or not item.required:
            continue
        look_up = _of_host(registry, field, item.path[0])
        shown = item if item.enum else None
        if item.refs and _named_by_name(registry, item):
            look_up = _chained(look_up, _names(registry, item))
        elif not item.enum or item.path != host.label[:1]:
            continue
        bare = column_of(host, item).heading.fr.removeprefix("identifiant_").removesuffix(f"_{word}")
        heading = Words(f"{stem}_{item.path[0]}", f"{bare}_{word}")
        yield Column(heading.en, heading, "string", item.title, shows=shown), _through(field.path, look_up)


def _of_host(registry: RecordsById, field: Field, name: str) -> LookUp:
    """A field of the record that a value of `field` names."""
    found = _named(registry, field)
    return cache(lambda id: record.data.get(name) if (record := found(id)) else None)


def _chained(first: LookUp, second: LookUp) -> LookUp:
    return lambda id: second(found) if isinstance(found := first(id), str) else None


def _first(cells: Sequence[Cell], record: Record) -> Json:
    return next((found for cell in cells if (found := cell(record)) is not None), None)


def _points(registry: RecordsById) -> Callable[[Record], Sequence[float | None]]:
    """Longitude and latitude of a record; worked out once for both."""
    known: dict[str, Sequence[float | None]] = {}

    def point(record: Record) -> Sequence[float | None]:
        if record.file not in known:
            known[record.file] = position(registry, record) or (None, None)
        return known[record.file]

    return point
