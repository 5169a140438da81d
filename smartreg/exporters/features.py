"""The features of a map: the flat properties of a record, and its point.

Kinds that the deliberation puts on the map have properties of their own, for people who know no other table; other
kinds have the columns of their table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from smartreg.core.messages import verbatim
from smartreg.core.values import Json, Record
from smartreg.domain.municipalities import municipality
from smartreg.exporters import Chosen
from smartreg.exporters.chosen import Around, items_of, measured_keys, text_of, value_of
from smartreg.registry import map_point, position
from smartreg.schema import CODE_FIELDS, Kind
from smartreg.schema.countries import FRANCE
from smartreg.tables import Column, Row, Table

JOINT = "|"


def points(chosen: Chosen, kind: Kind) -> list[tuple[float, float] | None]:
    """The points of the records of a kind, in the requested system."""
    records = list(chosen.view.of_kind(kind.name))
    places = [map_point(chosen.view, record) for record in records]
    if chosen.crs is None:
        return places
    exact = [position(chosen.view, record) if place else None for record, place in zip(records, places, strict=True)]
    return chosen.crs.from_wgs84(exact)


Property: TypeAlias = Callable[[Around, Record], Json]


@dataclass(frozen=True)
class _Own:
    """The value at a path of the record."""

    path: tuple[str, ...]

    def __call__(self, _around: Around, record: Record) -> Json:
        return value_of(record, *self.path)


def _own(*path: str) -> Property:
    return _Own(path)


@dataclass(frozen=True)
class _List:
    """The texts of a list of the record, joined."""

    path: tuple[str, ...]

    def __call__(self, _around: Around, record: Record) -> Json:
        return _join([item for item in items_of(record, *self.path) if isinstance(item, str)])


def _join(texts: Iterable[str]) -> str | None:
    return JOINT.join(texts) or None


def _through(*path: str) -> Property:
    """A field of the record that a field names: `_through("support", "owner")`."""
    return lambda around, record: value_of(around.find(record, path[0]), path[1])


def _commune(around: Around, record: Record) -> Json:
    code = _code(around, record)
    commune = municipality(around.chosen.view, code) if isinstance(code, str) else None
    return commune.name if commune else None


def _code(around: Around, record: Record) -> Json:
    for bearer in (record, around.find(record, "support")):
        for name in CODE_FIELDS:
            if (code := value_of(bearer, name)) is not None:
                return code
    return None


def _is_hosted_by_third_party(around: Around, record: Record) -> Json:
    """Whether the support belongs to another party than the device."""
    support, here = around.find(record, "support"), around.chosen.view.abroad.here
    owner = value_of(record, "owner")
    return None if support is None else value_of(support, "owner") != here.get(owner, owner)


def _guests(around: Around, record: Record) -> Json:
    """The parties other than its owner whose equipment is on a support."""
    owners = {text_of(item, "owner") for item in around.on_support.get(record.rid.id, ())}
    return _join(sorted(owner for owner in owners - {text_of(record, "owner")} if owner))


_EQUIPMENT: Mapping[str, Property] = {
    "id": lambda _around, record: record.rid.id,
    "type": _own("type"),
    "status": _own("status"),
    "owner_id": _own("owner"),
    "owner_name": _through("owner", "name"),
    "operator_id": _own("operator"),
    "support_id": _own("support"),
    "support_type": _through("support", "type"),
    "support_owner_id": _through("support", "owner"),
    "hosted_by_third_party": _is_hosted_by_third_party,
    "convention_id": _own("convention"),
    "network_id": _own("network"),
    "technology": _through("network", "technology"),
    "insee_code": _code,
    "commune": _commune,
    "use_cases": _List(("use_cases",)),
    "properties": lambda _around, record: _join(measured_keys(record)),
    "installed_on": _own("installed_on"),
    "installed_before": _own("installed_before"),
    "placed_on": _own("placed_on"),
    "decommissioned_on": _own("decommissioned_on"),
    "removed_on": _own("removed_on"),
    "height_m": _own("height_m"),
    "manufacturer": _own("manufacturer"),
    "model": _own("model"),
    "personal_data": lambda around, record: record.rid.id in around.personal,
    "modified": lambda around, record: around.chosen.modified(record),
}
_SUPPORT: Mapping[str, Property] = {
    "id": lambda _around, record: record.rid.id,
    "type": _own("type"),
    "local_ref": _own("local_ref"),
    "owner_id": _own("owner"),
    "owner_name": _through("owner", "name"),
    "insee_code": _code,
    "commune": _commune,
    "height_m": _own("height_m"),
    "power": _own("power", "availability"),
    "status": _own("status"),
    "equipment_count": lambda around, record: len(around.on_support.get(record.rid.id, ())),
    "hosted_parties": _guests,
}
_ELSEWHERE = {"insee_code": "official_code", "commune": "municipality"}
LAYOUTS: Mapping[str, Mapping[str, Property]] = {"equipment": _EQUIPMENT, "support": _SUPPORT}


def layout_of(kind: str, around: Around) -> Mapping[str, Property]:
    """The properties of a kind that has its own, as the country calls them."""
    layout = LAYOUTS[kind]
    if around.chosen.view.country == FRANCE:
        return layout
    return {_ELSEWHERE.get(name, name): value for name, value in layout.items()}


@dataclass(frozen=True)
class Features:
    """The features of a kind: names of the properties, and per record its id, point and properties."""

    kind: Kind
    table: Table
    around: Around = field(repr=False)

    @property
    def _layout(self) -> Mapping[str, Property] | None:
        """The properties of the kind, as the country calls them; None where it has the columns of its table."""
        return layout_of(self.kind.name, self.around) if self.kind.name in LAYOUTS else None

    @property
    def names(self) -> tuple[str, ...]:
        layout = self._layout
        return tuple(layout or (column.name for column in self.table.columns if column.name not in ("lon", "lat")))

    def rows(self) -> Iterator[tuple[str, tuple[float, float] | None, dict[str, Json]]]:
        """Id, point (lon, lat) and properties of each record."""
        fields = self.around.chosen.fields
        names = [name for name in self.names if not fields or name in ("id", *fields)]
        for record, values in self._values():
            yield record.rid.id, map_point(self.around.chosen.view, record), {name: values(name) for name in names}

    def _values(self) -> Iterator[tuple[Record, Callable[[str], Json]]]:
        layout = self._layout
        records = self.around.chosen.view.of_kind(self.kind.name)
        if layout is not None:
            for record in records:
                yield record, lambda name, record=record: layout[name](self.around, record)  # type: ignore[misc]
            return
        columns = [column.name for column in self.table.columns]
        for record, row in zip(records, self.table.rows(), strict=True):
            yield record, dict(zip(columns, row, strict=True)).__getitem__

    @property
    def as_table(self) -> Table:
        """The properties as columns of a table, then longitude and latitude: an edited map is compared with it."""
        layout = self._layout
        if layout is None:
            return self.table
        by_name = {column.name: place for place, column in enumerate(self.table.columns)}
        kept = [name for name in ("lon", "lat") if name in by_name]
        columns = [_column(self.kind, self.table, name, value) for name, value in layout.items()]

        def rows() -> Iterator[Row]:
            for (_record, values), row in zip(self._values(), self.table.rows(), strict=True):
                yield (*map(values, layout), *(row[by_name[name]] for name in kept))

        return replace(self.table, columns=(*columns, *(self.table.columns[by_name[name]] for name in kept)), make=rows)


def _column(kind: Kind, table: Table, name: str, value: Property) -> Column:
    """The column of a property: that of this name in the table of the kind, or one for the field that it shows."""
    shown = kind.by_path.get(value.path) if isinstance(value, (_Own, _List)) else None
    same = next((column for column in table.columns if column.name == name), None)
    if same is not None and shown in (None, same.field):
        return same
    return Column(name, verbatim(name), "string", kind.description if shown is None else shown.description, shown)
