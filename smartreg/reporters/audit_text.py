"""The audit of the history for people: what concerns the whole history, then commit by commit, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from smartreg.core.findings import CALLED, Finding, worst
from smartreg.core.styled import Line, Span, line
from smartreg.core.values import Language, Words, path_text, short_id
from smartreg.history.audit import Audited, Trace
from smartreg.reporters.summing import count

MANY = 10  # findings of one commit; further ones are counted
LIMIT = Words(
    "What Git alone cannot prove: that nothing was rewritten before a line that another party holds (smartreg audit"
    " seal makes one, smartreg audit verify compares it). Signatures are verified where smartreg.toml asks for"
    " them, and those of agreements.",
    "Ce que Git seul ne prouve pas : que rien n'a été réécrit avant une ligne détenue par une autre partie (smartreg"
    " audit seal en fait une, smartreg audit verify la compare). Les signatures ne sont vérifiées que si"
    " smartreg.toml en demande, et pour les accords.",
)


def report(found: Audited, *, lang: Language, limit: bool = True) -> Iterator[Line]:
    """The lines. `limit`: also say what Git alone cannot prove."""
    yield line(Span(span_of(found).in_(lang), "bold"))
    yield ()
    for finding in found.general:
        yield from block(finding, "", lang)
        yield ()
    for trace in found.traces:
        yield from _trace(trace, lang)
        yield ()
    yield line(*_summary(found, lang))
    if limit:
        yield line(Span(LIMIT.in_(lang), "dim"))


def span_of(found: Audited) -> Words:
    """The first and last commit, and how many there are of each sort."""
    start_en, start_fr = "From the beginning", "Du début"
    if found.base is not None:
        named = f"{found.seal} ({short_id(found.base)})" if found.seal else short_id(found.base)
        start_en, start_fr = f"After {named}", f"Après {named}"
    all_, some, hand, sign = found.commits, found.touching, found.manual, found.signed
    end = short_id(found.head)
    return Words(
        f"{start_en} to {end}: {count(all_)} commit{'' if all_ == 1 else 's'}, {count(some)} changing the registry, "
        f"{count(hand)} by hand, {count(sign)} with a signature",
        f"{start_fr} jusqu'à {end} : {count(all_)} commit{_s(all_)}, dont {count(some)} touchant au registre, "
        f"{count(hand)} à la main, {count(sign)} avec signature",
    )


def block(finding: Finding, indent: str, lang: Language) -> Iterator[Line]:
    """One finding: what, where, what to do."""
    called = CALLED[finding.severity].in_(lang)
    yield line(indent, Span(f"{called}[{finding.code}]", finding.severity), f" {finding.message.in_(lang)}")
    place = f"{finding.where.file} {path_text(finding.where.path)}".strip()
    if place:
        yield line(Span(f"{indent}  --> {place}", "dim"))
    if finding.hint is not None:
        helped = {"en": "help: ", "fr": "aide : "}[lang]
        yield line(Span(f"{indent}   = {helped}", "dim"), finding.hint.in_(lang))


def _trace(trace: Trace, lang: Language) -> Iterator[Line]:
    commit = trace.commit
    yield line(
        Span(short_id(commit.oid), "code"),
        Span(f"  {commit.date:%Y-%m-%d %H:%M}", "dim"),
        f"  {commit.author_name}  ",
        Span(commit.subject, "bold"),
        Span({"en": "  signed", "fr": "  signé"}[lang] if commit.signed else "", "added"),
    )
    shown = trace.findings[:MANY]
    for finding, following in zip_longest(shown, shown[1:]):
        alike = following is not None and following.hint == finding.hint  # said once, below the last
        yield from block(replace(finding, hint=None) if alike else finding, "  ", lang)
    more = len(trace.findings) - MANY
    if more > 0:
        yield line(Span({"en": f"  … and {more} more (--json)", "fr": f"  … et {more} de plus (--json)"}[lang], "dim"))


def _summary(found: Audited, lang: Language) -> Iterator[Span]:
    style = worst(found.findings) or "added"
    yield Span(f"{summary(found).in_(lang)}.", style)
    first = next((finding.code for finding in found.findings if finding.severity == style), None)
    if first:
        yield Span(f"  smartreg explain {first}", "dim")


def summary(found: Audited) -> Words:
    """`1 error, 2 warnings in 2 of 412 commits`."""
    errors, warnings, infos = found.counts
    some, all_ = len(found.traces), found.commits
    return Words(
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
        + (f", {infos} note{'' if infos == 1 else 's'}" if infos else "")
        + f"; {count(some)} of {count(all_)} commit{'' if all_ == 1 else 's'} concerned",
        f"{errors} erreur{_s(errors)}, {warnings} avertissement{_s(warnings)}"
        + (f", {infos} information{_s(infos)}" if infos else "")
        + f" ; {count(some)} commit{_s(some)} concerné{_s(some)} sur {count(all_)}",
    )


def _s(number: int) -> str:
    return "s" if number > 1 else ""
