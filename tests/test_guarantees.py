"""What goes with the program: promises name tests that exist; the lock, licences and descriptions are complete."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
PROMISES = [line for line in PAGE.splitlines() if re.match(r"\| R\d+ \|", line)]


def test_every_promise_is_there() -> None:
    assert [line.split(" | ")[0] for line in PROMISES] == [f"| R{number}" for number in range(1, 17)]


@pytest.mark.parametrize("line", PROMISES, ids=lambda line: line.split()[1])
def test_a_promise_names_tests_that_exist(line: str) -> None:
    named = 0
    for link, tests in re.findall(r"\]\(\.\./(tests/[\w/]+\.py)\)((?: `\w+`)*)", line):
        text = (ROOT / link).read_text("utf-8")
        for test in re.findall(r"`(\w+)`", tests):
            assert re.search(rf"^ *def {test}\(", text, re.M), f"{link} has no {test}"
            named += 1
    assert named > 0


def test_whatever_is_needed_is_in_the_lock_with_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {re.split(r"[^\w.-]", line)[0] for group in groups for line in group}
    lock = (ROOT / "requirements-dev.lock").read_text("utf-8")
    held = re.findall(r"^([a-z0-9.-]+)==[^\n]*(?:\n    --hash=sha256:[0-9a-f]{64} ?\\?)+", lock, re.M)
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in wanted} <= set(held)
    assert len(held) == len(re.findall(r"^[a-z0-9]", lock, re.M))


def test_licences_of_what_is_needed_are_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for name in extras if name != "dev" for line in extras[name])]
    listed = re.findall(r"^\| ([a-z0-9-]+) \| [^|]+ \|", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.M)
    names = {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in lines}
    assert names <= set(listed), f"run scripts/list_licences.py: {names - set(listed)}"


def test_publiccode_fits_the_standard() -> None:
    schema = json.loads((ROOT / "tests/schemas/publiccode-0.5.schema.json").read_text("utf-8"))
    accepts = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).is_valid
    told = YAML(typ="safe").load((ROOT / "publiccode.yml").read_text("utf-8"))
    assert accepts(told)
    for wrong in (
        {"developmentStatus": "finished"},
        {"categories": ["registries"]},
        {"maintenance": {"type": "community"}},
        {"description": {"en": {**told["description"]["en"], "longDescription": "Short."}}},
        {"licence": "MIT"},
    ):
        assert not accepts({**told, **wrong}), wrong
