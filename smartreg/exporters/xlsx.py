"""XLSX: one sheet per table, for people who work in a spreadsheet; the last sheet and the properties hold the origin.
Text is in text cells of the format Text: no code becomes a number, no formula runs, no link is made of it. A workbook
to be filled in begins with a sheet that says what to do, and one of open questions, with links to their cells.
XlsxWriter comes with the extra `xlsx`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import SOURCE, Language, Message, message_in
from smartreg.core.sheets import about_sheet
from smartreg.core.values import Json
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.cells import DECIMALS
from smartreg.exporters.chosen import Guide, OpenQuestion
from smartreg.exporters.origin import origin_in_sheets
from smartreg.exporters.sheets import GUIDE, QUESTIONS, about_rows, cell_text, read_sheets, sheet_names
from smartreg.readers.sheet import is_text
from smartreg.readers.workbook import MAGIC
from smartreg.tables import CellType, Column, Table

ROWS, TEXT = 1_048_576, 32_767  # what a workbook can hold: rows of a sheet, text of a cell
DIGITS = 10**15  # a spreadsheet stores fifteen digits of a number
FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets do not agree on the calendar
NEVER = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook knows no zones; of a state that no commit holds
NARROW, WIDE = 8, 60  # characters
A4, PAGE = 9, 250  # Excel's number of the paper; characters side by side that people can read on it
MARGIN = 0.4  # inches
LISTED = 255  # characters of a drop-down
NEW = 1_000  # rows below the last that have drop-downs, too
_WRONG = {"bg_color": "#FFC7CE"}
_GREY = {"font_color": "#595959", "bg_color": "#D9D9D9"}
_POINT = ("lon", "lat")  # of a record itself, or of its support
_DAY = {"num_format": "yyyy-mm-dd", "align": "left"}
_FORMATS: Mapping[CellType, Mapping[str, str]] = {"string": {"num_format": "@"}, "date": _DAY}

Book: TypeAlias = Any  # xlsxwriter.Workbook
Sheet: TypeAlias = Any


def export(chosen: Chosen, *, lang: Language = "en") -> Iterator[Written]:
    """One workbook. UsageFault without the library, and for what no workbook can hold."""
    content = io.BytesIO()
    with _workbook(content) as book:
        _describe(book, chosen)
        names = sheet_names(chosen.tables, chosen.labels)
        if chosen.guide is not None:
            _guide(book, chosen.guide, names, lang)
        counts = {name: _write(book, book.add_worksheet(name), table, lang, chosen) for name, table in names.items()}
        rows = sum(count for name, count in counts.items() if names[name].main)
        for name, table in names.items():
            if chosen.guide is not None:
                _mark(book, book.get_worksheet_by_name(name), table, chosen.guide, lang)
            _offer(book.get_worksheet_by_name(name), table, names, counts)
        _about(book, chosen)
    note = Message("workbook, {tables} sheets, identifiers as text", tables=len(chosen.tables))
    yield Written("registry.xlsx", content.getvalue(), rows, note, main=True)


def _workbook(content: io.BytesIO) -> Book:
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise UsageFault(Message("XLSX needs the extra “xlsx”"), install_command("xlsx")) from None
    return Workbook(content, {"in_memory": True})  # in memory: the parts of the file bear no time of the clock


def _describe(book: Book, chosen: Chosen) -> None:
    """The properties of the document."""
    day = chosen.source.get("reference_date")
    book.set_properties(
        {
            "title": chosen.source.get("registry") or "",
            "created": datetime.fromisoformat(day) if isinstance(day, str) else NEVER,
        }
    )
    for name, value in chosen.origin.items():
        if value:
            book.set_custom_property(f"smartreg_{name}", cell_text(value)[:255], "text")


def _guide(book: Book, guide: Guide, names: Mapping[str, Table], lang: Language) -> None:
    """The sheets before the tables: what to do, and what is open."""
    sheet = book.add_worksheet(GUIDE.in_(lang))
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, PAGE // 2, book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}))
    sheet.write_string(0, 1, cell_text(guide.heading.in_(lang)), book.add_format({"bold": True, "font_size": 14}))
    for number, line in enumerate(guide.lines, 1):
        sheet.write_number(number + 1, 0, number)
        sheet.write_string(number + 1, 1, cell_text(line.in_(lang)))
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    _questions(book, guide.questions, names, lang)


QUESTION_HEADINGS = (
    (Message("No."), 5),
    (message_in("workbook", "sheet"), 20),
    (message_in("workbook", "row"), 8),
    (message_in("workbook", "record"), 30),
    (message_in("workbook", "column"), 25),
    (message_in("workbook", "question"), 100),
)


def _questions(book: Book, questions: Sequence[OpenQuestion], names: Mapping[str, Table], lang: Language) -> None:
    """The open questions, each with a link to its cell."""
    sheet = book.add_worksheet(QUESTIONS.in_(lang))
    head, text = book.add_format({"bold": True, "bottom": 1, "num_format": "@"}), book.add_format({"num_format": "@"})
    for place, (heading, width) in enumerate(QUESTION_HEADINGS):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, heading.in_(lang), head)
    sheet.freeze_panes(1, 0)
    tables = {table.kind.name: (name, table) for name, table in names.items() if table.main}
    rows = {kind: _row_numbers(table) for kind, (_, table) in tables.items()}
    for number, question in enumerate(questions, 1):
        name, table = tables[question.record.kind]
        row = rows[question.record.kind].get(question.record.id, 0)  # else the headings
        place_of = {column.name: place for place, column in enumerate(table.columns)}
        place = place_of.get(question.column or "", 0)
        column = table.columns[place].title(lang) if question.column in place_of else ""
        link = f"internal:{_quote(name)}!{column_letters(place)}{row + 1}"
        sheet.write_number(number, 0, number)
        sheet.write_string(number, 1, name, text)
        sheet.write_url(number, 2, link, string=str(row + 1))
        for at, word in ((3, question.record.id), (4, column), (5, cell_text(question.text.in_(lang))[:TEXT])):
            sheet.write_string(number, at, word, text)


def _row_numbers(table: Table) -> dict[str, int]:
    """The row of each record, from 1."""
    return {str(row[0]): number for number, row in enumerate(table.rows(), 1)}


def column_letters(place: int) -> str:
    """The name of a column: A for 0, AA for 26."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _write(book: Book, sheet: Sheet, table: Table, lang: Language, chosen: Chosen) -> int:
    """Write a sheet: frozen headings, filters, one row per row; returns the number of rows. In a workbook to be filled
    in, columns that are looked up elsewhere are grey."""
    columns = table.columns
    widths = [len(column.title(lang)) + 3 for column in columns]  # the button of the filter hides three letters
    put = [_writer(book, sheet, table, column) for column in columns]
    number = 0
    for number, row in enumerate(table.rows(), 1):
        if number >= ROWS:
            raise _too_much(f"{table.name}: {number} +", ROWS - 1)
        for place, value in enumerate(row):
            if value is not None:
                widths[place] = max(widths[place], put[place](number, place, value))
    heading: dict[str, Any] = {"bold": True, "bottom": 1, "num_format": "@"}
    head, shown_only = book.add_format(heading), book.add_format({**heading, **_GREY})
    for place, column in enumerate(columns):
        usual = book.add_format(_FORMATS[column.type]) if column.type in _FORMATS else None
        is_open = chosen.guide is None or place < table.key or column.field is not None or column.name in _POINT
        sheet.set_column(place, place, min(max(widths[place], NARROW), WIDE), usual)
        sheet.write_string(0, place, column.title(lang), head if is_open else shown_only)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, number, len(columns) - 1)
    _lay_out_pages(sheet, number, [min(max(width, NARROW), WIDE) for width in widths])
    return number


def _mark(book: Book, sheet: Sheet, table: Table, guide: Guide, lang: Language) -> None:
    """Colour the cells that are wrong, and say why in a comment."""
    marks = {(row, place): text for (name, row, place), text in guide.marks.items() if name == table.name}
    if not marks:
        return
    rows = dict(enumerate(table.rows(), 1))
    for (row, place), text in marks.items():
        column = table.columns[place]
        value = rows[row][place] if row in rows else column.title(lang)
        if value is None:
            sheet.write_blank(row, place, None, book.add_format(_WRONG))
        else:
            _writer(book, sheet, table, column, _WRONG)(row, place, value)
        sheet.write_comment(row, place, cell_text(text.in_(lang))[:TEXT], {"x_scale": 2.5, "y_scale": 1.5})


def _lay_out_pages(sheet: Sheet, rows: int, widths: Sequence[int]) -> None:
    """Print on A4, landscape, on as few readable pages side by side as possible, with headings and ids on each."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=MARGIN, right=MARGIN)
    sheet.print_area(0, 0, rows, len(widths) - 1)
    sheet.repeat_rows(0)
    pages = _pages_across(widths)
    if pages > 1:
        sheet.repeat_columns(0)
    sheet.fit_to_pages(pages, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _pages_across(widths: Sequence[int]) -> int:
    """How many pages side by side hold these columns, whole, the first one on each."""
    pages, filled = 1, widths[0]
    for width in widths[1:]:
        if filled + width > PAGE and filled > widths[0]:
            pages, filled = pages + 1, widths[0]
        filled += width
    return pages


def _offer(sheet: Sheet, table: Table, names: Mapping[str, Table], counts: Mapping[str, int]) -> None:
    """Add drop-downs, one rule for each column: the allowed values, and the ids of the records of another sheet."""
    targets = {link.columns[0]: link.table for link in table.links if len(link.columns) == 1}
    ids = {
        other.name: f"={_quote(name)}!$A$2:$A${counts[name] + 1}"
        for name, other in names.items()
        if other.main and counts[name]
    }
    last = min(counts[sheet.get_name()] + NEW, ROWS - 1)
    for place, column in enumerate(table.columns):
        source = ids.get(targets.get(column.name, ""))
        words = source or _choices(column)
        if words:  # a new record may be named before it is in its own sheet
            rule = {"validate": "list", "source": words, "error_type": "warning" if source else "stop"}
            sheet.data_validation(1, place, last, place, rule)


def _quote(sheet: str) -> str:
    """The name of a sheet in a formula."""
    return "'" + sheet.replace("'", "''") + "'"


def _choices(column: Column) -> list[str]:
    """The allowed values of a column, or their labels, if a drop-down can hold them."""
    field = column.field
    allowed = () if field is None else field.schema.get("enum", field.enum if field.schema else ())
    words = [word for word in allowed if isinstance(word, str)]
    return words if len(",".join(words)) <= LISTED and not any("," in word for word in words) else []


def _writer(
    book: Book, sheet: Sheet, table: Table, column: Column, colour: Mapping[str, str] = MappingProxyType({})
) -> Callable[[int, int, Json], int]:
    """A function that writes a value into a cell of the column and returns its width in characters."""
    text, day = book.add_format({"num_format": "@", **colour}), book.add_format({**_DAY, **colour})
    numeral = book.add_format({"align": "right", "indent": 1, **colour})  # clear of the text in the next column
    truth = book.add_format(colour) if colour else None

    def put(row: int, place: int, value: Json) -> int:
        if isinstance(value, bool):
            sheet.write_boolean(row, place, value, truth)
            return NARROW
        if isinstance(value, (int, float)) and abs(value) < DIGITS:
            sheet.write_number(row, place, round(value, DECIMALS), numeral)
            return len(f"{round(value, DECIMALS)}") + 2
        when = _day(value) if column.type == "date" else None
        if when is not None:
            sheet.write_datetime(row, place, when, day)
            return 11
        shown = cell_text(value)
        if len(shown) > TEXT:
            raise _too_much(f"{table.name}, {row}, {column.name}: {len(shown)}", TEXT)
        sheet.write_string(row, place, shown, text)
        return max(map(len, shown.split("\n"))) + 1

    return put


def _day(value: Json) -> date | None:
    """The day of an ISO date, if a spreadsheet can count it."""
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
    return day if day and day >= FIRST_DAY else None


def _too_much(what: str, most: int) -> UsageFault:
    return UsageFault(
        Message("too much for a workbook ({what}; at most {most})", what=what, most=most),
        Message("export it as csv or json"),
    )


def _about(book: Book, chosen: Chosen) -> None:
    """The sheet with the origin; with labels, first in words of their language."""
    lang = chosen.labels
    sheet, text = book.add_worksheet(about_sheet(lang or SOURCE)), book.add_format({"num_format": "@"})
    sheet.set_column(0, 0, 35 if lang else 20, text)
    sheet.set_column(1, 1, 80, text)
    for row, cells in enumerate(about_rows(chosen)):
        for place, shown in enumerate(cells):
            sheet.write_string(row, place, shown, text)


def _recognizes(file: str, content: bytes) -> bool:
    is_archive = content.startswith(MAGIC) and not content.startswith(b"mimetype", 30)  # as OpenDocument has it
    return is_archive or (file.lower().endswith(FORMAT.suffix) and not is_text(content))


FORMAT = Format(
    "xlsx",
    export,
    ".xlsx",
    single=True,
    binary=True,
    crs=True,
    lists=True,
    labels=True,
    recognizes=_recognizes,
    origin=lambda file, content: origin_in_sheets(read_sheets(file, content)),
    compared="sheets",
    tables=read_sheets,
)
