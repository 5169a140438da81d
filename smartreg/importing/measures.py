"""Measures of devices as sheets have them: names of observed properties in one cell (`NO2; PM10:ug/m3`), or one in a
column without a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smartreg.core.values import Json, KeyPath
from smartreg.domain.fields import object_list
from smartreg.schema import ITEM, PROPERTY, Kind, Schemas

UNIT = "unit"


def lists_properties(kind: Kind, path: KeyPath) -> bool:
    """Whether a field is the list of what a device measures."""
    return (*path, ITEM) == PROPERTY[:-1] and PROPERTY in kind.by_path


def names_property(kind: Kind, path: KeyPath) -> bool:
    """Whether a field is an observed property, in an item of that list."""
    field = kind.field_at(path)
    return field is not None and field.path == PROPERTY


def with_units(
    kind: Kind, schemas: Schemas, values: Mapping[KeyPath, Json], before: Mapping[str, Json]
) -> dict[KeyPath, Json]:
    """The values of a row, with the usual unit of what it measures where it gives none. What the record said `before`
    of a property that its list still names stays."""
    completed = dict(values)
    for path, value in values.items():
        if lists_properties(kind, path) and isinstance(value, list):
            items = object_list(before.get(str(path[0])))
            completed[path] = [_item(item, items, schemas) if isinstance(item, str) else item for item in value]
        unit = (*path[:-1], UNIT)
        if names_property(kind, path) and isinstance(value, str) and unit not in values and path[0] not in before:
            completed |= {unit: usual} if (usual := schemas.usual_unit(value)) else {}
    return completed


def _item(text: str, items: Sequence[Mapping[str, Json]], schemas: Schemas) -> dict[str, Json]:
    """`PM10:ug/m3` as an item of the list; without a unit, the recorded item or the usual unit."""
    name, _, unit = text.partition(":")
    recorded = next((item for item in items if item.get(PROPERTY[-1]) == name), {})
    unit_of_item = unit or recorded.get(UNIT) or schemas.usual_unit(name)
    return {**recorded, PROPERTY[-1]: name, **({UNIT: unit_of_item} if unit_of_item else {})}
