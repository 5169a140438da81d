"""The only door to JSON Schema: kinds and fields from the schemas, and verdicts on records."""

from smartreg.schema.judge import Judge, SchemaFault
from smartreg.schema.kinds import ITEM, Field, FieldPath, Kind, Lifecycle
from smartreg.schema.schemas import ObservedProperty, Schemas, bundled_files, read_schemas
from smartreg.schema.wording import did_you_mean, shown

__all__ = [
    "ITEM",
    "Field",
    "FieldPath",
    "Judge",
    "Kind",
    "Lifecycle",
    "ObservedProperty",
    "SchemaFault",
    "Schemas",
    "bundled_files",
    "did_you_mean",
    "read_schemas",
    "shown",
]
