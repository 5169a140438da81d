"""The allowed content of schemas, so that checks against it are safe, bounded and the same in every engine. Schemas
travel in pull requests: an explosive pattern, a reference that fetches or loops, or a misspelled keyword would turn the
gate into a hole. All are refused here, before anything is checked against the schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from smartreg.core.messages import Message, Text, joined
from smartreg.schema.bundle import DIALECT, Schema, at, nodes
from smartreg.schema.gate import is_linear, validator
from smartreg.schema.kinds import ITEM
from smartreg.schema.source import SchemaRefused, escape, fault
from smartreg.schema.wording import TYPE_WORDS, literal

MAX_CHECKS, MAX_HEIGHT = 50_000, 128
FORMATS = {"date", "date-time", "time", "duration", "email", "uri", "uuid", "regex", "hostname", "ipv4", "ipv6"}

ONLY_AT_THE_TOP = ("$schema", "$id", "x-kind", "x-lifecycle")
NAMED = {"properties", "$defs", "patternProperties", "dependentSchemas"}  # name → schema
READ = {"properties", "$defs", "items"}
"""Where kinds and fields are read from: a keyword of our own below any other one would never be read."""
LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SINGLE = {
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

_META = Message("schemas/meta.schema.json says what does")
_NAME = Message('use small letters, digits, "-" and "_"')
_PATTERN = Message("not a linear regular expression")
_FITTING: Mapping[str, Text] = {
    "name": _NAME,
    "noun": _NAME,
    "path": Message('write it like "{insee_code}/{id}.yaml"'),
    "pattern": _PATTERN,
    "patternProperties": _PATTERN,
    "multipleOf": Message("write a whole number from 1"),
    "$ref": Message("it names no file of schemas/"),
    "x-ref": Message("name a kind, or a list of kinds"),
    "properties": Message("YAML reads the names on, off, yes, no, y, n, true and false as true or false"),
}
"""Allowed values by keyword, where its type is not enough."""

_TEXT: Schema = {"type": "string"}
_TRANSLATION: Schema = {
    "type": "object",
    "properties": {
        "title": _TEXT,
        "plural": _TEXT,
        "description": _TEXT,
        "properties": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "title": _TEXT,
                    "description": _TEXT,
                    "values": {"type": "object", "additionalProperties": _TEXT},
                },
            },
        },
    },
}
_VOCABULARY: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["key"],
        "properties": {
            "key": {"type": "string", "minLength": 1},
            "ucum": {"type": "array", "items": _TEXT},
            "label": {"type": "object", "properties": {"en": _TEXT, "fr": _TEXT}},
            "definition": _TEXT,
            "sdm": _TEXT,
        },
    },
}


class _Shapes(NamedTuple):
    """Validators for the files in schemas/: schemas (by our rules and the draft's), translations, the vocabulary."""

    ours: Any
    draft: Any
    translation: Any
    vocabulary: Any


@lru_cache(maxsize=1)
def _shapes(meta: bytes) -> _Shapes:
    return _Shapes(
        validator(json.loads(meta)), validator({"$ref": DIALECT}), validator(_TRANSLATION), validator(_VOCABULARY)
    )


def lint(file: str, schema: Any, meta: bytes) -> frozenset[str]:
    """The JSON pointers of a schema file and of every schema in it. Raises SchemaRefused for the first thing that is
    not allowed; `meta` says what is (schemas/meta.schema.json)."""
    if not isinstance(schema, dict):
        raise fault(file, "", Message("a schema must be an object"))
    _refuse_misshapen(file, schema, _shapes(meta).draft)
    if schema.get("$schema", DIALECT) != DIALECT:
        raise fault(
            file,
            "/$schema",
            Message("only {dialect} and drafts 2019-09 and 7 are known", dialect=DIALECT),
        )
    _refuse_misshapen(file, schema, _shapes(meta).ours)
    if schema.get("$id", file).rpartition("/")[2] != file:
        raise fault(file, "/$id", Message("$id must end in {file}; better leave it out", file=file))
    faults = set()
    stack: list[tuple[str, Any, bool]] = [("", schema, True)]
    while stack:
        pointer, node, read = stack.pop()
        faults.add(pointer)
        if isinstance(node, dict):
            for keyword, value in node.items():
                _keyword(file, f"{pointer}/{keyword}", keyword, value, read=read)
            stack.extend(reversed(list(_below(pointer, node, read))))
    return frozenset(faults)


def lint_words(file: str, content: Any, meta: bytes, *, vocabulary: bool) -> None:
    """Raises SchemaRefused if a file of French words, or the vocabulary of observed properties, has the wrong shape."""
    _refuse_misshapen(file, content, _shapes(meta).vocabulary if vocabulary else _shapes(meta).translation)


def _below(pointer: str, node: Schema, read: bool) -> Iterator[tuple[str, Any, bool]]:
    """The schemas directly below one, and whether kinds and fields are read from them."""
    for keyword, value in node.items():
        at, here = f"{pointer}/{keyword}", read and keyword in READ
        if keyword in SINGLE:
            yield at, value, here
        elif keyword in LISTS:
            yield from ((f"{at}/{index}", item, here) for index, item in enumerate(value))
        elif keyword in NAMED:
            yield from ((f"{at}/{escape(name)}", item, here) for name, item in value.items())


def _keyword(file: str, pointer: str, keyword: str, value: Any, *, read: bool) -> None:
    """Checks that meta.schema.json cannot express."""
    top = pointer == f"/{keyword}"
    if (keyword in ONLY_AT_THE_TOP and not top) or (keyword.startswith("x-") and not read):
        raise fault(
            file,
            pointer,
            Message('the keyword "{keyword}" is not known here', keyword=keyword),
        )
    if keyword == "format" and value not in FORMATS:
        raise fault(file, pointer, Message('the format "{value}" is not known', value=value))
    if keyword == "properties" and ("" in value or ITEM in value):
        raise fault(
            file,
            pointer,
            Message('no field can be called "" or "{item}"', item=ITEM),
        )
    if keyword == "enum" and any(isinstance(item, (dict, list)) for item in value):
        raise fault(file, pointer, Message("lists and groups cannot be chosen"))
    if keyword == "multipleOf" and value >= 10**9:
        raise fault(file, pointer, Message("multipleOf is too large"))
    for pattern in [value] if keyword == "pattern" else value if keyword == "patternProperties" else ():
        if not is_linear(pattern):
            words = _FITTING[keyword]
            raise fault(file, pointer, Message("{pattern}: {words}", pattern=literal(pattern), words=words))


def _refuse_misshapen(file: str, content: Any, shape: Any) -> None:
    faults = sorted(shape.iter_errors(content), key=lambda error: list(map(str, error.instance_path)))
    if not faults:
        return
    kind, steps = faults[0].kind, faults[0].instance_path
    pointer = "".join(f"/{escape(str(step))}" for step in steps)
    unknown = getattr(kind, "unexpected", ())
    if unknown:
        raise fault(
            file,
            f"{pointer}/{escape(unknown[0])}",
            Message('the keyword "{unknown}" is not known here', unknown=unknown[0]),
        )
    value = literal(faults[0].instance)
    types = [TYPE_WORDS[name] for name in getattr(kind, "types", ()) if name in TYPE_WORDS]
    if types:
        fitting = joined(types, Message(" or "))
        raise fault(
            file,
            pointer,
            Message("{value} is not allowed here; it must be {fitting}", value=value, fitting=fitting),
        )
    words = _FITTING.get(str(steps[-1]) if steps else "", _META)
    raise fault(file, pointer, Message("{value} does not fit here: {words}", value=value, words=words))


def lint_references(file: str, schema: Schema, schemas: Mapping[str, frozenset[str]]) -> None:
    """Refuse a `$ref` that is not in a schema or does not point to one; `schemas`: the pointers of schemas, by file.
    Engines would read a `%` differently."""
    for pointer, node in nodes(schema, ""):
        ref = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(ref, str):
            name, _, fragment = ref.partition("#")
            other = schemas.get(name or file)
            lost = other is not None and fragment.startswith("/") and fragment not in other
            if lost or "%" in ref or pointer not in schemas[file]:
                raise fault(
                    file,
                    f"{pointer}/$ref",
                    Message("$ref {ref} does not lead from one schema to another", ref=literal(ref)),
                )


def lint_bundle(file: str, root: Schema) -> None:
    """References must not loop, and following them all must stay within limits of checks and depth."""
    costs: dict[str, tuple[int, int] | None] = {}  # None while it is being followed

    def cost(pointer: str, depth: int) -> tuple[int, int]:
        """The number of checks, and the depth."""
        if depth > MAX_HEIGHT:
            raise _too_deep(file, pointer)
        if pointer in costs:
            found = costs[pointer]
            if found is None:
                raise fault(file, pointer, Message("$ref leads back to itself"))
            return found
        costs[pointer] = None
        checks = height = 0
        for place, node in nodes(_without_definitions(at(root, pointer)), ""):
            more, below, here = 0, 0, place.count("/") + 1
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                more, below = cost(node["$ref"], depth + 1)
            checks, height = checks + 1 + more, max(height, here + below)
            if height > MAX_HEIGHT:
                raise _too_deep(file, pointer)
            if checks > MAX_CHECKS:
                raise fault(
                    file,
                    pointer,
                    Message("following every $ref means too many checks"),
                )
        costs[pointer] = checks, height
        return checks, height

    cost("#", 0)


def _too_deep(file: str, pointer: str) -> SchemaRefused:
    return fault(
        file,
        pointer,
        Message("with every $ref followed, nested deeper than {max_height}", max_height=MAX_HEIGHT),
    )


def _without_definitions(schema: Any) -> Any:
    return {key: item for key, item in schema.items() if key != "$defs"} if isinstance(schema, Mapping) else schema
