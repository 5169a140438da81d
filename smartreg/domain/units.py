"""The units in records, and those that the vocabulary gives to observed properties."""

from __future__ import annotations

from functools import lru_cache

from smartreg.core.values import KeyPath, Record, value_at
from smartreg.domain.checks import Context
from smartreg.domain.texts import texts_called
from smartreg.domain.ucum import is_ucum
from smartreg.schema import ObservedProperty

LONGEST = 200  # characters of a unit: the longest that the schema allows

units = texts_called("unit")


def is_unit(unit: str, context: Context) -> bool:
    """Whether it is a UCUM code, or a unit that the vocabulary names."""
    return _is_code(unit) or any(unit in entry.ucum for entry in context.schemas.properties.values())


def property_at(record: Record, path: KeyPath, context: Context) -> ObservedProperty | None:
    """The entry of the vocabulary for the property whose unit is at this path."""
    return context.schemas.properties.get(str(value_at(record.data, (*path[:-1], "property"))))


@lru_cache(maxsize=1024)
def _is_code(unit: str) -> bool:
    return len(unit) <= LONGEST and is_ucum(unit)
