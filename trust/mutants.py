"""Faults put into the code one at a time: do the tests notice?

A mutant is one comparison, condition, constant or return of a module turned into another. It lives in a copy of the
project; the tests of its module run there until the first fails. Which mutants are tried is drawn from a seed.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
TESTS = {
    "check": ("check_change", "check", "waivers"),
    "edit": ("edit", "lifecycle", "fix", "commands", "races"),
    "merge": ("merge", "merge_git"),
}
SECONDS = 900  # without a mutant; one that takes three times as long as that did never ends, and is noticed
_OTHER = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


@dataclass(frozen=True)
class Mutant:
    """The `number`-th place of a module that can be changed; `what` says it in words."""

    file: Path
    number: int
    what: str


class _Change(ast.NodeTransformer):
    """Counts the places that can be changed, and changes the one that is `wanted`."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted, self.told = wanted, list[str]()

    def _turn(self, node: ast.AST, what: str) -> bool:
        self.told.append(f"line {getattr(node, 'lineno', '?')}: {what}")
        return len(self.told) - 1 == self.wanted

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        other = _OTHER.get(type(node.ops[0]))
        if other and self._turn(node, f"{ast.unparse(node)}: the comparison is turned"):
            node.ops[0] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._turn(node, f"{ast.unparse(node)}: and/or"):
            node.op = _OTHER[type(node.op)]()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = _OTHER.get(type(node.op))
        if other and not isinstance(node.left, ast.List | ast.Tuple) and self._turn(node, f"{ast.unparse(node)}: +/-"):
            node.op = other()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return (
            node.operand if isinstance(node.op, ast.Not) and self._turn(node, f"{ast.unparse(node)}: no not") else node
        )

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self._turn(node, f"if {ast.unparse(node.test)}: never"):
            node.test = ast.Constant(value=False)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is not None and self._turn(node, f"{ast.unparse(node)[:70]}: returns None"):
            node.value = ast.Constant(value=None)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) and self._turn(node, f"{node.value}: the other"):
            return ast.copy_location(ast.Constant(value=not node.value), node)
        return node


def mutants_of(file: Path) -> list[Mutant]:
    change = _Change()
    change.visit(ast.parse(file.read_text("utf-8")))
    return [Mutant(file, number, what) for number, what in enumerate(change.told)]


def files_of(module: str) -> list[Path]:
    place = ROOT / "smartreg" / module
    return sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def sampled(module: str, count: int, seed: int = 1) -> list[Mutant]:
    every = [mutant for file in files_of(module) for mutant in mutants_of(file)]
    return sorted(Random(seed).sample(every, min(count, len(every))), key=lambda one: (one.file, one.number))


def survivors(module: str, count: int, work: Path) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether the tests noticed it. `work`: a folder for the copy."""
    root = work / module
    left_out = shutil.ignore_patterns(".git", ".venv", ".hypothesis", "__pycache__", ".*_cache", "build")
    shutil.copytree(ROOT, root, ignore=left_out, symlinks=True)
    began = time.monotonic()
    assert _pass(module, root, SECONDS), f"the tests of {module} fail without a mutant"
    patience = 3 * (time.monotonic() - began) + 10
    for mutant in sampled(module, count):
        place = root / mutant.file.relative_to(ROOT)
        sound = place.read_text("utf-8")
        change = _Change(mutant.number)
        tree = ast.fix_missing_locations(change.visit(ast.parse(sound)))
        place.write_text(ast.unparse(tree), "utf-8")
        yield mutant, not _pass(module, root, patience)
        place.write_text(sound, "utf-8")


def _pass(module: str, root: Path, seconds: float) -> bool:
    tests = [f"tests/test_{name}.py" for name in TESTS[module]]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
