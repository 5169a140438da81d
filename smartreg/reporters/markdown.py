"""Findings as Markdown, for the summary of a job or a comment. Everything that comes from records is in code spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from smartreg.core.escape import code
from smartreg.core.findings import CALLED, SEVERITIES, Finding, Locate, Summary
from smartreg.core.messages import Language, Message
from smartreg.diff.impact import BINDING
from smartreg.rules import Rule
from smartreg.wording.summing import before, place, summarize

MARKER = "<!-- smartreg:validate:1 -->"
ITEM = "\n- "
HEADINGS = Message("| severity | code | number | what |")
FOUND = Message("Findings")
AGREED = frozenset({"CHG814", "CHG821", "CHG822", "CHG823"})  # what a reviewer has to see first
MORE = Message("{number} more do not fit here.")


def report(
    findings: Sequence[Finding], summary: Summary, *, locate: Locate, lang: Language, rules: Mapping[str, Rule]
) -> str:
    """The text; its first line is a hidden mark by which a later run finds its own comment again."""
    there = before(summary, lang)
    lines = [MARKER, f"### smartreg: {summarize(summary, lang)}", *(("", there) if there else ())]
    if findings:
        lines += ["", HEADINGS.in_(lang), "|---|---|--:|---|", *_counts(findings, lang, rules)]
        first = [finding for finding in findings if finding.code in AGREED]
        rest = [finding for finding in findings if finding.code not in AGREED]
        for title, some in ((BINDING, first), (FOUND, rest)):
            if some:
                lines += ["", f"#### {title.in_(lang)}", ""]
                lines += [text for finding in some for text in _finding(finding, locate, lang)]
    return "\n".join(lines) + "\n"


def within(text: str, size: int, lang: Language) -> str:
    """As much of the report as fits `size` bytes: whole findings, then the number of others; empty if not even its head
    fits."""
    if len(text.encode()) <= size:
        return text
    head, *items = text.split(ITEM)
    taken = len(head.encode()) + len(_more(len(items), lang).encode())
    kept: list[str] = []
    for item in items:
        taken += len(f"{ITEM}{item}".encode())
        if taken > size:
            break
        kept.append(item)
    cut = ITEM.join((head, *kept)).rstrip("\n") + _more(len(items) - len(kept), lang)
    return cut if len(cut.encode()) <= size else ""


def _more(number: int, lang: Language) -> str:
    return f"\n\n… {MORE.in_(lang).format(number=number)}\n"


def _counts(findings: Sequence[Finding], lang: Language, rules: Mapping[str, Rule]) -> Iterator[str]:
    counts = Counter((SEVERITIES.index(finding.severity), finding.code) for finding in findings)
    for (rank, name), number in sorted(counts.items()):
        title = rules[name].title.in_(lang) if name in rules else ""
        yield f"| {CALLED[SEVERITIES[rank]].in_(lang)} | {name} | {number} | {title} |"


def _finding(finding: Finding, locate: Locate, lang: Language) -> Iterator[str]:
    where = code(place(finding.where, locate(finding.where)))
    yield f"- {CALLED[finding.severity].in_(lang)} {finding.code} {where}: {code(finding.message.in_(lang))}"
    if finding.hint is not None:
        helped = Message("help: ").in_(lang)
        yield f"  - {helped}{code(finding.hint.in_(lang))}"
    for related in finding.related:
        yield f"  - {code(related.note.in_(lang))} {code(place(related.where, locate(related.where)))}"
