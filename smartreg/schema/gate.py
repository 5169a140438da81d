"""The gate: whether a schema allows a value, by jsonschema-rs, in microseconds. Its regular expressions are linear, so
that no pattern can hang; it never fetches anything.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from smartreg.core.messages import Message
from smartreg.schema.bundle import Schema
from smartreg.schema.source import SUFFIX, fault


def validator(schema: Schema) -> Any:
    """Compile a schema for jsonschema-rs: formats asserted, linear regular expressions, nothing ever fetched. Raises
    ValueError for an invalid schema."""
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator(
            schema,
            validate_formats=True,
            ignore_unknown_formats=False,
            retriever=_refuse,
            pattern_options=jsonschema_rs.RegexOptions(),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(str(error)) from error


def compiled(name: str, schema: Schema) -> Any:
    """The validator of a schema. Raises SchemaRefused for a schema that the engine does not accept."""
    try:
        return validator(schema)
    except ValueError:
        raise fault(f"{name}{SUFFIX}", "", Message("not a valid schema")) from None


def gate(name: str, schema: Schema) -> Callable[[Any], bool]:
    """Whether a schema allows a value. Raises SchemaRefused for a schema that the engine does not accept."""
    accepts: Callable[[Any], bool] = compiled(name, schema).is_valid
    return accepts


def is_linear(pattern: str) -> bool:
    """Whether a pattern is a regular expression that can be matched in linear time."""
    try:
        validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def _refuse(uri: str) -> Any:
    raise ValueError(f"never fetched: {uri}")


@lru_cache(maxsize=512)
def gate_of_keyword(keyword: str, wanted: Any) -> Callable[[Any], bool]:
    """The gate of one keyword alone, compiled once for each text or number that it may require."""
    return gate("pattern", {keyword: wanted})
