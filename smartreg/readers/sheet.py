"""A sheet as every importer returns it: headings, rows of text, and the faults of its form.

A table as a file has it: headings and rows of cells, with the numbers that a spreadsheet shows for them.

Whether bytes are text at all: rows and columns of other files would tell people nothing.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, plural
from smartreg.core.spelling import did_you_mean, fold
from smartreg.core.values import Json, Location

FORM = "IMP001"
MAX_BYTES = 64 * 1024 * 1024
MAX_CELLS = 5_000_000
MAX_COLUMNS = 1 << 14  # of any spreadsheet
OUTLINES = Message("outlines of communes come in by smartreg boundaries FILE; of others, import one point each")
HEADINGS = 3  # filled cells that make a row one of headings, below a title
_VALUE = re.compile(r"[-+]?[0-9][0-9 .,:/T-]*")  # a number or a day, which no heading is
LON_LAT = ("lon", "longitude"), ("lat", "latitude")  # headings beside the points of a map
MANY = 100  # most faults of form reported; a wrong delimiter would cause one in every row


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it and its cells, as they stand there."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `file` is the name alone; `delimiter` is empty where the format has none. Of other formats
    than CSV: `form`; `name`, the sheet of a workbook; `crs`, the system that a file names for its positions. `made`:
    fields and the headings of columns made for them, from the columns `sources`. `top`: the row of the headings.
    `beside`: in a map, by row, the texts of its columns of longitude and latitude, which are copies of its points; None
    where positions have columns alone. `notes`: what people should know of how it was read. `doubled`: the headings
    that were numbered, because they stand there twice."""

    file: str
    encoding: str
    delimiter: str
    headings: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    faults: tuple[Finding, ...] = ()
    form: str = "csv"
    name: str = ""
    crs: str | None = None
    made: Mapping[str, str] = field(default_factory=dict)
    sources: frozenset[int] = frozenset()
    top: int = 1
    beside: Mapping[int, tuple[str, str]] | None = None
    notes: tuple[Text, ...] = ()
    doubled: tuple[str, ...] = ()

    @property
    def unreadable(self) -> tuple[int, ...]:
        """The rows that cannot be read, where the others can; none where the sheet itself has faults."""
        rows = tuple(row for fault in self.faults if (row := fault.where.row) is not None and row != self.top)
        return tuple(sorted(set(rows))) if self.rows and len(rows) == len(self.faults) else ()

    @property
    def readable_rows(self) -> Sheet:
        """The sheet of the rows that can be read, as if the others were not there."""
        return replace(self, faults=()) if self.unreadable else self

    def column(self, word: str) -> int:
        """The index of the column that people call `word`: the whole heading, or the part before its first comma
        (dBASE writes `CAR_LIEU,C,254`), upper and lower case alike when nothing else fits. UsageFault otherwise."""
        for names, name in zip(self._columns, (word, word, word.casefold()), strict=True):
            places = names.get(name, [])
            if len(places) == 1:
                return places[0]
            if places:
                raise UsageFault(
                    Message('{file} has several columns "{word}"', file=self.file, word=word),
                    Message("give the whole heading"),
                )
        short_names = [short for short in map(short_name, self.headings) if short]
        listed = ", ".join(short_names[:MANY]) + (" …" if len(short_names) > MANY else "")
        raise UsageFault(
            Message('{file} has no column "{word}"; there are {listed}', file=self.file, word=word, listed=listed),
            did_you_mean(word, short_names),
        )

    def word(self, index: int) -> str:
        """A word by which `column` finds the column: the part before the first comma, if unique."""
        short = short_name(self.headings[index])
        alone = self._short_names[short.casefold()] == 1
        return short if short and alone else self.headings[index]

    @cached_property
    def _short_names(self) -> Counter[str]:
        return Counter(short_name(heading).casefold() for heading in self.headings)

    @cached_property
    def _columns(self) -> tuple[dict[str, list[int]], ...]:
        """The indexes of columns by heading, by the part before its first comma, and by either in lower case."""
        whole: dict[str, list[int]] = {}
        short: dict[str, list[int]] = {}
        folded: dict[str, list[int]] = {}
        for index, heading in enumerate(self.headings):
            name = short_name(heading)
            whole.setdefault(heading, []).append(index)
            short.setdefault(name, []).append(index)
            for word in {heading.casefold(), name.casefold()}:
                folded.setdefault(word, []).append(index)
        return whole, short, folded


def below_title(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows from the headings on. Rows above them have a title, which is one filled cell, or nothing."""
    filled = ([cell.strip() for cell in row.cells if cell.strip()] for row in rows)
    top, cells_of_top = next(((place, cells) for place, cells in enumerate(filled) if len(cells) > 1), (0, []))
    return rows[top:] if len(cells_of_top) >= HEADINGS and not any(map(_VALUE.fullmatch, cells_of_top)) else rows


def with_whole_width(sheet: Sheet) -> Sheet:
    """The sheet with headings for all columns that most rows have, and without the empty cells behind them; without
    lines below the table, such as its source."""
    filled = [row for row in sheet.rows if any(cell.strip() for cell in row.cells)]
    if not filled or len(sheet.headings) > MAX_COLUMNS:
        return sheet
    width = max(len(sheet.headings), Counter(len(row.cells) for row in filled).most_common(1)[0][0])
    headings = (*sheet.headings, *[""] * (width - len(sheet.headings)))
    while (
        len(headings) > 1 and not headings[-1] and not any(len(r.cells) >= width and r.cells[width - 1] for r in filled)
    ):
        headings, width = headings[:-1], width - 1
    rows = [
        row._replace(cells=row.cells[:width]) if len(row.cells) > width and not any(row.cells[width:]) else row
        for row in filled
    ]
    last = len(rows)
    while last > 1 and width >= HEADINGS and _is_below(rows[last - 1], rows[last - 2], width):
        last -= 1
    notes: tuple[Text, ...] = sheet.notes
    if last < len(rows):
        below = ", ".join(str(row.number) for row in rows[last:])
        notes = (*notes, Message("below the table, not read: row {rows}", rows=below))
    return replace(sheet, headings=headings, rows=tuple(rows[:last]), notes=notes)


def _is_below(row: Row, before: Row, width: int) -> bool:
    """Whether a row is a line below a table: one cell alone that is no row of it, or after an empty row a sentence."""
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    if len(cells) != 1 or not row.cells[0].strip():
        return False
    return len(row.cells) == 1 < width or (row.number > before.number + 1 and " " in cells[0])


def column_letter(index: int) -> str:
    """The letters by which a spreadsheet calls a column: A for 0, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _with_headings(sheet: Sheet) -> Sheet:
    """The sheet with a heading for each column that holds something, each its own: unnamed ones are called by their
    letter, those of one name numbered; notes say which."""
    taken = {heading for heading in sheet.headings if short_name(heading)}
    seen: set[str] = set()
    headings, unnamed, doubled = list(sheet.headings), [], []
    for index, heading in enumerate(sheet.headings):
        if not short_name(heading):
            if any(index < len(row.cells) and row.cells[index].strip() for row in sheet.rows):
                headings[index] = _own_name(column_letter(index), taken)
                unnamed.append(headings[index])
        elif heading in seen:
            headings[index] = _own_name(f"{short_name(heading)} 2", taken)
            doubled.append(headings[index])
        seen.add(heading)
        taken.add(headings[index])
    notes = list(sheet.notes)
    if unnamed:
        notes.append(Message("columns without a heading are called by their letter: {names}", names=", ".join(unnamed)))
    if doubled:
        notes.append(Message("headings that stand twice are numbered: {names}", names=", ".join(doubled)))
    return replace(sheet, headings=tuple(headings), notes=tuple(notes), doubled=tuple(doubled))


def _own_name(name: str, taken: set[str]) -> str:
    stem, _, number = name.rpartition(" ")
    count = int(number) if stem and number.isdecimal() else 1
    while name in taken:
        count += 1
        name = f"{stem or number} {count}"
    return name


def with_faults_of_form(sheet: Sheet) -> Sheet:
    """The sheet without empty rows and those that are broken, with a heading for each column, and with the faults of
    its rows."""
    if len(sheet.headings) > MAX_COLUMNS:
        message = Message(
            "{headings} columns; a sheet has at most {max_columns}",
            headings=len(sheet.headings),
            max_columns=MAX_COLUMNS,
        )
        hint = Message("keep the columns that the registry needs")
        return replace(sheet, headings=(), rows=(), faults=(form_fault(sheet.file, sheet.top, message, hint),))
    rows = tuple(row for row in sheet.rows if any(cell.strip() for cell in row.cells))
    sheet = _with_headings(replace(sheet, rows=rows))
    of_rows = list(_row_faults(sheet, rows))
    faults = list(of_rows)
    if not rows and not faults and not sheet.faults:
        faults.append(form_fault(sheet.file, None, Message("there are headings and no rows")))
    broken = {fault.where.row for fault in of_rows}
    whole = tuple(row for row in rows if row.number not in broken) if broken else rows
    return replace(sheet, rows=whole, faults=(*sheet.faults, *faults)[:MANY])


def _row_faults(sheet: Sheet, rows: Sequence[Row]) -> Iterator[Finding]:
    width = len(sheet.headings)
    for number, cells in rows:
        if len(cells) != width:
            yield form_fault(
                sheet.file,
                number,
                Message("{cells} cells under {width} headings", cells=len(cells), width=width),
                Message("a delimiter or a quotation mark is missing or too many"),
            )
        elif any("\0" in cell for cell in cells):
            yield form_fault(sheet.file, number, Message("a cell holds a NUL byte"))


def short_name(heading: str) -> str:
    """The name in a heading: the part before the first comma."""
    return heading.partition(",")[0].strip()


def heading_words(heading: str) -> list[str]:
    """The words of the name in a heading, folded."""
    return fold(short_name(heading)).split("-")


def form_fault(file: str, row: int | None, message: Text, hint: Text | None = None) -> Finding:
    """IMP001: the sheet is not a table there."""
    return Finding(FORM, "error", message, Location(file, row=row), hint)


def unusable(file: str, form: str, faults: Sequence[Finding]) -> Sheet:
    """The sheet of a UTF-8 text of which nothing can be used, with its first faults."""
    return Sheet(file, "utf-8", "", faults=tuple(faults[:MANY]), form=form)


def too_many_cells(file: str) -> UsageFault:
    return UsageFault(Message("{file} has more than 5 million cells", file=file), Message("split it"))


def inner_points(count: int) -> tuple[Text, ...]:
    """What people should know where lines and areas have given points."""
    if not count:
        return ()
    return (
        plural(
            "{n} row is a line or an area: its place is a point inside it",
            "{n} rows are lines or areas: their places are points inside them",
            n=count,
        ),
    )


class NumberCell(str):
    """The text of a cell that holds a number, not text: zeros at its front and digits after the fifteenth are gone."""

    __slots__ = ()


class ValueCell(str):
    """The text of a value that is typed already, because its format (JSON) says of what type it is."""

    value: Json

    @classmethod
    def of(cls, value: Json) -> ValueCell:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        cell = cls("" if value is None else text)
        cell.value = value
        return cell


class NoCell(str):
    """Marks a column that a row does not mention: its field is not to be emptied."""

    __slots__ = ()


class GridRow(NamedTuple):
    """One row: its number, from 1, the headings included; its cells (None: empty)."""

    number: int
    cells: tuple[Json, ...]


class SheetGrid(NamedTuple):
    """A table of a file: sheet or table name, headings, rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[GridRow, ...]


_SAMPLE = 65_536  # bytes
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1a\x1b"})  # 0x1A ended files in DOS
_MOST = 20  # one control character in this many bytes; of random or packed bytes, one in eleven is one


def is_text(content: bytes) -> bool:
    """Whether it may be text: it begins with a byte order mark, or has few control characters. A text with a NUL byte
    by accident is one, UTF-16 without its mark is none."""
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    sample = content[:_SAMPLE]
    return (len(sample) - len(sample.translate(None, _CONTROLS))) * _MOST <= len(sample)
