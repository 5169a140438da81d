"""What a chart shows, in one sentence that can be its title: who comes first and by how much, or where a line peaks."""

from __future__ import annotations

from smartreg.core.messages import Message, Text, verbatim
from smartreg.reports.figure import Chart, FigureColumn, FigureTable, Label, Value, amount_of, code_of, rank_rows
from smartreg.reports.typography import capital, in_each, joined, typeset
from smartreg.reports.wording import value_words

MOST_NAMED = 3  # of those that share the first place


def chart_finding(table: FigureTable) -> Text | None:
    """The sentence; None where there is no chart, or nothing in it to tell."""
    chart = table.chart
    if chart is None or not table.rows:
        return None
    state = {"bars": _first_bar, "matrix": _first_cell, "lines": _peak}.get(chart.drawn)
    sentence = state(table, chart) if state else None
    return typeset(in_each(capital, sentence)) if sentence else None


def _first_bar(table: FigureTable, chart: Chart) -> Text | None:
    along, at = _index(table, chart.along), _index(table, chart.values[0])
    rows = [row for row in rank_rows(table) if amount_of(row[at])]
    if not rows:
        return None
    column, best = table.columns[at], rows[0][at]
    first = [row[along] for row in rows if row[at] == best]
    if len(first) > MOST_NAMED:
        if len(first) == len(table.rows):
            level = Message("All {number} are level, with {amount} each.")
        else:
            level = Message("{number} share the first place, with {amount} each.")
        return level.fill(number=len(first), amount=_amount(column, best))
    names = joined([_name(value) for value in first])
    if column.kind == "money":
        total = sum(amount_of(row[at]) for row in rows)
        amount: Text = Message(
            "{amount} of {total}", amount=value_words("money", best), total=value_words("money", total)
        )
    else:
        amount = _amount(column, best)
    if len(first) > 1:
        sentence = Message("{names} come first, each with {amount}.")
    else:
        sentence = Message("{names} comes first, with {amount}.")
    return sentence.fill(names=names, amount=amount)


def _first_cell(table: FigureTable, chart: Chart) -> Text | None:
    """The sentence of the chart with the largest cell of the matrix; what a party has with itself aside."""
    at, down, right = (_index(table, key) for key in (chart.values[0], chart.along, chart.across or chart.along))
    cells = [row for row in rank_rows(table) if amount_of(row[at]) and code_of(row[down]) != code_of(row[right])]
    if chart.finding is None or not cells:
        return None
    kind, best = table.columns[at].kind, cells[0]
    first = [row for row in cells if row[at] == best[at]]
    if len(first) > 1:
        return Message(
            "{number} pairs share the first place, with {amount} each.",
            number=len(first),
            amount=value_words(kind, best[at]),
        )
    return chart.finding.fill(
        n=value_words(kind, best[at]),
        all=value_words(kind, sum(amount_of(row[at]) for row in cells)),
        down=_name(best[down]),
        right=_name(best[right]),
    )


def _peak(table: FigureTable, chart: Chart) -> Text | None:
    """Of the first line that is not flat: where it is highest, and where it ends."""
    along = _index(table, chart.along)
    for key in chart.values:
        at = _index(table, key)
        rows = [row for row in table.rows if row[at] is not None]
        best = max(rows, key=lambda row: amount_of(row[at]), default=None)
        if best is None or not amount_of(best[at]):
            continue
        column, last = table.columns[at], rows[-1]
        if best is last:
            sentence = Message("{name}: {top} in {when}, the highest so far.")
        else:
            sentence = Message("{name}: highest in {when}, with {top}; {end} in {then}.")
        return sentence.fill(
            name=column.words,
            top=value_words(column.kind, best[at]),
            when=_name(best[along]),
            end=value_words(column.kind, last[at]),
            then=_name(last[along]),
        )
    return None


def _index(table: FigureTable, key: str) -> int:
    return [column.key for column in table.columns].index(key)


def _name(value: Value) -> Text:
    return value.words if isinstance(value, Label) else verbatim(str(value))


def _amount(column: FigureColumn, value: Value) -> Text:
    """`13 devices`, `3.2 (incidents per month per 100 devices)`."""
    if column.kind == "count" and amount_of(value) > 1:
        amount = Message("{value} {unit}")
    else:
        amount = Message("{value} ({unit})")
    return amount.fill(value=value_words(column.kind, value), unit=column.words)
