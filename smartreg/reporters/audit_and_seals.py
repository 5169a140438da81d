"""The audit of the history and its seals: for people and as JSON, version 1; the audit also as Markdown, in which
everything that comes from commits and records is in code spans.

First what concerns the whole history, then commit by commit, newest first. A seal comes with what it seals and
whether it holds, what that proves and what it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from smartreg import __version__
from smartreg.core.escape import code, json_text
from smartreg.core.findings import CALLED, Finding, worst
from smartreg.core.styled import Line, Span, line, visible
from smartreg.core.values import Language, Words, path_text, short_id
from smartreg.history.audit import Audited, Seal, Sealed, SealLine, Trace
from smartreg.history.audit.seals import CheckedSeal
from smartreg.reporters.log_and_blame import moment_text, record_day
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


def render_audit(found: Audited, *, lang: Language, limit: bool = True) -> Iterator[Line]:
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
        Span(f"  {moment_text(commit.date, lang)}", "dim"),
        f"  {commit.author_name}  ",
        Span(commit.subject, "bold"),
        Span({"en": "  signed", "fr": "  signé"}[lang] if commit.signed else "", "added"),
        Span(f"  {recorded}" if (recorded := record_day(commit.date, trace.day, lang)) else "", "warning"),
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


VERSION = 1


def render_audit_json(found: Audited, *, lang: Language) -> str:
    """The text of the object, ended by a line feed. Findings of the whole history are in `findings`, those of a commit
    with the commit, newest first."""
    errors, warnings, infos = found.counts
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "head": found.head,
        "base": found.base,
        "seal": found.seal,
        "commits": found.commits,
        "touching": found.touching,
        "manual": found.manual,
        "signed": found.signed,
        "counts": {"error": errors, "warning": warnings, "info": infos},
        "findings": [finding_json(finding, lang) for finding in found.general],
        "traces": [_trace_json(trace, lang) for trace in found.traces],
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
        "subject": commit.subject,
        "signed": commit.signed,
        "findings": [finding_json(finding, lang) for finding in trace.findings],
    }


MARKER = "<!-- smartreg:audit:1 -->"


def render_audit_markdown(found: Audited, *, lang: Language) -> str:
    """The text; its first line is a hidden mark by which a later run finds its own comment again."""
    heading = Words("Audit of the history", "Audit de l'historique").in_(lang)
    lines = [MARKER, f"### {heading}", "", f"{span_of(found).in_(lang)}.", "", f"**{summary(found).in_(lang)}.**", ""]
    for finding in found.general:
        lines += _finding(finding, "", lang)
    for trace in found.traces:
        commit = trace.commit
        on = moment_text(commit.date, lang).split(" ")[0] if commit.date else moment_text(None, lang)
        about = f"{on} {code(commit.author_name)} {code(commit.subject)}"
        recorded = record_day(commit.date, trace.day, lang)
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
        yield f"{indent}  - {Words('help: ', 'aide : ').in_(lang)}{code(finding.hint.in_(lang))}"


NONE = Words(
    "There is no seal here: nothing was checked. git fetch --tags brings those of the remote; smartreg audit seal makes"
    " the first.",
    "Il n'y a pas de sceau ici : rien n'a été contrôlé. git fetch --tags ramène ceux du dépôt distant ; smartreg audit"
    " seal fait le premier.",
)
HELD = Words(
    "Each sealed commit is part of the present history, each holds what its seal says, and the chain is whole.",
    "Chaque commit scellé fait partie de l'historique actuel, chacun contient ce que dit son sceau, et la chaîne est"
    " entière.",
)
UNHELD = Words("The present history is not the one that was sealed.", "L'historique actuel n'est pas celui scellé.")
ALONE = Words(
    "What Git alone cannot prove: that history and seals were not made anew together. A line that another party holds"
    " shows it: smartreg audit verify 'seal/… commit:… sha256:…'. Signatures are not verified here: git verify-tag.",
    "Ce que Git seul ne prouve pas : qu'historique et sceaux n'ont pas été refaits ensemble. La ligne détenue par une"
    " autre partie le montre : smartreg audit verify 'seal/… commit:… sha256:…'. Les signatures ne sont pas vérifiées"
    " ici : git verify-tag.",
)
PROVED = Words(
    "The line that you hold fits: up to {0}, this is the history of which it speaks.",
    "La ligne que vous détenez concorde : jusqu'à {0}, c'est bien l'historique dont elle parle.",
)


def render_seals(
    seals: Sequence[CheckedSeal], seal_line: SealLine | None, faults: Sequence[Finding], *, lang: Language
) -> Iterator[Line]:
    """One line per seal, its findings below; at the end what all of it proves."""
    for finding in faults:
        yield from block(finding, "", lang)
    for examined in seals:
        yield _row(examined, lang)
        for finding in examined.findings:
            yield from block(finding, "  ", lang)
    if not seals and seal_line is None:
        yield line(NONE.in_(lang))
        return
    yield ()
    if faults or any(examined.findings for examined in seals):
        yield line(Span(UNHELD.in_(lang), "error"))
    else:
        yield line(Span(HELD.in_(lang), "added"))
        if seal_line is not None:
            yield line(Span(PROVED.in_(lang).format(short_id(seal_line.commit)), "added"))
            return
    yield line(Span(ALONE.in_(lang), "dim"))


def _row(examined: CheckedSeal, lang: Language) -> Line:
    seal = examined.seal
    if seal is None:
        return line(Span(examined.name, "name"))
    number = seal.sealed.records
    records = Words(
        f"{count(number)} record{'' if number == 1 else 's'}",
        f"{count(number)} fiche{'s' if number > 1 else ''}",
    )
    day = examined.recorded
    late = Words(f"  but its commit was recorded on {day}", f"  mais son commit a été inscrit le {day}").in_(lang)
    return line(
        Span(seal.name, "name"),
        Span(f"  {seal.day}", "dim"),
        Span(late if day else "", "warning"),
        Span(f"  {short_id(seal.sealed.commit)}", "code"),
        f"  {records.in_(lang)}",
        Span({"en": "  signed", "fr": "  signé"}[lang] if seal.signed else "", "added"),
        Span("" if examined.findings else {"en": "  holds", "fr": "  tient"}[lang], "added"),
    )


def render_seals_json(
    seals: Sequence[CheckedSeal], seal_line: SealLine | None, faults: Sequence[Finding], *, lang: Language
) -> str:
    """The text of the object, ended by a line feed; `line` is what was given, null without one; `holds` is null where
    there is no seal to look at."""
    line = None
    if seal_line is not None:
        line = {"name": seal_line.name, "commit": seal_line.commit, "sha256": seal_line.digest}
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "holds": not faults and not any(examined.findings for examined in seals) if seals or faults else None,
        "line": line,
        "findings": [finding_json(finding, lang) for finding in faults],
        "seals": [_examined_json(examined, lang) for examined in seals],
    }
    return json_text(content)


def seal_object(name: str, sealed: Sealed, seal: Seal | None, *, new: bool) -> str:
    """A seal that was made, or would be (`line` and `sha256` null)."""
    about = {
        "name": name,
        **_sealed_json(sealed),
        "sha256": seal.digest if seal else None,
        "signed": bool(seal and seal.signed),
    }
    line = seal.line if seal else None
    return json_text({"version": VERSION, "smartreg": __version__, "new": new, "line": line, "seal": about})


def _examined_json(examined: CheckedSeal, lang: Language) -> dict[str, Any]:
    seal = examined.seal
    about: dict[str, Any] = {"name": examined.name}
    if seal is not None:
        previous = {"name": seal.previous[0], "sha256": seal.previous[1]} if seal.previous else None
        about |= {**_sealed_json(seal.sealed), "sha256": seal.digest, "day": seal.day, "signed": seal.signed}
        about |= {"previous": previous, "line": seal.line}
        about |= {"recorded": examined.recorded.isoformat()} if examined.recorded else {}
    return about | {"findings": [finding_json(finding, lang) for finding in examined.findings]}


def _sealed_json(sealed: Sealed) -> dict[str, Any]:
    return {
        "commit": sealed.commit,
        "tree": sealed.tree,
        "counts": dict(sealed.counts),
        "content": sealed.content,
        "rules": sealed.rules,
    }
