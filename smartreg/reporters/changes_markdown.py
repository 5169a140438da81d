"""Changes as Markdown, for a comment on a merge request. Everything that comes from records is in code spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smartreg.core.escape import code
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text, message_in
from smartreg.core.values import RecordId
from smartreg.diff import Change, FieldRow, describe_end, rows
from smartreg.diff.impact import (
    BINDING,
    CHECKS,
    COMMENTS,
    GRADES,
    Comparison,
    Impact,
    Side,
    aside_texts,
    colon,
    consequences,
    format_grades,
    format_hosting,
)

MARKER = "<!-- smartreg:diff:1 -->"
TITLES = {
    "added": message_in("changes markdown", "Added"),
    "changed": message_in("changes markdown", "Changed"),
    "retired": message_in("changes markdown", "Retired"),
    "removed": Message("Deleted"),
    "unreadable": Message("Unreadable"),
}
NOBODY = Impact()
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=19/{lat}/{lon}"


LONGEST = 40  # lines of a comment that folds nothing: a screen
HEADING = 2  # lines, with the space above it
LISTED = 10  # lines of one section, where it folds
FOLDED = Message("Everything, field by field")


class Section(NamedTuple):
    """A heading with its lines; `brief`: one line for each thing, where details are folded."""

    title: str
    lines: Sequence[str]
    brief: Sequence[str]


def report(found: Comparison, *, lang: Language) -> str:
    """The text; its first line is a hidden mark by which a later run finds its own comment. A long report begins with
    one line per record, and folds the details at its end."""
    return "\n".join(_lines(found, lang)) + "\n"


def _lines(found: Comparison, lang: Language) -> Iterator[str]:
    yield MARKER
    yield f"**{_side(found.before, lang)} → {_side(found.after, lang)}**"
    graded = format_grades(found, lang)
    if graded:
        yield from ("", f"**{graded}**")
    sections = list(_sections(found, lang))
    folds = sum(HEADING + len(section.lines) for section in sections) > LONGEST
    for title, lines, brief in sections:
        shown = brief[:LISTED] if folds else lines
        yield from ("", f"### {title}", "", *shown)
        if len(brief) > len(shown):
            yield f"- … {len(brief) - len(shown)}"
    if not found.changes:
        yield from ("", Message("No record differs.").in_(lang))
    hosted = [f"{format_hosting(item, lang, code)}." for item in found.hostings]
    yield from (text for item in (*hosted, *aside_texts(found, lang)) for text in ("", item))
    if folds:
        yield from ("", f"<details><summary>{FOLDED.in_(lang)}</summary>")
        for title, lines, brief in sections:
            if lines != brief or len(brief) > LISTED:
                yield from ("", f"#### {title}", "", *lines)
        yield from ("", "</details>")


def _sections(found: Comparison, lang: Language) -> Iterator[Section]:
    """The sections, with what a reviewer must not overlook first."""
    yield from _findings(BINDING, found.binding, lang)
    yield from _findings(CHECKS, found.checks, lang)
    for kind, number in found.counts.items():
        pairs = [(item, found.impacts.get(item.rid, NOBODY)) for item in found.changes if item.kind == kind]
        lines = [line for change, impact in pairs for line in _change(change, impact, lang)]
        gravest = sorted(pairs, key=lambda pair: GRADES.index(pair[1].grades[0]))
        brief = [_brief(change, impact, lang) for change, impact in gravest]
        yield Section(f"{TITLES[kind].in_(lang)} ({number})", lines, brief)
    if found.others:
        lines = [f"- {code(path)} {_change_word(kind, lang)}" for path, kind in found.others]
        yield Section(Message("Other files ({n})", n=len(lines)).in_(lang), lines, lines)
    yield from _findings(COMMENTS, found.comments, lang)
    yield from _findings(Message("Newly broken rules"), found.broken, lang)


def _findings(title: Text, findings: Sequence[Finding], lang: Language) -> Iterator[Section]:
    if findings:
        lines = [f"- {item.code} {code(item.where.file)}: {code(item.message.in_(lang))}" for item in findings]
        yield Section(f"{title.in_(lang)} ({len(findings)})", lines, lines)


def _brief(change: Change, impact: Impact, lang: Language) -> str:
    """A change in one line: the names of its fields and its effects."""
    names = [code(row.name) for row in rows(change, lang)] if change.kind == "changed" else []
    effects = [
        f"**{label}**{colon(lang)}{text}" if label else text for _, label, text in consequences(impact, lang, code)
    ]
    more = [", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else ""), *effects]
    return f"- {code(str(change.rid))}{_caption(change, impact, lang)}" + "".join(f" · {text}" for text in more if text)


def _side(side: Side, lang: Language) -> str:
    name = side.name.in_(lang)
    if side.commit is None:
        return name
    return code(name) if side.short in (None, name) else f"{code(name)} ({code(side.short or '')})"


def _change_word(kind: str, lang: Language) -> str:
    words = {"added": Message("added"), "removed": Message("deleted")}
    return words.get(kind, Message("changed")).in_(lang)


def _change(change: Change, impact: Impact, lang: Language) -> Iterator[str]:
    yield f"- {code(str(change.rid))}{_caption(change, impact, lang)}"
    if change.kind in ("changed", "retired"):
        ending = describe_end(change, lang)[2] if change.kind == "retired" else frozenset()
        yield from (f"  - {_field(row, lang)}" for row in rows(change, lang) if row.path[0] not in ending)
    if change.kind == "removed" and impact.named_by:
        still = Message("still named by {records}", records=_join_names(impact.named_by))
        yield f"  - {still.in_(lang)}"
    for _, label, text in consequences(impact, lang, code):
        yield f"  - **{label}**{colon(lang)}{text}" if label else f"  - {text}"


def _caption(change: Change, impact: Impact, lang: Language) -> str:
    if change.kind == "unreadable":
        unread = change.unread[1] or change.unread[0]
        faults = unread.faults[:1] if unread else ()
        return "".join(f": {fault.code} {code(fault.message.in_(lang))}" for fault in faults)
    if change.kind == "retired":
        state, on, _ = describe_end(change, lang)
        by = (
            Message(", replaced by {records}", records=_join_names(impact.replaced_by)).in_(lang)
            if impact.replaced_by
            else ""
        )
        return f" {code(state)}{f' {code(on)}' if on else ''}{by}"
    label = change.schema.label_of(change.record.data, lang) if change.schema and change.record else ""
    return f" {code(label)}" if label else ""


def _join_names(rids: Sequence[RecordId]) -> str:
    return ", ".join(code(str(rid)) for rid in rids)


def _field(row: FieldRow, lang: Language) -> str:
    moved = f"{row.note}, {_map(row.place, lang)}" if row.place else row.note
    name, note = code(row.name), f" ({moved})" if moved else ""
    if row.before is not None and row.after is not None:
        return f"{name}: {code(row.before)} → {code(row.after)}{note}"
    plus, minus = [f"+ {code(item)}" for item in row.plus], [f"− {code(item)}" for item in row.minus]
    return f"{name}: {', '.join((*plus, *minus))}{note}"


def _map(place: tuple[float, float], lang: Language) -> str:
    """A link to its present place: only numbers from the record."""
    lon, lat = (f"{degrees:.6f}" for degrees in place)
    return Message("[map]({url})", url=MAP.format(lat=lat, lon=lon)).in_(lang)
