"""The bilan in CSV: a folder with one file per table, `bNN_NAME.csv`; the measures of all figures in `measures.csv`;
the origin in `source.json`.

UTF-8, comma, decimal point, LF. Headings are keys, the same in every language; a column of records or words is followed
by their names for people, `KEY_label`. A table without a row has its heading; a figure that cannot be computed has no
file, and its reason in `measures.csv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.escape import csv_text, json_text
from smartreg.core.messages import Language, Message
from smartreg.core.values import Json
from smartreg.reports import ReportFile
from smartreg.reports.bilan import Bilan
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Label, Value, machine_value

VERSION = 1
MEASURES = ("figure", "measure", "value", "kind", "part", "whole", "title", "why_not")


def render(bilan: Bilan, *, lang: Language = "en") -> Iterator[ReportFile]:
    """`measures.csv`, the files of the tables, `source.json`, and the conclusion where there is one."""
    rows = [row for figure in bilan.figures for row in _measures(figure, lang)]
    note = Message("every measure, and why any is missing")
    yield ReportFile("measures.csv", _file(MEASURES, rows), len(rows), note)
    for figure in bilan.figures:
        for table in figure.tables:
            cells = [list(_cells(table.columns, row, lang)) for row in table.rows]
            yield ReportFile(
                file_name(figure, table), _file(list(_heads(table.columns)), cells), len(cells), table.title
            )
    source = json_text({"version": VERSION, "lang": lang, **bilan.origin})
    yield ReportFile("source.json", source.encode("utf-8", "backslashreplace"), None, None)
    if bilan.conclusion is not None:
        yield ReportFile("conclusion.md", bilan.conclusion.encode("utf-8", "backslashreplace"), None, None)


def file_name(figure: Figure, table: FigureTable) -> str:
    """The name of the CSV file of a table."""
    return f"b{figure.number:02}_{table.name}.csv"


def _measures(figure: Figure, lang: Language) -> Iterator[Sequence[Json]]:
    """The measures of a figure; why it, a measure or a table cannot be had."""
    if figure.why_not:
        yield figure.code, "", None, None, None, None, figure.title.in_(lang), figure.why_not.in_(lang)
    for item in figure.measures:
        part, whole = (machine_value(number) for number in item.parts or (None, None))
        why = item.why_not.in_(lang) if item.why_not else None
        yield figure.code, item.key, machine_value(item.value), item.kind, part, whole, item.words.in_(lang), why
    for table in figure.tables:
        if table.why_not:
            yield figure.code, table.name, None, "table", None, None, table.title.in_(lang), table.why_not.in_(lang)


def _heads(columns: Iterable[FigureColumn]) -> Iterator[str]:
    for column in columns:
        yield column.key
        if column.kind == "label":
            yield f"{column.key}_label"


def _cells(columns: Iterable[FigureColumn], row: Sequence[Value], lang: Language) -> Iterator[Json]:
    for column, value in zip(columns, row, strict=True):
        yield machine_value(value)
        if column.kind == "label":
            yield value.in_(lang) if isinstance(value, Label) else None


def _file(headings: Sequence[str], rows: Iterable[Iterable[Json]]) -> bytes:
    return csv_text(headings, rows).encode()
