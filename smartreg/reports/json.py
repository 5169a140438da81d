"""The bilan in JSON: version 1, the origin, and every figure with its measures and tables.

A row is an object by the keys of the columns; a value that has a name for people has it under `KEY_label`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.escape import json_text
from smartreg.core.messages import Language, Text
from smartreg.core.values import Json
from smartreg.reports import ReportFile
from smartreg.reports.bilan import Bilan
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Label, Measure, Value, machine_value

VERSION = 1


def render(bilan: Bilan, *, lang: Language = "en") -> Iterator[ReportFile]:
    """One file, `bilan.json`."""
    document = {
        "version": VERSION,
        "source": dict(bilan.origin),
        "lang": lang,
        "figures": [_figure(figure, lang) for figure in bilan.figures],
        "conclusion": bilan.conclusion,
    }
    yield ReportFile(f"{bilan.stem}.json", json_text(document).encode("utf-8", "backslashreplace"), None, None)


def _figure(figure: Figure, lang: Language) -> Json:
    return {
        "figure": figure.code,
        "title": figure.title.in_(lang),
        "as_of": figure.as_of.isoformat() if figure.as_of else None,
        "why_not": _text(figure.why_not, lang),
        "measures": [_measure(measure, lang) for measure in figure.measures],
        "tables": [_table(table, lang) for table in figure.tables],
        "notes": [note.in_(lang) for note in figure.notes],
    }


def _measure(measure: Measure, lang: Language) -> Json:
    document: dict[str, Json] = {
        "key": measure.key,
        "title": measure.words.in_(lang),
        "kind": measure.kind,
        "value": machine_value(measure.value),
    }
    if measure.parts is not None:
        document |= {"part": machine_value(measure.parts[0]), "whole": machine_value(measure.parts[1])}
    return document | {"why_not": _text(measure.why_not, lang)}


def _table(table: FigureTable, lang: Language) -> Json:
    return {
        "name": table.name,
        "title": table.title.in_(lang),
        "columns": [{"key": item.key, "title": item.words.in_(lang), "kind": item.kind} for item in table.columns],
        "rows": [_row(table.columns, row, lang) for row in table.rows],
        "why_not": _text(table.why_not, lang),
    }


def _row(columns: Sequence[FigureColumn], row: Sequence[Value], lang: Language) -> Json:
    document: dict[str, Json] = {}
    for column, value in zip(columns, row, strict=True):
        document[column.key] = machine_value(value)
        if isinstance(value, Label):
            document[f"{column.key}_label"] = value.in_(lang)
    return document


def _text(words: Text | None, lang: Language) -> str | None:
    return words.in_(lang) if words else None
