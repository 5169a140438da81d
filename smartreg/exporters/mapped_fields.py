"""The fields that a schema maps to a standard, by its keyword `x-map`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from smartreg.core.values import Json, Record
from smartreg.schema import Field, Kind
from smartreg.tables.table import reader

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def map_fields(kind: Kind, record: Record, standard: str) -> Iterator[tuple[str, Field, Json]]:
    """The name in the standard, the field and the value of each field outside of lists that the schema maps; a list as
    the texts in it. A value of another shape than the field is left out."""
    for field in kind.fields:
        name = field.maps.get(standard)
        if name is not None and not field.in_list:
            value = _format(field, reader(field.path)(record.data))
            if value is not None:
                yield name, field, value


def values(kind: Kind, record: Record, standard: str) -> Mapping[str, Json]:
    """The values by their names in the standard; of two fields of one name, that of the first."""
    mapped: dict[str, Json] = {}
    for name, _field, value in map_fields(kind, record, standard):
        mapped.setdefault(name, value)
    return mapped


def day(value: Json) -> str | None:
    """The value when it is a day of the calendar."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _format(field: Field, value: Json) -> Json:
    if field.kind == "array":
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else None
    if isinstance(value, (list, Mapping)) or value == "":
        return None
    return day(value) if field.schema.get("format") == "date" else value
