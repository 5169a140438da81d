"""Remove a wing from a copy of the tree, with the wings above that build on it, and run the suite there without the
tests that need them: what is left must not miss them.

    python scripts/remove_wing.py observatory
    python scripts/remove_wing.py proofs -- -n 2 tests/cli tests/project/test_house.py

Without arguments for pytest, the whole suite is run. Documentation and manual pages still speak of the wing: their
tests (`ABOUT_PAGES`) are left out, and those by which the house names its wings (`NAMED`).
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ABOUT_PAGES = ("pages", "share", "guarantees", "readme", "site", "texts", "extras", "first_screen")
NAMED = ("test_the_doors_named_here_are_there", "test_imports_are_at_the_top")
IMPORT_ALL = """
import importlib, pkgutil, smartreg
for module in pkgutil.walk_packages(smartreg.__path__, "smartreg."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def main() -> int:
    wings = sorted(path.parent.name for path in (ROOT / "smartreg/features").glob("*/__init__.py"))
    parser = argparse.ArgumentParser(description="Remove one wing from a copy of the tree, and run the suite there.")
    parser.add_argument("wing", choices=wings)
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, behind --")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smartreg-without-") as folder:
        copy = Path(folder, "smartreg")
        copy_tracked(copy)
        removed = with_dependents(copy, chosen.wing)
        print(f"without {', '.join(sorted(removed))}")
        for file in remove(copy, removed):
            print(f"removed {file}")
        imports = subprocess.run([sys.executable, "-c", IMPORT_ALL], cwd=copy, check=False)
        if imports.returncode:
            print(f"what is left imports {chosen.wing}", file=sys.stderr)
            return 1
        left_out = [f"--ignore=tests/project/test_{name}.py" for name in ABOUT_PAGES]
        left_out += [f"--deselect=tests/project/test_house.py::{name}" for name in NAMED]
        words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not long", *left_out, *chosen.pytest]
        return subprocess.run([sys.executable, *words], cwd=copy, check=False).returncode


def copy_tracked(copy: Path) -> None:
    """The files that Git knows, as they are in the working tree, and the compiled catalogues; in a repository of their
    own, for the tests that ask Git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    compiled = [str(path.relative_to(ROOT)) for path in (ROOT / "smartreg/locale").rglob("*.mo")]
    for name in [*filter(None, listed.split("\0")), *compiled]:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=copy, check=True)


def with_dependents(copy: Path, wing: str) -> set[str]:
    """A wing, and those that import it, or one that does."""
    found = {wing}
    while (
        more := {
            path.relative_to(copy / "smartreg/features").parts[0]
            for path in (copy / "smartreg/features").rglob("*.py")
            if needs(path, {f"smartreg.features.{name}" for name in found}, set())
        }
        - found
    ):
        found |= more
    return found


def remove(copy: Path, wings: set[str]) -> Iterator[str]:
    """Take out wings, their lines in both catalogues, and the tests that need them or their commands; each path or line
    that is gone."""
    commands: set[str] = set()
    for wing in sorted(wings):
        for folder in (f"smartreg/features/{wing}", f"tests/features/{wing}"):
            shutil.rmtree(copy / folder, ignore_errors=True)
            yield folder
        commands |= yield from take_out_entries(copy / "smartreg/cli/catalogue.py", f"features.{wing}.")
        yield from take_out_entries(copy / "smartreg/web/catalogue.py", f"smartreg.features.{wing}.")
    gone = {f"smartreg.features.{wing}" for wing in wings}
    while found := [path for path in (copy / "tests").rglob("*.py") if needs(path, gone, commands)]:
        for path in found:
            gone.add(path.stem)
            path.unlink()
            yield str(path.relative_to(copy))


def take_out_entries(catalogue: Path, module: str) -> Generator[str, None, set[str]]:
    """Remove the entries whose module begins so; returns the names of the commands among them."""
    text = catalogue.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    names: set[str] = set()
    spans: list[tuple[int, int]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and f'"{module}' in (ast.get_source_segment(text, value) or ""):
                    names.add(str(key.value))
                    spans.append((key.lineno - 1, value.end_lineno or key.lineno))
        elif isinstance(node, ast.Constant) and str(node.value).startswith(module):
            spans.append((node.lineno - 1, node.end_lineno or node.lineno))
    outer = [span for span in spans if not any(other != span and other[0] <= span[0] < other[1] for other in spans)]
    for start, end in sorted(outer, reverse=True):
        del lines[start:end]
        yield f"{catalogue.name}:{start + 1}"
    catalogue.write_text("".join(lines), "utf-8")
    return names


def needs(path: Path, gone: set[str], commands: set[str]) -> bool:
    """Whether a module of the tests imports what is gone, or runs a command that is."""
    if "rules" in path.parts or "golden" in path.parts:
        return False
    text = path.read_text("utf-8")
    words = "|".join(map(re.escape, commands)) or "(?!)"
    if path.name != "test_house.py" and re.search(rf"[\"'](?:smartreg )?(?:{words})(?: [a-z-]+)*[\"' ]", text):
        return True
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            full = {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            full = {alias.name for alias in node.names}
        else:
            continue
        if any(name == it or name.startswith(f"{it}.") for name in full for it in gone):
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
