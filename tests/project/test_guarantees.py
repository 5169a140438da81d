"""What goes with the program: the page of promises names the tests that say which promise they hold
(`@pytest.mark.promise("R8")`, or `pytestmark` for a whole file); the lock, licences and descriptions are complete."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guarantees.md"
ROW = re.compile(r"^\| (R[0-9]+) \| (.*) \| (.*) \|$", re.MULTILINE)
TITLE = re.compile(r"\[([^\]]+)\]\(\.\./([\w/]+\.py)\)")


def test_the_page_names_the_tests_that_hold_each_promise(request: pytest.FixtureRequest) -> None:
    page, held = PAGE.read_text("utf-8"), holders()
    promises = [row[1] for row in ROW.finditer(page)]
    assert promises == [f"R{number}" for number in range(1, 18)]
    assert set(held) == set(promises)

    def row(found: re.Match[str]) -> str:
        return f"| {found[1]} | {found[2]} | {list_tests(held[found[1]], found[3])} |"

    fresh = ROW.sub(row, page)
    if request.config.getoption("--update"):
        PAGE.write_text(fresh, "utf-8")
    assert PAGE.read_text("utf-8") == fresh, "pytest tests/project/test_guarantees.py --update names them"


def holders() -> Mapping[str, Mapping[str, list[str]]]:
    """By promise and file, the tests that say that they hold it; none of them by name where all of the file do."""
    held: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(ROOT.glob("tests/**/test_*.py")):
        text, file = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        if "pytest.mark.promise" not in text:
            continue
        tree = ast.parse(text)
        for mark in (node for node in tree.body if isinstance(node, ast.Assign) and named_pytestmark(node)):
            for promise in promises_in([mark.value]):
                held[promise][file] = []
        for test in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for promise in promises_in(test.decorator_list):
                assert test.name.startswith("test_"), f"{file}: {test.name} is no test"
                held[promise][file].append(test.name)
    return held


def named_pytestmark(node: ast.Assign) -> bool:
    return [ast.unparse(target) for target in node.targets] == ["pytestmark"]


def promises_in(expressions: Iterable[ast.expr]) -> list[str]:
    calls = (call for expression in expressions for call in ast.walk(expression) if isinstance(call, ast.Call))
    return [
        ast.literal_eval(promise)
        for call in calls
        if ast.unparse(call.func) == "pytest.mark.promise"
        for promise in call.args
    ]


def list_tests(files: Mapping[str, list[str]], present: str) -> str:
    """The tests as the page lists them: the files in the order that it has, new ones last, under the titles that people
    gave them there."""
    titles = {file: title for title, file in TITLE.findall(present)}
    ordered = [*(file for file in titles if file in files), *(file for file in files if file not in titles)]
    return " · ".join(
        " ".join([f"[{titles.get(file) or plain_title(file)}](../{file})", *(f"`{test}`" for test in files[file])])
        for file in ordered
    )


def plain_title(file: str) -> str:
    return Path(file).stem.removeprefix("test_").replace("_", " ")


def test_whatever_is_needed_is_in_its_lock_with_its_hash() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needs, extras = about["project"]["dependencies"], about["project"]["optional-dependencies"]
    users = [needs, *(extras[name] for name in ("geo", "parquet", "xlsx"))]
    locks = {
        "requirements.lock": users,
        "requirements-dev.lock": [needs, *(lines for name, lines in extras.items() if name != "spark")],  # 450 MB
        "requirements-release.lock": [about["dependency-groups"]["release"]],
    }
    for file, groups in locks.items():
        wanted = {re.split(r"[^\w.-]", line)[0] for group in groups for line in group}
        lock = (ROOT / file).read_text("utf-8")
        held = re.findall(r"^([a-z0-9.-]+)==[^\n]*(?:\n    --hash=sha256:[0-9a-f]{64} ?\\?)+", lock, re.M)
        assert {re.sub(r"[-_.]+", "-", name).lower() for name in wanted} <= set(held)
        assert len(held) == len(re.findall(r"^[a-z0-9]", lock, re.M))


def test_licences_of_what_is_needed_are_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [
        *project["dependencies"],
        *(line for name in extras if name not in ("dev", "docs") for line in extras[name]),
    ]
    listed = re.findall(r"^\| ([a-z0-9-]+) \| [^|]+ \|", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.M)
    names = {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in lines}
    assert names <= set(listed), f"run scripts/list_licences.py: {names - set(listed)}"


def test_publiccode_fits_the_standard() -> None:
    schema = json.loads((ROOT / "tests/schemas/publiccode-0.5.schema.json").read_text("utf-8"))
    accepts = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).is_valid
    data = YAML(typ="safe").load((ROOT / "publiccode.yml").read_text("utf-8"))
    assert accepts(data)
    for wrong in (
        {"developmentStatus": "finished"},
        {"categories": ["registries"]},
        {"maintenance": {"type": "community"}},
        {"description": {"en": {**data["description"]["en"], "longDescription": "Short."}}},
        {"licence": "MIT"},
    ):
        assert not accepts({**data, **wrong}), wrong
