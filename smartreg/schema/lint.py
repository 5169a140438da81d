"""What a schema may contain, so that judging by it is safe, bounded and means the same to every engine.

Schemas travel in pull requests: a pattern that explodes, a reference that fetches or loops, a keyword with a typing
error would turn the gate into a hole. Refused here, before any engine sees the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smartreg.schema.bundle import Schema, at, fault, nodes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_DEPTH, MAX_NODES, MAX_CHECKS = 32, 20_000, 50_000

APPLICATORS = {"properties", "patternProperties", "$defs", "dependentSchemas"}  # name → schema
SCHEMA_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SCHEMAS = {
    "items",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
}
PLAIN = {
    "$schema",
    "$id",
    "$ref",
    "$comment",
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "type",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "required",
    "dependentRequired",
    "contentMediaType",
}
OWN = {"x-kind", "x-ref", "x-option", "x-column", "x-unit", "x-map", "x-lifecycle"}
FORMATS = {"date", "date-time", "time", "duration", "email", "uri", "uuid", "regex", "hostname", "ipv4", "ipv6"}


def lint(file: str, schema: Any) -> None:
    """Raise UsageFault for the first thing in a schema file that must not be there."""
    if not isinstance(schema, dict):
        raise fault(file, "", "a schema must be an object", "un schéma doit être un objet")
    if schema.get("$schema", DIALECT) != DIALECT:
        raise fault(file, "/$schema", f"only {DIALECT} is known", f"seul {DIALECT} est admis")
    identity = schema.get("$id", file)
    if not isinstance(identity, str) or identity.rpartition("/")[2] != file:
        raise fault(file, "/$id", f"$id must end in {file}; better leave it out", f"$id doit finir par {file}")
    if sum(1 for _ in nodes(schema)) > MAX_NODES:
        raise fault(file, "", "the schema is too large", "le schéma est trop grand")
    _walk(file, schema)


def _walk(file: str, root: Schema) -> None:
    stack: list[tuple[str, Any, int]] = [("", root, 0)]
    while stack:
        pointer, schema, depth = stack.pop()
        if isinstance(schema, bool):
            continue
        if not isinstance(schema, dict):
            raise fault(file, pointer, "a schema must be an object", "un schéma doit être un objet")
        if depth > MAX_DEPTH:
            raise fault(file, pointer, f"nested deeper than {MAX_DEPTH}", f"imbriqué à plus de {MAX_DEPTH} niveaux")
        for keyword, value in schema.items():
            _keyword(file, f"{pointer}/{keyword}", keyword, value, top=not pointer)
            if keyword in SCHEMAS:
                stack.append((f"{pointer}/{keyword}", value, depth + 1))
            elif keyword in SCHEMA_LISTS:
                stack.extend((f"{pointer}/{keyword}/{i}", item, depth + 1) for i, item in enumerate(value))
            elif keyword in APPLICATORS:
                stack.extend((f"{pointer}/{keyword}/{name}", item, depth + 1) for name, item in value.items())


def _keyword(file: str, pointer: str, keyword: str, value: Any, *, top: bool) -> None:
    if keyword not in PLAIN | OWN | SCHEMAS | SCHEMA_LISTS | APPLICATORS or (keyword == "$id" and not top):
        raise fault(
            file, pointer, f'the keyword "{keyword}" is not known here', f"le mot-clé « {keyword} » n'est pas admis"
        )
    if keyword in SCHEMA_LISTS and not isinstance(value, list):
        raise fault(file, pointer, "this must be a list", "une liste est attendue")
    if keyword in APPLICATORS and not isinstance(value, dict):
        raise fault(file, pointer, "this must be an object", "un objet est attendu")
    if keyword in ("pattern", "format", "$ref") and not isinstance(value, str):
        raise fault(file, pointer, "this must be text", "un texte est attendu")
    if keyword == "format" and value not in FORMATS:
        raise fault(file, pointer, f'the format "{value}" is not known', f"le format « {value} » est inconnu")
    if keyword == "multipleOf" and not (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9):
        raise fault(file, pointer, "multipleOf must be a whole number", "multipleOf doit être un entier")


def lint_bundle(file: str, root: Schema) -> None:
    """References must not loop, and following them all must stay within a bound of checks."""
    size: dict[str, int] = {}
    state: dict[str, str] = {}

    def cost(pointer: str, depth: int) -> int:
        if state.get(pointer) == "open" or depth > 2 * MAX_DEPTH:
            raise fault(file, pointer, "$ref leads back to itself", "$ref revient sur lui-même")
        if pointer in size:
            return size[pointer]
        state[pointer] = "open"
        total = 0
        for _, node in nodes(_without_definitions(at(root, pointer))):
            total += 1
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                total += cost(node["$ref"], depth + 1)
            if total > MAX_CHECKS:
                raise fault(
                    file,
                    pointer,
                    "following every $ref means too many checks",
                    "suivre tous les $ref demande trop de vérifications",
                )
        state[pointer], size[pointer] = "closed", total
        return total

    cost("#", 0)


def _without_definitions(schema: Any) -> Any:
    return {key: item for key, item in schema.items() if key != "$defs"} if isinstance(schema, Mapping) else schema
