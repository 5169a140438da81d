"""OpenDocument (ISO/IEC 26300): one sheet per table, for people who work in LibreOffice, and for administrations that
exchange open formats (the RGI in France); the last sheet holds the origin. Cells are typed as in XLSX: no code becomes
a number, no formula runs. odswriter comes with the extra `xlsx`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import SOURCE, Language, Message
from smartreg.core.sheets import about_sheet
from smartreg.core.values import Json
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.cells import DECIMALS
from smartreg.exporters.origin import origin_in_sheets
from smartreg.exporters.sheets import about_rows, cell_text, read_sheets, sheet_names
from smartreg.tables import Column

DIGITS = 10**15  # a spreadsheet stores fifteen digits of a number
NEVER = (1980, 1, 1, 0, 0, 0)  # the first moment that an archive can state
_MARK = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"  # the first part of the archive
_FOLDED = re.compile(r"(\n|\t| {2,}|^ | $)")  # what a reader folds into one space, or leaves out


def export(chosen: Chosen, *, lang: Language = "en") -> Iterator[Written]:
    """One workbook. UsageFault without the library."""
    content = io.BytesIO()
    rows = 0
    with _writer(content) as book:
        for name, table in sheet_names(chosen.tables, chosen.labels).items():
            sheet = book.new_sheet(name, cols=len(table.columns))
            sheet.writerow([column.title(lang) for column in table.columns])
            for row in table.rows():
                sheet.writerow([_cell(*pair) for pair in zip(row, table.columns, strict=True)])
                rows += table.main
        about = book.new_sheet(about_sheet(chosen.labels or SOURCE))
        about.writerows(about_rows(chosen))
        _keep_spaces(book.dom)
    note = Message("OpenDocument, {tables} sheets, identifiers as text", tables=len(chosen.tables))
    yield Written(f"registry{FORMAT.suffix}", _without_times(content), rows, note, main=True)


def _writer(content: io.BytesIO) -> Any:
    try:
        from odswriter import ODSWriter
    except ImportError:
        raise UsageFault(Message("OpenDocument needs the extra “xlsx”"), install_command("xlsx")) from None
    return ODSWriter(content)


def _cell(value: Json, column: Column) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and abs(value) < DIGITS:
        return round(value, DECIMALS)
    if column.type == "date" and isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    return cell_text(value)


def _keep_spaces(document: Any) -> None:
    """Lines as paragraphs, tabs and runs of spaces as the elements that OpenDocument has for them (part 3, 6.1)."""
    for paragraph in document.getElementsByTagName("text:p"):
        (node,) = paragraph.childNodes
        if not _FOLDED.search(node.data):
            continue
        for line in node.data.split("\n"):
            kept = document.createElement(paragraph.tagName)
            for part in filter(None, _FOLDED.split(line)):
                kept.appendChild(_element(document, part))
            paragraph.parentNode.insertBefore(kept, paragraph)
        paragraph.parentNode.removeChild(paragraph)


def _element(document: Any, part: str) -> Any:
    if not _FOLDED.fullmatch(part):
        return document.createTextNode(part)
    if part == "\t":
        return document.createElement("text:tab")
    spaces = document.createElement("text:s")
    spaces.setAttribute("text:c", str(len(part)))
    return spaces


def _without_times(content: io.BytesIO) -> bytes:
    """The same archive, whose parts bear no time of the clock."""
    packed = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(packed, "w") as new:
        for part in old.infolist():
            entry = zipfile.ZipInfo(part.filename, NEVER)
            new.writestr(entry, old.read(part), part.compress_type)
    return packed.getvalue()


FORMAT = Format(
    "ods",
    export,
    ".ods",
    single=True,
    binary=True,
    crs=True,
    lists=True,
    labels=True,
    recognizes=lambda _file, content: content.startswith(_MARK, 30),
    origin=lambda file, content: origin_in_sheets(read_sheets(file, content)),
    compared="sheets",
    tables=read_sheets,
)
