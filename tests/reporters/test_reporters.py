"""The reports of `validate`: each as a golden file, the same findings in all, and what each promises its reader.

`pytest --update` rewrites the golden files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree

import pytest
from verdicts import CLEAN, FILES, verdict_on

from smartreg.cli.findings import finding_formats, finding_reporter, report_text
from smartreg.commands.validate import Verdict
from smartreg.core.findings import Finding, fingerprints, in_order
from smartreg.core.messages import Localized
from smartreg.core.values import Language, Location
from smartreg.reporters.markdown import within

GOLDEN = Path(__file__).parents[1] / "golden" / "report"
FORMATS = ("full", "concise", "grouped", "json", "jsonl", "github", "gitlab", "sarif", "junit", "rdjson", "markdown")
FOR_PEOPLE: tuple[Language, ...] = ("en", "fr")
Told: TypeAlias = list[tuple[str, str]]  # code, and file from the top of the repository


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return verdict_on(FILES, prefix="sig/")


def test_formats() -> None:
    assert set(finding_formats()) == set(FORMATS)
    assert finding_formats()[0] == "full"
    assert all(callable(finding_reporter(name)) for name in FORMATS)


@pytest.mark.parametrize("lang", FOR_PEOPLE)
@pytest.mark.parametrize("form", FORMATS)
def test_golden(verdict: Verdict, form: str, lang: Language, request: pytest.FixtureRequest) -> None:
    text = re.sub(r'"(smartreg|version)": "\d+\.\d+\.\d+[^"]*"', r'"\1": "0.0.0"', report_text(form, verdict, lang))
    expected = GOLDEN / f"{form}-{lang}.txt"
    if request.config.getoption("--update"):
        expected.write_text(text, "utf-8", newline="\n")
    assert text == expected.read_bytes().decode()


# -- the same findings, in the same order ------------------------------------------------------------------------


def _json(text: str) -> Told:
    return [(item["code"], f"sig/{item['file']}") for item in json.loads(text)["findings"]]


def _jsonl(text: str) -> Told:
    return [(item["code"], f"sig/{item['file']}") for item in map(json.loads, text.splitlines())]


def _gitlab(text: str) -> Told:
    return [(item["check_name"], item["location"]["path"]) for item in json.loads(text)]


def _rdjson(text: str) -> Told:
    return [(item["code"]["value"], item["location"]["path"]) for item in json.loads(text)["diagnostics"]]


def _sarif(text: str) -> Told:
    return [(item["ruleId"], _unquote(_place(item)["artifactLocation"]["uri"])) for item in _results(text)]


def _markdown(text: str) -> Told:
    found = re.findall(r"^- \w+ (\S+) `(.*?):\d+:\d+`", text, re.MULTILINE)
    return [(code, f"sig/{file}") for code, file in found]


def _concise(text: str) -> Told:
    found = re.findall(r"^(.*?):\d+:\d+: \w+ (\S+) ", text, re.MULTILINE)
    return [(code, f"sig/{file}") for file, code in found]


def _full(text: str) -> Told:
    found = re.findall(r"^\w+\[(\S+)\].*\n  --> (.*):\d+:\d+$", text, re.MULTILINE)
    return [(code, f"sig/{file}") for code, file in found]


def _group(text: str) -> Told:
    rows, file = [], ""
    for row in text.splitlines()[:-1]:
        if row.startswith("  "):
            rows.append((row.split()[2], f"sig/{file}"))
        else:
            file = row
    return rows


def _unquote(uri: str) -> str:
    return re.sub("%(..)", lambda found: chr(int(found[1], 16)), uri)


def _results(text: str) -> list[Any]:
    results: list[Any] = json.loads(text)["runs"][0]["results"]
    return results


def _place(result: Any) -> Any:
    return result["locations"][0]["physicalLocation"]


READERS: dict[str, Callable[[str], Told]] = {
    "json": _json,
    "jsonl": _jsonl,
    "gitlab": _gitlab,
    "rdjson": _rdjson,
    "sarif": _sarif,
    "markdown": _markdown,
    "concise": _concise,
    "full": _full,
    "grouped": _group,
}


@pytest.mark.parametrize("form", READERS)
def test_every_report_says_the_same_in_the_same_order(verdict: Verdict, form: str) -> None:
    assert READERS[form](report_text(form, verdict, "en")) == _all(verdict.findings)


def _all(findings: Sequence[Finding]) -> Told:
    return [(finding.code, f"sig/{finding.where.file}") for finding in findings]


def test_junit_has_a_case_for_each_file_and_rule_and_one_that_passes_for_each_kind(verdict: Verdict) -> None:
    root = ElementTree.fromstring(report_text("junit", verdict, "en"))

    cases = [(suite.get("name"), case) for suite in root for case in suite]
    found = [case.get("name") for _, case in cases if case.get("name") != "read"]

    assert sorted(map(str, found)) == sorted({f"{item.code} {item.where.file}" for item in verdict.findings})
    assert [suite for suite, case in cases if case.get("name") == "read"] == ["equipment", "party", "files"]
    said = [row for _, case in cases if case.get("name") != "read" for row in "".join(case.itertext()).split("\n")]
    assert sum(bool(row.strip()) for row in said) == len(verdict.findings)
    for suite in root:
        assert suite.get("tests") == str(len(suite))
        for count, tag in (("failures", "failure"), ("skipped", "skipped")):
            assert suite.get(count) == str(len(suite.findall(f"testcase/{tag}")))


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_found(form: str) -> None:
    text = report_text(form, verdict_on(CLEAN), "en")

    empty = {"jsonl": "", "gitlab": "[]\n"}
    if form in empty:
        assert text == empty[form]
    elif form in ("json", "rdjson", "sarif"):
        value = json.loads(text)
        found = {"json": "findings", "rdjson": "diagnostics"}.get(form)
        assert (value[found] if found else value["runs"][0]["results"]) == []
    elif form == "junit":
        assert [case.get("name") for case in ElementTree.fromstring(text).iter("testcase")] == ["read"]
    else:
        assert "Checked 0 records: 0 errors, 0 warnings" in text
        assert "::" not in text


# -- places and fingerprints -------------------------------------------------------------------------------------


def test_places_are_those_of_the_values_and_of_unknown_keys(verdict: Verdict) -> None:
    lines = FILES["registry/equipment/s1.yaml"].splitlines()
    results = [item for item in _results(report_text("sarif", verdict, "en")) if "s1" in str(_place(item))]
    pointed = [
        lines[place["startLine"] - 1][place["startColumn"] - 1 : place["endColumn"] - 1]
        for place in (_place(item)["region"] for item in results)
    ]

    assert pointed == [
        '"nom, é:"',
        "actve",
        lines[4].removeprefix("support: "),
        lines[1].removeprefix("type: "),
        "nobody",
        '"@everyone"',
    ]


def test_columns_of_rdjson_count_bytes() -> None:
    files = {"smartreg.toml": "", "registry/equipment/x.yaml": '{id: x, "é€😀": 1, status: "é€😀"}\n'}
    (status,) = (
        item
        for item in json.loads(report_text("rdjson", verdict_on(files), "en"))["diagnostics"]
        if item["code"]["value"] == "SCH103"
    )
    text = files["registry/equipment/x.yaml"].encode()
    place = status["location"]["range"]

    assert text[place["start"]["column"] - 1 : place["end"]["column"] - 1].decode() == '"é€😀"'


def test_fingerprints_survive_moved_lines_and_are_unique(verdict: Verdict) -> None:
    twice = replace(verdict, findings=in_order([*verdict.findings, *verdict.findings]))
    lower = verdict_on({path: f"# 1\n# 2\n# 3\n{text}" for path, text in FILES.items()}, prefix="sig/")

    readers: dict[str, Callable[[str], list[str]]] = {
        "gitlab": lambda text: [item["fingerprint"] for item in json.loads(text)],
        "json": lambda text: [item["fingerprint"] for item in json.loads(text)["findings"]],
        "sarif": lambda text: [item["partialFingerprints"]["smartreg/v1"] for item in _results(text)],
    }
    for form, read in readers.items():
        found = read(report_text(form, verdict, "en"))
        assert found == fingerprints(verdict.findings)
        assert found == read(report_text(form, verdict, "fr")) == read(report_text(form, lower, "en"))
        assert report_text(form, verdict, "en") != report_text(form, lower, "en")
        again = read(report_text(form, twice, "en"))
        assert len(set(again)) == len(again) == 2 * len(found)
        assert set(found) < set(again)


# -- limits of GitHub --------------------------------------------------------------------------------------------


def many(errors: int, warnings: int, infos: int = 0) -> Verdict:
    def make_findings(severity: Any, number: int) -> list[Finding]:
        where = Location("registry/parties/x.yaml", ("f",))
        return [
            Finding("SCH103", severity, Localized.of(en=f"{severity} {n}", fr=f"{n}"), where) for n in range(number)
        ]

    found = (*make_findings("info", infos), *make_findings("warning", warnings), *make_findings("error", errors))
    return replace(verdict_on(CLEAN), findings=in_order(found))


@pytest.mark.parametrize(
    ("counts", "commands", "left_out"),
    [
        ((0, 0), [], None),
        ((10, 10), ["error"] * 10 + ["warning"] * 10, None),
        ((11, 3), ["error"] * 10 + ["warning"] * 3, 1),
        ((2, 40, 5), ["error"] * 2 + ["warning"] * 10 + ["notice"] * 5, 30),
        ((0, 0, 10), ["notice"] * 10, None),
        ((0, 0, 11), ["notice"] * 9, 2),
    ],
)
def test_github_shows_ten_of_each_and_says_what_is_left_out(
    counts: tuple[int, ...], commands: list[str], left_out: int | None
) -> None:
    rows = [row for row in report_text("github", many(*counts), "en").splitlines() if row.startswith("::")]
    notices = [row for row in rows if row.startswith("::notice title=smartreg::")]

    assert [row[2:].split()[0] for row in rows if row not in notices] == commands
    assert [f"{left_out} not shown" in row for row in notices] == ([] if left_out is None else [True])


@pytest.mark.parametrize("size", [0, 100, 600, 5_000, 10_000])
def test_markdown_is_cut_between_findings(size: int) -> None:
    text = report_text("markdown", many(300, 0), "en")
    cut = within(text, size, "en")

    assert len(cut.encode()) <= size
    kept = cut.count("\n- ")
    assert cut == "" if size < 400 else cut.endswith(f"\n\n… {300 - kept} more do not fit here.\n")
    assert cut.splitlines()[:kept] == text.splitlines()[:kept]


def test_markdown_that_fits_is_not_cut() -> None:
    text = report_text("markdown", many(3, 0), "en")

    assert within(text, len(text.encode()), "en") == text
