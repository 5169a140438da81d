"""What Tab offers: commands, options, ids, values; without Typer, Rich or YAML."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smartreg.cli.complete import complete
from smartreg.cli.declared import FILE, spelled
from smartreg.cli.run import command_named
from smartreg.cli.table import COMMANDS


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A folder that is a registry by its file names; Tab opens no record."""
    for folder, name in (
        ("parties", "ville-d-istres"),
        ("parties", "amp-metropole"),
        ("supports/13047", "istres-ep-00412"),
    ):
        place = tmp_path / "registry" / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.yaml").write_text("not: [read", "utf-8")
    (tmp_path / "smartreg.toml").write_text('name = "Istres"\n', "utf-8")
    return tmp_path


def offered(registry: Path, *words: str, lang: str = "en") -> list[str]:
    """The candidates, without their descriptions."""
    text = complete(words, {"SMARTREG_DIRECTORY": str(registry), "SMARTREG_LANG": lang})
    return [line.split("\t")[0] for line in text.splitlines()]


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (("val",), ["validate"]),
        (("add-se",), ["add-sensor"]),
        (("add", "sup"), ["support"]),
        (("add-sensor", "--sup"), ["--support"]),
        (("add-sensor", "--support", ""), ["istres-ep-00412"]),
        (("add-sensor", "--support=ist"), ["--support=istres-ep-00412"]),
        (("add-sensor", "--type", "s"), ["sensor"]),
        (("add-sensor", "--owner", "v"), ["ville-d-istres"]),
        (("add-sensor", "--power-source", "b"), ["battery"]),
        (("add", "support", "--owner", "amp"), ["amp-metropole"]),
        (("add-sensor", "--use-case", ""), []),
        (("show", "party/v"), ["party/ville-d-istres"]),
        (("show", "party/ville-d-istres", "x"), []),
        (("show", "--re"), ["--refs"]),
        (("list", "eq"), ["equipment"]),
        (("list", "-f", "j"), ["json"]),
        (("validate", "--fail-on", "w"), ["warning"]),
        (("--lang", "fr", "val"), ["validate"]),
        (("validate", "--color", "a"), ["auto", "always"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("list", "-o", ""), ["<file>"]),
        (("-C", ""), ["<directory>"]),
        (("no-such-command", ""), []),
    ],
)
def test_candidates(registry: Path, words: tuple[str, ...], candidates: list[str]) -> None:
    assert offered(registry, *words) == candidates


def test_nothing_yet_offers_every_command(registry: Path) -> None:
    found = offered(registry, "")

    assert {"init", "add", "add-sensor", "add-support", "validate", "completion"} <= set(found)


def test_descriptions_follow_the_language(registry: Path) -> None:
    text = complete(["show", "--refs"], {"SMARTREG_DIRECTORY": str(registry)})

    assert text == "--refs\talso what names it, and what it names\n"


@pytest.mark.parametrize(
    ("words", "english", "french"),
    [
        (("add-support", "--type", "ma"), "mast\n", "mast\tmât\n"),
        (("add-support", "--type=ma"), "--type=mast\n", "--type=mast\tmât\n"),
        (
            ("set", "support/istres-ep-00412", "status=pl"),
            "status=planned\n",
            "status=planned\tprévu\n",
        ),
    ],
)
def test_values_are_told_with_their_labels(registry: Path, words: tuple[str, ...], english: str, french: str) -> None:
    place = {"SMARTREG_DIRECTORY": str(registry)}
    assert complete(words, {**place, "SMARTREG_LANG": "en"}) == english
    assert complete(words, {**place, "SMARTREG_LANG": "fr"}) == french


def test_outside_of_a_registry_the_kinds_of_the_release_are_offered(tmp_path: Path) -> None:
    assert offered(tmp_path, "add-sen") == ["add-sensor"]
    assert offered(tmp_path, "show", "") == []


def test_a_broken_schema_gives_no_answer_and_no_error(registry: Path) -> None:
    (registry / "schemas").mkdir()
    (registry / "schemas" / "party.schema.json").write_text("{", "utf-8")

    assert offered(registry, "add-party", "--na") == []


@pytest.mark.parametrize("words", [("add-sensor", "--support", ""), ("show", "--"), ("validate", "--se")])
def test_tab_loads_no_heavy_library(registry: Path, words: tuple[str, ...]) -> None:
    heavy = "typer rich jsonschema ruamel yaml git prompt_toolkit"
    code = (
        "import sys\nfrom smartreg.cli.complete import complete\n"
        "assert complete(sys.argv[1:], {})\n"
        f"print(*sorted(set(sys.modules) & set('{heavy}'.split())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=registry,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == ""


def test_bash_completes_through_the_script(registry: Path) -> None:
    bin_folder = registry / "bin"
    bin_folder.mkdir()
    program = bin_folder / "smartreg"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m smartreg "$@"\n', "utf-8")
    program.chmod(0o755)
    script = (
        "source <(smartreg completion bash)\n"
        "COMP_WORDS=(smartreg add-sensor --support istres) COMP_CWORD=3\n"
        "compopt() { :; }\n_smartreg\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=registry,
        env={
            **os.environ,
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "istres-ep-00412\n"


def test_what_tab_reads_is_what_commands_declare(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    names = [name for name in COMMANDS if name != "add"]
    found = {name: spelled(command_named(name, str(tmp_path))) for name in names}
    if request.config.getoption("--update"):
        lines = (f'"{name}": {json.dumps(taken, ensure_ascii=False)}' for name, taken in found.items())
        Path(FILE).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    assert json.loads(Path(FILE).read_text("utf-8")) == found
