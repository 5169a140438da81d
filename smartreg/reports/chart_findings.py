"""What a chart shows, in one sentence that can be its title: who comes first and by how much, or where a line peaks."""

from __future__ import annotations

from smartreg.core.values import LANGUAGES, Language, Words
from smartreg.reports.figure import Chart, FigureColumn, FigureTable, Label, Value, code_of, rank_rows
from smartreg.reports.wording import format_value, join_words, typeset

MOST_NAMED = 3  # of those that share the first place


def chart_finding(table: FigureTable) -> Words | None:
    """The sentence; None where there is no chart, or nothing in it to tell."""
    chart = table.chart
    if chart is None or not table.rows:
        return None
    state = {"bars": _first_bar, "matrix": _first_cell, "lines": _peak}.get(chart.drawn)
    found = state(table, chart) if state else None
    return typeset(Words(_capital(found.en), _capital(found.fr))) if found else None


def _first_bar(table: FigureTable, chart: Chart) -> Words | None:
    along, at = _place(table, chart.along), _place(table, chart.values[0])
    known = [row for row in rank_rows(table) if _number(row[at])]
    if not known:
        return None
    column, best = table.columns[at], known[0][at]
    first = [row[along] for row in known if row[at] == best]
    if len(first) > MOST_NAMED:
        return _level(len(first), _amount(column, best), every=len(first) == len(table.rows))
    names = Words(*(join_words([_named(one, lang) for one in first], lang) for lang in LANGUAGES))
    total = sum(_number(row[at]) for row in known) if column.kind == "money" else None
    many = _amount(column, best, total)
    if len(first) > 1:
        return Words(f"{names.en} come first, each with {many.en}.", f"{names.fr} arrivent en tête : {many.fr} chacun.")
    return Words(f"{names.en} comes first, with {many.en}.", f"{names.fr} arrive en tête, avec {many.fr}.")


def _level(number: int, each: Words, *, every: bool) -> Words:
    if every:
        return Words(
            f"All {number} are level, with {each.en} each.", f"Les {number} sont à égalité, avec {each.fr} chacun."
        )
    return Words(
        f"{number} share the first place, with {each.en} each.",
        f"{number} se partagent la première place, avec {each.fr} chacun.",
    )


def _first_cell(table: FigureTable, chart: Chart) -> Words | None:
    """The sentence of the chart with the largest cell of the matrix; what a party has with itself aside."""
    at, down, right = (_place(table, key) for key in (chart.values[0], chart.along, chart.across or chart.along))
    cells = [row for row in rank_rows(table) if _number(row[at]) and code_of(row[down]) != code_of(row[right])]
    if chart.finding is None or not cells:
        return None
    column, best = table.columns[at], cells[0]
    first = [row for row in cells if row[at] == best[at]]
    if len(first) > 1:
        each, number = format_value(column.kind, best[at], "en"), len(first)
        return Words(
            f"{number} pairs share the first place, with {each} each.",
            f"{number} couples se partagent la première place, avec {each} chacun.",
        )
    texts = (
        chart.finding.in_(lang).format(
            n=_value(column, best[at], lang),
            all=_value(column, sum(_number(row[at]) for row in cells), lang),
            down=_named(best[down], lang),
            right=_named(best[right], lang),
        )
        for lang in LANGUAGES
    )
    return Words(*texts)


def _peak(table: FigureTable, chart: Chart) -> Words | None:
    """Of the first line that is not flat: where it is highest, and where it ends."""
    along = _place(table, chart.along)
    for key in chart.values:
        at = _place(table, key)
        known = [row for row in table.rows if row[at] is not None]
        best = max(known, key=lambda row: _number(row[at]), default=None)
        if best is None or not _number(best[at]):
            continue
        column, last = table.columns[at], known[-1]
        top, end = (Words(*(_value(column, row[at], lang) for lang in LANGUAGES)) for row in (best, last))
        when, then = (Words(*(_named(row[along], lang) for lang in LANGUAGES)) for row in (best, last))
        name = column.words
        if best is last:
            return Words(
                f"{name.en}: {top.en} in {when.en}, the highest so far.",
                f"{name.fr} : {top.fr} en {when.fr}, le plus haut jusqu'ici.",
            )
        return Words(
            f"{name.en}: highest in {when.en}, with {top.en}; {end.en} in {then.en}.",
            f"{name.fr} : au plus haut en {when.fr}, avec {top.fr} ; {end.fr} en {then.fr}.",
        )
    return None


def _place(table: FigureTable, key: str) -> int:
    return [column.key for column in table.columns].index(key)


def _named(value: Value, lang: Language) -> str:
    return value.in_(lang) if isinstance(value, Label) else str(value)


def _number(value: Value) -> float:
    return 0 if value is None or isinstance(value, (str, Label)) else float(value)


def _value(column: FigureColumn, value: Value, lang: Language) -> str:
    return format_value(column.kind, value, lang)


def _amount(column: FigureColumn, value: Value, total: float | None = None) -> Words:
    """`13 devices`, `3.2 (incidents per month per 100 devices)`, `€3.50 of €7.00`."""
    en, fr = (_value(column, value, lang) for lang in LANGUAGES)
    if total is not None:
        return Words(f"{en} of {_value(column, total, 'en')}", f"{fr} sur {_value(column, total, 'fr')}")
    if column.kind == "count" and _number(value) > 1:
        return Words(f"{en} {column.words.en}", f"{fr} {column.words.fr}")
    return Words(f"{en} ({column.words.en})", f"{fr} ({column.words.fr})")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
