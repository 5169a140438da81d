"""Turn schema files into self-contained schemas. Every reference between schema files becomes a local one, so that no
engine ever resolves, let alone fetches, anything: `common.schema.json#/$defs/id` becomes `#/$defs/common/$defs/id`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

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
        known = shared.get(file)
        body, wanted = known if known and name not in known[1] else _localise(file, name, documents)
        if name not in (file, *wanted):  # else its references are others in each bundle
            shared[file] = body, wanted
        pending.extend(wanted)
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
    wanted: list[str] = []
    for node in _with_references(copy):
        target, _, fragment = node["$ref"].partition("#")
        target = target or file
        if target not in documents or (fragment and not fragment.startswith("/")):
            raise fault(
                file,
                _pointer(copy, node),
                f'$ref "{node["$ref"]}" names no file of schemas/',
                f"$ref « {node['$ref']} » ne désigne aucun fichier de schemas/",
                missing_file(target) if _LOST.fullmatch(target) and target not in documents else MEND,
            )
        prefix = "#" if target == home else f"#/$defs/{escape(target.removesuffix(SUFFIX))}"
        node["$ref"] = prefix + fragment
        wanted.append(target)
    copy.pop("$id", None)
    copy.pop("$schema", None)
    return copy, wanted


def flat(root: Schema, raw: Any) -> Schema:
    """A sub-schema with its `$ref` resolved; siblings of the `$ref` win."""
    node: Schema = dict(raw) if isinstance(raw, dict) else {}
    while "$ref" in node:
        target = at(root, node.pop("$ref"))
        node = {**target, **node} if isinstance(target, dict) else node
    return node
