"""From the text of a cell to the value that the schema expects; what a spreadsheet altered is reported, not
guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.escape import forbidden_character
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import day_in
from smartreg.core.values import Json
from smartreg.domain.codes import commune_of
from smartreg.readers.sheet import NumberCell, ValueCell
from smartreg.schema import INSEE_CODE, Field, parse_value

ALTERED, WRONG_TYPE, NOT_ALLOWED, CHARACTER = "IMP002", "SCH102", "SCH103", "YML006"
DIGITS = 15  # that a spreadsheet keeps of a number
DECIMALS = 6  # of degrees: 0.1 m, and what the export writes, so that an export comes in again unchanged

_BLANK = " \t\r\n\u00a0\u202f\ufeff"
_GROUPED = re.compile("[-+]?[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?")  # 767 686,39
_PLAIN = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
_SHORTENED = re.compile(r"-?[0-9](?:[.,][0-9]+)?E[-+][0-9]{2,3}")  # 1,23457E+13: how spreadsheets write long numbers
_BETWEEN = re.compile(r"[;|\n]")  # also separate the items of a list, the bar as GeoJSON is exported
# What the export makes inert by an apostrophe before it, or the blanks before that.
_ACTING = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20' \u00a0\u202f\u200b\u2060\ufeff"


class Bad(NamedTuple):
    """An unusable cell: code, why, what to do; or a usable one (`value`) that people should check."""

    code: str
    message: Text
    hint: Text | None = None
    value: Json = None


def number_in(text: str) -> float | None:
    """The number that a cell shows, with a decimal point or comma; None when it shows none."""
    clean = _strip_grouping(text)
    return float(clean.replace(",", ".")) if _PLAIN.fullmatch(clean) else None


def decimal_mark(cells: Iterable[str]) -> str:
    """The decimal mark of most numbers; a point when there are none."""
    marks = [
        mark for cell in cells if _PLAIN.fullmatch(clean := _strip_grouping(cell)) for mark in ",." if mark in clean
    ]
    return "," if marks.count(",") > marks.count(".") else "."


def value_of(field: Field | None, cell: str, decimal: str) -> Json | Bad:
    """The value of a cell; None when it is empty. Text keeps its inner line breaks, as LF."""
    if isinstance(cell, ValueCell) and not (
        field is not None and field.kind == "array" and isinstance(cell.value, str) and cell.value
    ):
        return _read_typed(cell.value) if cell.value != "" else None
    text = cell.strip(_BLANK).replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, NumberCell) and field is not None and field.kind == "boolean" and text in ("0", "1"):
        return text == "1"  # SQLite and dBASE have no other type for yes and no
    if isinstance(cell, NumberCell) and field is not None and field.kind == "string":
        return _number_for_text(field, text)
    if text[:1] == "'" and text[1:2] and text[1] in _ACTING:
        text = text[1:]
    if not text:
        return None
    if (bad := _forbidden(text)) is not None:
        return bad
    if field is not None and field.kind in ("number", "integer"):
        return _number(field, text, "." if isinstance(cell, NumberCell) else decimal)
    if _SHORTENED.fullmatch(text):
        return Bad(
            ALTERED,
            Message('"{text}" is a long number that a spreadsheet has shortened: its last digits are lost', text=text),
            Message("ask for the file again with this column as text: nobody can restore it from here"),
        )
    return _read_text(field, _translate_value(field, text, decimal))


def _forbidden(text: str) -> Bad | None:
    character = forbidden_character(text)
    if character is None:
        return None
    return Bad(
        CHARACTER,
        Message("the character {character} is not allowed in a record", character=character),
    )


def _read_typed(value: Json) -> Json | Bad:
    """A value that came with its type. Texts are those of records, without line breaks of other systems."""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n")
        return _forbidden(text) or text
    if isinstance(value, list):
        items = [_read_typed(item) for item in value]
        return next((item for item in items if isinstance(item, Bad)), items)
    if isinstance(value, Mapping):
        inner = {name: _read_typed(item) for name, item in value.items()}
        wrong = [_forbidden(name) for name in value] + [item for item in inner.values() if isinstance(item, Bad)]
        return next((item for item in wrong if item is not None), inner)
    return value


def _number_for_text(field: Field, text: str) -> Bad:
    """IMP002: what a spreadsheet keeps as a number has lost the zeros at its front, and digits after the fifteenth. Of
    what has a form of its own, nobody can know; anything else is taken, and reported."""
    digits = re.sub(r"\.0$|^-", "", text)
    if len(digits) > DIGITS or "e" in digits:
        return Bad(
            ALTERED,
            Message(
                "{field}: the cell holds the number {text}, and a spreadsheet keeps 15 digits of a number: the others "
                "are lost",
                field=field.name,
                text=text,
            ),
            Message("ask for the file again with this column as text: nobody can restore it from here"),
        )
    strict = field.refs or field.path == ("id",) or {"pattern", "format", "enum"} & field.schema.keys()
    return Bad(
        ALTERED,
        Message(
            "{field} is text, and the cell holds the number {text}: zeros at its front, if any, are gone",
            field=field.name,
            text=text,
        ),
        Message("make the column text in the spreadsheet, and enter the value again"),
        None if strict else text,
    )


def _translate_value(field: Field | None, text: str, decimal: str) -> str:
    """The text as a record has it: commas between the items of a list, a day for one written 12/03/2024 in a sheet of
    the French dialect (elsewhere it could be the third of December)."""
    if field is not None and field.kind == "array" and not text.startswith("["):
        return _BETWEEN.sub(",", text)
    if field is None or field.kind != "string":
        return text
    if field.schema.get("format") == "date" and decimal == ",":
        return day_in(text) or text
    return text


def _read_text(field: Field | None, text: str) -> Json | Bad:
    try:
        value = parse_value(field, text)
    except UsageFault as fault:
        return Bad(NOT_ALLOWED if field is not None and field.enum else WRONG_TYPE, fault.message, fault.hint)
    if field is not None and field.path[-1] == INSEE_CODE and isinstance(value, str):
        return commune_of(value)  # inventories of Marseille, Lyon and Paris give the arrondissement
    return value


def _number(field: Field, text: str, decimal: str) -> Json | Bad:
    """A number in the dialect of its sheet: with the other decimal mark, 1.234 could be one thousand or one."""
    clean = _strip_grouping(text)
    if ("." if decimal == "," else ",") in clean:
        if decimal == ",":
            message = Message('{field}: "{text}" is not a number with a decimal comma', field=field.name, text=text)
        else:
            message = Message('{field}: "{text}" is not a number with a decimal point', field=field.name, text=text)
        return Bad(
            WRONG_TYPE,
            message,
            Message("write all numbers of the sheet alike; --dialect says how"),
        )
    if _PLAIN.fullmatch(clean):
        whole, mark, rest = clean.removeprefix("+").replace(",", ".").partition(".")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        clean = f"{sign}{digits.lstrip('0') or '0'}{mark}{rest}"
    number = _read_text(field, clean.replace(",", "."))
    if isinstance(number, Bad) and field.kind == "number" and decimal == "," and number_in(text) is None:
        return Bad(
            WRONG_TYPE,
            Message('{field}: "{text}" is not a number with a decimal comma', field=field.name, text=text),
        )
    return number


def _strip_grouping(text: str) -> str:
    """Without the blanks between groups of three digits."""
    text = text.strip(_BLANK)
    return re.sub("[ \u00a0\u202f]", "", text) if _GROUPED.fullmatch(text) else text
