"""Findings as workflow commands of GitHub Actions, which shows them beside the changed lines of a pull request.

GitHub shows no more than ten errors and ten warnings of a step: the first ten of each are written, in the order of all
reports, and one notice says what is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from smartreg.findings import Finding, Locate, Summary
from smartreg.reporters.summing import sentence, summed, told
from smartreg.rules import Rule
from smartreg.styled import plain, visible
from smartreg.values import Language, Words

SHOWN = 10  # of each severity in one step; GitHub drops what goes over
LEFT_OUT = Words(
    "; {number} not shown here; they are in the step summary (--step-summary) and in every other report",
    " ; {number} non affichés ici ; ils sont dans le résumé de l'étape (--step-summary) et dans tout autre rapport",
)


def report(
    findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language, rules: Mapping[str, Rule]
) -> str:
    """Errors, then warnings, one command each; a notice when some are left out; the summary as plain text."""
    shown = [found for word in ("error", "warning") for found in _first(findings, word)]
    lines = [_command(found.severity, _properties(found, summary, locate, lang, rules), found, lang) for found in shown]
    if len(shown) < len(findings):
        rest = LEFT_OUT.in_(lang).format(number=len(findings) - len(shown))
        lines.append(f"::notice title=smartreg::{_data(f'{told(summary, lang)}{rest}')}")
    return "".join(f"{text}\n" for text in lines) + plain(summed(findings, summary, lang))


def _first(findings: Sequence[Finding], severity: str) -> Sequence[Finding]:
    return [finding for finding in findings if finding.severity == severity][:SHOWN]


def _command(name: str, properties: Iterator[tuple[str, str]], finding: Finding, lang: Language) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties)
    return f"::{name} {written}::{_data(sentence(finding, lang))}"


def _properties(
    finding: Finding, summary: Summary, locate: Locate, lang: Language, rules: Mapping[str, Rule]
) -> Iterator[tuple[str, str]]:
    """Where it is. Of a value of several lines the first: GitHub shows a command at its last line, and refuses columns
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
