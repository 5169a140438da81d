"""Findings as JUnit XML: one suite per kind. One case always passes and says how many records were read; each rule with
findings in a file is a case: failed by an error, skipped by a warning so that it shows, passed with a note."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from smartreg.core.findings import Finding, Locate, Severity, Summary, worst
from smartreg.core.messages import Language, Message
from smartreg.core.styled import visible
from smartreg.wording.summing import place, sentence

OTHERS = "files"  # what belongs to no record: settings, schemas, files that are out of place
READ = Message("records read: {number}")

Cases: TypeAlias = Mapping[tuple[str, str], Sequence[Finding]]


def report(findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language) -> str:
    """The document."""
    records = Counter(rid.kind for rid in summary.rids.values())
    kinds = dict.fromkeys((*summary.kinds, *records, OTHERS))
    by_kind: dict[str, dict[tuple[str, str], list[Finding]]] = {kind: defaultdict(list) for kind in kinds}
    for finding in findings:
        rid = summary.rids.get(finding.where.file)
        by_kind[rid.kind if rid else OTHERS][finding.where.file, finding.code].append(finding)
    suites = [text for kind, cases in by_kind.items() for text in _suite(kind, records[kind], cases, locate, lang)]
    every = [case for cases in by_kind.values() for case in cases.values()]
    total = f'tests="{len(every) + len(by_kind)}" failures="{_of(every, "error")}" errors="0"'
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join((head, f'<testsuites name="smartreg" {total}>', *suites, "</testsuites>", ""))


def _suite(kind: str, records: int, cases: Cases, locate: Locate, lang: Language) -> Iterator[str]:
    failed, skipped = (_of(list(cases.values()), severity) for severity in ("error", "warning"))
    counts = f'tests="{len(cases) + 1}" failures="{failed}" errors="0" skipped="{skipped}"'
    yield f'  <testsuite name="{_xml(kind)}" {counts}>'
    yield f'    <testcase classname="smartreg.{_xml(kind)}" name="read">'
    yield f"      <system-out>{READ.in_(lang).format(number=records)}</system-out>"
    yield "    </testcase>"
    for (file, code), findings in cases.items():
        yield f'    <testcase classname="smartreg.{_xml(kind)}" name="{_xml(f"{code} {file}")}">'
        yield f"      {_outcome(findings, locate, lang)}"
        yield "    </testcase>"
    yield "  </testsuite>"


def _outcome(findings: Sequence[Finding], locate: Locate, lang: Language) -> str:
    gravest = worst(findings)
    first = sentence(findings[0], lang)
    rows = (
        f"{place(finding.where, locate(finding.where))}: {finding.severity} {finding.code} {sentence(finding, lang)}"
        for finding in findings
    )
    text = "\n".join(map(_xml, rows))
    if gravest == "info":
        return f"<system-out>{text}</system-out>"
    name = "failure" if gravest == "error" else "skipped"
    return f'<{name} type="{_xml(findings[0].code)}" message="{_xml(first)}">{text}</{name}>'


def _of(cases: Sequence[Sequence[Finding]], severity: Severity) -> int:
    return sum(worst(findings) == severity for findings in cases)


def _xml(text: str) -> str:
    """Text or attribute value; what XML 1.0 cannot contain is written as `\\uXXXX`."""
    text = visible(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
