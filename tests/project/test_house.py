"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import pkgutil
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Set
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import pytest

from smartreg.cli import completion, load
from smartreg.cli.catalogue import COMMANDS
from smartreg.web.catalogue import MODULES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "smartreg"

EMPTY_NAMES = {"base", "common", "helper", "helpers", "lib", "misc", "tools", "util", "utils"}
EMPTY_SUFFIXES = ("Base", "Helper", "Manager", "Processor")
DOORS: dict[str, set[str]] = {
    "click": {"cli"},
    "duckdb": {"exporters", "observatory"},
    "git": {"gitio"},
    "jsonschema": {"schema"},
    "jsonschema_rs": {"schema"},
    "prompt_toolkit": {"cli"},
    "pyproj": {"domain", "readers"},  # the second in a process of its own, which knows nothing else of ours
    "rapidfuzz": {"core", "domain"},
    "referencing": {"schema"},
    "rich": {"cli"},
    "ruamel": {"yamlio"},
    "stdnum": {"domain", "rules"},
    "typer": {"cli"},
    "yaml": {"yamlio"},
}

Modules: TypeAlias = dict[str, ast.Module]
Node = TypeVar("Node", bound=ast.AST)


def parse_modules(folder: Path) -> Modules:
    """Every module below `folder`, by its POSIX path from there."""
    files = sorted(folder.rglob("*.py"))
    return {file.relative_to(folder).as_posix(): ast.parse(file.read_bytes(), str(file)) for file in files}


def parse_folder(name: str) -> Modules:
    """The modules of a folder beside the package; not those that are the case of a test."""
    return {
        path: tree for path, tree in parse_modules(ROOT / name).items() if not path.startswith(("rules/", "golden/"))
    }


def nodes(tree: ast.Module, kind: type[Node]) -> list[Node]:
    """All of one kind in a module, which is walked through once: that takes as long as reading it."""
    return cast(list[Node], by_kind(tree)[kind])


@cache
def by_kind(tree: ast.Module) -> defaultdict[type[ast.AST], list[ast.AST]]:
    found: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    for node in ast.walk(tree):
        found[type(node)].append(node)
    return found


def part(module: str) -> str:
    """The part of the house that a module belongs to: `rules/rec101_x.py` → `rules`, `diff.py` → `diff`. In a wing,
    what draws belongs to `cli` (`features/query/command.py`), what answers to `web` (`features/query/page.py`), and the
    rest to the wing: `features/query/guard.py` → `query`."""
    first, *others = module.removesuffix(".py").split("/")
    if first != "features" or len(others) < 2:
        return first
    return {"command": "cli", "page": "web"}.get(others[1], others[0])


def third_party(tree: ast.Module) -> set[str]:
    """Top names of the libraries that a module imports anywhere, also inside functions."""
    names: set[str] = set()
    for plain in nodes(tree, ast.Import):
        names.update(alias.name.split(".")[0] for alias in plain.names)
    names.update(node.module.split(".")[0] for node in nodes(tree, ast.ImportFrom) if node.module and not node.level)
    return names - sys.stdlib_module_names - {"smartreg"}


def empty_words(modules: Modules) -> list[str]:
    """Modules and classes whose names say nothing about the field."""
    found = [name for name in modules if EMPTY_NAMES & {step.strip("_") for step in name[:-3].split("/")}]
    for name, tree in modules.items():
        classes = (node.name for node in nodes(tree, ast.ClassDef))
        found += [f"{name}: class {word}" for word in classes if word.endswith(EMPTY_SUFFIXES)]
    return found


def prints(modules: Modules) -> list[str]:
    """Calls of `print` and `input` outside cli: functions return, only cli talks."""
    return [
        f"{name}:{node.lineno}: {node.func.id}("
        for name, tree in modules.items()
        if part(name) != "cli"
        for node in nodes(tree, ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id in ("print", "input")
    ]


def side_doors(modules: Modules) -> list[str]:
    """Libraries imported outside their door; one that `DOORS` does not name may be imported by a single part."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for name, tree in modules.items():
        for library in third_party(tree):
            users[library].add(part(name))
    return [
        f"{library}: imported by {', '.join(sorted(parts))}"
        for library, parts in sorted(users.items())
        if (parts - DOORS[library] if library in DOORS else len(parts) > 1)
    ]


def hidden_imports(modules: Modules) -> set[str]:
    """Modules that import something of ours inside a function."""
    return {
        name
        for name, tree in modules.items()
        if any(is_ours(node) and node.col_offset for node in nodes(tree, ast.ImportFrom))
        for function in (*nodes(tree, ast.FunctionDef), *nodes(tree, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and is_ours(node)
    }


def is_ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").startswith("smartreg")


def inner_imports(modules: Modules, library: str) -> set[tuple[str, str]]:
    """Each module that imports a module of a library, and that."""
    found: set[tuple[str, str]] = set()
    for name, tree in modules.items():
        for node in nodes(tree, ast.ImportFrom):
            if (node.module or "").split(".")[0] == library:
                names = (f"{node.module}.{alias.name}" for alias in node.names if alias.name.islower())
                found.update((name, full) for full in names)
                found.add((name, str(node.module)))
    return found


def kind_comparisons(modules: Modules, kinds: Set[str]) -> list[str]:
    """Comparisons of a `kind` with the name of one: what a kind means, the schemas say or a function of domain."""
    return [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, tree in modules.items()
        if part(name) not in ("rules", "domain", "exporters")
        for node in nodes(tree, ast.Compare)
        if is_kind(node.left)
        if any(isinstance(leaf, ast.Constant) and leaf.value in kinds for leaf in ast.walk(node.comparators[0]))
    ]


def is_kind(node: ast.expr) -> bool:
    """Whether an expression is `kind`, `….kind` or `….kind.name`."""
    if isinstance(node, ast.Attribute):
        return node.attr == "kind" or (node.attr == "name" and is_kind(node.value))
    return isinstance(node, ast.Name) and node.id == "kind"


def hidden_state(modules: Modules) -> list[str]:
    """What changes values behind an immutable face, or reads the names of a function's variables. A message is made by
    hand: the values of its template are its keywords."""
    return [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, tree in modules.items()
        if name != "core/messages.py"
        for node in (*nodes(tree, ast.Attribute), *nodes(tree, ast.Subscript))
        if (isinstance(node, ast.Attribute) and node.attr in ("__setattr__", "co_varnames"))
        or (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and is_state(node.value))
        or (isinstance(node, ast.Attribute) and node.attr in ("update", "setdefault", "pop") and is_state(node.value))
    ]


def is_state(node: ast.expr) -> bool:
    """Whether an expression is `….__dict__` or `vars(…)`."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "vars"
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"


_DOTTED = re.compile(r"smartreg(?!\.(?:toml|po|mo|pot)$)(\.[A-Za-z_]\w*)+\.?")  # no names of files
NOT_MODULES = {"smartreg.session", "smartreg.rest"}  # keys of Click's contexts


def names_in_strings(modules: Modules) -> set[tuple[str, str]]:
    """Each module that holds the dotted name of one of ours in a string (mypy and import-linter do not see these), and
    that name: what `load(…)` is given, `"smartreg.x.y"`, and the fixed part of `f"smartreg.x.{name}"`."""
    found: set[tuple[str, str]] = set()
    for name, tree in modules.items():
        texts = {node.value for node in nodes(tree, ast.Constant) if isinstance(node.value, str)}
        found.update((name, text.removesuffix(".")) for text in texts if _DOTTED.fullmatch(text))
        for call in nodes(tree, ast.Call):
            if isinstance(call.func, ast.Name) and call.func.id == "load" and call.args and literal(call.args[0]):
                found.add((name, f"smartreg.{literal(call.args[0])}"))
    return {(name, text) for name, text in found if text not in NOT_MODULES}


def not_there(names: Iterable[tuple[str, str]]) -> list[str]:
    """Those names that are neither a module nor an attribute of one."""
    missing = []
    for place, name in sorted(names):
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError):
            missing.append(f"{place}: {name}")
    return missing


@pytest.fixture(scope="module")
def house() -> Modules:
    return parse_modules(PACKAGE)


def test_names_are_of_the_field(house: Modules) -> None:
    assert empty_words(house) == []


def test_only_cli_talks(house: Modules) -> None:
    assert prints(house) == []


def test_each_library_has_one_door(house: Modules) -> None:
    assert side_doors(house) == []


def test_what_is_used_of_typer_is_public_but_for_two_exceptions(house: Modules) -> None:
    """Tab, because Typer's scripts evaluate what they offer; and titles in French, which Typer takes from there."""
    public = ("typer", "typer.core", "typer.exceptions")
    assert {(name, inner) for name, inner in inner_imports(house, "typer") if inner not in public} == {
        ("cli/help_page.py", "typer.rich_utils"),
        ("cli/shell.py", "typer._click.shell_completion"),
    }


def test_each_imported_library_is_declared(house: Modules) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(item for name, items in extras.items() if name != "dev" for item in items)]
    declared = {normal(re.split(r"[\[<>=!~; ]", item)[0]) for item in wanted}
    homes = packages_distributions()
    imported = set().union(*map(third_party, house.values()))
    assert [name for name in sorted(imported) if not declared & set(map(normal, homes.get(name, [name])))] == []


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_imports_are_at_the_top(house: Modules) -> None:
    """But where a command would load what one option or few files need, and the program what it has to report a failure
    of."""
    assert hidden_imports(house) == {
        *("__init__.py", "cli/diff.py", "cli/main.py", "cli/writing.py"),
        *("cli/validate.py", "cli/findings.py"),  # what --since alone needs, and a report that few ask for
        *("cli/importing/command.py", "commands/import_.py"),  # what makes and marks exports
        *("commands/diff.py", "commands/doctor_ci.py"),  # what checks who may write and who has to agree
        "cli/usage.py",  # the schemas, for wrong command lines alone
        "workspace/workspace.py",  # what writes
        # How releases are read, where a registry has sources.
        *("commands/show.py", "rules/ref224_kept_differs.py", "rules/ref225_release_expired.py"),
    }


def test_names_in_strings_can_be_imported(house: Modules) -> None:
    """Also those that tests and scripts patch or run."""
    found = names_in_strings(house)
    for name in ("scripts", "tests", "trust"):
        found |= names_in_strings(parse_folder(name))
    assert ("cli/web.py", "smartreg.web.serve") in found
    assert not_there(found) == []


def test_each_command_is_where_the_catalogue_says() -> None:
    for name, entry in COMMANDS.items():
        if name != "add":  # made from the schemas
            app = load(entry.module).app
            group = app.registered_callback is not None
            assert group or [info.name for info in app.registered_commands].count(name) == 1, name


def test_each_page_stands_in_the_catalogue(house: Modules) -> None:
    with_pages = {
        name
        for name, tree in house.items()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if ast.unparse(target) == "PAGES"
    }
    assert {f"smartreg.{name.removesuffix('.py').replace('/', '.')}" for name in with_pages} == set(MODULES)


def test_each_completion_that_an_option_offers_is_there(house: Modules) -> None:
    calls = [
        call
        for tree in house.values()
        for call in nodes(tree, ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id == "offer" and isinstance(call.args[0], ast.Constant)
    ]
    assert len(calls) > 20
    assert [ast.unparse(call) for call in calls if not hasattr(completion, literal(call.args[0]))] == []


def literal(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_the_doors_named_here_are_there() -> None:
    parts = {part(name) for name in parse_modules(PACKAGE)}
    assert {door for doors in DOORS.values() for door in doors} <= parts


def test_the_meaning_of_a_kind_is_in_schemas_and_domain(house: Modules) -> None:
    kinds = {file.name.partition(".")[0] for file in (ROOT / "schemas").glob("*.schema.json")} - {"common", "meta"}
    assert "convention" in kinds
    assert kind_comparisons(house, kinds) == []


def test_values_do_not_change_behind_their_face(house: Modules) -> None:
    assert hidden_state(house) == []


def test_what_the_house_refuses() -> None:
    modules = {
        "features/query/command.py": ast.parse("import typer\nload('web.serve')\nprint(f'smartreg.gone.{name}')"),
        "features/query/guard.py": ast.parse("import typer"),
        "utils.py": ast.parse("class ImportManager: ..."),
        "rules/_common.py": ast.parse("print('x')"),
        "cli/app.py": ast.parse("import rich.table\nprint('allowed here')"),
        "diff.py": ast.parse("def f():\n    from ruamel.yaml import YAML\n    import foreign"),
        "edit/plan.py": ast.parse("import foreign, json\nimport smartreg.core.values"),
        "review/notes.py": ast.parse("a.kind in ('flow', 'party'); b.kind == 'retired'; a.__dict__['c'] = 1"),
    }

    assert empty_words(modules) == ["utils.py", "rules/_common.py", "utils.py: class ImportManager"]
    assert prints(modules) == ["rules/_common.py:1: print("]
    assert side_doors(modules) == [
        "foreign: imported by diff, edit",
        "ruamel: imported by diff",
        "typer: imported by cli, query",
    ]
    assert not_there(names_in_strings(modules)) == ["features/query/command.py: smartreg.gone"]
    assert kind_comparisons(modules, {"flow", "party"}) == ["review/notes.py:1: a.kind in ('flow', 'party')"]
    assert hidden_state(modules) == ["review/notes.py:1: a.__dict__['c']"]
