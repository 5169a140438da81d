"""Changes as Markdown, for a comment on a merge request: what stands in its way first, each with its line and what to
write instead; then what was done, by acts. Everything that comes from records is in code spans, unless it is plain
words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smartreg.core.escape import code, plain_or_code
from smartreg.core.findings import Finding, Locate, without_mirrors
from smartreg.core.messages import Language, Message, Text, message_in, plural
from smartreg.core.values import Record, RecordId
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
from smartreg.domain.binding import OWNER
from smartreg.schema import Field
from smartreg.wording.summing import place

MARKER = "<!-- smartreg:diff:1 -->"
TITLES = {
    "added": message_in("changes markdown", "Added"),
    "changed": message_in("changes markdown", "Changed"),
    "retired": message_in("changes markdown", "Retired"),
    "removed": Message("Deleted"),
    "unreadable": Message("Unreadable"),
}
ACTS = {
    "moved": message_in("changes markdown", "Moved"),
    "transferred": message_in("changes markdown", "Transferred"),
    "replaced": message_in("changes markdown", "Replaced"),
    **TITLES,
}
"""The sections about records, in their order."""
NOBODY = Impact()
MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=19/{lat}/{lon}"


LONGEST = 40  # lines of a comment that folds nothing: a screen
HEADING = 2  # lines, with the space above it
LISTED = 10  # lines of one section, where it folds
ON_PAGE = 500  # lines of one section of a page, which folds nothing
FOLDED = Message("Everything, field by field")
DISAGREED = Message("Not agreed yet")
WRONG = Message("To correct")


class Section(NamedTuple):
    """A heading with its lines; `brief`: one line for each thing, where details are folded, but for findings, which
    are whole."""

    title: str
    lines: Sequence[str]
    brief: Sequence[str]


def report(comparison: Comparison, *, lang: Language, locate: Locate | None = None) -> str:
    """The text; its first line is a hidden mark by which a later run finds its own comment. A long report begins with
    one line per record, and folds the details at its end. `locate`: where findings are in their texts."""
    return "\n".join(_Comment(comparison, lang, locate).lines()) + "\n"


def page_text(comparison: Comparison, *, lang: Language, locate: Locate | None = None) -> str:
    """The same text for a page of ours, which shows the findings itself: without the mark and without HTML."""
    return "\n".join(_Comment(comparison, lang, locate).lines(on_page=True)) + "\n"


class _Comment:
    """The text about a comparison in one language. `_named`: the records whose id has been said beside their name."""

    def __init__(self, comparison: Comparison, lang: Language, locate: Locate | None) -> None:
        self._comparison = comparison
        self._lang = lang
        self._locate = locate
        self._named: set[RecordId] = set()

    def lines(self, *, on_page: bool = False) -> Iterator[str]:
        comparison, lang = self._comparison, self._lang
        if not on_page:
            yield MARKER
        sides = [text for side in (comparison.before, comparison.after) if (text := _side(side, lang))]
        if sides and not on_page:
            yield f"**{' → '.join(sides)}**"
        graded = format_grades(comparison, lang)
        if graded:
            yield from ("", f"**{graded}**")
        sections = [*(() if on_page else self._all_findings()), *self._acts()]
        size = sum(HEADING + len("\n".join(section.lines).splitlines()) for section in sections)
        folds = not on_page and size > LONGEST
        for title, lines, brief in sections:
            whole = brief if folds else lines
            shown = whole[: LISTED if folds else ON_PAGE if on_page else None]
            yield from ("", f"### {title}", "", *shown)
            if unshown := len(whole) - len(shown):
                below = plural("… and {n} more, below", "… and {n} more, below", n=unshown)
                rest = below if folds else plural("… and {n} more", "… and {n} more", n=unshown)
                yield f"- {rest.in_(lang)}"
        if not comparison.changes:
            yield from ("", Message("No record differs.").in_(lang))
        hosted = [f"{format_hosting(item, lang, code)}." for item in comparison.hostings]
        yield from (text for item in (*hosted, *aside_texts(comparison, lang)) for text in ("", item))
        if folds:
            yield from ("", f"<details><summary>{FOLDED.in_(lang)}</summary>")
            for title, lines, brief in sections:
                unshown = lines[LISTED:] if lines == brief else lines
                if unshown:
                    yield from ("", f"#### {title}", "", *unshown)
            yield from ("", "</details>")

    def _all_findings(self) -> Iterator[Section]:
        """Who has not agreed and what is wrong, then what a reviewer must not overlook."""
        comparison = self._comparison
        yield from self._findings(DISAGREED, comparison.disagreed)
        yield from self._findings(WRONG, comparison.broken)
        open_files = {finding.where.file for finding in comparison.disagreed}
        yield from self._findings(BINDING, [each for each in comparison.binding if each.where.file not in open_files])
        yield from self._findings(CHECKS, comparison.checks)

    def _acts(self) -> Iterator[Section]:
        """What was done to which records, and what else changed."""
        comparison, lang = self._comparison, self._lang
        by_act: dict[str, list[Change]] = {act: [] for act in ACTS}
        replacing = {rid for impact in comparison.impacts.values() for rid in impact.replaced_by}
        for change in comparison.changes:
            act = _act(change, self._impact(change))
            if not (act == "added" and change.rid in replacing):  # is told with the one that it replaces
                by_act[act].append(change)
        for act, changes in by_act.items():
            if changes:
                lines = [line for change in changes for line in self._change(change)]
                gravest = sorted(changes, key=lambda change: GRADES.index(self._impact(change).grades[0]))
                yield Section(
                    f"{ACTS[act].in_(lang)} ({len(changes)})", lines, [self._brief(change) for change in gravest]
                )
        if comparison.others:
            lines = [f"- {code(path)} {_change_word(kind, lang)}" for path, kind in comparison.others]
            yield Section(Message("Other files ({n})", n=len(lines)).in_(lang), lines, lines)
        yield from self._findings(COMMENTS, comparison.comments)

    # -- findings -------------------------------------------------------------------------------------------------

    def _findings(self, title: Text, findings: Sequence[Finding]) -> Iterator[Section]:
        changed = {
            record.file for change in self._comparison.changes for record in (change.before, change.after) if record
        }
        findings = sorted(without_mirrors(findings, changed), key=self._line_of)
        if findings:
            lines = ["\n".join((self._finding(finding), *self._help(finding))) for finding in findings]
            yield Section(f"{title.in_(self._lang)} ({len(findings)})", lines, lines)

    def _line_of(self, finding: Finding) -> tuple[str, int]:
        spot = self._locate(finding.where) if self._locate else None
        return finding.where.file, spot.start.line if spot else 0

    def _finding(self, finding: Finding) -> str:
        """What is wrong, in which record and line."""
        record = self._record_in(finding.where.file)
        spot = self._locate(finding.where) if self._locate else None
        where = code(place(finding.where, spot))
        name = f"{self._label(record)}, " if record and self._label(record) else ""
        return f"- {name}{where}{colon(self._lang)}{code(finding.message.in_(self._lang))} ({finding.code})"

    def _help(self, finding: Finding) -> Iterator[str]:
        """What to write instead."""
        if finding.hint is not None:
            helped = Message("help: ").in_(self._lang)
            yield f"  - {helped}{code(finding.hint.in_(self._lang))}"

    # -- records --------------------------------------------------------------------------------------------------

    def _impact(self, change: Change) -> Impact:
        return self._comparison.impacts.get(change.rid, NOBODY)

    def _brief(self, change: Change) -> str:
        """A change in one line: the names of its fields and its effects."""
        impact, lang = self._impact(change), self._lang
        names = [plain_or_code(row.name) for row in rows(change, lang, titles=True)] if change.kind == "changed" else []
        effects = [
            f"**{label}**{colon(lang)}{text}" if label else text for _, label, text in consequences(impact, lang, code)
        ]
        more = [", ".join(names[:LISTED]) + (" …" if len(names) > LISTED else ""), *effects]
        return f"- {self._head(change)}" + "".join(f" · {text}" for text in more if text)

    def _change(self, change: Change) -> Iterator[str]:
        impact, lang = self._impact(change), self._lang
        yield f"- {self._head(change)}"
        if change.kind in ("changed", "retired"):
            ending = describe_end(change, lang)[2] if change.kind == "retired" else frozenset()
            shown = [row for row in rows(change, lang, titles=True) if row.path[0] not in ending]
            yield from (f"  - {self._field(change, row)}" for row in shown)
        if change.kind == "removed" and impact.named_by:
            still = Message("still named by {records}", records=", ".join(map(self._name, impact.named_by)))
            yield f"  - {still.in_(lang)}"
        for _, label, text in consequences(impact, lang, code):
            yield f"  - **{label}**{colon(lang)}{text}" if label else f"  - {text}"

    def _head(self, change: Change) -> str:
        """The record by its name, with its id, and how it ended."""
        impact, lang = self._impact(change), self._lang
        label, id = self._label(change.record), code(str(change.rid))
        self._named.add(change.rid)
        head = f"{label} ({id})" if label else id
        if change.kind == "unreadable":
            unread = change.unread[1] or change.unread[0]
            faults = unread.faults[:1] if unread else ()
            return head + "".join(f": {fault.code} {code(fault.message.in_(lang))}" for fault in faults)
        if change.kind != "retired":
            return head
        state, on, _ = describe_end(change, lang)
        ended = f"{head}{colon(lang)}{plain_or_code(state)}{f' {code(on)}' if on else ''}"
        if not impact.replaced_by:
            return ended
        by = Message(", replaced by {records}", records=", ".join(map(self._name, impact.replaced_by)))
        return f"{ended}{by.in_(lang)}"

    def _field(self, change: Change, row: FieldRow) -> str:
        moved = f"{row.note}, {_map(row.place, self._lang)}" if row.place else row.note
        name, note = plain_or_code(row.name), f" ({moved})" if moved else ""
        path = tuple(part if isinstance(part, str) else 0 for part in row.path)
        field = change.schema.field_at(path) if change.schema else None
        if row.before is not None and row.after is not None:
            before, after = (self._value(change, field, value) for value in (row.before, row.after))
            return f"{name}{colon(self._lang)}{before} → {after}{note}"
        signed = [(sign, item) for sign, items in (("+", row.plus), ("−", row.minus)) for item in items]
        values = ", ".join(f"{sign} {self._value(change, field, item)}" for sign, item in signed)
        return f"{name}{colon(self._lang)}{values}{note}"

    def _value(self, change: Change, field: Field | None, text: str) -> str:
        """A value; the record that a reference names by its name, with its id where that is said for the first time."""
        refs = change.schema.item_of(field).refs if change.schema and field else ()
        target = next((rid for rid in (RecordId(ref, text) for ref in refs) if self._record(rid)), None)
        return code(text) if target is None else self._name(target)

    def _name(self, rid: RecordId) -> str:
        label = self._label(self._record(rid))
        if not label:
            return code(rid.id)
        first = rid not in self._named
        self._named.add(rid)
        return f"{label} ({code(rid.id)})" if first else label

    def _label(self, record: Record | None) -> str:
        """The name of a record, in which references are names too; empty if it has none."""
        kind = self._comparison.kind_of(record) if record else None
        if record is None or kind is None:
            return ""
        words = []
        for name in kind.label:
            field, text = kind.by_path.get((name,)), kind.label_of({name: record.data.get(name)}, self._lang)
            for ref in field.refs if field else ():
                other = self._record(RecordId(ref, text))
                other_kind = self._comparison.kind_of(other) if other else None
                text = (other_kind.label_of(other.data, self._lang) if other and other_kind else "") or text
            words += [text] if text else []
        return plain_or_code(" · ".join(words)) if words else ""

    def _record(self, rid: RecordId) -> Record | None:
        return next((record for side in self._comparison.registries[::-1] if (record := side.get(rid))), None)

    def _record_in(self, file: str) -> Record | None:
        sides = (side for side in self._comparison.registries[::-1] if file in side.by_file)
        return next((record for side in sides if (record := side.at(file))), None)


def _act(change: Change, impact: Impact) -> str:
    """What was done to the record."""
    if change.kind == "retired" and impact.replaced_by:
        return "replaced"
    if change.kind != "changed" or change.schema is None:
        return change.kind
    names = {str(item.path[0]) for item in change.fields()}
    return "moved" if names & {*change.schema.position} else "transferred" if OWNER in names else "changed"


def _side(side: Side, lang: Language) -> str:
    """The name of a side; nothing for one that has none but its commit."""
    name = side.name.in_(lang)
    if side.commit is None:
        return name
    return "" if side.commit.startswith(name) else code(name)


def _change_word(kind: str, lang: Language) -> str:
    words = {"added": Message("added"), "removed": Message("deleted")}
    return words.get(kind, Message("changed")).in_(lang)


def _map(place: tuple[float, float], lang: Language) -> str:
    """A link to its present place: only numbers from the record."""
    lon, lat = (f"{degrees:.6f}" for degrees in place)
    return Message("[map]({url})", url=MAP.format(lat=lat, lon=lon)).in_(lang)
