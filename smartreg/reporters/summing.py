"""The place of a finding, and the last line of a report, as all text reports write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding, Spot, Summary, worst
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Language, Location, Words, short_id


def place(where: Location, spot: Spot | None) -> str:
    """`file:line:column`, or file, row and column of a sheet."""
    if where.row is not None or where.column:
        row = "" if where.row is None else f":{where.row}"
        return f"{where.file}{row}{f' ({where.column})' if where.column else ''}"
    return where.file if spot is None else f"{where.file}:{spot.start.line}:{spot.start.column}"


def sentence(finding: Finding, lang: Language) -> str:
    """What is wrong, with what to do in brackets."""
    hint = f" ({finding.hint.in_(lang)})" if finding.hint else ""
    return f"{finding.message.in_(lang)}{hint}"


def count(number: int) -> str:
    """A number with narrow no-break spaces between thousands, as in French and the SI."""
    return f"{number:,}".replace(",", "\u202f")


def severity_counts(errors: int, warnings: int, infos: int) -> list[Words]:
    """`1 error`, `0 warnings`, and `2 notes` if there are any."""
    if errors == 0:
        parts = [Words("0 errors", "0 erreur")]
    elif errors == 1:
        parts = [Words("1 error", "1 erreur")]
    else:
        parts = [Words(f"{errors} errors", f"{errors} erreurs")]
    if warnings == 0:
        parts.append(Words("0 warnings", "0 avertissement"))
    elif warnings == 1:
        parts.append(Words("1 warning", "1 avertissement"))
    else:
        parts.append(Words(f"{warnings} warnings", f"{warnings} avertissements"))
    if infos == 1:
        parts.append(Words("1 note", "1 information"))
    elif infos:
        parts.append(Words(f"{infos} notes", f"{infos} informations"))
    return parts


def summarize(summary: Summary, lang: Language) -> str:
    """`Checked 10 214 records: 1 error, 0 warnings`."""
    parts = severity_counts(*summary.by_severity)
    if summary.waived == 1:
        parts.append(Words("1 waived", "1 accepté"))
    elif summary.waived:
        parts.append(Words(f"{summary.waived} waived", f"{summary.waived} acceptés"))
    counts = Words(", ".join(part.en for part in parts), ", ".join(part.fr for part in parts))
    records = count(summary.records)
    if summary.records == 0:
        checked = Words(f"Checked 0 records: {counts.en}", f"0 fiche examinée : {counts.fr}")
    elif summary.records == 1:
        checked = Words(f"Checked 1 record: {counts.en}", f"1 fiche examinée : {counts.fr}")
    else:
        checked = Words(f"Checked {records} records: {counts.en}", f"{records} fiches examinées : {counts.fr}")
    fixable = summary.fixable
    if fixable:
        checked = Words(f"{checked.en}; {fixable} fixable with --fix", f"{checked.fr} ; --fix en corrige {fixable}")
    return checked.in_(lang)


def before(summary: Summary, lang: Language) -> str | None:
    """The number of findings that existed before and do not count; None if there are none, or all count."""
    if summary.base is None or not summary.before:
        return None
    base, number = short_id(summary.base), count(summary.before)
    if summary.before == 1:
        sentence = Words(
            f"1 finding was there before ({base}) and does not count.",
            f"1 constat était déjà là ({base}) et ne compte pas.",
        )
    else:
        sentence = Words(
            f"{number} findings were there before ({base}) and do not count.",
            f"{number} constats étaient déjà là ({base}) et ne comptent pas.",
        )
    return sentence.in_(lang)


def summary_lines(findings: Sequence[Finding], summary: Summary, lang: Language) -> Iterator[Line]:
    """The counts, and the command that explains the gravest code."""
    style = worst(findings) or "added"
    first = next((finding.code for finding in findings if finding.severity == style), None)
    explain = (f"  smartreg explain {first}",) if first else ()
    yield line(Span(f"{summarize(summary, lang)}.", style), *(Span(part, "dim") for part in explain))
    there = before(summary, lang)
    if there:
        yield line(Span(there, "dim"))
