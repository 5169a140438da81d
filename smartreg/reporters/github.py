"""Findings as workflow commands of GitHub Actions, which shows them at the changed lines of a pull request.

GitHub shows no more than ten errors, ten warnings and ten notices of a step: the first ten of each are written, in the
order of all reports, and the last notice says what is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from smartreg.core.findings import Finding, Locate, Severity, Summary
from smartreg.core.messages import Language, Message, Text
from smartreg.core.styled import plain, visible
from smartreg.rules import Rule
from smartreg.wording.summing import sentence, summarize, summary_lines

SHOWN = 10  # of each severity in one step; GitHub drops what goes over
NAMES: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def report(
    findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language, rules: Mapping[str, Rule]
) -> str:
    """Errors, then warnings, then notes, one command each; a notice when some are left out; the summary as plain
    text."""
    shown = [finding for word in NAMES for finding in _first(findings, word, SHOWN)]
    if len(shown) < len(findings):
        shown = [finding for word in NAMES for finding in _first(findings, word, SHOWN - (word == "info"))]
    lines = [
        _command(NAMES[finding.severity], _properties(finding, summary, locate, lang, rules), finding, lang)
        for finding in shown
    ]
    left = len(findings) - len(shown)
    if left:
        lines.append(f"::notice title=smartreg::{_data(f'{summarize(summary, lang)}{_omission(left).in_(lang)}')}")
    return "".join(f"{text}\n" for text in lines) + plain(summary_lines(findings, summary, lang))


def _first(findings: Sequence[Finding], severity: Severity, number: int) -> Sequence[Finding]:
    return [finding for finding in findings if finding.severity == severity][:number]


def _omission(number: int) -> Text:
    if number == 1:
        return Message("; 1 not shown here: any other report has all of them (--step-summary, --report FMT=FILE)")
    return Message(
        "; {number} not shown here: any other report has all of them (--step-summary, --report FMT=FILE)", number=number
    )


def _command(name: str, properties: Iterator[tuple[str, str]], finding: Finding, lang: Language) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties)
    return f"::{name} {written}::{_data(sentence(finding, lang))}"


def _properties(
    finding: Finding, summary: Summary, locate: Locate, lang: Language, rules: Mapping[str, Rule]
) -> Iterator[tuple[str, str]]:
    """Its place. For a value of several lines the first: GitHub shows a command at its last line, and refuses columns
    there."""
    yield "file", summary.prefix + finding.where.file
    spot = locate(finding.where)
    if spot is not None:
        yield "line", str(spot.start.line)
        if spot.start.line == spot.end.line:
            yield from (("endLine", str(spot.end.line)), ("col", str(spot.start.column)))
            yield "endColumn", str(spot.end.column)
    rule = rules.get(finding.code)
    yield "title", f"{finding.code} {rule.title.in_(lang)}" if rule else finding.code


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
