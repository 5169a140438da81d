"""The value of a cell for its field, translated and checked as the schema says; what it refuses is explained by the
sheet."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from smartreg.core.messages import Message, Text, computed, verbatim
from smartreg.core.spelling import day_in, fold
from smartreg.core.values import Json, KeyPath
from smartreg.domain.codes import commune
from smartreg.importing.columns import SheetColumn
from smartreg.importing.days import FORMAT, DayFormat, strptime_format
from smartreg.importing.mapping import ImportMapping
from smartreg.importing.syntax import values_option
from smartreg.importing.values import ALTERED, NOT_ALLOWED, Bad, value_of
from smartreg.readers.sheet import NumberCell, Sheet, ValueCell
from smartreg.schema import CODE_FIELDS, INSEE_CODE, Field, Judge, values_near
from smartreg.tables.view import ATTRIBUTES

# What others look at first: identity.py compares ids, rows.py replaces names and converts points.
_LATER = ("id", *CODE_FIELDS, "lon", "lat")
PATTERN = "SCH104"
_DAY_FIRST = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{4}")
_WHOLE = re.compile(r"([0-9]{1,15})(?:[.,]0+)?")
_GROUPS = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9])")
_LOST_ZEROS = Message("did a spreadsheet drop the zeros at its beginning? Make the column text and export again")


@dataclass(frozen=True)
class Cells:
    """Reads cells for records of the kind of the `judge`. `translations` by the place of a column, from what it says to
    what is meant; `exported`: whether the sheet is an export, whose days may have the form of its dialect."""

    judge: Judge
    translations: Mapping[int, Mapping[str, str]]
    days: DayFormat
    exported: bool

    def value(self, sheet: Sheet, column: SheetColumn, cell: str, decimal: str) -> Json | Bad:
        """The value for the field of the column; None for an empty cell."""
        place = column.place
        if place in self.translations:
            cell = _translate(self.translations[place], cell)
        field = column.field
        if field is None:  # a text of an attribute
            return value_of(field, ValueCell.of(cell.strip()) if column.path[0] == ATTRIBUTES else cell, decimal)
        if field.kind == "string" and field.schema.get("format") == "date" and _is_text(cell):
            day = self.days.read(field, str(cell))
            if isinstance(day, Bad):
                return day
            cell = day if day != cell or not isinstance(cell, ValueCell) else cell
        code = self._code(column.path, field, cell)
        if code is not None:
            return code
        value = value_of(field, cell, decimal)
        if field.kind == "string" and field.enum and isinstance(value, str) and value not in field.enum:
            return _not_allowed(field, value, sheet.word(place), takes_options=not self.exported)
        if not isinstance(value, (str, int, float)) or field.refs or column.path[-1] in _LATER:
            return value
        if self.exported and field.schema.get("format") == "date" and day_in(value) is not None:
            return value
        if isinstance(value, str):
            value = self.judge.respell(column.path, value)
        return fault_of_value(self.judge, column.path, value) or value

    def _code(self, path: KeyPath, field: Field, cell: str) -> str | Bad | None:
        """A code of fixed length that a spreadsheet took for a number: `213 000 559` is a SIREN, for with one zero more
        it would be none; `1004.0` was the INSEE code 01004. None for anything else."""
        text, is_number = cell.strip(), isinstance(cell, NumberCell)
        if isinstance(cell, ValueCell):
            is_number = type(cell.value) is int
            text = text if is_number else ""
        if "pattern" not in field.schema or field.refs or path == ("id",) or not text:
            return None
        if not is_number and self._fits(path, text):
            return None
        whole = _WHOLE.fullmatch(_GROUPS.sub("", text))
        if whole is None:
            return None
        digits = whole[1]
        if self._fits(path, digits):
            return None if self._fits(path, f"0{digits}") else digits
        code = f"0{digits}" if self._fits(path, f"0{digits}") else f"00{digits}"
        is_known = commune(code) is not None if path[-1] == INSEE_CODE else self._fits(path, code)
        if path[-1] not in CODE_FIELDS or not is_known:
            return None
        message = Message(
            "{field}: {text} was taken for {code}: a spreadsheet drops the zeros at the front of numbers",
            field=field.name,
            text=text,
            code=code,
        )
        return Bad(ALTERED, message, Message("make the column text in the spreadsheet"), code)

    def _fits(self, path: KeyPath, text: str) -> bool:
        return self.judge.describe_value(path, text) is None


def fault_of_value(judge: Judge, path: KeyPath, value: str | float) -> Bad | None:
    """The fault of a value of the sheet for its field; None for a good one, without a record that is made of the row
    and explained."""
    fault = judge.describe_value(path, value)
    if fault is None:
        return None
    if fault.code == PATTERN and isinstance(value, str) and value.isdecimal():
        return Bad(fault.code, fault.message, _LOST_ZEROS)
    if fault.code == FORMAT and fault.hint and (shape := _DAY_FIRST.fullmatch(str(value))):
        hint = Message("{hint} If so: --date-format DD{mark}MM{mark}YYYY", hint=fault.hint, mark=shape[1])
        return Bad(fault.code, fault.message, hint)
    return Bad(*fault)


def cells_of(judge: Judge, sheet: Sheet, mapping: ImportMapping, exported: bool = False) -> Cells:
    """The reader of cells that a mapping describes. UsageFault for a missing column."""
    places = {}
    for word, pairs in mapping.values.items():
        heading = word if word in sheet.made.values() else mapping.fields.get(word, word)
        places[sheet.column(heading)] = pairs
    days = DayFormat(mapping.options.date_format, mapping.options.dates, not exported)
    if days.format is not None:
        strptime_format(days.format)
    return Cells(judge, places, days, exported)


def _translate(pairs: Mapping[str, str], cell: str) -> str:
    """The meaning of a cell; case is ignored if nothing else fits."""
    text = cell.strip()
    if text in pairs:
        return pairs[text]
    return {name.casefold(): value for name, value in pairs.items()}.get(text.casefold(), cell)


def _is_text(cell: str) -> bool:
    return bool(cell.strip()) and (not isinstance(cell, ValueCell) or isinstance(cell.value, (str, int)))


def _not_allowed(field: Field, value: str, word: str, *, takes_options: bool) -> Bad:
    """SCH103 with the nearest allowed value, or all of them if none is near, as a cell of the column says them."""
    near = values_near(field, value)
    choices = near or field.enum
    listed = computed(lambda lang: ", ".join(_as_said(field, choice, word).in_(lang) for choice in choices))
    way_out = "--values " + shlex.quote(values_option(word, value, str(near[0]) if near else "VALUE"))
    if near:
        message = Message(
            '{field} is "{value}"; nearest allowed: {listed}', field=field.name, value=value, listed=listed
        )
    else:
        message = Message(
            '{field} is "{value}"; it must be one of {listed}', field=field.name, value=value, listed=listed
        )
    hint = Message("correct the cell; or, for all such cells: {way_out}", way_out=way_out)
    return Bad(NOT_ALLOWED, message, hint if takes_options else Message("correct the cell"))


def _as_said(field: Field, value: Json, heading: str) -> Text:
    """An allowed value in the words of a column: as it is under the name of the field, its French label under a French
    heading, else its label in the language of whoever reads."""
    word = fold(heading)
    if word in map(fold, (field.name, field.column or field.name)) or value not in field.labels:
        return verbatim(str(value))
    french = [field.title.in_("fr"), *([field.heading.in_("fr")] if field.heading else [])]
    label = field.labels[value]
    return verbatim(label.in_("fr")) if word in map(fold, french) else label
