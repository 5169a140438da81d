"""Figures as the page draws them: measures, and tables with typed cells."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from smartreg.core.values import Json, Words
from smartreg.reports.bilan import is_register
from smartreg.reports.figure import Chart, Figure, FigureTable, Label, Measure, Value, code_of, matrix_axes, rank_rows
from smartreg.reports.page.records import pack_rows, pair
from smartreg.reports.story import HEADINGS, NO_DECISION, NOTHING_YET, Story, StoryOutcome
from smartreg.reports.wording import decimals_of, typeset


def figures_json(figures: Sequence[Figure]) -> list[Json]:
    """In their order; tables that have a section of their own are in `registers_json`."""
    return [_figure(figure) for figure in figures]


def registers_json(figures: Sequence[Figure]) -> dict[str, Json]:
    """The tables that have a section of their own, by the name of the section."""
    return {name: table_json(table) for one in figures for table in one.tables if (name := is_register(one, table))}


def story_json(story: Story) -> dict[str, Json]:
    """What opens the page: outcomes and evidence as `[figure, sentence]`; decisions by proposal, in their order."""
    groups = {name: [one for one in story.decisions if one.proposal == name] for name in HEADINGS}
    return {
        "period": sentence(story.period),
        "outcomes": _outcomes(story.outcomes),
        "nothing_yet": sentence(NOTHING_YET),
        "proposed": sentence(story.proposed or NO_DECISION),
        "decisions": [
            {
                "proposal": name,
                "heading": sentence(HEADINGS[name]),
                "cases": [
                    {"use_case": _value(one.use_case), "evidence": _outcomes(one.evidence), "summary": one.summary}
                    for one in cases
                ],
            }
            for name, cases in groups.items()
            if cases
        ],
    }


def _outcomes(found: Sequence[StoryOutcome]) -> list[Json]:
    return [[one.figure, pair(one.sentence)] for one in found]


def sentence(words: Words) -> Json:
    """A sentence of ours in both languages, with the spaces that French wants."""
    return pair(typeset(words))


def _figure(figure: Figure) -> dict[str, Json]:
    return {
        "code": figure.code,
        "title": sentence(figure.title),
        "definition": sentence(figure.definition) if figure.definition else None,
        "measures": [_measure(measure) for measure in figure.measures],
        "tables": [table_json(table) for table in figure.tables if not is_register(figure, table)],
        "notes": [sentence(note) for note in figure.notes],
        "why_not": sentence(figure.why_not) if figure.why_not else None,
    }


def _measure(measure: Measure) -> dict[str, Json]:
    return {
        "words": sentence(measure.words),
        "kind": measure.kind,
        "value": _value(measure.value),
        "decimals": decimals_of(measure.kind, (measure.value,)),
        "why_not": sentence(measure.why_not) if measure.why_not else None,
        "parts": list(measure.parts) if measure.parts else None,
    }


def table_json(table: FigureTable) -> dict[str, Json]:
    """The largest rows first where they are drawn; the numbers of a column have the same decimals."""
    rows = [[_value(value) for value in row] for row in rank_rows(table)]
    return {
        "title": sentence(table.title),
        "columns": [
            {
                "key": column.key,
                "words": sentence(column.words),
                "kind": column.kind,
                "decimals": decimals_of(column.kind, (row[at] for row in table.rows)),
            }
            for at, column in enumerate(table.columns)
        ],
        "repeated": pack_rows(rows),
        "rows": rows,
        "chart": _chart(table, table.chart),
        "why_not": sentence(table.why_not) if table.why_not else None,
    }


def _chart(table: FigureTable, chart: Chart | None) -> Json:
    if chart is None:
        return None
    plan: dict[str, Json] = {"drawn": chart.drawn, "along": chart.along, "values": list(chart.values)}
    if chart.drawn == "matrix":
        downs, rights = matrix_axes(table, chart)
        plan |= {
            "across": chart.across,
            "downs": [code_of(value) for value in downs],
            "rights": [code_of(value) for value in rights],
        }
    return plan


def _value(value: Value) -> Json:
    """A label is `[code, words]`; that of a record `[id, null, record]`, because the page knows its name."""
    if isinstance(value, Label):
        return [value.code, None, str(value.rid)] if value.rid else [value.code, pair(value.words)]
    return float(value) if isinstance(value, Decimal) else value
