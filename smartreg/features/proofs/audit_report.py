"""The audit of the history: for people, as JSON, version 1, and as Markdown, in which everything that comes from
commits and records is in code spans. First what concerns the whole history, then commit by commit, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from itertools import zip_longest
from typing import Any

from smartreg import __version__
from smartreg.core.escape import code, json_text
from smartreg.core.findings import CALLED, Finding
from smartreg.core.messages import Language, Message, Text, joined
from smartreg.core.styled import Line, Span, line, visible
from smartreg.core.values import path_text, short_id
from smartreg.features.proofs.trail import Audited, Trace
from smartreg.wording.log_report import according_to, moment_text, record_day, zone_line
from smartreg.wording.summing import count, severity_counts, verdict_line

MANY = 10  # findings of one commit; further ones are counted
LIMIT = Message(
    "Git alone cannot prove that nothing was rewritten before a seal kept by another party (smartreg audit seal "
    "makes one, smartreg audit verify compares it). Signatures are verified where smartreg.toml asks for them, and "
    "those of agreements."
)


def render_audit(audited: Audited, *, lang: Language, zone: tzinfo, limit: bool = True) -> Iterator[Line]:
    """The lines. `limit`: also say what Git alone cannot prove."""
    yield line(Span(span_of(audited).in_(lang), "bold"))
    yield ()
    for finding in audited.general:
        yield from block(finding, "", lang)
        yield ()
    for trace in audited.traces:
        yield from _trace(trace, lang, zone)
        yield ()
    if audited.traces:
        yield zone_line(zone, lang)
    yield verdict_line(summary(audited).in_(lang), audited.findings)
    if limit:
        yield line(Span(LIMIT.in_(lang), "dim"))


def span_of(audited: Audited) -> Text:
    """The first and last commit, and how many there are of each sort."""
    all_, touching, manual, signed = map(count, (audited.commits, audited.touching, audited.manual, audited.signed))
    commits = Message("1 commit") if audited.commits == 1 else Message("{all} commits", all=all_)
    if audited.commits == 0:
        commits = Message("0 commits")
    end = short_id(audited.head)
    if audited.base is None:
        return Message(
            "From the beginning to {end}: {commits}, {touching} changing the registry, {manual} by hand, {signed} "
            "with a signature",
            end=end,
            commits=commits,
            touching=touching,
            manual=manual,
            signed=signed,
        )
    start = f"{audited.seal} ({short_id(audited.base)})" if audited.seal else short_id(audited.base)
    return Message(
        "After {start} to {end}: {commits}, {touching} changing the registry, {manual} by hand, {signed} with a "
        "signature",
        start=start,
        end=end,
        commits=commits,
        touching=touching,
        manual=manual,
        signed=signed,
    )


def block(finding: Finding, indent: str, lang: Language) -> Iterator[Line]:
    """One finding: what, where, what to do."""
    called = CALLED[finding.severity].in_(lang)
    yield line(indent, Span(f"{called}[{finding.code}]", finding.severity), f" {finding.message.in_(lang)}")
    place = f"{finding.where.file} {path_text(finding.where.path)}".strip()
    if place:
        yield line(Span(f"{indent}  --> {place}", "dim"))
    if finding.hint is not None:
        helped = Message("help: ").in_(lang)
        yield line(Span(f"{indent}   = {helped}", "dim"), finding.hint.in_(lang))


def _trace(trace: Trace, lang: Language, zone: tzinfo) -> Iterator[Line]:
    commit = trace.commit
    yield line(
        Span(short_id(commit.oid), "code"),
        Span(f"  {moment_text(commit.date, lang, zone)}", "dim"),
        f"  {commit.author_name}  ",
        Span(commit.subject, "bold"),
        Span(Message("  signed").in_(lang) if commit.signed else "", "added"),
        Span(f"  {recorded}" if (recorded := record_day(commit.date, trace.day, lang, zone)) else "", "warning"),
    )
    for who in commit.on_behalf_of:
        yield line(Span(f"  {according_to(who, lang)}", "dim"))
    shown = trace.findings[:MANY]
    for finding, following in zip_longest(shown, shown[1:]):
        alike = following is not None and following.hint == finding.hint  # said once, below the last
        yield from block(finding._replace(hint=None) if alike else finding, "  ", lang)
    more = len(trace.findings) - MANY
    if more > 0:
        yield line(Span(Message("  … and {more} more (--json)", more=more).in_(lang), "dim"))


def summary(audited: Audited) -> Text:
    """`1 error, 2 warnings; 2 of 412 commits concerned`."""
    parts = severity_counts(*audited.counts)
    counts = joined(parts)
    concerned, commits = count(len(audited.traces)), count(audited.commits)
    if audited.commits == 1:
        return Message("{counts}; {concerned} of 1 commit concerned", counts=counts, concerned=concerned)
    if len(audited.traces) == 0:
        return Message("{counts}; 0 of {commits} commits concerned", counts=counts, commits=commits)
    if len(audited.traces) == 1:
        return Message("{counts}; 1 of {commits} commits concerned", counts=counts, commits=commits)
    return Message(
        "{counts}; {concerned} of {commits} commits concerned", counts=counts, concerned=concerned, commits=commits
    )


VERSION = 1


def render_audit_json(audited: Audited, *, lang: Language) -> str:
    """The text of the object, ended by a line feed. Findings of the whole history are in `findings`, those of a commit
    with the commit, newest first."""
    errors, warnings, infos = audited.counts
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "head": audited.head,
        "base": audited.base,
        "seal": audited.seal,
        "commits": audited.commits,
        "touching": audited.touching,
        "manual": audited.manual,
        "signed": audited.signed,
        "counts": {"error": errors, "warning": warnings, "info": infos},
        "findings": [finding_json(finding, lang) for finding in audited.general],
        "traces": [_trace_json(trace, lang) for trace in audited.traces],
    }
    return json_text(content)


def finding_json(finding: Finding, lang: Language) -> dict[str, Any]:
    """One finding. Code, place and fingerprint are the contract, the wording is not."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message.in_(lang),
        "hint": finding.hint.in_(lang) if finding.hint else None,
        "file": visible(finding.where.file),
        "path": path_text(finding.where.path),
        "fingerprint": finding.fingerprint,
    }


def _trace_json(trace: Trace, lang: Language) -> dict[str, Any]:
    commit = trace.commit
    return {
        "commit": commit.oid,
        "date": commit.date.isoformat() if commit.date else None,
        "day": trace.day.isoformat() if trace.day else None,
        "author": {"name": commit.author_name, "email": commit.author_email},
        "on_behalf_of": list(commit.on_behalf_of),
        "subject": commit.subject,
        "signed": commit.signed,
        "findings": [finding_json(finding, lang) for finding in trace.findings],
    }


MARKER = "<!-- smartreg:audit:1 -->"


def render_audit_markdown(audited: Audited, *, lang: Language, zone: tzinfo) -> str:
    """The text; its first line is a hidden mark by which a later run finds its own comment again."""
    heading = Message("Audit of the history").in_(lang)
    lines = [
        MARKER,
        f"### {heading}",
        "",
        f"{span_of(audited).in_(lang)}.",
        "",
        f"**{summary(audited).in_(lang)}.**",
        "",
    ]
    for finding in audited.general:
        lines += _finding(finding, "", lang)
    for trace in audited.traces:
        commit = trace.commit
        on = moment_text(commit.date, lang, zone).split(" ")[0] if commit.date else moment_text(None, lang, zone)
        about = f"{on} {code(commit.author_name)} {code(commit.subject)}"
        recorded = record_day(commit.date, trace.day, lang, zone)
        lines.append(f"- `{short_id(commit.oid)}` {about}{f' ({recorded})' if recorded else ''}")
        for finding in trace.findings:
            lines += _finding(finding, "  ", lang)
    return "\n".join([*lines, "", LIMIT.in_(lang)]) + "\n"


def _finding(finding: Finding, indent: str, lang: Language) -> Iterator[str]:
    place = f"{finding.where.file} {path_text(finding.where.path)}".strip()
    where = f" {code(place)}" if place else ""
    severity = CALLED[finding.severity].in_(lang)
    yield f"{indent}- {severity} {finding.code}{where}: {code(finding.message.in_(lang))}"
    if finding.hint is not None:
        helped = Message("help: ").in_(lang)
        yield f"{indent}  - {helped}{code(finding.hint.in_(lang))}"
