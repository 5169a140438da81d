"""Changes for people: one paragraph for each record, one line for each field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from smartreg.core.messages import Language, Message, message_in
from smartreg.core.styled import Block, Grid, GridRow, Line, Span, cells, line
from smartreg.core.values import RecordId
from smartreg.diff import Change, ChangeKind, FieldRow, describe_end, rows
from smartreg.diff.impact import (
    BINDING,
    CHECKS,
    COMMENTS,
    Comparison,
    Grade,
    Impact,
    Side,
    aside_texts,
    colon,
    consequences,
    format_hosting,
)
from smartreg.registry import Indexed, label_with_identifier

SIGNS = {"added": "+", "removed": "-", "changed": "~", "retired": "-", "unreadable": "!"}
STYLES = {"added": "added", "removed": "removed", "changed": "changed", "retired": "removed", "unreadable": "error"}
COUNTED = {
    "added": (Message("added"), message_in("changes text", "added")),
    "changed": (Message("changed"), message_in("changes text", "changed")),
    "retired": (Message("retired"), message_in("changes text", "retired")),
    "removed": (Message("deleted"), message_in("changes text", "deleted")),
    "unreadable": (Message("unreadable"), message_in("changes text", "unreadable")),
}
NAMED = 3  # records, or values of a field, that an overview names
LISTED = 12  # items of one list, or records that name another
NOBODY = Impact()
NO_FIELDS: Indexed = frozenset()
GRADED: dict[Grade, str] = {"breaks": "error", "cover": "warning", "personal": "warning", "routine": ""}


def report(comparison: Comparison, *, lang: Language, stat: bool = False) -> Iterator[Block]:
    """The two sides and the number of changes of each kind; then, unless `stat`, every change and its effects."""
    yield line(
        Span(f"{side_text(comparison.before, lang)} → {side_text(comparison.after, lang)}", "bold"),
        f"          {count_changes(comparison, lang)}",
    )
    if stat:
        yield from (
            line(Span(SIGNS[change.kind], STYLES[change.kind]), f" {change.rid}") for change in comparison.changes
        )
        return
    for title, findings in ((BINDING, comparison.binding), (CHECKS, comparison.checks)):
        if findings:
            yield ()
            yield line(Span(title.in_(lang), "bold"))
            yield from (line(f"  {item.where.file}: {item.message.in_(lang)}") for item in findings)
    if comparison.changes:
        yield ()
    yield from change_lines(comparison.changes, lang=lang, impacts=comparison.impacts)
    if comparison.others:
        yield ()
        yield line(Span(Message("Other files").in_(lang), "bold"))
        yield from (line("  ", Span(SIGNS[kind], STYLES[kind]), f" {path}") for path, kind in comparison.others)
    if comparison.comments:
        yield ()
        yield line(Span(COMMENTS.in_(lang), "bold"))
        yield from (line(f"  {item.where.file}: {item.message.in_(lang)}") for item in comparison.comments)
    if comparison.introduced is not None and comparison.changes:
        yield ()
        yield from _summary_lines(comparison, lang)


def change_lines(
    changes: Iterable[Change],
    *,
    lang: Language,
    impacts: Mapping[RecordId, Impact] | None = None,
    indexed: Indexed | None = None,
) -> Iterator[Block]:
    """The changes themselves, without a heading. `indexed`: the fields that rules look up; with them each record is
    told by its label and identifier (see `label_with_identifier`), also one whose life ends."""
    for change in changes:
        yield from _change(change, (impacts or {}).get(change.rid, NOBODY), lang, indexed)


def overview(changes: Sequence[Change], *, lang: Language) -> Iterator[Block]:
    """Many changes on one screen: how many of each sort and kind, the first of them, and what their fields become."""
    groups: dict[tuple[ChangeKind, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.rid.kind), []).append(change)
    for (sort, kind), group in groups.items():
        plural = group[0].schema.plural.in_(lang).lower() if group[0].schema else kind
        first = ", ".join(change.rid.id for change in group[:NAMED])
        yield line(
            Span(f"{SIGNS[sort]} ", STYLES[sort]),
            Span(f"{len(group)} {plural}", "name"),
            f"   {first}{', …' if len(group) > NAMED else ''}",
        )
        if sort in ("changed", "retired"):
            yield Grid(list(_field_counts(group, lang)), gap=3)


def _field_counts(changes: Sequence[Change], lang: Language) -> Iterator[GridRow]:
    """Each field with its changes and how many records have them; where these are many, only how many."""
    by_field: dict[str, Counter[Line]] = {}
    for change in changes:
        for row in rows(change, lang):
            name, *texts = _field(row, lang)
            by_field.setdefault(name[0].text, Counter())[tuple(span for text in texts for span in text)] += 1
    for title, values in islice(by_field.items(), LISTED):
        if len(values) > NAMED:
            different = Message("{number} different values", number=len(values))
            yield cells(title, different.in_(lang), str(sum(values.values())))
            continue
        for at, (value, number) in enumerate(values.most_common()):
            yield cells("" if at else title, value, str(number))


def side_text(side: Side, lang: Language) -> str:
    """`main (a1b2c3d)`, `working tree`."""
    name = side.name.in_(lang)
    return f"{name} ({side.short})" if side.short and side.short != name else name


def count_changes(comparison: Comparison, lang: Language) -> str:
    """`1 added, 1 changed`, or a note that nothing differs."""
    parts = [f"{number} {COUNTED[kind][number > 1].in_(lang)}" for kind, number in comparison.counts.items()]
    return ", ".join(parts) or Message("no record differs").in_(lang)


def _change(change: Change, impact: Impact, lang: Language, indexed: Indexed | None) -> Iterator[Block]:
    yield line(
        Span(f"{SIGNS[change.kind]} ", STYLES[change.kind]),
        Span(str(change.rid), "name"),
        f"   {_caption(change, impact, lang, indexed)}",
    )
    shown: Sequence[FieldRow] = ()
    if change.kind == "changed":
        shown = rows(change, lang)
    elif change.kind == "retired":
        ending = describe_end(change, lang)[2]
        shown = [row for row in rows(change, lang) if row.path[0] not in ending]
    if shown:
        yield Grid([_field(row, lang) for row in shown], gap=3)
    named_by = [str(rid) for rid in impact.named_by if rid not in impact.replaced_by]
    if change.kind in ("removed", "retired") and named_by:
        still = Message("still named by") if change.kind == "removed" else Message("named by")
        style = "warning" if change.kind == "removed" else "dim"
        yield line(Span(f"    {still.in_(lang)} {_several(named_by, lang)}", style))
    for grade, label, text in consequences(impact, lang, str):
        yield line("    ", Span(f"{label}{colon(lang)}" if label else "", GRADED[grade]), text)


def _caption(change: Change, impact: Impact, lang: Language, indexed: Indexed | None) -> str:
    """The note after the record: its label, or how it ended."""
    label = ""
    if change.schema and change.record:
        label = label_with_identifier(change.schema, indexed or NO_FIELDS, change.record.data, lang)
    if change.kind == "unreadable":
        return _unreadable(change, lang)
    if change.kind == "removed":
        gone = Message("file deleted").in_(lang)
        return f"{gone} ({label})" if label else gone
    if change.kind != "retired":
        return label
    state, on, _ = describe_end(change, lang)
    dated = f"{state} {'on' if lang == 'en' else 'le'} {on}" if on else state
    by = Message(", replaced by ").in_(lang) + ", ".join(rid.id for rid in impact.replaced_by)
    ended = f"{dated}{by if impact.replaced_by else ''}"
    return " · ".join(filter(None, (label, ended))) if indexed else ended


def _unreadable(change: Change, lang: Language) -> str:
    before, after = change.unread
    fault = (after or before).faults[:1] if (after or before) else ()  # type: ignore[union-attr]
    colon = Message(": ").in_(lang)
    why = f"{colon}{fault[0].code} {fault[0].message.in_(lang)}" if fault else ""
    if after is None:
        return Message("could not be read before").in_(lang) + why
    if before is None:
        return Message("cannot be read").in_(lang) + why
    return Message("cannot be read on either side").in_(lang) + why


def _field(row: FieldRow, lang: Language) -> GridRow:
    parts: list[Span] = []
    if row.before is not None and row.after is not None:
        parts += [Span(row.before, "removed"), Span(" → "), Span(row.after, "added")]
    else:
        plus, minus = [f"+ {item}" for item in row.plus], [f"− {item}" for item in row.minus]
        parts += [Span(_several(plus, lang), "added")] if plus else []
        parts += [Span(", ")] if plus and minus else []
        parts += [Span(_several(minus, lang), "removed")] if minus else []
    if row.note:
        parts.append(Span(f"   {row.note}" if parts else row.note, "dim"))
    return line(f"    {row.name}"), tuple(parts)


def _several(items: Sequence[str], lang: Language) -> str:
    """The items separated by commas; of many, the first ones and the number of others."""
    rest = len(items) - LISTED
    more = f", … {rest} {'more' if lang == 'en' else 'de plus'}" if rest > 0 else ""
    return ", ".join(items[:LISTED]) + more


def _summary_lines(comparison: Comparison, lang: Language) -> Iterator[Line]:
    """Who hosts how many devices now, and which rules are newly broken or no longer broken."""
    yield from (line(f"{format_hosting(hosting, lang, str)}.") for hosting in comparison.hostings)
    if not comparison.broken:
        yield line(Span(Message("No rule newly broken.").in_(lang), "added"))
    else:
        yield line(Span(Message("Newly broken rules").in_(lang), "bold"))
    for finding in comparison.broken:
        yield line(
            "  ",
            Span(finding.code, "code"),
            f" {finding.where.file}: ",
            Span(finding.message.in_(lang), finding.severity),
        )
    yield from (line(text) for text in aside_texts(comparison, lang))
