"""The only door to JSON Schema: kinds and fields from the schemas, verdicts on records; `settings.py`: smartreg.toml.

A condition across records belongs in a rule, not in a schema.
"""

from smartreg.schema.countries import CODE_FIELDS
from smartreg.schema.judge import Judge, SchemaFault
from smartreg.schema.kinds import (
    ABROAD,
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
from smartreg.schema.schemas import (
    PROPERTY,
    ObservedProperty,
    Schemas,
    UnknownKind,
    bundled_files,
    read_schemas,
    schemas_in,
)
from smartreg.schema.typed import (
    INSEE_CODE,
    TRUTH,
    as_typed,
    code_name,
    decimals_typed,
    field_path,
    find_field,
    holds_commune,
    key_path,
    parse_value,
)
from smartreg.schema.units import COUNT, unit_heading, unit_suffix, unit_words
from smartreg.schema.wording import likely_secrets, literal

__all__ = [
    "ABROAD",
    "CODE_FIELDS",
    "COUNT",
    "INSEE_CODE",
    "ITEM",
    "PROPERTY",
    "TRUTH",
    "Field",
    "FieldPath",
    "Judge",
    "Kind",
    "Lifecycle",
    "ObservedProperty",
    "SchemaFault",
    "Schemas",
    "UnknownKind",
    "as_typed",
    "bundled_files",
    "code_name",
    "decimals_typed",
    "field_path",
    "fields_under",
    "find_field",
    "holds_commune",
    "key_path",
    "likely_secrets",
    "literal",
    "parse_value",
    "read_schemas",
    "schemas_in",
    "suggest_name",
    "texts_at",
    "unit_heading",
    "unit_suffix",
    "unit_words",
    "value_hint",
    "values_called",
    "values_near",
]
