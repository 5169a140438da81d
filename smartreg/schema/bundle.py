"""Schema files → self-contained schemas.

Every reference between schema files is rewritten to a local one, so that no engine ever resolves, let alone
fetches, anything: `common.schema.json#/$defs/id` becomes `#/$defs/common/$defs/id`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from smartreg.errors import UsageFault
from smartreg.markers import unmerged
from smartreg.values import Location, Mark, Words

Schema = dict[str, Any]
Shared: TypeAlias = dict[str, tuple[Schema, list[str]]]
"""By file: its text with local references, and the files that it names."""
SUFFIX = ".schema.json"
_LOST = re.compile(r"[a-z0-9_-]+\.schema\.json")


MEND = Words(
    en="mend the schema; docs/schemas.md says what schemas may contain",
    fr="corrigez le schéma ; docs/schemas.md dit ce qu'un schéma peut contenir",
)


def fault(file: str, pointer: str, en: str, fr: str, hint: Words = MEND, mark: Mark | None = None) -> UsageFault:
    """A schema that cannot be used: the registry cannot be judged at all (exit 2)."""
    place = f"schemas/{file}{f' at {pointer}' if pointer else ''}"
    return UsageFault(Words(en=f"{place}: {en}", fr=f"{place} : {fr}"), hint, Location(f"schemas/{file}", mark=mark))


def missing(file: str) -> Words:
    """What to do where the schema `file` should be and is not."""
    path = f"schemas/{file}"
    return Words(
        en=f"if {path} was deleted: git checkout HEAD -- {path}; else mend the schema that asks for it",
        fr=f"si {path} a été supprimé : git checkout HEAD -- {path} ; sinon corrigez le schéma qui le cite",
    )


def parse(file: str, text: bytes) -> Any:
    """Strict JSON: no duplicate key, no NaN, UTF-8 only."""

    def pairs(items: list[tuple[str, Any]]) -> Schema:
        found: Schema = dict(items)
        if len(found) < len(items):
            keys = [key for key, _ in items]
            key = next(key for n, key in enumerate(keys) if key in keys[:n])
            raise fault(file, "", f'the key "{key}" stands twice in one object', f"la clé « {key} » figure deux fois")
        return found

    def constant(word: str) -> Any:
        raise fault(file, "", f"{word} is not JSON", f"{word} n'est pas du JSON")

    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        conflict = unmerged(f"schemas/{file}", text)
        if conflict is not None:
            raise conflict from None
        at = Mark(error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else None
        line = f"line {at.line}, column {at.column}" if at else ""
        raise fault(file, line, "this is not a JSON text", "ce n'est pas un texte JSON", mark=at) from None


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


def escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def at(root: Any, pointer: str) -> Any:
    """The value at a local JSON pointer `#/a/b`; KeyError when there is none."""
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
    """The schema `name` with all that it refers to inside. `documents` maps file names to parsed schemas; `shared`:
    what bundles of the same documents have had in common so far."""
    shared = {} if shared is None else shared
    definitions: Schema = {}
    pending, done = [name], set()
    while pending:
        file = pending.pop()
        if file in done:
            continue
        done.add(file)
        known = shared.get(file)
        body, wanted = known if known and name not in known[1] else _localised(file, name, documents)
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
    """The objects that have a reference, in document order. A property that happens to be called "$ref" is none: the
    lint has looked at it."""
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


def _localised(file: str, home: str, documents: Mapping[str, Schema]) -> tuple[Schema, list[str]]:
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
                missing(target) if _LOST.fullmatch(target) and target not in documents else MEND,
            )
        try:
            at(documents[target], f"#{fragment}")
        except KeyError:
            raise fault(
                file,
                _pointer(copy, node),
                f'$ref "{node["$ref"]}" leads nowhere',
                f"$ref « {node['$ref']} » ne mène nulle part",
            ) from None
        prefix = "#" if target == home else f"#/$defs/{escape(target.removesuffix(SUFFIX))}"
        node["$ref"] = prefix + fragment
        wanted.append(target)
    copy.pop("$id", None)
    copy.pop("$schema", None)
    return copy, wanted
