"""The only door to JSON Schema: kinds and fields from the schemas, verdicts on records; `settings.py`: smartreg.toml.

A condition across records belongs in a rule, not in a schema.
"""

from smartreg.schema.judge import Judge, SchemaFault
from smartreg.schema.kinds import (
    ITEM,
    Field,
    FieldPath,
    Kind,
    Lifecycle,
    fields_under,
    suggest_name,
    texts_at,
    value_hint,
    values_called,
    values_near,
)
from smartreg.schema.schemas import PROPERTY, ObservedProperty, Schemas, UnknownKind, bundled_files, read_schemas
from smartreg.schema.units import COUNT, unit_heading, unit_suffix, unit_words
from smartreg.schema.wording import likely_secrets, literal

__all__ = [
    "COUNT",
    "ITEM",
    "PROPERTY",
    "Field",
    "FieldPath",
    "Judge",
    "Kind",
    "Lifecycle",
    "ObservedProperty",
    "SchemaFault",
    "Schemas",
    "UnknownKind",
    "bundled_files",
    "fields_under",
    "likely_secrets",
    "literal",
    "read_schemas",
    "suggest_name",
    "texts_at",
    "unit_heading",
    "unit_suffix",
    "unit_words",
    "value_hint",
    "values_called",
    "values_near",
]
