"""A figure of the bilan as a value: headline measures, tables with typed columns, or the reason why it has none.

A figure knows no format. What it says of records is data (names, titles, free text): each format must escape it. Shares
run from 0 to 1, money is in euros with taxes, lengths of time in days.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import Json, RecordId

Kind: TypeAlias = Literal["text", "label", "count", "number", "share", "money", "days", "date"]
Drawn: TypeAlias = Literal["bars", "stacked", "lines", "matrix"]


@dataclass(frozen=True, slots=True)
class Label:
    """A value with a name for people: `code` is stable (an id, a word of a schema); `rid` is the record that it is."""

    code: str
    words: Text
    rid: RecordId | None = None

    def in_(self, lang: Language) -> str:
        """The label in one language."""
        return self.words.in_(lang)


Value: TypeAlias = str | int | float | Decimal | Label | None
"""A cell: text for `text` and `date` (ISO), `Label` for `label`, a number for the others (people read
a `count` without decimals); None is not known."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a figure. Without a value, `why_not` says why; `parts` is what a share was computed of."""

    key: str
    words: Text
    kind: Kind
    value: Value
    why_not: Text | None = None
    parts: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column of a table: stable key, heading for people, type of its values. `mixed`: its numbers have different
    units, so that their decimals need not be alike."""

    key: str
    words: Text
    kind: Kind = "count"
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """How a table may be drawn: `along` is the key of the column that names the rows, `values` those that are drawn. A
    matrix is drawn with `across` from left to right, and one value; `finding` states its largest cell: `{n}` of
    `{all}`, in the line `{down}` and the column `{right}`."""

    drawn: Drawn
    along: str
    values: tuple[str, ...]
    across: str | None = None
    finding: Message | None = None


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Rows of one shape. `name` is stable and the table's own within the figure; `why_not` explains missing rows."""

    name: str
    title: Text
    columns: tuple[FigureColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    chart: Chart | None = None
    why_not: Text | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """B1 to B14. `definition`: what is counted, and how. `why_not`: why none of it can be computed; then it has no
    measures and no tables. `as_of`: the day that it is as of, where that is not the last day of the period."""

    number: int
    title: Text
    measures: tuple[Measure, ...] = ()
    tables: tuple[FigureTable, ...] = ()
    notes: tuple[Text, ...] = ()
    why_not: Text | None = None
    as_of: date | None = None
    definition: Text | None = None

    @property
    def code(self) -> str:
        """`B1` … `B14`."""
        return f"B{self.number}"


def rank_rows(table: FigureTable) -> tuple[tuple[Value, ...], ...]:
    """The rows as people want them: the largest first where they are drawn as bars or as a matrix."""
    chart = table.chart
    if chart is None or chart.drawn == "lines":
        return table.rows
    at = [column.key for column in table.columns].index(chart.values[0])
    return tuple(sorted(table.rows, key=lambda row: -amount_of(row[at])))


def matrix_axes(table: FigureTable, chart: Chart) -> tuple[list[Value], list[Value]]:
    """The labels down and across a matrix, the largest sum first."""
    keys = [column.key for column in table.columns]
    value = keys.index(chart.values[0])
    axes = []
    for key in (chart.along, chart.across or chart.along):
        at, heads, sums = keys.index(key), dict[str, Value](), defaultdict[str, float](float)
        for row in table.rows:
            heads.setdefault(code_of(row[at]), row[at])
            sums[code_of(row[at])] += amount_of(row[value])
        axes.append([heads[code] for code in sorted(heads, key=lambda code: (-sums[code], code))])
    return axes[0], axes[1]


def code_of(value: Value) -> str:
    """The identity of a cell in its column, in any language."""
    return value.code if isinstance(value, Label) else str(value)


def amount_of(value: Value) -> float:
    """The number in a cell; 0 where it holds none."""
    return float(value) if isinstance(value, (int, float, Decimal)) else 0


def share(key: str, words: Text, part: float, whole: float, nothing: Text) -> Measure:
    """A share of a whole; where the whole is nothing, there is none and `nothing` says so."""
    if not whole:
        return Measure(key, words, "share", None, nothing)
    return Measure(key, words, "share", part / whole, parts=(part, whole))


def yes(answer: bool) -> Label:
    """Yes or no, as a word."""
    return Label("yes", Message("yes")) if answer else Label("no", Message("no"))


def machine_value(value: Value) -> Json:
    """A value for programs: a code, a text, a number with at most six decimals."""
    if isinstance(value, Label):
        return value.code
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        rounded = round(value, 6)
        if rounded in (0, 1) and rounded != value:
            return value  # a share that is not quite nothing, or all
        return int(rounded) if rounded == int(rounded) else rounded
    return value
