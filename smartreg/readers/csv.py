"""CSV: encoding and delimiter are detected and reported; irregular rows are findings.

Encodings: a byte order mark decides; else UTF-8 if the bytes are that; else windows-1252 where its own characters
occur, ISO-8859-1 where none do (both read the same then). Dialects: comma, semicolon, tab or bar.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.messages import Message
from smartreg.core.spelling import did_you_mean
from smartreg.readers.formats import too_large
from smartreg.readers.sheet import (
    MANY,
    MAX_BYTES,
    MAX_CELLS,
    Row,
    Sheet,
    below_title,
    form_fault,
    is_text,
    too_many_cells,
    with_faults_of_form,
    with_whole_width,
)

LONGEST_CELL = 131_072  # the limit of the csv module, counted in characters

DELIMITERS = (";", "\t", ",", "|")
_SAMPLE, _SAMPLE_ROWS = 65_536, 200
_ZEROS = 0.8  # of the bytes that are zero in UTF-16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What Python calls encodings, too: notations of names and of its own literals, and what the computer happens to use.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_SAVE = Message("save it as XLSX or as CSV UTF-8 first")
_BINARY = {b"PK\x03\x04": "ods", b"\xd0\xcf\x11\xe0": "xls", b"%PDF": "PDF"}


class Dialect(NamedTuple):
    """Delimiter and decimal mark; None: to be detected."""

    delimiter: str | None = None
    decimal: str | None = None


DIALECTS = {
    "standard": Dialect(",", "."),
    "excel-fr": Dialect(";", ","),
    "semicolon": Dialect(";"),
    "comma": Dialect(","),
    "tab": Dialect("\t"),
    "bar": Dialect("|"),
}


class Decoded(NamedTuple):
    """The text of a file and its encoding, or where decoding failed (`fault`)."""

    text: str
    encoding: str
    fault: Finding | None = None


def dialect_named(word: str | None) -> Dialect:
    """The dialect that `--dialect` names; UsageFault with a suggestion."""
    if word is None:
        return Dialect()
    if word not in DIALECTS:
        listed = ", ".join(DIALECTS)
        raise UsageFault(
            Message('no dialect "{word}"; there are {listed}', word=word, listed=listed),
            did_you_mean(word, DIALECTS),
        )
    return DIALECTS[word]


def read_sheet(file: str, content: bytes, encoding: str | None, dialect: Dialect) -> Sheet:
    """Read a sheet. UsageFault for a file that is not CSV, or an unknown encoding; its other faults come with
    the sheet, which then has no rows to use."""
    _refuse(file, content)
    encoding = encoding or _unmarked_utf16(content)
    if encoding is None and not is_text(content):
        raise UsageFault(Message("{file} is not a text file", file=file), _SAVE)
    decoded = decode(file, content, encoding)
    if decoded.fault is not None:
        return Sheet(file, decoded.encoding, "", faults=(decoded.fault,))
    delimiter = dialect.delimiter or _delimiter(decoded.text)
    rows, faults = _rows(file, decoded.text, delimiter)
    if not rows:
        nothing = form_fault(file, None, Message("the sheet is empty"))
        return Sheet(file, decoded.encoding, delimiter, faults=tuple(faults) or (nothing,))
    first, *others = below_title(rows)
    headings = tuple(cell.strip() for cell in first.cells)
    sheet = Sheet(file, decoded.encoding, delimiter, headings, tuple(others), tuple(faults), top=first.number)
    return with_faults_of_form(with_whole_width(sheet))


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte of a text in letters of Latin is zero, and few others are."""
    sample = content[:_SAMPLE]
    low, high = sample[::2], sample[1::2]
    if not sample.count(0):
        return None
    for zeros, others, name in ((high, low, "utf-16-le"), (low, high, "utf-16-be")):
        if zeros.count(0) >= _ZEROS * len(zeros) and not others.count(0):
            return name
    return None


def _refuse(file: str, content: bytes) -> None:
    if len(content) > MAX_BYTES:
        raise too_large(file)
    for magic, name in _BINARY.items():
        if content.startswith(magic):
            raise UsageFault(
                Message("{file} is not a CSV file ({name})", file=file, name=name),
                _SAVE,
            )


def decode(file: str, content: bytes, encoding: str | None) -> Decoded:
    """The text without its byte order mark. `encoding` is what the user says; valid UTF-8 beyond ASCII overrides a
    single-byte encoding, since a text in one of those is never that by accident."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _decode(file, content[len(mark) :], name)
    codec = None if encoding is None else _codec(encoding)
    if codec and not codec.startswith(("utf", "ascii")) and not content.isascii() and fits(content, "utf-8"):
        codec = "utf-8"
    if codec is not None:
        return _decode(file, content, codec)
    if fits(content, "utf-8"):
        return _decode(file, content, "utf-8")
    has_cp1252 = any(byte in content for byte in range(0x80, 0xA0))
    return _decode(file, content, "cp1252" if has_cp1252 and fits(content, "cp1252") else "iso-8859-1")


def _codec(name: str) -> str:
    """Python's name of an encoding; UsageFault when it knows none, or none in which texts are kept."""
    try:
        codec = codecs.lookup(name)
        if codec.name in _NO_CHARSETS:
            raise LookupError(name)
        b" ".decode(codec.name, "ignore")  # zip, base64 and the like are no encodings of text
    except (LookupError, ValueError):
        raise UsageFault(
            Message('no encoding "{name}"', name=name),
            Message("such as utf-8, cp1252 or iso-8859-1"),
        ) from None
    return {"iso8859-1": "iso-8859-1"}.get(codec.name, codec.name)


def fits(content: bytes, encoding: str) -> bool:
    """Whether bytes are a text in an encoding."""
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _decode(file: str, content: bytes, encoding: str) -> Decoded:
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        row = content[:start].count(b"\n") + 1
        fault = form_fault(
            file,
            row,
            Message("this is not {encoding}", encoding=encoding),
            Message("say how it is encoded: --encoding cp1252"),
        )
        return Decoded("", encoding, fault)
    return Decoded(text.removeprefix("\ufeff"), encoding)


def _delimiter(text: str) -> str:
    """The delimiter that cuts most rows into as many cells as there are headings, at least two."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in islice(_reader(sample, delimiter, strict=False), _SAMPLE_ROWS) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > best:
                best, chosen = score, delimiter
    return chosen


def _reader(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def _rows(file: str, text: str, delimiter: str) -> tuple[list[Row], list[Finding]]:
    """Every row that can be read, and the faults of the others: a stray quotation mark spoils its own line."""
    if text.count(delimiter) + text.count("\n") + text.count("\r") > MAX_CELLS:
        raise too_many_cells(file)
    lines = io.StringIO(text, newline="").readlines()
    rows: list[Row] = []
    faults: list[Finding] = []
    start = number = 0
    before = csv.field_size_limit(LONGEST_CELL)  # one limit for the whole process, which another library may have set
    try:
        while start < len(lines) and len(faults) < MANY:
            reader = csv.reader(islice(lines, start, None), delimiter=delimiter, strict=True)
            good = 0
            try:
                for cells in reader:
                    number, good = number + 1, reader.line_num
                    rows.append(Row(number, cells))
                break
            except csv.Error as error:  # that row alone: the next line begins another
                number += 1
                faults.append(_quote_fault(file, number, str(error)))
                start += good + 1
    finally:
        csv.field_size_limit(before)
    return rows, faults


def _quote_fault(file: str, row: int, error: str) -> Finding:
    """The csv module's errors in our words; only their texts tell them apart."""
    if "field larger" in error:
        message = Message("a cell is longer than {longest_cell} characters", longest_cell=LONGEST_CELL)
    elif "unexpected end" in error:
        message = Message("a cell begins with a quotation mark that is never closed")
    else:
        message = Message("text follows a closing quotation mark")
    hint = Message('a cell with quotation marks is written "…", those inside it twice')
    return form_fault(file, row, message, hint)
