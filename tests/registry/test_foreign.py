"""Registries that were there before smartreg: records in folders of their own, schemas of older drafts."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from jsonschema import Draft7Validator, Draft201909Validator
from readme_tour import COMMIT, ROOT, read_tour, shows

from smartreg.cli.run import run
from smartreg.core.errors import UsageFault
from smartreg.schema import bundled_files, read_schemas
from smartreg.schema.settings_file import read_config
from smartreg.workspace.output import output

PAGE = "docs/schemas.md"
GATEWAY = "device-types/kerlink/ifemtocell.yaml"
FIRST = {
    "device-types/milesight/am307.yml": "id: am307\nmanufacturer: Milesight\nmodel: AM307\ninterfaces:\n"
    "  - name: radio\n    type: lorawan\n",
    GATEWAY: "# on the roof\nid: ifemtocell\nmanufacturer: Kerlink\nmodel: iFemtoCell\nweight_unit: lb\nweight: 1\n",
}
HASH = re.compile(r"\b[0-9a-f]{7}\b")


def block(language: str) -> str:
    """The block of the page in this language that is not a command line."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / PAGE).read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def library(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of device types as it was kept by hand since 2019, without schema or settings."""
    git("config", "user.name", "Ada")
    for year, texts in ((2019, FIRST), (2021, {GATEWAY: FIRST[GATEWAY].replace("weight: 1", "weight: 2")})):
        for path, text in texts.items():
            (git_repo / path).parent.mkdir(parents=True, exist_ok=True)
            (git_repo / path).write_text(text)
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{who}_DATE", f"{year}-03-01T10:00:00+00:00")
        git("add", "-A")
        git("commit", "-qm", f"As of {year}")
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.delenv(f"GIT_{who}_DATE")
    monkeypatch.chdir(git_repo)
    return git_repo


@pytest.fixture
def registry(library: Path, git: Git) -> Path:
    """The same under smartreg."""
    (library / "schemas").mkdir()
    (library / "schemas/device_type.schema.json").write_text(block("json"))
    (library / "smartreg.toml").write_text(block("toml"))
    git("add", "-A")
    git("commit", "-qm", "smartreg")
    return library


@pytest.fixture
def smartreg(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command: exit code, stdout, stderr."""

    def call(name: str, *words: str) -> tuple[int, str, str]:
        code = run([name, *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_page_shows_how_to_bring_in_a_library(library: Path, smartreg: Callable[..., tuple[int, str, str]]) -> None:
    (library / "schemas").mkdir()
    (library / "schemas/device_type.schema.json").write_text(block("json"))
    (library / "smartreg.toml").write_text(block("toml"))
    for command, code, shown in read_tour(PAGE):
        program, name, *words = shlex.split(command)
        if program == "git":
            subprocess.run([program, name, *words], check=True)
            continue
        done, out, err = smartreg(name, *words)
        assert done == code, (command, err)
        lines = COMMIT.sub("(commit)", out).splitlines()
        assert [line for line in shown if not any(shows(one, line) for one in lines)] == [], (command, out)
    assert (library / GATEWAY).read_text() == (
        "# on the roof\nid: ifemtocell\nmanufacturer: Kerlink\nmodel: iFemtoCell\nweight_unit: kg\nweight: 0.9\n"
    )
    assert not (library / "registry").exists()


def test_before_there_were_schemas(registry: Path, smartreg: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = smartreg("list", "device_type", "--at", "2019-06-30", "-f", "json")
    assert (code, "has no schemas and no settings yet" in err) == (0, True)
    rows = json.loads(out)["records"]
    assert [(row["id"], row.get("weight")) for row in rows] == [("am307", None), ("ifemtocell", 1)]
    assert smartreg("blame", "ifemtocell", "--at", "HEAD~1")[0] == 0
    code, _, err = smartreg("export", "device_type", "--at", "HEAD~1")
    assert (code, "no settings to read its records by" in err) == (3, True)
    assert (registry / "schemas").exists()


def test_an_audit_counts_what_was_done_before(registry: Path, smartreg: Callable[..., tuple[int, str, str]]) -> None:
    assert smartreg("set", "am307", "model=AM308", "-y")[0] == 0
    for _ in range(2):  # the second time, what was found is there
        code, out, _ = smartreg("audit", "-f", "json")
        found = json.loads(out)
        assert (code, found["commits"], found["touching"], found["manual"]) == (0, 4, 4, 2)


def test_writes_merges_and_undo(registry: Path, git: Git, smartreg: Callable[..., tuple[int, str, str]]) -> None:
    (registry / ".gitattributes").write_text("device-types/** merge=smartreg\n")
    git("add", "-A")
    git("commit", "-qm", "attributes")
    assert smartreg("doctor", "--fix", "-y")[0] in (0, 1)
    git("switch", "-qc", "side")
    assert smartreg("set", "ifemtocell", "weight=3", "weight_unit=kg", "-y")[0] == 0
    git("switch", "-q", "main")
    assert smartreg("set", "ifemtocell", "model=iFemtoCell 2", "weight_unit=kg", "-y")[0] == 0
    git("merge", "-q", "side")
    assert "model: iFemtoCell 2\nweight_unit: kg\nweight: 3\n" in (registry / GATEWAY).read_text()
    assert smartreg("add", "device_type", "--id", "new", "--manufacturer", "M", "--model", "N", "-y")[0] == 0
    assert (registry / "device-types/new.yaml").exists()
    assert smartreg("undo", "-y")[0] == 0
    assert not (registry / "device-types/new.yaml").exists()
    assert smartreg("validate")[0] == 0


@pytest.mark.promise("R9")
def test_a_branch_cannot_take_its_records_out_of_sight(
    registry: Path, git: Git, smartreg: Callable[..., tuple[int, str, str]]
) -> None:
    """The folders of the base count, whatever the branch says of them."""
    git("switch", "-qc", "branch")
    (registry / "smartreg.toml").write_text('name = "Device types"\n')
    (registry / "device-types/milesight/am307.yml").write_text("id: am307\nmodel: 1\nmanufacturer: M\n")
    (registry / "device-types/link.yaml").symlink_to("/etc/passwd")
    (registry / "device-types/notes.csv").write_text("a\n")
    git("add", "-A")
    git("commit", "-qm", "branch")
    for words in ((), ("--at", "HEAD")):
        code, out, _ = smartreg("validate", "--since", "main", "-f", "json", *words)
        found = {(one["code"], one["file"]) for one in json.loads(out)["findings"]}
        assert code == 1
        assert {
            ("REC103", "device-types/milesight/am307.yml"),
            ("YML010", "device-types/link.yaml"),
            ("CHG810", "device-types/notes.csv"),
            ("CHG811", "smartreg.toml"),
        } <= found


@pytest.mark.promise("R8")
@pytest.mark.parametrize("nested", [False, True])
def test_no_folder_is_a_link(
    registry: Path, tmp_path: Path, nested: bool, smartreg: Callable[..., tuple[int, str, str]]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "types").mkdir(parents=True)
    (elsewhere / "types/secret.yaml").write_text("id: secret\nmanufacturer: M\nmodel: N\n")
    place = "linked/types" if nested else "linked"
    assert smartreg("validate")[0] == 1  # and what was seen is kept
    (registry / "smartreg.toml").write_text(f'[folders]\ndevice_type = "{place}"\n')
    (registry / "linked").symlink_to(elsewhere if nested else elsewhere / "types")
    for _ in range(2):
        code, out, _ = smartreg("validate", "-f", "json")
        assert (code, {(one["code"], one["file"]) for one in json.loads(out)["findings"]}) == (1, {("YML010", place)})
        assert "secret" not in smartreg("list", "device_type")[1]
    code, _, err = smartreg("add", "device_type", "--id", "new", "--manufacturer", "M", "--model", "N", "-y")
    assert (code != 0, sorted(path.name for path in elsewhere.rglob("*.yaml"))) == (True, ["secret.yaml"]), err


@pytest.mark.promise("R11")
def test_nothing_else_is_written_there(registry: Path) -> None:
    for word in ("device-types/x.csv", "device-types/kerlink/x.csv", "device-types", "DEVICE-TYPES/x.csv"):
        with pytest.raises(UsageFault, match="lies among the records"):
            output(str(registry / word), registry)
    with pytest.raises(UsageFault, match="lies among the records"):
        output(str(registry / "device-types/x.csv"), registry.parent)


@pytest.mark.parametrize(
    "folder",
    [
        *("", ".", "..", "../x", "a/..", "/etc", "a//b", "a/", "a\\b", "C:a", "git~1", "a.", "a ", " a", ".hidden"),
        *(".git", ".GIT/hooks", "a/.git", ".github/x", "schemas", "Schemas/x", "REGISTRY", "registry/x"),
        *("smartreg.toml", "SmartReg.toml/x", "ｓｃｈｅｍａｓ", "e\u0301", "x" * 101),
    ],
)
def test_folders_that_hold_no_records(folder: str) -> None:
    with pytest.raises(UsageFault, match=r"folders\.a"):
        read_config(f"[folders]\na = {json.dumps(folder)}\n".encode())


def test_a_folder_holds_one_kind() -> None:
    assert dict(read_config(b'[folders]\na = "x/y z"\nb = "x/z"\n').folders) == {"a": "x/y z", "b": "x/z"}
    for other in ("x", "X", "x/y", "x/y/z"):
        with pytest.raises(UsageFault, match="the folder is that of a"):
            read_config(f'[folders]\na = "x/y"\nb = "{other}"\n'.encode())
    with pytest.raises(UsageFault, match='no kind "suport"'):
        read_schemas(bundled_files()).with_folders({"suport": "x"})


SEVEN, NINETEEN = "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema"
OLDER: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "definitions": {"type": "integer"},
        "pair": {"items": [{"type": "integer"}, {"$ref": "#/definitions/dependencies"}], "additionalItems": False},
        "list": {"items": {"type": "integer"}, "additionalItems": False},
        "same": {"$ref": "#/properties/definitions"},
        "short": {"$ref": "#/definitions/dependencies", "maxLength": 1},
        "deep": {"allOf": [{"definitions": {"a": {"const": 1}}, "properties": {"b": {"items": [{"const": 1}]}}}]},
    },
    "definitions": {"dependencies": {"type": "string"}},
    "dependencies": {"pair": ["list"], "deep": {"required": ["same"]}, "short": True},
}
TRIED: list[dict[str, Any]] = [
    {},
    {"definitions": "a"},
    {"pair": [1, "a"], "list": []},
    {"pair": [1, "a"]},
    {"pair": [1, 2], "list": []},
    {"pair": [1, "a", 3], "list": []},
    {"list": [1, 2, 3]},
    {"list": ["a"]},
    {"same": "a"},
    {"short": "abc"},
    {"short": 1},
    {"deep": {"b": [1, 2]}},
    {"deep": {"b": [2]}, "same": 1},
    {"deep": {"b": [1, 2]}, "same": 1},
]


@pytest.mark.parametrize(("draft", "engine"), [(SEVEN, Draft7Validator), (NINETEEN, Draft201909Validator)])
def test_older_drafts_mean_what_they_mean_elsewhere(draft: str, engine: Any) -> None:
    schema = {"$schema": draft, "$id": "https://example.org/thing.json", **OLDER}
    if draft == NINETEEN:
        dependent = schema.pop("dependencies")
        schema |= {"dependentRequired": {"pair": dependent.pop("pair")}, "dependentSchemas": dependent}
    judge = read_schemas({"thing.schema.json": json.dumps(schema).encode()}).judges["thing"]
    for values in TRIED:
        data = {"id": "a", **values}
        assert judge.accepts(data) == (not judge.faults(data)) == engine(schema).is_valid(data), data


@pytest.mark.parametrize(("draft", "word"), [(SEVEN, "dependencies"), (NINETEEN, "dependentRequired")])
def test_a_field_that_another_one_asks_for_is_named(draft: str, word: str) -> None:
    schema = {"$schema": draft, "type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    schema[word] = {"weight": ["unit", "scale"]}
    judge = read_schemas({"thing.schema.json": json.dumps(schema).encode()}).judges["thing"]
    faults = judge.faults({"id": "a", "weight": 2, "scale": "s"})
    assert [(fault.code, fault.path) for fault in faults] == [("SCH101", ("unit",))]


@pytest.mark.parametrize(
    ("draft", "more", "expected"),
    [
        (SEVEN, {"definitions": {"a": {"$ref": "https://example.org/x.json#/a"}}}, ": /definitions/a/$ref"),
        (SEVEN, {"definitions": {"a": {"items": [{}, {"pattern": "(a)\\1"}]}}}, ": /definitions/a/items/1/pattern"),
        (SEVEN, {"dependencies": {"a": {"format": "x"}}}, ": /dependencies/a/format"),
        (SEVEN, {"unevaluatedProperties": False}, "draft 7 has no keyword unevaluatedProperties"),
        (SEVEN, {"not": {"$ref": "#/definitions/b"}}, ": /not/$ref: $ref"),
        (NINETEEN, {}, "draft 2019-09 has no keyword dependencies"),
        (SEVEN, {"$recursiveRef": "#"}, "draft 7 has no keyword $recursiveRef"),
        ("http://json-schema.org/draft-04/schema#", {}, "drafts 2019-09 and 7 are known"),
    ],
)
def test_what_older_drafts_may_not_say(draft: str, more: dict[str, Any], expected: str) -> None:
    schema = {"$schema": draft, **{name: value for name, value in OLDER.items() if name not in more}, **more}
    schema = {**schema, "properties": {"id": {"type": "string"}}}
    with pytest.raises(UsageFault) as refused:
        read_schemas({"thing.schema.json": json.dumps(schema, indent=1).encode()})
    assert expected in refused.value.message.in_("en")
    assert re.match(r"schemas/thing\.schema\.json:\d+:\d+: /", refused.value.message.in_("en"))
