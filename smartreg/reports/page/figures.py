"""Figures as the page draws them: measures, and tables with typed cells; a label is `[code, words]`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from smartreg.core.values import Json
from smartreg.reports.figure import Chart, Figure, FigureTable, Label, Measure, Value
from smartreg.reports.page.records import pair


def figures_json(figures: Sequence[Figure]) -> list[Json]:
    """In their order."""
    return [_figure(figure) for figure in figures]


def _figure(figure: Figure) -> dict[str, Json]:
    return {
        "code": figure.code,
        "title": pair(figure.title),
        "measures": [_measure(measure) for measure in figure.measures],
        "tables": [_table(table) for table in figure.tables],
        "notes": [pair(note) for note in figure.notes],
        "why_not": pair(figure.why_not) if figure.why_not else None,
    }


def _measure(measure: Measure) -> dict[str, Json]:
    return {
        "words": pair(measure.words),
        "kind": measure.kind,
        "value": _value(measure.value),
        "why_not": pair(measure.why_not) if measure.why_not else None,
        "parts": list(measure.parts) if measure.parts else None,
    }


def _table(table: FigureTable) -> dict[str, Json]:
    return {
        "title": pair(table.title),
        "columns": [{"key": column.key, "words": pair(column.words), "kind": column.kind} for column in table.columns],
        "rows": [[_value(value) for value in row] for row in table.rows],
        "chart": _chart(table.chart),
        "why_not": pair(table.why_not) if table.why_not else None,
    }


def _chart(chart: Chart | None) -> Json:
    if chart is None:
        return None
    return {"drawn": chart.drawn, "along": chart.along, "values": list(chart.values), "across": chart.across}


def _value(value: Value) -> Json:
    if isinstance(value, Label):
        return [value.code, pair(value.words), str(value.rid) if value.rid else None]
    return float(value) if isinstance(value, Decimal) else value
