"""What a cell says for its field: values that somebody translates, days that sheets write otherwise."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from smartreg.core.errors import UsageFault
from smartreg.core.values import Json, Words
from smartreg.importers.columns import SheetColumn
from smartreg.importers.days import ROUNDINGS, DayFormat, strptime_format
from smartreg.importers.grid import ValueCell
from smartreg.importers.mapping import ImportMapping
from smartreg.importers.sheet import Sheet
from smartreg.importers.value_options import values_option
from smartreg.importers.values import Bad, value_of
from smartreg.schema import Field, values_near
from smartreg.tables.audience import ATTRIBUTES

NOT_ALLOWED = "SCH103"


@dataclass(frozen=True)
class Cells:
    """How cells are read: `translations` by the place of a column, from what it says to what is meant; and days."""

    translations: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    days: DayFormat = field(default_factory=DayFormat)

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
        return value


def cells_of(sheet: Sheet, mapping: ImportMapping) -> Cells:
    """How the cells of a sheet are read by a mapping. UsageFault for a column that is not there."""
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
    return Cells(places, DayFormat(mapping.date_format, mapping.dates))


def _translate(pairs: Mapping[str, str], cell: str) -> str:
    """What is meant by a cell; upper and lower case count as one where nothing else fits."""
    text = cell.strip()
    if text in pairs:
        return pairs[text]
    return {name.casefold(): value for name, value in pairs.items()}.get(text.casefold(), cell)


def _is_text(cell: str) -> bool:
    return bool(cell.strip()) and (not isinstance(cell, ValueCell) or isinstance(cell.value, (str, int)))


def _not_allowed(known: Field, value: str, word: str) -> Bad:
    """SCH103 with the nearest of the allowed values, all of them where none is near."""
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
