"""Mutation testing: change the code in one place at a time, and see whether the tests notice.

A mutant changes one comparison, condition, constant or return of a module, in a copy of the project, where the tests of
the module run until one fails. A seed chooses the mutants.

python trust/mutants.py MODULE [COUNT]
"""

from __future__ import annotations

import ast
import compileall
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import Empty, Queue
from random import Random
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
TESTS = {
    "validation/check": (
        "check_change",
        "incremental",
        "waivers",
        "rules",
        "plugins",
        "boundaries",
        "check",
        "verdicts",
        "since",
        "since_properties",
        "validate_reports",
    ),
    "edit": ("edit", "lifecycle", "fix", "fix_command", "fix_properties", "commands", "own_schemas", "races"),
    "edit/merge": ("merge", "merge_git"),
}
# These test other modules, and are slow.
LEFT_OUT = ("the_package_of_the_page", "every_code_that_the_program_writes")
SECONDS = 900  # for the tests without a mutant; a mutant that takes much longer counts as noticed
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


@dataclass(frozen=True, order=True)
class Mutant:
    """The `number`-th place of a module that can be changed, described by `what`."""

    file: Path
    number: int
    line: int
    what: str

    @property
    def key(self) -> str:
        """Identifies the mutant independently of its line."""
        return f"{self.file.relative_to(ROOT / 'smartreg')} {self.what}"

    @property
    def name(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} {self.what}"


class _Change(ast.NodeTransformer):
    """Lists the places that can be changed, and changes the one of this number."""

    def __init__(self, number: int = -1) -> None:
        self.number, self.places = number, list[tuple[int, str]]()

    def _chosen(self, node: ast.AST, what: str) -> bool:
        """List a place; whether it is the one to change."""
        self.places.append((getattr(node, "lineno", 0), what))
        return len(self.places) - 1 == self.number

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        other = _OTHER.get(type(node.ops[0]))
        if other and self._chosen(node, f"{ast.unparse(node)}: the comparison is turned"):
            node.ops[0] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._chosen(node, f"{ast.unparse(node)}: and/or"):
            node.op = _OTHER[type(node.op)]()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = _OTHER.get(type(node.op))
        if (
            other
            and not isinstance(node.left, ast.List | ast.Tuple)
            and self._chosen(node, f"{ast.unparse(node)}: +/-")
        ):
            node.op = other()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return (
            node.operand
            if isinstance(node.op, ast.Not) and self._chosen(node, f"{ast.unparse(node)}: no not")
            else node
        )

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self._chosen(node, f"if {ast.unparse(node.test)}: never"):
            node.test = ast.Constant(value=False)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is not None and self._chosen(node, f"{ast.unparse(node)[:70]}: returns None"):
            node.value = ast.Constant(value=None)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        value = node.value
        if not (isinstance(value, ast.Constant) and isinstance(value.value, bool)):
            self.generic_visit(node)
        elif self._chosen(node, f"{node.arg}={value.value}: the other"):
            node.value = ast.Constant(value=not value.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) and self._chosen(node, f"{node.value}: the other"):
            return ast.copy_location(ast.Constant(value=not node.value), node)
        return node


def mutants_of(file: Path) -> list[Mutant]:
    change = _Change()
    change.visit(ast.parse(file.read_text("utf-8")))
    return [Mutant(file, number, line, what) for number, (line, what) in enumerate(change.places)]


def files_of(module: str) -> list[Path]:
    place = ROOT / "smartreg" / module
    return sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def sample_mutants(module: str, count: int | None, seed: int = 1) -> list[Mutant]:
    """`count` mutants of a module, chosen by a seed; all if `count` is None."""
    mutants = [mutant for file in files_of(module) for mutant in mutants_of(file)]
    Random(seed).shuffle(mutants)
    return sorted(mutants[:count])


def try_mutants(module: str, count: int | None, work: Path, workers: int = 2) -> list[tuple[Mutant, bool]]:
    """Each mutant, and whether the tests noticed it. `work`: the folder for the copies of the workers."""
    untried: Queue[Mutant] = Queue()
    for mutant in sample_mutants(module, count):
        untried.put(mutant)
    with ThreadPoolExecutor(workers) as pool:
        working = [pool.submit(_work_through, module, work / str(number), untried) for number in range(workers)]
        return sorted(tried for done in working for tried in done.result())


def _work_through(module: str, root: Path, untried: Queue[Mutant]) -> list[tuple[Mutant, bool]]:
    """Try mutants from the queue, in a copy of the project, until it is empty."""
    left_out = shutil.ignore_patterns(".git", ".venv", ".hypothesis", "__pycache__", ".*_cache", "build")
    shutil.copytree(ROOT, root, ignore=left_out, symlinks=True)
    compileall.compile_dir(root / "smartreg", quiet=1)
    subprocess.run([sys.executable, str(root / "scripts" / "catalogues.py")], check=True)  # Git ignores them
    tried = []
    with Tests(root, module) as tests:
        began = time.monotonic()
        assert tests.run(SECONDS), f"the tests of {module} fail without a mutant"
        timeout = 4 * (time.monotonic() - began) + 10
        while True:
            try:
                mutant = untried.get_nowait()
            except Empty:
                return tried
            file = root / mutant.file.relative_to(ROOT)
            sound = file.read_text("utf-8")
            tree = ast.fix_missing_locations(_Change(mutant.number).visit(ast.parse(sound)))
            _write_module(file, ast.unparse(tree))
            tried.append((mutant, not tests.run(timeout)))
            _write_module(file, sound)


def _write_module(file: Path, text: str) -> None:
    """Write a module, and delete its byte code, which Python would reuse for another text of that size and second."""
    file.write_text(text, "utf-8")
    Path(cache_from_source(file)).unlink(missing_ok=True)


class Tests:
    """A process that has imported what the tests need besides smartreg, and forks for each run."""

    def __init__(self, root: Path, module: str) -> None:
        files = [str(file) for name in TESTS[module] for file in root.glob(f"tests/*/test_{name}.py")]
        others = " and ".join(f"not {name}" for name in LEFT_OUT)
        program = [sys.executable, str(Path(__file__).with_name("forked_tests.py")), "-k", others, *files]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        self._process = subprocess.Popen(
            program, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Tests:
        return self

    def __exit__(self, *_fault: object) -> None:
        self._process.communicate()

    def run(self, seconds: float) -> bool:
        """True if all tests pass in time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(seconds, file=self._process.stdin, flush=True)
        return self._process.stdout.readline() == "passed\n"


def main() -> None:
    with TemporaryDirectory() as work:
        tried = try_mutants(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None, Path(work))
    print(f"{sum(noticed for _, noticed in tried)} of {len(tried)} noticed")
    for mutant, noticed in tried:
        if not noticed:
            print(mutant.name)


if __name__ == "__main__":
    main()
