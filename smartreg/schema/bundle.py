"""Turn schema files into self-contained schemas. Every reference between schema files becomes a local one, so that no
engine ever resolves, let alone fetches, anything: `common.schema.json#/$defs/id` becomes `#/$defs/common/$defs/id`.

Schemas of older drafts (7, 2019-09), translated into draft 2020-12: the same records are valid by both. What older
drafts write differently is rewritten: `definitions`, lists in `items`, `additionalItems`, `dependencies`. What an
engine of that draft would ignore (siblings of a `$ref` in draft 7, keywords of other drafts) is left out or refused, so
that no schema means more here than where it comes from. https://json-schema.org/draft/2019-09/release-notes,
https://json-schema.org/draft/2020-12/release-notes
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

from smartreg.core.messages import Message
from smartreg.schema.source import MEND, SUFFIX, escape, fault, missing_file

Schema = dict[str, Any]
Shared: TypeAlias = dict[str, tuple[Schema, list[str]]]
"""By file: its text with local references, and the files that it names."""
_LOST = re.compile(r"[a-z0-9_-]+\.schema\.json")


def nodes(value: Any, pointer: str = "#") -> Iterator[tuple[str, Any]]:
    """Every value below, with its JSON pointer, in document order, without recursion."""
    stack = [(pointer, value)]
    while stack:
        pointer, node = stack.pop()
        yield pointer, node
        if isinstance(node, dict):
            stack.extend((f"{pointer}/{escape(key)}", item) for key, item in reversed(node.items()))
        elif isinstance(node, list):
            stack.extend((f"{pointer}/{index}", item) for index, item in reversed(list(enumerate(node))))


def at(root: Any, pointer: str) -> Any:
    """The value at a local JSON pointer `#/a/b`. Raises KeyError if there is none."""
    node = root
    for part in pointer.removeprefix("#").split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list):
            if not part.isdecimal() or int(part) >= len(node):
                raise KeyError(part)
            node = node[int(part)]
        elif isinstance(node, dict) and part in node:
            node = node[part]
        else:
            raise KeyError(part)
    return node


def bundle(name: str, documents: Mapping[str, Schema], shared: Shared | None = None) -> Schema:
    """The schema `name` with everything that it refers to inlined. `documents` maps file names to parsed schemas;
    `shared`: the parts that bundles of the same documents have shared so far."""
    shared = {} if shared is None else shared
    definitions: Schema = {}
    pending, done = [name], set()
    while pending:
        file = pending.pop()
        if file in done:
            continue
        done.add(file)
        localised = shared.get(file)
        body, references = localised if localised and name not in localised[1] else _localise(file, name, documents)
        if name not in (file, *references):  # else its references are others in each bundle
            shared[file] = body, references
        pending.extend(references)
        if file == name:
            root = body
        else:
            definitions[file.removesuffix(SUFFIX)] = body
    root["$defs"] = {**root.get("$defs", {}), **definitions}
    return root


def _with_references(root: Schema) -> Iterator[Schema]:
    """The objects with a reference, in document order. A property that happens to be called "$ref" does not count: the
    linter has checked that."""
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node
            stack.extend(reversed(node.values()))
        elif isinstance(node, list):
            stack.extend(reversed(node))


def _pointer(root: Schema, node: Schema) -> str:
    return next(pointer for pointer, found in nodes(root) if found is node)


def _localise(file: str, home: str, documents: Mapping[str, Schema]) -> tuple[Schema, list[str]]:
    """A copy of `file` in which each `$ref` is local to the bundle of `home`, and the files that it named."""
    copy: Schema = json.loads(json.dumps(documents[file]))
    references: list[str] = []
    for node in _with_references(copy):
        target, _, fragment = node["$ref"].partition("#")
        target = target or file
        if target not in documents or (fragment and not fragment.startswith("/")):
            raise fault(
                file,
                _pointer(copy, node),
                Message('$ref "{ref}" names no file of schemas/', ref=node["$ref"]),
                missing_file(target) if _LOST.fullmatch(target) and target not in documents else MEND,
            )
        prefix = "#" if target == home else f"#/$defs/{escape(target.removesuffix(SUFFIX))}"
        node["$ref"] = prefix + fragment
        references.append(target)
    copy.pop("$id", None)
    copy.pop("$schema", None)
    return copy, references


def flat(root: Schema, raw: Any) -> Schema:
    """A sub-schema with its `$ref` resolved; siblings of the `$ref` win."""
    node: Schema = dict(raw) if isinstance(raw, dict) else {}
    while "$ref" in node:
        target = at(root, node.pop("$ref"))
        node = {**target, **node} if isinstance(target, dict) else node
    return node


DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OLDER = {
    "http://json-schema.org/draft-07/schema": 7,
    "https://json-schema.org/draft-07/schema": 7,
    "https://json-schema.org/draft/2019-09/schema": 2019,
}
_UNKNOWN: Mapping[int, frozenset[str]] = {
    7: frozenset(
        {
            *("$anchor", "$recursiveAnchor", "$recursiveRef", "$dynamicAnchor", "$dynamicRef", "prefixItems"),
            *("dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
            *("minContains", "maxContains"),
        }
    ),
    2019: frozenset({"$dynamicAnchor", "$dynamicRef", "prefixItems", "dependencies"}),
}
_BESIDE_REF = ("$ref", "$comment", "title", "description", "default", "examples")  # checks nothing
_BY_NAME = {"properties", "$defs", "definitions", "patternProperties", "dependencies", "dependentSchemas"}
_SEVERAL = {"allOf", "anyOf", "oneOf"}
_NOT_SCHEMAS = {"enum", "const", "default", "examples", "required", "dependentRequired"}


def modernise(documents: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas (by file), those of older drafts translated into draft 2020-12. Raises SchemaRefused for one with a
    keyword that its draft does not define."""
    drafts = {file: _draft(document) for file, document in documents.items()}
    return {
        file: _Reader(file, drafts).read(document) if drafts[file] else document for file, document in documents.items()
    }


def original(document: Any, pointer: str) -> str:
    """The JSON pointer in the original schema for `pointer` in its translation to draft 2020-12."""
    node, place = document, ""
    for step in pointer.split("/")[1:]:
        word = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and (word not in node or (word == "items" and isinstance(node[word], list))):
            word = next((old for old in _OLD_WORDS.get(word, ()) if old in node), word)
        place += f"/{escape(word)}"
        node = node.get(word) if isinstance(node, dict) else _item(node, word)
    return place


_NEW_WORDS: Mapping[str, str] = {"definitions": "$defs", "dependencies": "dependentSchemas"}
_OLD_WORDS: Mapping[str, tuple[str, ...]] = {
    "$defs": ("definitions",),
    "prefixItems": ("items",),
    "items": ("additionalItems",),
    "dependentRequired": ("dependencies",),
    "dependentSchemas": ("dependencies",),
}


def _item(node: Any, word: str) -> Any:
    return node[int(word)] if isinstance(node, list) and word.isdecimal() and int(word) < len(node) else None


def _draft(document: Any) -> int:
    """7 or 2019 for a schema of an older draft, else 0."""
    name = document.get("$schema") if isinstance(document, dict) else None
    return _OLDER.get(name.removesuffix("#"), 0) if isinstance(name, str) else 0


class _Reader:
    """Translates one file; the `drafts` of all files say how references are written."""

    def __init__(self, file: str, drafts: Mapping[str, int]) -> None:
        self._file, self._drafts, self._draft = file, drafts, drafts[file]

    def read(self, document: Schema) -> Schema:
        schema: Schema = self._schema(document, "")
        schema.pop("$id", None)  # the name of the file is what others refer to
        return {**schema, "$schema": DIALECT}

    def _schema(self, node: Any, pointer: str) -> Any:
        if not isinstance(node, dict):
            return node
        for keyword in node:
            if keyword in _UNKNOWN[self._draft]:
                draft = {7: "7", 2019: "2019-09"}[self._draft]
                raise fault(
                    self._file,
                    f"{pointer}/{escape(keyword)}",
                    Message("draft {draft} has no keyword {keyword}", draft=draft, keyword=keyword),
                )
        if self._draft == 7 and isinstance(node.get("$ref"), str):
            node = {key: value for key, value in node.items() if key in _BESIDE_REF or key.startswith("x-")}
        schema: Schema = {}
        for keyword, value in node.items():
            schema |= self._keyword(keyword, value, f"{pointer}/{escape(keyword)}", node)
        return schema

    def _keyword(self, keyword: str, value: Any, pointer: str, node: Schema) -> Schema:
        if keyword == "$ref" and isinstance(value, str):
            return {"$ref": self._reference(value)}
        if keyword in _NOT_SCHEMAS or keyword.startswith("x-"):
            return {keyword: value}
        if keyword == "dependencies" and isinstance(value, dict):
            return self._dependencies(value, pointer)
        if keyword in ("items", "additionalItems"):
            return self._items(keyword, value, pointer, node)
        if keyword in _BY_NAME and isinstance(value, dict):
            name = "$defs" if keyword == "definitions" else keyword
            return {name: {key: self._schema(item, f"{pointer}/{escape(key)}") for key, item in value.items()}}
        if keyword in _SEVERAL and isinstance(value, list):
            return {keyword: [self._schema(item, f"{pointer}/{index}") for index, item in enumerate(value)]}
        return {keyword: self._schema(value, pointer)}

    def _items(self, keyword: str, value: Any, pointer: str, node: Schema) -> Schema:
        if keyword == "items":
            if not isinstance(value, list):
                return {"items": self._schema(value, pointer)}
            return {"prefixItems": [self._schema(item, f"{pointer}/{index}") for index, item in enumerate(value)]}
        # Without a list of items it says nothing.
        return {"items": self._schema(value, pointer)} if isinstance(node.get("items"), list) else {}

    def _dependencies(self, value: Schema, pointer: str) -> Schema:
        fields = {name: item for name, item in value.items() if isinstance(item, list)}
        schemas = {
            name: self._schema(item, f"{pointer}/{escape(name)}") for name, item in value.items() if name not in fields
        }
        return ({"dependentRequired": fields} if fields else {}) | ({"dependentSchemas": schemas} if schemas else {})

    def _reference(self, ref: str) -> str:
        file, mark, fragment = ref.partition("#")
        if not mark or not self._drafts.get(file or self._file):
            return ref
        return f"{file}#{_respell_pointer(fragment)}"


def _respell_pointer(fragment: str) -> str:
    """Translate a pointer to a schema into draft 2020-12."""
    steps, respelt = iter(fragment.split("/")), list[str]()
    for step in steps:
        respelt.append(_NEW_WORDS.get(step, step))
        if step in _BY_NAME:
            respelt.extend(islice(steps, 1))
    return "/".join(respelt)
