"""The registry as tables: one per kind, and one per list field (never a list in a cell). Exporters write them.

Columns come from the schemas. Derived ones: the name beside the id of a party, the point and the commune of what hangs
on a support. Rows are sorted by id; cells hold JSON scalars or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

from smartreg.codes import commune, commune_of
from smartreg.registry import Registry, position
from smartreg.schema import ITEM, Field, Kind
from smartreg.values import Json, Language, Record, RecordId, Words, value_at

CellType: TypeAlias = Literal["string", "number", "integer", "boolean", "date"]
Cell: TypeAlias = Callable[[Record], Json]


@dataclass(frozen=True)
class Column:
    """A column: key name, headings, type, the field it shows (None when derived) and the table its values point to."""

    name: str
    heading: Words
    type: CellType
    description: Words
    field: Field | None = None
    required: bool = False
    target: str | None = None

    def title(self, lang: Language) -> str:
        return self.heading.in_(lang)


@dataclass(frozen=True)
class Table:
    """A table: its file name without ending, the kind, the columns, and how to make its rows. The rows of a child table
    begin with the id of the record and the place in the list, from 1."""

    name: str
    kind: Kind
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    make: Callable[[], Iterator[tuple[Json, ...]]]

    def rows(self) -> Iterator[tuple[Json, ...]]:
        return self.make()


def tables(registry: Registry, kinds: list[Kind]) -> list[Table]:
    """The tables of these kinds, each followed by those of its lists."""
    found = []
    for kind in kinds:
        found.append(_main(registry, kind))
        found.extend(_child(registry, kind, field) for field in kind.fields if _is_list(field))
    return found


def _is_list(field: Field) -> bool:
    return field.kind == "array" and ITEM not in field.path


def _main(registry: Registry, kind: Kind) -> Table:
    pairs: list[tuple[Column, Cell]] = []
    for field in kind.fields:
        if field.kind in ("array", "object") or field.in_list or field.column is None:
            continue
        if field.path[-1] in ("lon", "lat") and field.path[:-1] == kind.position[:1]:
            continue  # shown for every record that has a point, its own or its support's
        pairs.append((_column(field), partial(_plain, field.path)))
        pairs.extend(_name_beside(registry, field))
        if field.path == ("insee_code",):
            pairs.append((COMMUNE, _commune_name))
    pairs.extend(_derived(registry, kind))
    columns = tuple(column for column, _ in pairs)
    cells = [cell for _, cell in pairs]

    def rows() -> Iterator[tuple[Json, ...]]:
        for record in registry.of_kind(kind.name):
            yield tuple(cell(record) for cell in cells)

    return Table(table_name(kind), kind, columns, ("id",), rows)


def table_name(kind: Kind) -> str:
    return kind.folder.replace("-", "_")


def _plain(path: tuple[str, ...], record: Record) -> Json:
    return value_at(record.data, path)


def _column(field: Field) -> Column:
    name = field.column or field.name
    return Column(name, field.heading or Words(name, name), _type(field), field.description, field, field.required)


def _type(field: Field) -> CellType:
    if field.kind in ("number", "integer", "boolean"):
        return field.kind  # type: ignore[return-value]
    return "date" if field.schema.get("format") == "date" else "string"


def _name_beside(registry: Registry, field: Field) -> Iterator[tuple[Column, Cell]]:
    """`owner_name` beside `owner_id`: what people call the record that a reference names."""
    if field.refs and field.column and field.column.endswith("_id"):
        stem, heading = field.column.removesuffix("_id"), field.heading or Words(field.column, field.column)
        named = [registry.schemas.kinds[ref] for ref in field.refs if ref in registry.schemas.kinds]
        if named and all(kind.label == ("name",) for kind in named):
            bare = heading.fr.removeprefix("identifiant_")
            words = Words(f"{stem}_name", bare if bare != heading.fr else f"nom_{bare}")
            yield Column(f"{stem}_name", words, "string", field.title), partial(_label, registry, field)


def _label(registry: Registry, field: Field, record: Record) -> Json:
    target = value_at(record.data, field.path)
    for ref in field.refs:
        found = registry.get(RecordId(ref, str(target))) if target is not None else None
        if found is not None:
            return registry.schemas.kinds[ref].label_of(found.data, "fr")
    return None


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


def _derived(registry: Registry, kind: Kind) -> Iterator[tuple[Column, Cell]]:
    own = kind.by_path.get((kind.position[0], "lon")) if kind.position else None
    hosts = [field for name in kind.position[1:] if (field := kind.by_path.get((name,))) and field.refs]
    if hosts and ("insee_code",) not in kind.by_path:
        yield INSEE, partial(_hosted_commune, registry, hosts)
        yield COMMUNE, lambda record: _name_of(_hosted_commune(registry, hosts, record))
    if own or hosts:
        yield LON, partial(_coordinate, registry, 0)
        yield LAT, partial(_coordinate, registry, 1)


def _hosted_commune(registry: Registry, hosts: list[Field], record: Record) -> Json:
    for field in hosts:
        target = value_at(record.data, field.path)
        host = next((item for ref in field.refs if (item := registry.get(RecordId(ref, str(target))))), None)
        if host is not None:
            return host.data.get("insee_code")
    return None


def _commune_name(record: Record) -> Json:
    return _name_of(record.data.get("insee_code"))


def _name_of(insee: Json) -> str | None:
    found = commune(commune_of(insee)) if isinstance(insee, str) else None
    return found.name if found else None


def _coordinate(registry: Registry, axis: int, record: Record) -> Json:
    point = position(registry, record)
    return None if point is None else point[axis]


def _child(registry: Registry, kind: Kind, field: Field) -> Table:
    stem = "_".join(field.path)
    item = kind.by_path.get((*field.path, ITEM))
    inner = [
        f
        for f in kind.fields
        if f.path[: len(field.path) + 1] == (*field.path, ITEM) and f.kind not in ("array", "object")
    ]
    columns = [
        Column(
            f"{kind.name}_id",
            Words(f"{kind.name}_id", f"identifiant_{kind.name}"),
            "string",
            kind.title,
            required=True,
            target=table_name(kind),
        ),
        Column(
            "n",
            Words("n", "rang"),
            "integer",
            Words("Place in the list, from 1", "Rang dans la liste, à partir de 1"),
            required=True,
        ),
    ]
    names = ["_".join(f.path[len(field.path) + 1 :]) or _singular(kind, field, item) for f in inner]
    for name, found in zip(names, inner, strict=True):
        heading = field.heading if found is item and field.heading else found.heading
        columns.append(
            Column(
                name,
                Words(name, heading.fr if heading else name),
                _type(found),
                found.description,
                found,
                found is item,
            )
        )
    tails = [f.path[len(field.path) + 1 :] for f in inner]

    def rows() -> Iterator[tuple[Json, ...]]:
        for record in registry.of_kind(kind.name):
            values: Any = value_at(record.data, field.path)
            for place, value in enumerate(values if isinstance(values, list) else (), 1):
                yield (record.rid.id, place, *(value_at(value, tail) for tail in tails))

    return Table(f"{table_name(kind)}_{stem}", kind, tuple(columns), (f"{kind.name}_id", "n"), rows)


def _singular(kind: Kind, field: Field, item: Field | None) -> str:
    """The column of a list of plain values: the kind that they name, or the list's own name."""
    if item is not None and len(item.refs) == 1 and item.refs[0] != kind.name:
        return f"{item.refs[0]}_id"
    return field.path[-1]
