"""Each machine format against its published schema (`tests/schemas/README.md` says where they come from); whatever the
data says, the report is well-formed and nothing in it acts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from verdicts import CLEAN, FILES, verdict_on

from smartreg.cli.findings import finding_formats, report_text
from smartreg.commands.validate import Verdict
from smartreg.core.findings import SEVERITIES, Finding, Related, in_order
from smartreg.core.messages import Localized, verbatim
from smartreg.core.values import Location, Mark
from smartreg.rules import all_rules

SCHEMAS = Path(__file__).parents[1] / "schemas"
OURS = Path(__file__).parents[2] / "docs" / "report.schema.json"
FILES_OF = {
    "json": OURS,
    "jsonl": OURS,
    "gitlab": SCHEMAS / "gitlab-code-quality.schema.json",
    "rdjson": SCHEMAS / "rdjson.schema.json",
    "sarif": SCHEMAS / "sarif-2.1.0-rtm.5.json",
}
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@cache
def validator(form: str) -> Any:
    schema = json.loads(FILES_OF[form].read_text("utf-8"))
    if form == "jsonl":
        schema = {"$schema": schema["$schema"], "$ref": "#/$defs/line", "$defs": schema["$defs"]}
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


@cache
def junit() -> Any:
    import xmlschema  # here, since each worker reads every module of tests

    return xmlschema.XMLSchema10(str(SCHEMAS / "junit-10.xsd"))


def faults(form: str, text: str) -> list[str]:
    """What the schema of the format says against a report."""
    if form == "junit":
        return [str(fault.reason) for fault in junit().iter_errors(text)]
    values = map(json.loads, text.splitlines()) if form == "jsonl" else [json.loads(text)]
    return [f"{fault.json_path}: {fault.message}" for value in values for fault in validator(form).iter_errors(value)]


def with_all_rules(verdict: Verdict) -> Verdict:
    return replace(verdict, rules=all_rules())


@pytest.mark.parametrize("form", [*FILES_OF, "junit"])
@pytest.mark.parametrize("files", [FILES, CLEAN], ids=["faults", "clean"])
def test_report_fits_its_schema(form: str, files: dict[str, str]) -> None:
    assert faults(form, report_text(form, with_all_rules(verdict_on(files, codes=())), "fr")) == []


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", '{"version": 1}'),
        ("jsonl", '{"version": 1, "code": "SCH103"}'),
        (
            "gitlab",
            '[{"description": "x", "check_name": "x", "fingerprint": "x", "severity": "error", "location": {}}]',
        ),
        ("rdjson", '{"diagnostics": [{"message": "x", "location": {"path": "x", "line": 3}}]}'),
        ("sarif", '{"version": "2.1.0", "runs": [{"results": [{"message": {"text": "x"}}]}]}'),
        ("sarif", '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "columnKind": "bytes"}]}'),
        ("junit", "<testsuites><testsuite name='x' tests='1'/></testsuites>"),
    ],
)
def test_schemas_refuse(form: str, text: str) -> None:
    assert faults(form, text)


def test_the_json_schema_names_every_property_that_is_written() -> None:
    value = json.loads(report_text("json", verdict_on(FILES), "en"))
    schema = json.loads(OURS.read_text("utf-8"))
    place, finding = (schema["$defs"][name]["properties"] for name in ("place", "finding"))
    related = finding["related"]["items"]["properties"]

    assert set(value) == set(schema["properties"])
    for item in value["findings"]:
        assert set(item) <= {*place, *finding}
        assert all(set(other) <= {*place, *related} for other in item["related"])


def test_sarif_has_a_page_for_every_rule_and_a_place_for_every_result() -> None:
    (run,) = json.loads(report_text("sarif", with_all_rules(verdict_on(FILES, prefix="sig/")), "en"))["runs"]
    rules = run["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == list(all_rules())
    assert all(rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"].startswith("sig/registry/")
        assert location["physicalLocation"]["region"]["startLine"] >= 1


# -- hostile data ------------------------------------------------------------------------------------------------

NASTY = (
    *(
        "::set-env name=A::b",
        "\n::error::x",
        "\r::x",
        "##[group]x",
        "##vso[task.x]",
        "%0A::x",
        ",line=1",
        "]]>",
        "&amp;",
    ),
    *(
        "<script>alert(1)</script>",
        "<!-- x -->",
        "--><b>",
        "`",
        "``` ```",
        "`x` <b>",
        "| a | b |",
        "[x](https://example.org)",
    ),
    *(
        "{0}",
        "}}",
        "@everyone",
        "#1",
        "\x1b[31m",
        "\x9b31m",
        "\u202eabc",
        "\u2028x",
        "\x00",
        "\ufeff",
        "\ufffe\uffff",
        '"',
        "'",
    ),
    *("- x", "# x", "\n- x", "\\", "\\u0041", " ", "", "😀", "é"),
)
texts = st.one_of(st.sampled_from(NASTY), st.text(), st.lists(st.sampled_from(NASTY)).map("".join))
files = st.one_of(
    st.lists(
        st.sampled_from(("a/", "::x", "é", "\udc80", "`", ",", "%", "\n", "|", "<b>", "##[x]", ":", " ", "?#"))
    ).map("".join),
    st.sampled_from(tuple(FILES)),
).map(lambda name: f"registry/{name}" if name not in FILES else name)
keys = st.lists(st.one_of(texts, st.integers(0, 3)), max_size=3).map(lambda parts: ("f", *parts))
marks = st.none() | st.builds(Mark, st.integers(1, 12), st.integers(1, 60))
places = st.builds(lambda file, path, mark: Location(file, path, mark=mark), files, keys, marks)
words = texts.map(lambda text: Localized.of(en=f"x{text}", fr=f"y{text}"))
found = st.lists(
    st.builds(
        Finding,
        st.sampled_from(("SCH103", "REF201", "XYZ999")),
        st.sampled_from(SEVERITIES),
        words,
        places,
        st.none() | words,
        st.lists(st.builds(Related, places, words), max_size=2).map(tuple),
        st.none(),
    ),
    max_size=4,
).map(tuple)
EVERYTHING = tuple(
    Finding("REF201", "error", verbatim(text), Location(f"registry/{n}.yaml", (text,)), verbatim(text))
    for n, text in enumerate((*NASTY, "".join(NASTY)))
)
BASE = verdict_on(FILES, prefix="sig/")


def hostile(findings: tuple[Finding, ...]) -> Verdict:
    return replace(BASE, findings=in_order(findings))


@given(found)
@example(EVERYTHING)
def test_hostile_values_fit_the_schemas(findings: tuple[Finding, ...]) -> None:
    verdict = hostile(findings)
    for form in (*FILES_OF, "junit"):
        assert faults(form, report_text(form, verdict, "en")) == []


@pytest.mark.promise("R11")
@given(found)
@example(EVERYTHING)
def test_nothing_acts_in_a_terminal_or_a_log(findings: tuple[Finding, ...]) -> None:
    verdict = hostile(findings)
    for form in finding_formats():
        text = report_text(form, verdict, "en")
        text.encode()
        assert not ACTING.search(text)
        assert not re.search(r"##\w*\[", text)
        commands = [row for row in text.split("\n") if row.lstrip().startswith("::")]
        if form == "github":
            assert all(re.fullmatch(r"::(error|warning|notice) [^:]*::.*", row) for row in commands)
            assert len(commands) <= len(findings) + 1
        else:
            assert commands == []


@given(found)
@example(EVERYTHING)
def test_values_come_back_from_json_and_junit(findings: tuple[Finding, ...]) -> None:
    verdict = hostile(findings)
    from_json = json.loads(report_text("json", verdict, "en"))["findings"]
    said = "".join(ElementTree.fromstring(report_text("junit", verdict, "en")).itertext())

    assert [item["message"] for item in from_json] == [finding.message.in_("en") for finding in verdict.findings]
    for finding in findings:
        if not ACTING.search(finding.message.in_("en")) and not re.search(
            r"##|\n|[\ufffe\uffff]", finding.message.in_("en")
        ):
            assert finding.message.in_("en") in said


@pytest.mark.promise("R11")
@given(found)
@example(EVERYTHING)
def test_markdown_holds_values_in_code_spans(findings: tuple[Finding, ...]) -> None:
    parsed = (
        MarkdownIt("commonmark", {"html": True}).enable("table").parse(report_text("markdown", hostile(findings), "en"))
    )
    tokens = list(_all(parsed))

    assert [token.content for token in tokens if token.type.startswith("html")] == ["<!-- smartreg:validate:1 -->\n"]
    assert {token.type for token in tokens} & {
        "link_open",
        "image",
        "fence",
        "code_block",
        "em_open",
        "strong_open",
    } == set()
    assert sum(token.type == "bullet_list_open" and token.level == 0 for token in tokens) == (1 if findings else 0)
    outer = [token for token in tokens if token.type == "list_item_open" and token.level == 1]
    assert len(outer) == len(findings)
    outside = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"[<@`\[{]", outside.replace("# ", ""))


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


@given(found)
@example(EVERYTHING)
def test_sarif_messages_hold_no_link_and_no_placeholder(findings: tuple[Finding, ...]) -> None:
    results = json.loads(report_text("sarif", hostile(findings), "en"))["runs"][0]["results"]

    for result in results:
        text = result["message"]["text"].replace("{{", "").replace("}}", "")
        assert not re.search(r"\{\d+\}|\]\(", text)
        assert re.fullmatch(
            r"[\w.~!$&'()*+;=@/%-]+", result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        )
