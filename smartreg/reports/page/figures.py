"""Figures as the page draws them: measures, and tables with typed cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from smartreg.core.messages import Text
from smartreg.core.values import Json
from smartreg.reports.bilan import register_of
from smartreg.reports.change import headline_of
from smartreg.reports.chart_findings import chart_finding
from smartreg.reports.figure import Chart, Figure, FigureTable, Label, Measure, Value, code_of, matrix_axes, rank_rows
from smartreg.reports.outcomes import StoryOutcome
from smartreg.reports.page.records import pack_rows, pair
from smartreg.reports.story import HEADINGS, NO_DECISION, NOTHING_YET, Story
from smartreg.reports.typography import typeset
from smartreg.reports.wording import decimals_of


def figures_json(figures: Sequence[Figure], changes: Mapping[str, Text]) -> list[Json]:
    """In their order; tables that have a section of their own are in `registers_json`. `changes`: what changed in the
    headlines of figures, by code."""
    return [_figure(figure, changes.get(figure.code)) for figure in figures]


def local_json(measures: Mapping[str, Mapping[str, Sequence[Measure]]]) -> dict[str, Json]:
    """By commune, figure and key of a measure: its value, and the part and the whole of a share; what is not known is
    left out."""
    return {
        code: {
            figure: {
                measure.key: [_coarse(measure.value), *(measure.parts or ())]
                for measure in of_figure
                if measure.value is not None
            }
            for figure, of_figure in figures.items()
        }
        for code, figures in measures.items()
    }


def _coarse(value: Value) -> Json:
    """A number with the decimals that people see of it."""
    return round(float(value), 4) if isinstance(value, (float, Decimal)) else _value(value)


def registers_json(figures: Sequence[Figure]) -> dict[str, Json]:
    """The tables that have a section of their own, by the name of the section."""
    tables = ((figure, table) for figure in figures for table in figure.tables)
    return {name: _table(table) for figure, table in tables if (name := register_of(figure, table))}


def story_json(story: Story) -> dict[str, Json]:
    """What opens the page: outcomes and evidence as `[figure, sentence]`; decisions by proposal, in their order."""
    groups = {name: [decision for decision in story.decisions if decision.proposal == name] for name in HEADINGS}
    return {
        "period": sentence(story.period),
        "left_out": [sentence(not_counted) for not_counted in story.left_out],
        "outcomes": _outcomes(story.outcomes),
        "nothing_yet": sentence(NOTHING_YET),
        "proposed": sentence(story.proposed or NO_DECISION),
        "decisions": [
            {
                "proposal": name,
                "heading": sentence(HEADINGS[name]),
                "cases": [
                    {"use_case": _value(case.use_case), "evidence": _outcomes(case.evidence), "summary": case.summary}
                    for case in cases
                ],
            }
            for name, cases in groups.items()
            if cases
        ],
    }


def _outcomes(outcomes: Sequence[StoryOutcome]) -> list[Json]:
    return [[outcome.figure, pair(outcome.sentence)] for outcome in outcomes]


def sentence(words: Text) -> Json:
    """A sentence of ours in both languages, with the spaces that French wants."""
    return pair(typeset(words))


def _figure(figure: Figure, change: Text | None) -> dict[str, Json]:
    headline = headline_of(figure) if change else None
    return {
        "code": figure.code,
        "title": sentence(figure.title),
        "definition": sentence(figure.definition) if figure.definition else None,
        "measures": [_measure(measure, change if measure is headline else None) for measure in figure.measures],
        "tables": [_table(table) for table in figure.tables if not register_of(figure, table)],
        "notes": [sentence(note) for note in figure.notes],
        "why_not": sentence(figure.why_not) if figure.why_not else None,
    }


def _measure(measure: Measure, change: Text | None) -> dict[str, Json]:
    return {
        "key": measure.key,
        "change": pair(change) if change else None,
        "words": sentence(measure.words),
        "kind": measure.kind,
        "value": _value(measure.value),
        "decimals": decimals_of(measure.kind, (measure.value,)),
        "why_not": sentence(measure.why_not) if measure.why_not else None,
        "parts": list(measure.parts) if measure.parts else None,
    }


def _table(table: FigureTable) -> dict[str, Json]:
    """The largest rows first where they are drawn; the numbers of a column have the same decimals."""
    rows = [[_value(value) for value in row] for row in rank_rows(table)]
    return {
        "name": table.name,
        "title": sentence(table.title),
        "finding": pair(finding) if (finding := chart_finding(table)) else None,
        "columns": [
            {
                "key": column.key,
                "words": sentence(column.words),
                "kind": column.kind,
                "decimals": None if column.mixed else decimals_of(column.kind, (row[at] for row in table.rows)),
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
