"""Changes since a date, as the page lists them: both languages, of each record what differs and what follows."""

from __future__ import annotations

from smartreg.core.messages import Localized, Text, computed, languages_of_pages, verbatim
from smartreg.core.values import Json
from smartreg.diff import Change, FieldRow, rows
from smartreg.diff.impact import Comparison, Impact, Side, consequences, format_grades
from smartreg.reports.page.records import pair

MOST_CHANGES = 500  # maximum number of listed changes


def changes_json(comparison: Comparison) -> dict[str, Json]:
    """`changes`: [kind, record, label, rows in English, rows in French, consequences]."""
    listed = comparison.changes[:MOST_CHANGES]
    return {
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "counts": dict(comparison.counts),
        "graded": pair(computed(format_grades, comparison)),
        "changes": [_change(change, comparison.impacts.get(change.rid)) for change in listed],
        "more": len(comparison.changes) - len(listed),
    }


def _side(side: Side) -> Json:
    """What it is called, and its commit where it has one."""
    return [pair(side.name), side.short]


def _change(change: Change, impact: Impact | None) -> list[Json]:
    label: Text = verbatim("")
    if change.schema and change.record:
        label = computed(change.schema.label_of, change.record.data)
    tables: list[list[Json]] = [[], []]
    if change.kind in ("changed", "retired"):
        tables = [[_row(row) for row in rows(change, lang, titles=True)] for lang in languages_of_pages()]
    return [change.kind, str(change.rid), pair(label), *tables, _consequences(impact)]


def _row(row: FieldRow) -> list[Json]:
    """Name of the field, what was, what is, a note."""
    if row.before is not None and row.after is not None:
        return [row.name, row.before, row.after, row.note]
    return [row.name, ", ".join(row.minus) or None, ", ".join(row.plus) or None, row.note]


def _consequences(impact: Impact | None) -> list[Json]:
    if impact is None:
        return []
    both = zip(*(consequences(impact, lang, str) for lang in languages_of_pages()), strict=True)
    return [
        [en.grade, pair(Localized.of(en=en.label, fr=fr.label)), pair(Localized.of(en=en.text, fr=fr.text))]
        for en, fr in both
    ]
