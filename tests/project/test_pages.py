"""What README, CONTRIBUTING.md and docs/ name exists: files, names in modules, commands with their options; and the
examples of CONTRIBUTING.md work."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from smartreg.cli.ahead import look_ahead
from smartreg.cli.app import command_named
from smartreg.cli.catalogue import COMMANDS
from smartreg.core.messages import Language, Message
from smartreg.core.values import Record, RecordId
from smartreg.exporters import Chosen, Written
from smartreg.registry import open_registry
from smartreg.rules import Context
from smartreg.schema import bundled_files, read_schemas
from smartreg.tables.view import view
from smartreg.trees import WorkingTree

ROOT = Path(__file__).parents[2]
REGISTRY = WorkingTree(ROOT / "tests" / "golden" / "export" / "registry", None)
OWN = ("CHANGELOG.md",)  # speaks of what was
REPLACED = "*Replaced by"  # such a decision speaks of what was, too
PAGES = [
    page.relative_to(ROOT).as_posix()
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    if page.name not in OWN and REPLACED not in page.read_text("utf-8")
]
ADDED = {  # by the examples of CONTRIBUTING.md, by a plug-in, by a computer's owner, by the wheel
    *("smartreg/rules/lif690_ends_before_it_starts.py", "smartreg/exporters/ids.py", "sitecustomize.py"),
    *("smartreg/commands/count.py", "smartreg/cli/count.py", "count"),
    *("tests/rules/LIF690/wrong/registry/use-cases/x.yaml", "smartreg/rules/pages/LIF690.md", "smartreg/_schemas"),
    *("istres_rules/__init__.py", "istres_rules/istres901_camera_without_maintainer.py"),
}
PATH = r"[\w./*-]+\.py"
FILE = re.compile(r"(?:smartreg|tests|scripts|docs|trust|benchmarks|share|ci)/[\w./*-]+")
VARIABLE = re.compile(r"\b(?:SMARTREG|TRUST)_[A-Z]+\b")
COMMAND = re.compile(r"(?:\$ )?smartreg ([a-z].*)")
CODE = ("smartreg", "tests", "scripts", "trust", "benchmarks")


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def code_in(text: str) -> Iterator[str]:
    """The lines of blocks, and the spans, that a page shows as code."""
    for token in MarkdownIt().enable("table").parse(text):
        if token.type == "fence":
            yield from token.content.splitlines()
        yield from (child.content for child in token.children or () if child.type == "code_inline")


@cache
def sources() -> dict[str, str]:
    """The text of each module, by its path from the root."""
    files = (file for folder in CODE for file in (ROOT / folder).rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}


@cache
def words() -> dict[str, set[str]]:
    """The words of each module."""
    return {path: set(re.findall(r"\w+", text)) for path, text in sources().items()}


@cache
def homes() -> dict[str, list[str]]:
    """By name of a function or class, the modules that define it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, text in sources().items():
        for name in re.findall(r"^ *(?:def|class) (\w+)", text, re.MULTILINE):
            found[name].append(path)
    return found


@cache
def modules_at(path: str) -> list[str]:
    """The modules that a page calls so: from the root or from the package; a name alone follows a path on its line."""
    start = "(?:smartreg/)?" if "/" in path else "(?:.*/)?"
    return re.findall(rf"^{start}{re.escape(path)}$".replace(r"\*", "[^/\n]*"), "\n".join(sources()), re.MULTILINE)


def on_pages(check: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    """What a check finds on each page."""
    return {page: found for page in PAGES if (found := sorted(check(page)))}


def test_links_lead_somewhere() -> None:
    assert on_pages(dead_links) == {}


def dead_links(page: str) -> Iterator[str]:
    for path, heading in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text_of(page)):
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists():
            yield path
        elif heading and target.name not in OWN and heading not in anchors_of(target):
            yield f"{path}#{heading}"


@cache
def anchors_of(page: Path) -> list[str]:
    return list(map(anchor_of, re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)))


def anchor_of(heading: str) -> str:
    """The name by which hosts of Git link to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_files_exist() -> None:
    assert on_pages(lost_files) == {}


def lost_files(page: str) -> Iterator[str]:
    modules = set(re.findall(f"`({PATH})`", text_of(page))) - ADDED
    yield from (path for path in modules if not modules_at(path))
    files = set(filter(FILE.fullmatch, code_in(text_of(page)))) - ADDED
    yield from (path for path in files if not any(ROOT.glob(path)))


def test_names_are_in_the_code() -> None:
    assert on_pages(lost_names) == {}


def lost_names(page: str) -> set[str]:
    """As in `name` of `module.py`, `module.py` (`name`), `Class.name`, `name()` and `SMARTREG_LANG`."""
    text = text_of(page)
    placed = re.findall(rf"`(\w+)(?:\(\))?` (?:of|in|de)\s`({PATH})`", text)
    placed += [(name, path) for path, name in re.findall(rf"`({PATH})` \(`(\w+)`", text)]
    lost = {f"{name} in {path}" for name, path in placed if not any(name in words()[at] for at in modules_at(path))}
    for owner, name in re.findall(r"`([A-Z]\w+)\.([a-z_]+)(?:\([^`]*)?`", text):
        modules = homes().get(owner, [])
        lost |= {f"{owner}.{name}"} if modules and not any(name in words()[at] for at in modules) else set()
    lost |= {name for name in VARIABLE.findall(text) if not any(name in said for said in words().values())}
    return lost | {name for name in re.findall(r"`([a-z_]+)\(\)`", text) if name not in homes()}


def test_commands_exist_with_their_options() -> None:
    assert on_pages(unknown_words) == {}


def unknown_words(page: str) -> Iterator[str]:
    """Commands that do not exist, and options that a command does not have."""
    for line in filter(None, map(COMMAND.match, code_in(text_of(page)))):
        name, *words = re.split(r" \| |  #| && ", line[1])[0].split()
        if name == "help":  # it hands its words on
            continue
        if name not in COMMANDS:
            yield from () if name in ADDED or name.startswith("add-") else (name,)
            continue
        options = (word.partition("=")[0].strip("[].,") for word in words if word.startswith("--"))
        inner = words[0] if words else ""
        yield from (f"{name} {option}" for option in options if option not in options_of(name, inner))


@cache
def options_of(name: str, inner: str) -> frozenset[str]:
    command = command_named(name, look_ahead([name], {}))
    command = getattr(command, "commands", {}).get(inner, command)
    return frozenset(("--help", *(option for parameter in command.params for option in parameter.opts)))


# -- the examples of CONTRIBUTING.md -------------------------------------------------------------------------------


def example(holding: str) -> str:
    tokens = MarkdownIt().parse(text_of("CONTRIBUTING.md"))
    (found,) = (token.content for token in tokens if token.type == "fence" and holding in token.content)
    return str(found)


def test_the_rule_finds_its_fault_and_is_formatted(tmp_path: Path) -> None:
    file = tmp_path / "lif690_ends_before_it_starts.py"
    file.write_text(example('@rule("LIF690"'), "utf-8")
    for words in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        ruff = [sys.executable, "-m", "ruff", *words, "--config", str(ROOT / "pyproject.toml"), str(file)]
        subprocess.run(ruff, check=True, capture_output=True)
    rule = load(file).check
    data = {"started_on": "2024-03-01", "ended_on": "2024-01-01"}
    registry = open_registry(REGISTRY, None, frozenset())
    context = Context(registry.schemas, registry.config, date(2026, 1, 15))
    (fault,) = rule.check(Record(RecordId("use_case", "u"), "registry/use-cases/u.yaml", data), context)
    assert (rule.code, fault.where.path) == ("LIF690", ("ended_on",))
    assert fault.message.in_("en") == "ended_on 2024-01-01 is before started_on 2024-03-01"


def load(file: Path) -> Any:
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module := module_from_spec(spec))
    return module


def test_the_kind_is_read() -> None:
    kinds = read_schemas({**bundled_files(), "drone.schema.json": example('"drones"').encode()}).kinds
    assert kinds["drone"].folder == "drones"
    assert [field.name for field in kinds["drone"].fields] == ["id", "owner", "model"]


def test_the_exporter_writes_its_file() -> None:
    names: dict[str, Any] = {one.__name__: one for one in (Chosen, Iterator, Message, Written)}
    exec(example("registry.ids"), names | {"Language": Language}, names)
    seen = view(open_registry(REGISTRY, None, frozenset()), "internal")
    (file,) = names["export"](Chosen((seen.schemas.kinds["network"],), seen, (), {}))
    assert (file.name, file.content) == ("registry.ids", b"network/lorawan\n")
