"""Changes as one HTML page, in the style of the report: no script, nothing fetched, values of records as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message
from smartreg.core.values import RecordId
from smartreg.core.webpage import element, escape_html, frame, resource
from smartreg.diff import Change, FieldRow, describe_end, rows
from smartreg.diff.impact import (
    BINDING,
    CHECKS,
    COMMENTS,
    Comparison,
    Impact,
    aside_texts,
    consequences,
    format_grades,
    format_hosting,
)
from smartreg.wording.changes_markdown import MAP, NOBODY, TITLES
from smartreg.wording.changes_text import side_text

TITLE = Message("Changes of the registry")
NOTHING = Message("No record differs.")
OTHERS = Message("Other files")
BROKEN = Message("Newly broken rules")
STILL_NAMED = Message("still named by")
REPLACED = Message("replaced by")
ON_MAP = Message("map")
HEADINGS = (Message("Field"), Message("Before"), Message("After"))
DONE = {
    "added": Message("added"),
    "removed": Message("deleted"),
    "changed": Message("changed"),
}


def report(comparison: Comparison, *, lang: Language) -> str:
    """The text of the page."""
    title = f"{side_text(comparison.before, lang)} → {side_text(comparison.after, lang)}"
    styles = (resource("smartreg.core", "style.css"),)
    return frame(f"{TITLE.in_(lang)} : {title}", lang, "\n".join(_body(comparison, title, lang)), styles=styles)


def _body(comparison: Comparison, title: str, lang: Language) -> Iterator[str]:
    yield "<main>"
    yield element("h1", TITLE.in_(lang))
    yield element("p", title)
    graded = format_grades(comparison, lang)
    if graded:
        yield f"<p>{element('b', graded)}</p>"
    for heading, findings in ((BINDING, comparison.binding), (CHECKS, comparison.checks)):
        if findings:
            yield element("h2", f"{heading.in_(lang)} ({len(findings)})")
            yield _list([_finding(item, lang) for item in findings])
    if not comparison.changes:
        yield element("p", NOTHING.in_(lang))
    for kind, number in comparison.counts.items():
        yield element("h2", f"{TITLES[kind].in_(lang)} ({number})")
        for change in comparison.changes:
            if change.kind == kind:
                yield from _change(change, comparison.impacts.get(change.rid, NOBODY), lang)
    if comparison.others:
        yield element("h2", f"{OTHERS.in_(lang)} ({len(comparison.others)})")
        yield _list(
            [f"{element('code', path)} {escape_html(DONE[kind].in_(lang))}" for path, kind in comparison.others]
        )
    if comparison.comments:
        yield element("h2", f"{COMMENTS.in_(lang)} ({len(comparison.comments)})")
        yield _list(
            [
                f"{element('code', item.where.file)} {escape_html(item.message.in_(lang))}"
                for item in comparison.comments
            ]
        )
    if comparison.broken:
        yield element("h2", f"{BROKEN.in_(lang)} ({len(comparison.broken)})")
        yield _list([_finding(item, lang) for item in comparison.broken])
    yield from (element("p", f"{format_hosting(item, lang, str)}.") for item in comparison.hostings)
    yield from (element("p", text) for text in aside_texts(comparison, lang))
    yield "</main>"


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _finding(finding: Finding, lang: Language) -> str:
    grade = element("span", finding.code, class_=f"grade {finding.severity}")
    return f"{grade} {element('code', finding.where.file)} {escape_html(finding.message.in_(lang))}"


def _change(change: Change, impact: Impact, lang: Language) -> Iterator[str]:
    yield '<article class="card">'
    yield f"<h3>{element('code', str(change.rid))}</h3>"
    caption = _caption(change, impact, lang)
    if caption:
        yield element("p", caption)
    if change.kind in ("changed", "retired"):
        ending = describe_end(change, lang)[2] if change.kind == "retired" else frozenset()
        yield from _table([row for row in rows(change, lang) if row.path[0] not in ending], str(change.rid), lang)
    effects = [_effect(grade, label, text) for grade, label, text in consequences(impact, lang, str)]
    if change.kind == "removed" and impact.named_by:
        effects.insert(0, escape_html(f"{STILL_NAMED.in_(lang)} {_names(impact.named_by)}"))
    if effects:
        yield _list(effects)
    yield "</article>"


def _caption(change: Change, impact: Impact, lang: Language) -> str:
    if change.kind == "unreadable":
        unread = change.unread[1] or change.unread[0]
        return "".join(f"{fault.code} {fault.message.in_(lang)}" for fault in (unread.faults[:1] if unread else ()))
    if change.kind == "retired":
        state, on, _ = describe_end(change, lang)
        by = f", {REPLACED.in_(lang)} {_names(impact.replaced_by)}" if impact.replaced_by else ""
        return f"{state}{f' {on}' if on else ''}{by}"
    return change.schema.label_of(change.record.data, lang) if change.schema and change.record else ""


def _names(rids: Sequence[RecordId]) -> str:
    return ", ".join(map(str, rids))


def _effect(grade: str, label: str, text: str) -> str:
    head = element("span", label, class_=f"grade {grade}") + " " if label else ""
    return head + escape_html(text)


def _table(fields: Sequence[FieldRow], label: str, lang: Language) -> Iterator[str]:
    if not fields:
        return
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{escape_html(label)}"><table><thead><tr>'
    yield from (element("th", words.in_(lang), scope="col") for words in HEADINGS)
    yield "</tr></thead><tbody>"
    for row in fields:
        before, after = _sides(row)
        yield f"<tr>{element('th', row.name, scope='row')}<td>{before}</td><td>{after}{_note(row, lang)}</td></tr>"
    yield "</tbody></table></div>"


def _sides(row: FieldRow) -> tuple[str, str]:
    if row.before is not None and row.after is not None:
        return element("del", row.before), element("ins", row.after)
    minus = "<br>".join(element("del", item) for item in row.minus)
    return minus, "<br>".join(element("ins", item) for item in row.plus)


def _note(row: FieldRow, lang: Language) -> str:
    parts = [escape_html(row.note)] if row.note else []
    if row.place:
        lon, lat = (f"{degrees:.6f}" for degrees in row.place)
        parts.append(element("a", ON_MAP.in_(lang), href=MAP.format(lat=lat, lon=lon), rel="noopener noreferrer"))
    return f" ({', '.join(parts)})" if parts else ""
