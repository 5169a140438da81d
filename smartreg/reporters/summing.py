"""The place of a finding, and the last line of a report, as all text reports write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding, Spot, Summary, worst
from smartreg.core.messages import Language, Message, Text, joined, plural
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Location, short_id


def place(where: Location, spot: Spot | None) -> str:
    """`file:line:column`, or file, row and column of a sheet."""
    if where.row is not None or where.column:
        row = "" if where.row is None else f":{where.row}"
        return f"{where.file}{row}{f' ({where.column})' if where.column else ''}"
    return where.file if spot is None else f"{where.file}:{spot.start.line}:{spot.start.column}"


def sentence(finding: Finding, lang: Language) -> str:
    """The message of a finding, with its hint in brackets."""
    hint = f" ({finding.hint.in_(lang)})" if finding.hint else ""
    return f"{finding.message.in_(lang)}{hint}"


def count(number: int) -> str:
    """A number with narrow no-break spaces between thousands, as in French and the SI."""
    return f"{number:,}".replace(",", "\u202f")


def count_severities(errors: int, warnings: int, infos: int) -> list[Text]:
    """`1 error`, `0 warnings`; notes only where there are any."""
    notes = [plural("{n} note", "{n} notes", n=infos)] if infos else []
    return [plural("{n} error", "{n} errors", n=errors), plural("{n} warning", "{n} warnings", n=warnings), *notes]


def summarize(summary: Summary, lang: Language) -> str:
    """`Checked 10 214 records: 1 error, 0 warnings`."""
    errors, warnings, infos = summary.by_severity
    counts = count_severities(errors, warnings, infos)
    counts += [plural("{n} waived", "{n} waived", n=summary.waived)] if summary.waived else []
    return plural(
        "Checked {records} record: {counts}{fixable}",
        "Checked {records} records: {counts}{fixable}",
        n=summary.records,
        records=count(summary.records),
        counts=joined(counts),
        fixable=Message("; {n} fixable with --fix", n=summary.fixable) if summary.fixable else "",
    ).in_(lang)


def before(summary: Summary, lang: Language) -> str | None:
    """The number of findings that existed before and do not count; None if there are none, or all count."""
    number = summary.before
    if summary.base is None or not number:
        return None
    base = short_id(summary.base)
    return plural(
        "{findings} finding was there before ({base}) and does not count.",
        "{findings} findings were there before ({base}) and do not count.",
        n=number,
        findings=count(number),
        base=base,
    ).in_(lang)


def summary_lines(findings: Sequence[Finding], summary: Summary, lang: Language) -> Iterator[Line]:
    """The counts, and the command that explains the gravest code."""
    style = worst(findings) or "added"
    first = next((finding.code for finding in findings if finding.severity == style), None)
    explain = (f"  smartreg explain {first}",) if first else ()
    yield line(Span(f"{summarize(summary, lang)}.", style), *(Span(part, "dim") for part in explain))
    there = before(summary, lang)
    if there:
        yield line(Span(there, "dim"))
