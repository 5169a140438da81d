"""Whatever settings, options and files say, a command ends with a verdict: 0, 1, 2 or 3, never an internal error.

Each example runs a real command on a real registry, in this process."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from exports import GOLDEN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program import GIT_CONFIG

from smartreg.cli.ahead import Ahead
from smartreg.cli.app import command_named
from smartreg.cli.catalogue import COMMANDS
from smartreg.cli.run import run
from smartreg.importing import mapping
from smartreg.schema.settings import Config

VERDICTS = (0, 1, 2, 3)
ODD = (
    *("", " ", "x", "é\u2028", "=", "a=b", "[", "{", "\\", "%s", "--", "*", "~", "..", "/", ".", "a/b", "\udcff"),
    *(
        "0",
        "-1",
        "7",
        "1.5",
        "1e400",
        "nan",
        "9" * 5000,
        "٣",
        "2024-02-30",
        "0001-01-01",
        "9999-12-31",
        "P99999999999Y",
    ),
    *(
        "^HEAD",
        "HEAD",
        "party",
        "party/istres",
        "equipment",
        "id=x",
        "status+=x",
        "a[99999999999999999999]=1",
        "x" * 300,
    ),
    *(
        "csv",
        "json",
        "EPSG:2154",
        "EPSG:0",
        "zip",
        "40,4",
        "1e999,1",
        "team=x",
        "error",
        "REC101",
        "(",
        '[{"a":1,"a":2}]',
    ),
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 7, 10**15, 10**25, 10**300, 1.5, 1e300, -1e300]),
    st.sampled_from(ODD),
    st.text(max_size=5),
)
JSON = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ODD) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
CHEAP = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The registry of the golden files, committed, where the tests of this module stand; without Git of the user's."""
    import subprocess

    root = tmp_path_factory.mktemp("never") / "registry"
    (root.parent / ".gitconfig").write_text(GIT_CONFIG, "utf-8")
    shutil.copytree(GOLDEN / "registry", root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(root.parent))
        patch.chdir(root)
        for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message=begin")):
            subprocess.run(["git", *words], check=True)
        yield root


def verdict(name: str, *words: str) -> tuple[int, str]:
    """The exit code of a command, and what it said on standard error."""
    said, stdout = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        patch.setattr(sys, "stdout", stdout)
        patch.setattr(sys, "stderr", said)
        return run(["--debug", name, *words]), said.getvalue()


def ends(name: str, *words: str) -> None:
    code, said = verdict(name, *words)
    assert code in VERDICTS, f"smartreg {name} {' '.join(map(repr, words))}: {code}\n{said}"


# -- settings ------------------------------------------------------------------------------------------------------


def names_of(value: Any, prefix: str = "") -> Iterator[str]:
    for field in type(value).__annotations__:
        inner = getattr(value, field)
        name = f"{prefix}{field}"
        yield name
        if hasattr(type(inner), "__annotations__"):
            yield from names_of(inner, f"{name}.")


SETTINGS = sorted({"programme.from", "waiver", "severity.REC101", "deliberation_numbers.istres", *names_of(Config())})
DATES = st.sampled_from(
    ["2024-01-01", "0001-01-01", "9999-12-31", "2024-01-01T00:00:00Z", "00:00:00", "inf", "nan", "-0.0"]
)


def toml(value: Any) -> str:
    """A value of JSON as TOML has it; a table within a line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value.encode("utf-8", "replace").decode()).replace("\x7f", "\\u007f")
    return "0x7" if value is None else json.dumps(value)


VALUES = JSON.map(toml) | DATES
TABLES = st.dictionaries(st.sampled_from(SETTINGS), VALUES, min_size=1, max_size=3)


@pytest.mark.promise("R16")
@CHEAP
@given(
    TABLES,
    st.sampled_from(["validate", "status", "report -f json", "export -f json -o -", "audit", "doctor --settings"]),
)
def test_settings_of_any_type(registry: Path, tables: dict[str, str], line: str) -> None:
    file = registry / "smartreg.toml"
    kept = file.read_bytes()
    file.write_text("".join(f"{name} = {value}\n" for name, value in tables.items()), "utf-8")
    try:
        ends(*line.split())
    finally:
        file.write_bytes(kept)


# -- options -------------------------------------------------------------------------------------------------------

# What plays a whole story, waits for a shell, or is called by Git with files of its own.
LEFT_OUT = ("demo", "merge-driver")


@cache
def parameters_of(name: str) -> list[Any]:
    found: list[Any] = command_named(name, Ahead((), "en", ".")).params
    return found


@cache
def parameters() -> list[tuple[str, Any]]:
    names = [name for name, entry in COMMANDS.items() if entry.panel and name not in LEFT_OUT and name != "add"]
    return [(name, item) for name in (*names, "add-sensor") for item in parameters_of(name)]


def words_for(item: Any, value: str) -> list[str]:
    if item.param_type_name == "argument":
        return ["--", value]
    return [item.opts[-1]] if item.is_flag else [f"{item.opts[-1]}={value}"]


def required_words(name: str) -> Sequence[str]:
    """A value for each argument, so that the command comes to look at its options."""
    usual = {"RECORD": "istres", "KIND": "party", "FILE": "x.json", "CODE": "REC101", "SQL": "SELECT 1", "NEW-ID": "n"}
    return [usual.get(item.metavar, "x") for item in parameters_of(name) if item.required]


@pytest.mark.promise("R16")
@settings(CHEAP, max_examples=12)
@given(st.data())
def test_options_of_any_text(registry: Path, tmp_path: Path, data: st.DataObject) -> None:
    name, item = data.draw(st.sampled_from(parameters()))
    value = data.draw(st.sampled_from(ODD) | st.text(st.characters(exclude_characters="\0"), max_size=8))
    words = words_for(item, value)
    writes = ["-n"] if any(item.name == "no_commit" for item in parameters_of(name)) else []
    ends(name, "-C", str(registry), *writes, *(required_words(name) if words[0] != "--" else ()), *words)


# -- files ---------------------------------------------------------------------------------------------------------

FIELDS = st.sampled_from(
    ["id", "name", "category", "location", "insee_code", "status", "kind", "data", "geometry", "type"]
)
ITEMS = st.dictionaries(FIELDS | st.sampled_from(ODD), JSON, max_size=4)
FILES = {
    "import party FILE -n": ("json", st.lists(ITEMS, max_size=3) | st.fixed_dictionaries({"records": JSON}) | JSON),
    "import support FILE -n --key name --update": ("json", st.lists(ITEMS, max_size=3)),
    "import party FILE -n --package FILE": ("json", st.fixed_dictionaries({"resources": JSON, "smartreg": JSON})),
    "import support FILE -n": (
        "geojson",
        st.fixed_dictionaries({"features": st.lists(ITEMS, max_size=2) | JSON, "crs": JSON}),
    ),
    "add-party --from FILE -n": ("json", ITEMS | JSON),
    "verify FILE": ("json", st.fixed_dictionaries({"source": JSON, "records": JSON})),
    "verify FILE --at HEAD": ("json", st.fixed_dictionaries({"records": st.lists(ITEMS, max_size=2) | JSON}) | JSON),
    "verify --at=HEAD FILE": ("geojson", st.fixed_dictionaries({"features": st.lists(ITEMS, max_size=2) | JSON})),
    "report -f json --deliveries FILE": ("csv", JSON),
    "report -f json --at HEAD --deliveries FILE": ("csv", JSON),
    "validate": ("boundaries", st.fixed_dictionaries({"features": st.lists(ITEMS, max_size=2) | JSON})),
}


@pytest.mark.promise("R16")
@settings(CHEAP)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_files_of_any_shape(registry: Path, line: str, data: st.DataObject) -> None:
    ending, contents = FILES[line]
    text = json.dumps(data.draw(contents))
    file = registry.parent / f"x.{ending}"
    if ending == "csv":
        text = f"equipment_id,expected,received\n{text}"
    if ending == "boundaries":
        file = registry / "registry/annexes/communes.geojson"
        file.parent.mkdir(exist_ok=True)
        (registry / "smartreg.toml").write_text(
            '[territory]\nboundaries = "registry/annexes/communes.geojson"\n', "utf-8"
        )
    file.write_text(text, "utf-8")
    ends(*(word.replace("FILE", str(file)) for word in line.split()))


MAPPING = st.dictionaries(
    st.sampled_from(["kind", "source", *mapping.TABLES, *mapping.kept_options()]), VALUES, min_size=1, max_size=3
)


@pytest.mark.promise("R16")
@CHEAP
@given(MAPPING)
def test_mappings_of_any_type(registry: Path, tables: dict[str, str]) -> None:
    file, sheet = registry.parent / "m.toml", registry.parent / "x.csv"
    file.write_text("".join(f"{name} = {value}\n" for name, value in ({"kind": '"party"'} | tables).items()), "utf-8")
    sheet.write_text("id,name,category\nx,X,private\n", "utf-8")
    ends("import", "party", str(sheet), "--mapping", str(file), "-n")
