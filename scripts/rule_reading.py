"""What rules may read, from their source: all code that a rule can get to in `rules/` and `domain/`."""

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
"""What says what a rule is, and the official codes: they read no record."""
FIELD = re.compile("[a-z][a-z0-9_]*")
WIDE = frozenset({"texts_where", "every_text", "names_and_texts", "path_of", "judges"})
"""What reads fields without their names standing in the rule."""
FILES = frozenset({"text_of", "digest_of"})
"""What reads files that are no records."""
CHOOSING = frozenset({("domain.texts", "texts_called")})
"""What chooses fields by names that it is given."""
BY_NAME = ("value_at", "label_of")
"""What is handed the data of a record and reads of it what it is told, or what the schema calls its label."""

Place = tuple[str, str]
"""Module and name."""


def read_source(rule: Rule) -> RuleInputs:
    """The inputs of a rule by its source. Fields are the words that may be names of fields in the code that it can get
    to; None where it reads fields that it does not name, other than those that the schema has a use for
    (`Kind.roles`)."""
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
    """The code that a rule can get to."""
    reached: set[Place] = set()
    starts = [(_stem(rule.module), "check")]
    ways = (rule.touches, rule.touches_existence, *([rule.claims] if rule.claims else []))
    starts += [(_stem(way.__module__), way.__name__) for way in ways]
    for place in starts:
        _reach(place, reached)
    return [node for place in reached if (node := _defined(place[0]).get(place[1])) is not None]


def _stem(module: str) -> str:
    return module.removeprefix("smartreg.")


def _reach(place: Place, reached: set[Place]) -> None:
    """Everything that the code at a place names, and what that names, in `rules/` and `domain/`."""
    module, name = place
    if place in reached or module in READS_NOTHING or place in CHOOSING:
        return
    reached.add(place)
    node = _defined(module).get(name)
    for word in _names(node) if node is not None else ():
        if word in _defined(module):
            _reach((module, word), reached)
        elif word in _imported(module):
            _reach(_imported(module)[word], reached)


def _names(node: ast.AST) -> Iterator[str]:
    return (found.id for found in ast.walk(node) if isinstance(found, ast.Name))


def _texts(node: ast.AST) -> Iterator[str]:
    return (found.value for found in ast.walk(node) if isinstance(found, ast.Constant) and isinstance(found.value, str))


def _settings(nodes: Sequence[ast.AST]) -> frozenset[str] | None:
    """The top-level settings that are read by their names; None where the settings are handed on as a whole."""
    every = [found for node in nodes for found in ast.walk(node) if isinstance(found, ast.Attribute)]
    read = [found for found in every if isinstance(found.value, ast.Attribute) and found.value.attr == "config"]
    whole = sum(found.attr == "config" for found in every) > len(read)
    return None if whole else frozenset(found.attr for found in read)


def _is_wide(node: ast.AST) -> bool:
    """Whether it may read fields that it does not name: the data as a whole, or by one of the ways of `WIDE`."""
    by_name = set()
    for found in ast.walk(node):
        if (isinstance(found, ast.Attribute) and found.attr == "get") or isinstance(found, ast.Subscript):
            by_name.add(id(found.value))
        elif isinstance(found, ast.Compare) and all(isinstance(op, (ast.In, ast.NotIn)) for op in found.ops):
            by_name.update(map(id, found.comparators))
        elif isinstance(found, ast.Call) and _called(found) in BY_NAME:
            by_name.update(map(id, found.args))
    for found in ast.walk(node):
        if isinstance(found, ast.Attribute) and (
            found.attr in WIDE or (found.attr == "data" and id(found) not in by_name)
        ):
            return True
    return not WIDE.isdisjoint(_names(node))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@cache
def _parsed(module: str) -> ast.Module:
    return ast.parse((PROGRAM / f"{module.replace('.', '/')}.py").read_text("utf-8"))


@cache
def _defined(module: str) -> Mapping[str, ast.AST]:
    """What a module defines, by name."""
    found: dict[str, ast.AST] = {}
    for node in _parsed(module).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {name.id: node for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return found


@cache
def _imported(module: str) -> Mapping[str, Place]:
    """Where the names come from that a module imports from `rules/` and `domain/`."""
    return {
        name.asname or name.name: (_stem(node.module), name.name)
        for node in _parsed(module).body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(ROOMS)
        for name in node.names
    }
