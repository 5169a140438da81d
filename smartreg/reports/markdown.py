"""The bilan in Markdown: one section per figure. What comes from records stands in code spans, unless it is a
plain name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.escape import code, plain_or_code
from smartreg.core.values import Language, Words
from smartreg.reports import ReportFile
from smartreg.reports.bilan import Bilan
from smartreg.reports.figure import Chart, Figure, FigureColumn, FigureTable, Label, Value
from smartreg.reports.wording import about, said, told

TITLE = Words("Bilan", "Bilan")
WHY_NOT = Words("Not computed", "Non calculé")
CONCLUSION = Words("Conclusion", "Conclusion")
NO_ROWS = Words("Nothing to list.", "Rien à lister.")
MOST = 50  # rows of a table that people read in one go
WIDE = 12  # columns of a matrix that a page can hold; a wider one is told row by row
NUMBERS = ("count", "number", "share", "money", "days")


def render(bilan: Bilan, *, lang: Language = "en") -> Iterator[ReportFile]:
    """One file, `bilan.md`."""
    text = "\n".join(_lines(bilan, lang)) + "\n"
    yield ReportFile("bilan.md", text.encode("utf-8", "backslashreplace"), None, None)


def _lines(bilan: Bilan, lang: Language) -> Iterator[str]:
    colon = "\u00a0:" if lang == "fr" else ":"
    yield f"# {TITLE.in_(lang)}"
    yield ""
    yield from (f"- {name}{colon} {code(text)}" for name, text in about(bilan.origin, lang))
    for figure in bilan.figures:
        yield from ("", f"## {figure.code}. {figure.title.in_(lang)}")
        yield from _figure(figure, lang, colon)
    if bilan.conclusion is not None:
        yield from ("", f"## {CONCLUSION.in_(lang)}", "", bilan.conclusion.strip())


def _figure(figure: Figure, lang: Language, colon: str) -> Iterator[str]:
    if figure.why_not:
        yield from ("", f"*{WHY_NOT.in_(lang)}{colon} {figure.why_not.in_(lang)}.*")
    if figure.measures:
        yield ""
    for measure in figure.measures:
        text = told(measure, lang)
        yield f"- {measure.words.in_(lang)}{colon} {f'**{text}**' if measure.value is not None else f'*{text}*'}"
    for table in figure.tables:
        yield from ("", f"### {table.title.in_(lang)}", "")
        yield from _table(table, lang)
    yield from (text for note in figure.notes for text in ("", note.in_(lang)))


def _table(table: FigureTable, lang: Language) -> Iterator[str]:
    if table.why_not:
        yield f"*{table.why_not.in_(lang)}.*"
    elif not table.rows:
        yield f"*{NO_ROWS.in_(lang)}*"
    elif table.chart and table.chart.across and _width(table, table.chart.across) <= WIDE:
        yield from _matrix(table, table.chart, table.chart.across, lang)
    else:
        yield _row([column.words.in_(lang) for column in table.columns])
        yield _row(["---:" if column.kind in NUMBERS else "---" for column in table.columns])
        yield from (_row(_cells(table.columns, row, lang)) for row in table.rows[:MOST])
        if len(table.rows) > MOST:
            yield from ("", _more(len(table.rows) - MOST).in_(lang))


def _more(rows: int) -> Words:
    return Words(
        f"… {rows} more rows; CSV and JSON have them all", f"… et {rows} lignes de plus ; CSV et JSON ont tout"
    )


def _width(table: FigureTable, across: str) -> int:
    """How many columns a matrix has."""
    at = [column.key for column in table.columns].index(across)
    return len({_code(row[at]) for row in table.rows})


def _matrix(table: FigureTable, chart: Chart, across: str, lang: Language) -> Iterator[str]:
    """One line per value along, one column per value across."""
    at = {column.key: index for index, column in enumerate(table.columns)}
    column = table.columns[at[chart.values[0]]]
    found = {(_code(row[at[chart.along]]), _code(row[at[across]])): row[at[column.key]] for row in table.rows}
    heads = {_code(row[at[across]]): row[at[across]] for row in table.rows}
    lines = {_code(row[at[chart.along]]): row[at[chart.along]] for row in table.rows}
    corner = f"{table.columns[at[chart.along]].words.in_(lang)} ↓ {table.columns[at[across]].words.in_(lang)} →"
    yield _row([corner, *(_format(heads[name], lang) for name in sorted(heads))])
    yield _row(["---", *("---:" for _ in heads)])
    for name in sorted(lines):
        cells = [said(column.kind, found.get((name, other), 0), lang) for other in sorted(heads)]
        yield _row([_format(lines[name], lang), *cells])


def _code(value: Value) -> str:
    return value.code if isinstance(value, Label) else str(value)


def _cells(columns: Sequence[FigureColumn], row: Sequence[Value], lang: Language) -> list[str]:
    return [
        _format(value, lang)
        if isinstance(value, (Label, str)) and value and column.kind != "date"
        else said(column.kind, value, lang)
        for column, value in zip(columns, row, strict=True)
    ]


def _format(value: Value, lang: Language) -> str:
    """What comes from a record: a plain name, else a code span that no cell ends."""
    text = value.in_(lang) if isinstance(value, Label) else str(value)
    return plain_or_code(" ".join(text.split())).replace("|", "\\|")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
