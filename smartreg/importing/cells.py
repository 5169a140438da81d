"""The value of a cell for its field: translated values, days in the formats of sheets.

Days as sheets have them: in a given format, compact, with a time, or a year or month alone.
"""

from __future__ import annotations

import calendar
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.spelling import day_in
from smartreg.core.values import Json, KeyPath, Words
from smartreg.edit import INSEE_CODE
from smartreg.importing.columns import SheetColumn
from smartreg.importing.mapping import ImportMapping
from smartreg.importing.readers.sheet import Sheet, ValueCell
from smartreg.importing.values import Bad, value_of, values_option
from smartreg.schema import Field, Judge, values_near
from smartreg.tables.view import ATTRIBUTES

ROUNDINGS = ("start", "end", "refuse")
FORMAT = "SCH105"
_SIGNS = {"YYYY": "%Y", "AAAA": "%Y", "YY": "%y", "AA": "%y", "MM": "%m", "DD": "%d", "JJ": "%d"}
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?) ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_YEAR = re.compile(r"((?:1[89]|20)[0-9]{2})")
_DAY_FIRST = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{4}")
_MONTH = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})|([0-9]{1,2})[-/.]([0-9]{4})")


class DayFormat(NamedTuple):
    """How days are read: `format` as DD/MM/YYYY or %d/%m/%Y; `rounding`: what a year or a month alone, or a moment,
    becomes."""

    format: str | None = None
    rounding: str | None = None

    def read(self, field: Field, text: str) -> str | Bad:
        """The day as YYYY-MM-DD; the text itself where it is none in any form known here; Bad where it says more or
        less than a day, and nobody said what that becomes."""
        text = text.strip()
        found = self._parse(text) or _whole(text)
        if found is not None:
            return found
        moment = _MOMENT.fullmatch(text)
        if moment is not None:
            midnight = not moment[2].strip("0:.")
            return moment[1] if midnight or self._rounds else _unsure(field, text, "a moment", "un instant")
        span = _span(text)
        if span is None:
            return text
        if self._rounds:
            return span[self.rounding == "end"].isoformat()
        year = _YEAR.fullmatch(text) is not None
        return _unsure(field, text, "a year", "une année") if year else _unsure(field, text, "a month", "un mois")

    @property
    def _rounds(self) -> bool:
        return self.rounding in ("start", "end")

    def _parse(self, text: str) -> str | None:
        if self.format is None or not text:
            return None
        try:
            return datetime.strptime(text, strptime_format(self.format)).date().isoformat()  # noqa: DTZ007  a day
        except ValueError:
            return None


def strptime_format(text: str) -> str:
    """`DD/MM/YYYY`, `JJ/MM/AAAA` as strptime expects it. UsageFault for what has no day, month and year."""
    found = text
    if "%" not in text:
        for sign, code in _SIGNS.items():
            found = found.replace(sign, code)
    if not all(any(code in found for code in codes) for codes in (("%d",), ("%m", "%b", "%B"), ("%y", "%Y"))):
        raise UsageFault(
            Words(
                f'--date-format "{text}" names no day, month and year',
                f"--date-format « {text} » : jour, mois ou année manque",
            ),
            Words("such as --date-format DD/MM/YYYY", "par exemple --date-format JJ/MM/AAAA"),
        )
    return found


def _whole(text: str) -> str | None:
    """A day with its year first, which is unambiguous."""
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return day_in("/".join(compact.groups()))
    return day_in(text) if text[:4].isdigit() else None


def _span(text: str) -> tuple[date, date] | None:
    """The first and the last day of a year or a month."""
    year, month = _YEAR.fullmatch(text), _MONTH.fullmatch(text)
    if year is not None:
        return date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)
    if month is None:
        return None
    whole, part = int(month[1] or month[4]), int(month[2] or month[3])
    if not (1800 <= whole < 2100 and 1 <= part <= 12):
        return None
    return date(whole, part, 1), date(whole, part, calendar.monthrange(whole, part)[1])


def _unsure(field: Field, text: str, en: str, fr: str) -> Bad:
    return Bad(
        FORMAT,
        Words(
            f'{field.name}: "{text}" is {en}, and must be a day', f"{field.name} : « {text} » est {fr}, il faut un jour"
        ),
        Words(
            "--dates start takes its first day, --dates end its last one; or leave the column out",
            "--dates start prend son premier jour, --dates end le dernier ; ou écartez la colonne",
        ),
    )


NOT_ALLOWED = "SCH103"
# What others look at first: identity.py compares ids, rows.py replaces names and converts points.
_LATER = ("id", INSEE_CODE, "lon", "lat")
FORM = "SCH104"
_LOST_ZEROS = Words(
    "did a spreadsheet drop the zeros at its beginning? Make the column text and export again",
    "un tableur a-t-il supprimé les zéros du début ? Mettez la colonne au format texte et réexportez",
)


@dataclass(frozen=True)
class Cells:
    """How cells are read for records of the kind of the `judge`. `translations` by the place of a column, from what it
    says to what is meant; `exported`: whether the sheet is an export, whose days may have the form of its dialect."""

    judge: Judge
    translations: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    days: DayFormat = field(default_factory=DayFormat)
    exported: bool = False

    def value(self, sheet: Sheet, column: SheetColumn, cell: str, decimal: str) -> Json | Bad:
        """The value for the field of the column; None for an empty cell."""
        place = column.place
        if place in self.translations:
            cell = _translate(self.translations[place], cell)
        known = column.field
        if known is None:  # a text of an attribute
            return value_of(known, ValueCell.of(cell.strip()) if column.path[0] == ATTRIBUTES else cell, decimal)
        if known.kind == "string" and known.schema.get("format") == "date" and _is_text(cell):
            day = self.days.read(known, str(cell))
            if isinstance(day, Bad):
                return day
            cell = day if day != cell or not isinstance(cell, ValueCell) else cell
        value = value_of(known, cell, decimal)
        if known.kind == "string" and known.enum and isinstance(value, str) and value not in known.enum:
            return _not_allowed(known, value, sheet.word(place))
        if not isinstance(value, (str, int, float)) or not self._is_final(column.path, known):
            return value
        if isinstance(value, str):
            value = self.judge.respell(column.path, value)
        return fault_of_value(self.judge, column.path, value) or value

    def _is_final(self, path: KeyPath, known: Field) -> bool:
        """Whether the record will have the value as it is."""
        is_day = known.schema.get("format") == "date"
        return not known.refs and path[-1] not in _LATER and not (self.exported and is_day)


def fault_of_value(judge: Judge, path: KeyPath, value: str | float) -> Bad | None:
    """What a field refuses in a value of the sheet, without a record that is made of the row and explained."""
    fault = judge.describe_value(path, value)
    if fault is None:
        return None
    if fault.code == FORM and isinstance(value, str) and value.isdecimal():
        return Bad(fault.code, fault.message, _LOST_ZEROS)
    if fault.code == FORMAT and fault.hint and (shape := _DAY_FIRST.fullmatch(str(value))):
        form = f"--date-format {shape[1].join(('DD', 'MM', 'YYYY'))}"
        french = f"--date-format {shape[1].join(('JJ', 'MM', 'AAAA'))}"
        hint = Words(f"{fault.hint.en} If so: {form}", f"{fault.hint.fr} Si oui : {french}")
        return Bad(fault.code, fault.message, hint)
    return Bad(*fault)


def cells_of(judge: Judge, sheet: Sheet, mapping: ImportMapping, exported: bool = False) -> Cells:
    """How a mapping reads the cells of a sheet. UsageFault for a missing column."""
    places = {}
    for word, pairs in mapping.values.items():
        heading = word if word in sheet.made.values() else mapping.fields.get(word, word)
        places[sheet.column(heading)] = pairs
    if mapping.dates is not None and mapping.dates not in ROUNDINGS:
        raise UsageFault(
            Words(
                f'dates = "{mapping.dates}" is none of {", ".join(ROUNDINGS)}',
                f"dates = « {mapping.dates} » n'est ni start, ni end, ni refuse",
            )
        )
    if mapping.date_format is not None:
        strptime_format(mapping.date_format)
    return Cells(judge, places, DayFormat(mapping.date_format, mapping.dates), exported)


def _translate(pairs: Mapping[str, str], cell: str) -> str:
    """The meaning of a cell; case is ignored if nothing else fits."""
    text = cell.strip()
    if text in pairs:
        return pairs[text]
    return {name.casefold(): value for name, value in pairs.items()}.get(text.casefold(), cell)


def _is_text(cell: str) -> bool:
    return bool(cell.strip()) and (not isinstance(cell, ValueCell) or isinstance(cell.value, (str, int)))


def _not_allowed(known: Field, value: str, word: str) -> Bad:
    """SCH103 with the nearest allowed value, or all of them if none is near."""
    near = list(map(str, values_near(known, value)))
    listed = ", ".join(near or map(str, known.enum))
    way_out = "--values " + shlex.quote(values_option(word, value, near[0] if near else "VALUE"))
    en, fr = ("nearest allowed:", "valeurs admises les plus proches :") if near else ("it can be", "valeurs admises :")
    return Bad(
        NOT_ALLOWED,
        Words(
            f'{known.name} is "{value}"; {en} {listed}',
            f"{known.name} vaut « {value} » ; {fr} {listed}",
        ),
        Words(f"say what is meant: {way_out}", f"dites ce qui est voulu : {way_out}"),
    )
