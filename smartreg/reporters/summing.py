"""The place of a finding, and the last line of a report, as all text reports write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding, Spot, Summary, worst
from smartreg.core.messages import Language
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


def summarize(summary: Summary, lang: Language) -> str:
    """`Checked 10 214 records: 1 error, 0 warnings`."""
    errors, warnings, infos = summary.by_severity
    if lang == "fr":
        return (
            f"{count(summary.records)} fiche{_s(summary.records)} examinée{_s(summary.records)} : "
            f"{errors} erreur{_s(errors)}, {warnings} avertissement{_s(warnings)}"
            + (f", {infos} information{_s(infos)}" if infos else "")
            + (f", {summary.waived} accepté{_s(summary.waived)}" if summary.waived else "")
            + (f" ; --fix en corrige {summary.fixable}" if summary.fixable else "")
        )
    return (
        f"Checked {count(summary.records)} record{'' if summary.records == 1 else 's'}: "
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
        + (f", {infos} note{'' if infos == 1 else 's'}" if infos else "")
        + (f", {summary.waived} waived" if summary.waived else "")
        + (f"; {summary.fixable} fixable with --fix" if summary.fixable else "")
    )


def before(summary: Summary, lang: Language) -> str | None:
    """The number of findings that existed before and do not count; None if there are none, or all count."""
    number = summary.before
    if summary.base is None or not number:
        return None
    base = short_id(summary.base)
    if lang == "fr":
        there = f"{count(number)} constat{_s(number)} {'étaient' if number > 1 else 'était'} déjà là"
        return f"{there} ({base}) et ne compte{'nt' if number > 1 else ''} pas."
    were, do = ("was", "does") if number == 1 else ("were", "do")
    return f"{count(number)} finding{'' if number == 1 else 's'} {were} there before ({base}) and {do} not count."


def summary_lines(findings: Sequence[Finding], summary: Summary, lang: Language) -> Iterator[Line]:
    """The counts, and the command that explains the gravest code."""
    style = worst(findings) or "added"
    first = next((finding.code for finding in findings if finding.severity == style), None)
    explain = (f"  smartreg explain {first}",) if first else ()
    yield line(Span(f"{summarize(summary, lang)}.", style), *(Span(part, "dim") for part in explain))
    there = before(summary, lang)
    if there:
        yield line(Span(there, "dim"))


def _s(number: int) -> str:
    return "s" if number > 1 else ""
