"""The place of a finding, and the last line of a report, as all text reports write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding, Spot, Summary, worst
from smartreg.core.messages import Language, Message, Text, joined
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


def severity_counts(errors: int, warnings: int, infos: int) -> list[Text]:
    """`1 error`, `0 warnings`, and `2 notes` if there are any."""
    parts: list[Text]
    if errors == 0:
        parts = [Message("0 errors")]
    elif errors == 1:
        parts = [Message("1 error")]
    else:
        parts = [Message("{errors} errors", errors=errors)]
    if warnings == 0:
        parts.append(Message("0 warnings"))
    elif warnings == 1:
        parts.append(Message("1 warning"))
    else:
        parts.append(Message("{warnings} warnings", warnings=warnings))
    if infos == 1:
        parts.append(Message("1 note"))
    elif infos:
        parts.append(Message("{infos} notes", infos=infos))
    return parts


def summarize(summary: Summary, lang: Language) -> str:
    """`Checked 10 214 records: 1 error, 0 warnings`."""
    parts = severity_counts(*summary.by_severity)
    if summary.waived == 1:
        parts.append(Message("1 waived"))
    elif summary.waived:
        parts.append(Message("{waived} waived", waived=summary.waived))
    counts = joined(parts)
    records = count(summary.records)
    if summary.records == 0:
        checked = Message("Checked 0 records: {counts}", counts=counts)
    elif summary.records == 1:
        checked = Message("Checked 1 record: {counts}", counts=counts)
    else:
        checked = Message("Checked {records} records: {counts}", records=records, counts=counts)
    fixable = summary.fixable
    if fixable:
        checked = Message("{checked}; {fixable} fixable with --fix", checked=checked, fixable=fixable)
    return checked.in_(lang)


def before(summary: Summary, lang: Language) -> str | None:
    """The number of findings that existed before and do not count; None if there are none, or all count."""
    if summary.base is None or not summary.before:
        return None
    base, number = short_id(summary.base), count(summary.before)
    if summary.before == 1:
        sentence = Message("1 finding was there before ({base}) and does not count.", base=base)
    else:
        sentence = Message("{number} findings were there before ({base}) and do not count.", number=number, base=base)
    return sentence.in_(lang)


def verdict_line(text: str, findings: Sequence[Finding]) -> Line:
    """What was counted, in the style of the gravest finding, and the command that explains its code."""
    style = worst(findings) or "added"
    first = next((finding.code for finding in findings if finding.severity == style), None)
    return line(Span(f"{text}.", style), *([Span(f"  smartreg explain {first}", "dim")] if first else []))


def summary_lines(findings: Sequence[Finding], summary: Summary, lang: Language) -> Iterator[Line]:
    """The counts, and the command that explains the gravest code."""
    yield verdict_line(summarize(summary, lang), findings)
    there = before(summary, lang)
    if there:
        yield line(Span(there, "dim"))
