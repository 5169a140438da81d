"""What the schemas and settings of a stranger say is data: it acts nowhere, and breaks nothing that reads it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input

from smartreg.asking.choices import Choice, Choices
from smartreg.cli.ask import Prompt, choose, text
from smartreg.cli.console import Console
from smartreg.cli.run import run
from smartreg.cli.shell import BASH, complete
from smartreg.core.errors import UsageFault
from smartreg.core.styled import visible
from smartreg.schema import read_schemas
from smartreg.schema.settings_file import read_config

ACTING = "::error::pwn ##[error]pwn"
FORBIDDEN = ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\ufeff", "\ud800"]
ORG: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": ACTING,
    "description": f"What\n{ACTING}",
    "x-kind": {"name": "org", "noun": "org", "presets": {"club": {"status": "open"}}, "label": ["name"], "order": 3},
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"$ref": "#/$defs/id"},
        "name": {"type": "string", "title": ACTING, "description": ACTING, "examples": [ACTING], "maxLength": 9},
        "status": {"type": "string", "enum": ["open", ACTING, "a\nb"], "title": ACTING},
        "##[error]x": {"type": "number", "title": ACTING, "x-unit": "##[error]", "minimum": 0},
        "::error::y": {"type": "string", "pattern": "^[a-z]+$", "description": ACTING},
        "tags": {"type": "array", "items": {"type": "string", "enum": [ACTING, "b"]}, "uniqueItems": True},
        "place": {"type": "object", "required": ["lon"], "properties": {"lon": {"type": "number"}}},
        "above": {"type": "string", "x-ref": "org", "x-option": "up", "x-column": {"name": "up", "fr": "au_dessus"}},
    },
    "allOf": [{"if": {"properties": {"status": {"const": "open"}}}, "then": {"required": ["place"]}}],
    "$defs": {"id": {"type": "string", "minLength": 1}},
    "x-lifecycle": {"field": "status", "transitions": {"open": [ACTING], ACTING: []}, "dates": {"open": "name"}},
    "unevaluatedProperties": False,
}
FRENCH: dict[str, Any] = {
    "title": ACTING,
    "plural": ACTING,
    "description": ACTING,
    "properties": {"name": {"title": ACTING}, "status": {"values": {"open": ACTING, ACTING: ACTING}}},
}
VOCABULARY = [{"key": "noise", "ucum": ["dB"], "label": {"en": ACTING, "fr": ACTING}}]
FILES: dict[str, Any] = {"org.schema.json": ORG, "org.fr.json": FRENCH, "observed-properties.json": VOCABULARY}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is a registry, with the schemas above."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "registry/org").mkdir(parents=True)
    (folder / "schemas").mkdir()
    (folder / "smartreg.toml").write_text('name = "x"\n')
    for name, content in FILES.items():
        (folder / "schemas" / name).write_text(json.dumps(content))
    return folder


def inert(shown: str) -> bool:
    """Nothing in it acts in a terminal or a CI log. Tabs stand in what the shell reads at Tab."""
    rows = shown.replace("\t", " ").split("\n")
    return all(visible(row) == row and not row.lstrip().startswith("::") for row in rows)


# -- the door ----------------------------------------------------------------------------------------------------


@pytest.mark.promise("R11")
@pytest.mark.parametrize("character", FORBIDDEN)
@pytest.mark.parametrize(
    ("file", "where", "pointer"),
    [
        ("org.schema.json", ("title",), "/title"),
        ("org.schema.json", ("properties", "name", "description"), "/properties/name/description"),
        ("org.schema.json", ("properties", "status", "enum", 1), "/properties/status/enum/1"),
        ("org.schema.json", ("x-kind", "noun"), "/x-kind/noun"),
        ("org.schema.json", ("properties", "name", "examples", 0), "/properties/name/examples/0"),
        ("org.schema.json", ("properties", "::error::y", "pattern"), "/properties/::error::y/pattern"),
        ("org.fr.json", ("properties", "status", "values", "open"), "/properties/status/values/open"),
        ("observed-properties.json", (0, "label", "en"), "/0/label/en"),
    ],
)
def test_a_character_that_acts_is_refused_with_its_place(
    character: str, file: str, where: tuple[str | int, ...], pointer: str
) -> None:
    content = deepcopy(FILES[file])
    place = content
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = f"a{character}b"
    texts = {name: json.dumps(value).encode() for name, value in FILES.items()}
    for escaped in (True, False):
        text = json.dumps(content, indent=1, ensure_ascii=escaped)
        texts[file] = text.encode("utf-8", "surrogatepass")
        with pytest.raises(UsageFault) as refused:
            read_schemas(texts)
        if character == "\ud800" and not escaped:  # no UTF-8 at all
            continue
        line = 1 + text[: text.find(json.dumps(f"a{character}b", ensure_ascii=escaped))].count("\n")
        assert f"schemas/{file}:{line}:" in refused.value.message.in_("en")
        assert f": {pointer}" in refused.value.message.in_("fr")
        assert f"the character U+{ord(character):04X}" in refused.value.message.in_("en")


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('{\n "a\\u001b": 1}', "2:2", "U+001B"),
        ('{"type": "object",\n "type": "string"}', "2:2", 'the key "type" occurs twice'),
        ('{"properties": {"a": {}, "\\u0061": {}}}', "1:26", 'the key "a" occurs twice'),
        ('{\n "minimum": NaN}', "2:13", "NaN is not JSON"),
        ('{"minimum": 1e999}', "1:13", "do not read alike"),
        ('{"minimum": 1234567890123456789}', "1:13", "do not read alike"),
        ('{"minimum": ' + "9" * 6000 + "}", "1:13", "do not read alike"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "1:322", "nested deeper than 64"),
        ("[" * 100_000, "1:66", "nested deeper than 64"),
        ('{"' + "a" * 300 + '": 1}', "1:2", "a name longer than 200"),
        ('{"$comment": "' + "a" * 1_100_000 + '"}', "1:1", "larger than 1048576 bytes"),
        ('{"title": "x"\n1}', "2:1", "this is not JSON"),
        ('{"title": "x"}\n\xe9', "2:1", "this is not UTF-8"),
        ('{\n "title": "x",\n "type": "object",\n "properties": {\n  "a": {"minimun": 3}}}', "5:9", '"minimun"'),
        ('{"x-kind":\n {"name": 7}}', "2:3", "7 is not allowed here; it must be text"),
        (
            '{"type": "object",\n "required": ["id"],\n "properties": {"id": {}}}',
            "3:17",
            "must require the id of a record",
        ),
        ("{}", "1:1", "must declare a record as a group of fields"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_at_its_line_and_column(text: str, place: str, said: str) -> None:
    encoded = text.encode("latin-1" if "\xe9" in text else "utf-8")
    with pytest.raises(UsageFault) as refused:
        read_schemas({"org.schema.json": encoded})
    assert refused.value.message.in_("en").startswith(f"schemas/org.schema.json:{place}")
    assert said in refused.value.message.in_("en")
    assert refused.value.where is not None
    assert refused.value.where.mark is not None


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("org.fr.json", [], "must be a mapping of fields"),
        ("org.fr.json", {"title": 7}, "/title: 7 is not allowed here; it must be text"),
        ("org.fr.json", {"properties": []}, "/properties: [] is not allowed here"),
        ("org.fr.json", {"properties": {"name": "Nom"}}, "/properties/name"),
        ("org.fr.json", {"properties": {"status": {"values": {"open": None}}}}, "/properties/status/values/open"),
        ("observed-properties.json", {}, "must be a list"),
        ("observed-properties.json", [{"ucum": []}], "/0: "),
        ("observed-properties.json", [{"key": "a", "label": "b"}], "/0/label"),
        ("observed-properties.json", [{"key": "a", "ucum": "dB"}], "/0/ucum"),
    ],
)
def test_words_of_another_shape_are_refused(file: str, content: object, said: str) -> None:
    texts = {name: json.dumps(value).encode() for name, value in {**FILES, file: content}.items()}
    with pytest.raises(UsageFault) as refused:
        read_schemas(texts)
    assert refused.value.message.in_("en").startswith(f"schemas/{file}:1:")
    assert said in refused.value.message.in_("en")


@pytest.mark.promise("R11")
@pytest.mark.parametrize(
    ("text", "key"),
    [
        (r'name = "a\u001B[31m"', "name"),
        ('name = "a\u202eb"', "name"),
        (r"[severity]" + "\n" + r'"REF201\u0007" = "error"', "severity"),
        ("[programme]\nid = 'a\u2066b'", "programme.id"),
        ("[territory]\ncommunes = ['a\u200fb']", "territory.communes"),
        ("[[waiver]]\nreason = 'a\u202eb'", "waiver.reason"),
    ],
)
def test_a_character_that_acts_in_the_settings_is_refused(text: str, key: str) -> None:
    with pytest.raises(UsageFault) as refused:
        read_config(text.encode())
    assert refused.value.message.in_("en").startswith(f"smartreg.toml: {key}: the character U+")
    assert refused.value.message.in_("fr").startswith(f"smartreg.toml: {key} : le caractère U+")


# -- where it is shown -------------------------------------------------------------------------------------------


@pytest.mark.promise("R11")
@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(
    "words",
    [
        ["help", "-a"],
        ["add-org", "-h"],
        ["add", "club", "-h"],
        ["complete", "add-org", "--"],
        ["complete", "add-org", "--status", ""],
        ["complete", "add-org", "--status="],
        ["complete", "set", "org/a", ""],
        ["complete", "set", "org/a", "status="],
        ["schema"],
        ["schema", "org"],
        ["schema", "-f", "json"],
        ["list", "org", "--where", "status=zz"],
        ["add-org", "--status", "zz"],
        ["status"],
    ],
)
def test_what_schemas_say_acts_nowhere(
    root: Path, words: list[str], lang: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("SMARTREG_LANG", lang)
    assert run(words) in (0, 2)
    sys.stdout.flush()
    found = capfd.readouterr()
    assert found.out or found.err
    assert inert(found.out)
    assert inert(found.err)


@pytest.mark.promise("R11")
def test_tab_offers_only_what_can_be_typed(root: Path) -> None:
    environ = {"SMARTREG_DIRECTORY": str(root)}
    assert [row.split("\t")[0] for row in complete(["add-org", "--status", ""], environ).splitlines()] == ["open"]
    assert "--##[error]x" not in complete(["add-org", "--"], environ)


@pytest.mark.promise("R11")
def test_bash_quotes_what_it_completes(tmp_path: Path) -> None:
    """A value of an enumeration is one word of the command line, whatever is in it."""
    values = ["*", "$(touch pwned)", "`touch pwned`", "a b", "x;touch pwned", "~"]
    script = (
        f"{BASH.replace('@smartreg@', 'smartreg')}\nsmartreg() {{ printf '%s\\n' \"$VALUES\"; }}\ncompopt() {{ :; }}\n"
        "COMP_WORDS=(smartreg add-org --status '') COMP_CWORD=3\n"
        "COMP_LINE='smartreg add-org --status ' COMP_POINT=${#COMP_LINE}\n_smartreg\n"
        'for word in "${COMPREPLY[@]}"; do eval "printf \'%s\\n\' $word"; done\n'
    )
    (tmp_path / "other").write_text("")
    environ = {**os.environ, "VALUES": "\n".join(values)}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == values
    assert os.listdir(tmp_path) == ["other"]


@pytest.mark.promise("R11")
def test_questions_show_it_inert(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console("en", err=io.StringIO())
    prompt = Prompt(f"\x1b[31m{ACTING}", f"\x1b[31m{ACTING}")
    with create_pipe_input() as typed, create_app_session(input=typed):
        typed.send_text("?\rx\r")
        assert text(console, prompt, ACTING, str) == "x"
        typed.send_text("?\r1\r")
        assert choose(console, prompt, Choices([Choice("a", ACTING), Choice("b", ACTING)])) == "a"
    asked = console.err.getvalue() + capsys.readouterr().err.replace("\r", "")  # type: ignore[attr-defined]
    assert inert(asked)
    assert "\\u0023\\u0023[error]" in asked


# -- whatever it says --------------------------------------------------------------------------------------------


@pytest.mark.promise("R8")
@pytest.mark.parametrize(
    "text",
    [
        '{"x-kind": {"name": 7}}',
        '{"x-kind": {"name": "a\\u001b[31m"}}',
        '{"x-kind": {"noun": "##[error]"}}',
        '{"x-kind": {"folder": "../../.."}}',
        '{"x-kind": {"order": "first"}}',
        '{"x-kind": {"order": NaN}}',
        '{"x-kind": {"presets": {"::error::": {}}}}',
        '{"x-kind": {"presets": ["a"]}}',
        '{"x-kind": []}',
        "[]",
        '{"a":' * 20_000 + "1" + "}" * 20_000,
    ],
)
def test_help_leaves_out_what_names_no_kind(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/lamp.schema.json").write_text("{}")
    (tmp_path / "schemas/org.schema.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert run(["help", "-a"]) == 0
    shown = capsys.readouterr().out
    assert inert(shown)
    assert "│ add-sensor " in shown
    assert run(["complete", "add-sen"]) == 0
    assert capsys.readouterr().out == "add-sensor\n"
    assert run(["no-such-command"]) == 2
    assert run(["add-org", "-h"]) == 2


ODD: list[Any] = [
    *(None, 7, -1, 1.5, 10**17, True, "", "x", [], {}, [""], [{}], {"": ""}, {"id": {}}, ACTING, "a\x1b[31m"),
    *("#", "#/$defs/id", "#/properties", "https://example.org/x", "(?=a)", "object", ["string", "integer"], "x" * 300),
    *({"$ref": "#"}, {"x-ref": []}, {"enum": [[]]}, {"const": {}}, {"$id": "a"}, {"type": "string"}, [[[[1]]]]),
]
KEYS = [
    "type",
    "enum",
    "const",
    "x-ref",
    "x-kind",
    "$ref",
    "$schema",
    "$id",
    "items",
    "default",
    "x-unit",
    "format",
    "a",
]


def mutate(random: Random, value: Any) -> Any:
    """The value with something in it left out, added, renamed or replaced."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key, kind = random.choice(sorted(value)), random.random()
        rest = {name: item for name, item in value.items() if name != key}
        if kind < 0.1:
            return rest
        if kind < 0.2:
            return {**rest, random.choice([*KEYS, "a\x1b", "##[error]", "x" * 300]): value[key]}
        if kind < 0.35:
            return {**value, random.choice(KEYS): random.choice(ODD)}
        return {**value, key: mutate(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.7:
        at = random.randrange(len(value))
        return [*value[:at], mutate(random, value[at]), *value[at + 1 :], *value[: random.randrange(2)]]
    return random.choice(ODD)


@pytest.mark.promise("R16")
@given(seed=st.integers(0, 2**32))
@example(seed=0)
@settings(max_examples=8)
def test_no_schema_breaks_the_door_the_help_or_tab(root: Path, seed: int) -> None:
    random = Random(seed)
    contents: dict[str, Any] = dict(FILES)
    for _ in range(random.randint(1, 3)):
        file = random.choice(["org.schema.json", "org.schema.json", *FILES])
        contents[file] = mutate(random, contents[file])
    texts = {name: json.dumps(content).encode() for name, content in contents.items()}
    with suppress(UsageFault):
        for judge in read_schemas(texts).judges.values():
            for odd in ODD:
                record = {"id": "x", "name": odd, "status": odd, "a": odd}
                assert judge.accepts(record) == (not judge.faults(record))
            assert judge.faults({})
            assert judge.faults({"id": 7})
    folder = root.parent / f"{root.name}-mutated"
    for place in ("registry", "schemas"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for name, content in texts.items():
        (folder / "schemas" / name).write_bytes(content)
    for words in outputs_in(folder):
        assert words[1] in (0, 1, 2, 3), words
        assert inert(words[2]), words


def outputs_in(folder: Path) -> Iterator[tuple[list[str], int, str]]:
    """What help, Tab and the list of kinds print: the words, the exit code, the text."""
    for words in (
        ["help", "-a"],
        ["add-org", "-h"],
        ["schema"],
        ["complete", "add-"],
        ["complete", "add-org", "--status", ""],
    ):
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setattr(sys, "stdout", printed)
            patch.setattr(sys, "stderr", printed)
            code = run(words)
        yield words, code, printed.getvalue()
