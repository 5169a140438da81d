"""Find what rules may read from their source: all code that a rule can reach in `rules/` and `domain/`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import smartreg.rules
from smartreg.rules import Rule
from smartreg.rules.inputs import RuleInputs

PROGRAM = Path(smartreg.rules.__file__).parents[1]
ROOMS = ("smartreg.rules.", "smartreg.domain.")
READS_NOTHING = frozenset({"rules.rule", "domain.checks", "domain.codes"})
"""The definition of rules and the official codes, which read no record."""
FIELD = re.compile("[a-z][a-z0-9_]*")
WIDE = frozenset({"texts_where", "every_text", "names_and_texts", "path_of", "judges"})
"""Functions that read fields whose names are not in the source of the rule."""
FILES = frozenset({"text_of", "digest_of"})
"""Functions that read files other than records."""
CHOOSING = frozenset({("domain.texts", "texts_called")})
"""Functions that choose fields by names passed to them."""
BY_NAME = ("value_at", "label_of")
"""Functions that take the data of a record and read only the fields named, or those of its label."""

Place = tuple[str, str]
"""Module and name."""


def read_source(rule: Rule) -> RuleInputs:
    """The inputs of a rule, from its source. Fields are all words in the reachable code that may be names of fields;
    None if it reads fields that it does not name, other than those with a role in the schema (`Kind.roles`)."""
    nodes = _nodes(rule)
    attributes = {found.attr for node in nodes for found in ast.walk(node) if isinstance(found, ast.Attribute)}
    wide = any(_is_wide(node) for node in nodes)
    words = frozenset(word for node in nodes for word in _texts(node) if FIELD.fullmatch(word))
    return RuleInputs(
        fields=None if wide else words,
        settings=_settings(nodes),
        day="on" in attributes,
        history="last_touched" in attributes,
        files=not FILES.isdisjoint(attributes),
    )


def _nodes(rule: Rule) -> list[ast.AST]:
    """The code that a rule can reach."""
    reached: set[Place] = set()
    starts = [(_stem(rule.module), "check")]
    callbacks = (rule.touches, rule.touches_existence, *([rule.claims] if rule.claims else []))
    starts += [(_stem(callback.__module__), callback.__name__) for callback in callbacks]
    for place in starts:
        _reach(place, reached)
    return [node for place in reached if (node := _definitions(place[0]).get(place[1])) is not None]


def _stem(module: str) -> str:
    return module.removeprefix("smartreg.")


def _reach(place: Place, reached: set[Place]) -> None:
    """Add everything that the code at a place names, directly or not, in `rules/` and `domain/`."""
    module, name = place
    if place in reached or module in READS_NOTHING or place in CHOOSING:
        return
    reached.add(place)
    node = _definitions(module).get(name)
    for word in _names(node) if node is not None else ():
        if word in _definitions(module):
            _reach((module, word), reached)
        elif word in _imports(module):
            _reach(_imports(module)[word], reached)


def _names(node: ast.AST) -> Iterator[str]:
    return (found.id for found in ast.walk(node) if isinstance(found, ast.Name))


def _texts(node: ast.AST) -> Iterator[str]:
    return (found.value for found in ast.walk(node) if isinstance(found, ast.Constant) and isinstance(found.value, str))


def _settings(nodes: Sequence[ast.AST]) -> frozenset[str] | None:
    """The top-level settings that are read by name; None if the settings are passed on as a whole."""
    every = [found for node in nodes for found in ast.walk(node) if isinstance(found, ast.Attribute)]
    read = [found for found in every if isinstance(found.value, ast.Attribute) and found.value.attr == "config"]
    whole = sum(found.attr == "config" for found in every) > len(read)
    return None if whole else frozenset(found.attr for found in read)


def _is_wide(node: ast.AST) -> bool:
    """Whether it may read fields that it does not name: all data of a record, or through a function in `WIDE`."""
    by_name = set()
    for found in ast.walk(node):
        if (isinstance(found, ast.Attribute) and found.attr == "get") or isinstance(found, ast.Subscript):
            by_name.add(id(found.value))
        elif isinstance(found, ast.Compare) and all(isinstance(op, (ast.In, ast.NotIn)) for op in found.ops):
            by_name.update(map(id, found.comparators))
        elif isinstance(found, ast.Call) and _callee(found) in BY_NAME:
            by_name.update(map(id, found.args))
    for found in ast.walk(node):
        if isinstance(found, ast.Attribute) and (
            found.attr in WIDE or (found.attr == "data" and id(found) not in by_name)
        ):
            return True
    return not WIDE.isdisjoint(_names(node))


def _callee(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@cache
def _parse(module: str) -> ast.Module:
    return ast.parse((PROGRAM / f"{module.replace('.', '/')}.py").read_text("utf-8"))


@cache
def _definitions(module: str) -> Mapping[str, ast.AST]:
    """The definitions of a module, by name."""
    found: dict[str, ast.AST] = {}
    for node in _parse(module).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name.id: node for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


@cache
def _imports(module: str) -> Mapping[str, Place]:
    """The origins of the names that a module imports from `rules/` and `domain/`."""
    return {
        name.asname or name.name: (_stem(node.module), name.name)
        for node in _parse(module).body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(ROOMS)
        for name in node.names
    }
