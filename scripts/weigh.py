"""Weigh the source: what a reader has to hold in mind, counted, as a table in Markdown.

    python scripts/weigh.py                     this checkout
    python scripts/weigh.py --at REV [REV …]    commits, one column each; `.` is this checkout

The rows of a run need the libraries of smartreg; all others read the source. No row is a limit.
"""

from __future__ import annotations

import argparse
import ast
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
INDEX = (
    "smartreg/index/*.py",
    "smartreg/trees/indexed.py",
    "smartreg/trees/seeing.py",
    "smartreg/trees/refresh.py",
    "smartreg/registry/finder.py",
    "smartreg/registry/locations.py",
    "smartreg/registry/nearby.py",
    "smartreg/registry/texts.py",
    "smartreg/tables/current.py",
    "smartreg/tables/database.py",
    "smartreg/tables/layout.py",
    "smartreg/validation/affected.py",
    "smartreg/validation/verdicts.py",
    "smartreg/rules/*inputs.py",
    "smartreg/rules/reach.py",
    "smartreg/history/commits.py",
    "smartreg/history/details.py",
    "scripts/rule_*.py",
    "scripts/make_rule_inputs.py",
)
"""Modules of the index and of incremental checks, in the states of the house so far; a missing one counts nothing."""
IMPORT = (
    "smartreg/importing/**/*.py",
    "smartreg/importers/*.py",
    "smartreg/commands/import*.py",
    "smartreg/cli/import*.py",
    "smartreg/cli/importing/*.py",
)
SHORT, LONG = 5, 350
VAGUE = ("found", "one", "known", "named", "wanted", "said")
SENTENCES = {"Words", "Message", "plural", "message_in", "plural_in", "t"}  # `Words`: until they lay in catalogues
OUTSIDE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}

Cells: TypeAlias = Iterator[tuple[str, str]]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Checkout:
    """The files of one state of the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sources(self, *patterns: str) -> dict[str, str]:
        """The texts of the files that match, by path."""
        files = sorted({file for pattern in patterns for file in self.folder.glob(pattern) if file.is_file()})
        return {file.relative_to(self.folder).as_posix(): file.read_text("utf-8") for file in files}

    @cached_property
    def modules(self) -> Mapping[str, ast.Module]:
        return {path: ast.parse(text) for path, text in self.sources("smartreg/**/*.py").items()}

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        return [node for tree in self.modules.values() for node in ast.walk(tree)]


def weigh(checkout: Checkout) -> Cells:
    """The rows: what is counted, and the count."""
    yield from count_lines(checkout)
    yield from count_definitions(checkout)
    yield from count_names(checkout)
    yield from count_outside(checkout)
    yield from count_runs(checkout.folder)


def count_lines(checkout: Checkout) -> Cells:
    sources = checkout.sources("smartreg/**/*.py")
    code, texts = Counter[str](), 0
    for path, text in sources.items():
        docstrings = docstring_lines(checkout.modules[path])
        lines: defaultdict[int, set[int]] = defaultdict(set)
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in OUTSIDE and token.start[0] not in docstrings:
                for line in range(token.start[0], token.end[0] + 1):
                    lines[line].add(token.type)
        code["all"] += len(lines)
        code["bare"] += sum(not kinds <= {tokenize.STRING, tokenize.OP} for kinds in lines.values())
        texts += len(set().union(*map(text_lines, ast.walk(checkout.modules[path]))))
    yield "modules in `smartreg/`", f"{len(sources)}"
    yield "lines in `smartreg/*.py`", number(chain(*map(str.splitlines, sources.values())))
    yield "code lines (not blank, no comment, no docstring)", f"{code['all']:,}"
    yield "code lines that hold more than strings and brackets", f"{code['bare']:,}"
    yield "lines of sentences and manuals in the code", f"{texts:,}"
    yield "lines of the index and of incremental checks (`INDEX` of this script)", lines_in(checkout, INDEX)
    yield "import: lines, modules (`IMPORT` of this script)", lines_in(checkout, IMPORT)
    yield f"modules of more than {LONG} lines", number(t for t in sources.values() if t.count("\n") > LONG)


def docstring_lines(tree: ast.Module) -> set[int]:
    """The lines of docstrings, also of those below a constant or a field."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def text_lines(node: ast.AST) -> set[int]:
    """The lines of a call with sentences, or of a `MANUAL`."""
    if isinstance(node, ast.Call):
        is_text = isinstance(node.func, ast.Name) and node.func.id in SENTENCES and bool(node.args)
    else:
        is_text = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("MANUAL")
    return set(range(node.lineno, (node.end_lineno or 0) + 1)) if is_text else set()  # type: ignore[attr-defined]


def lines_in(checkout: Checkout, patterns: Sequence[str]) -> str:
    sources = checkout.sources(*patterns)
    return f"{sum(text.count(chr(10)) for text in sources.values()):,} in {len(sources)}"


def count_definitions(checkout: Checkout) -> Cells:
    uses = {path: Counter(names_read(module)) for path, module in checkout.modules.items()}
    everywhere = Counter[str]()
    for counted in uses.values():
        everywhere.update(counted)
    fragments = [
        node
        for path, module in checkout.modules.items()
        for node in ast.walk(module)
        if isinstance(node, Function) and not node.decorator_list and is_short(node)
        if (uses[path] if node.name.startswith("_") else everywhere)[node.name] == 1
    ]
    private = number(node for node in fragments if node.name.startswith("_"))
    yield f"functions with one use and at most {SHORT} lines of body (private)", f"{len(fragments)} ({private})"
    built = Counter(
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in checkout.nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    )
    values = [node for node in checkout.nodes if isinstance(node, ast.ClassDef) and is_value(node)]
    rare = number(node for node in values if built[node.name] <= 1)
    yield "value classes (built in at most one place)", f"{len(values)} ({rare})"


def names_read(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.id if isinstance(node, ast.Name) else node.attr


def is_short(function: Function) -> bool:
    """Whether the body has few lines, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return not body or (body[-1].end_lineno or 0) - body[0].lineno < SHORT


def is_value(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(each) for each in node.decorator_list) or any(
        ast.unparse(base) in ("NamedTuple", "TypedDict") for base in node.bases
    )


def count_names(checkout: Checkout) -> Cells:
    names = Counter(
        node.id for node in checkout.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    yield (
        "times that a local name is set: " + ", ".join(f"`{name}`" for name in VAGUE),
        ", ".join(str(names[name]) for name in VAGUE),
    )
    functions = Counter(node.name for node in checkout.nodes if isinstance(node, Function))
    yield "definitions of `_fault`", str(functions["_fault"])
    homes = Counter(chain(*map(aliases, checkout.modules.values())))
    yield (
        "type aliases, options aside, defined in several modules",
        number(name for name, times in homes.items() if times > 1),
    )


def aliases(module: ast.Module) -> set[str]:
    """The type aliases of a module, declared as such or by a name in capitals for a type; not those of options."""
    names = set()
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            is_option = node.value is not None and ast.unparse(node.value).startswith("Annotated[")
            names.update([] if is_option else [ast.unparse(node.target)])
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp):
            names.add(ast.unparse(node.targets[0]))
    return {name for name in names if re.fullmatch("_?[A-Z]+[a-z][A-Za-z]*_?", name)}


def count_outside(checkout: Checkout) -> Cells:
    page = (checkout.folder / "docs/ARCHITECTURE.md").read_text("utf-8")
    _, _, rows = page.partition("## Where to look when")
    yield 'rows of "Where to look when"', number(re.findall(r"^\| (?!question)[^-|]", rows.split("\n## ")[0], re.M))
    tests = checkout.sources("tests/**/*.py")
    flat = number(path for path in tests if re.fullmatch("tests/test_[^/]*", path))
    modules = number(path for path in tests if Path(path).name.startswith("test_"))
    helpers = number(path for path in tests if not Path(path).name.startswith("test_"))
    yield "test modules (in no folder), other modules", f"{modules} ({flat}), {helpers}"
    yield "fixtures called `registry`", number(chain(*map(registry_fixtures, tests.values())))


def registry_fixtures(source: str) -> list[str]:
    return re.findall(r"^@pytest\.fixture.*\ndef registry\(", source, re.M)


SUPPORT, NEW = "demo-istres-ep-001", "demo-istres-noise-909"
PARTY, USE_CASE = "metropole-d-aix-marseille-provence", "noise-observatory"
RUNS = {
    "`add-sensor`; its `--support`": (
        SUPPORT,
        f"add-sensor --id {NEW} --type sensor --owner {PARTY} --use-case {USE_CASE} --status planned"
        f" --support {SUPPORT} --measure noiseLevel:dB[SPL] -y",
    ),
    "`import` of a CSV with one row; its id": (NEW, "import equipment rows.csv -y"),
}
ROWS = f"id,type,owner,use_cases,status,support\n{NEW},sensor,{PARTY},{USE_CASE},planned,{SUPPORT}\n"
TRACE = """
import dataclasses, os, sys
room, value, *words = sys.argv[1:]
called, given = set(), set()

def holds(item, depth=2):
    if isinstance(item, str) or not depth:
        return isinstance(item, str) and value in item
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        item = [getattr(item, field.name, None) for field in dataclasses.fields(item)]
    items = item.values() if type(item) is dict else item if isinstance(item, list | tuple | set | frozenset) else ()
    return any(holds(each, depth - 1) for each in items)

def note(frame, event, _argument):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(room) and not code.co_name.startswith("<"):
        function = code.co_filename, code.co_qualname
        called.add(function)
        if function not in given and any(holds(frame.f_locals[name]) for name in code.co_varnames[:code.co_argcount]):
            given.add(function)

def leave(code):
    sys.setprofile(None)
    with open("weighed", "w") as out:
        for functions in (called, given):
            print(f"{len(functions)} in {len({file for file, _ in functions})}", file=out)
    end(code)

from smartreg.cli.main import main
end, os._exit, sys.argv = os._exit, leave, ["smartreg", *words]
sys.setprofile(note)
main()
"""
"""Counts the functions called after the first import, without generators and lambdas; and those of them that get the
value as an argument: in a text, or in one up to two lists, mappings or value classes deep."""


def count_runs(folder: Path) -> Cells:
    """Run the program of a checkout on its own registry."""
    git = ["git", "-c", "user.name=Weigher", "-c", "user.email=weigher@example.org"]
    for command in (["init", "-q"], ["add", "registry", "schemas", "smartreg.toml"], ["commit", "-q", "-m", "Weigh"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    (folder / "rows.csv").write_text(ROWS, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder), "SMARTREG_LANG": "en"}
    if (compile_texts := folder / "scripts/catalogues.py").exists():
        subprocess.run([sys.executable, str(compile_texts)], cwd=folder, env=environment, check=True)
    for name, (value, words) in RUNS.items():
        command = [sys.executable, "-c", TRACE, str(folder / "smartreg"), value, *words.split()]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"smartreg {words} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
        run, handed = (folder / "weighed").read_text("utf-8").splitlines()
        yield f"functions in modules that run for {name.replace('; its', ', and those given its')}", f"{run}; {handed}"
        subprocess.run([*git, "reset", "-q", "--hard", "HEAD~1"], cwd=folder, check=True)


def number(items: Iterable[object]) -> str:
    return f"{sum(1 for _ in items):,}"


def take(rev: str, folder: Path) -> Checkout:
    """The files of a commit, or of this checkout as it is, in `folder`."""
    if rev == ".":
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        )
        names = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
        packed = subprocess.run(["tar", "-c", *names], cwd=ROOT, capture_output=True, check=True)
    else:
        packed = subprocess.run(["git", "archive", rev], cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return Checkout(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description="Weigh the source of smartreg.")
    parser.add_argument("--at", nargs="+", default=["."], metavar="REV", help="commits; `.` is this checkout")
    revs = parser.parse_args().at
    columns = []
    for rev in revs:
        with tempfile.TemporaryDirectory() as folder:
            columns.append(list(weigh(take(rev, Path(folder).resolve()))))
    print("|", " | ".join(["what", *revs]), "|")
    print("|---" * (1 + len(revs)) + "|")
    for cells in zip(*columns, strict=True):
        print("|", " | ".join([cells[0][0], *(count for _, count in cells)]), "|")


if __name__ == "__main__":
    main()
