"""`init --municipalities`: the municipalities of a territory, from a list in CSV; official lists come with smartreg for
France alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import fold, slug
from smartreg.core.values import Data
from smartreg.importing.readers.csv import Dialect, read_sheet
from smartreg.importing.readers.sheet import Row
from smartreg.schema.countries import Country, Scheme

_HEADINGS = {
    "official_code": ("official-code", "code"),
    "name": ("name", "municipality", "gemeinde", "gemeindename", "comune", "denominazione", "lau-name-national"),
    "population": ("population", "inhabitants", "einwohner", "bevoelkerung", "bevolkerung", "residenti", "popolazione"),
    "nuts_code": ("nuts", "nuts-code", "nuts-3", "nuts3", "nuts-3-code"),
    "register_code": ("register-code", "vat", "vat-number"),
}
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ .,'\u00a0\u202f][0-9]{3})+|[0-9]+")


def read_municipalities(file: str, content: bytes, country: Country) -> list[Data]:
    """The records of the municipalities in a CSV file, one a row: id, name, category, official_code, and what else it
    says. UsageFault, with line and column, for a column that is missing, and for a cell that cannot be used."""
    assert country.official_code is not None
    assert country.register_code is not None
    sheet = read_sheet(file, content, None, Dialect())
    if sheet.faults:
        fault = sheet.faults[0]
        line = fault.where.row or 1
        raise UsageFault(Message("{file}:{line}: {what}", file=file, line=line, what=fault.message), fault.hint)
    columns = _columns(sheet.headings, country.official_code)
    for name in ("official_code", "name"):
        if name not in columns:
            listed = ", ".join(heading for heading in sheet.headings if heading)
            raise UsageFault(
                Message(
                    "{file}:{line}: no column {name}; there are {listed}",
                    file=file,
                    line=sheet.top,
                    name=name,
                    listed=listed,
                ),
                Message("name the columns official_code, name, and perhaps population, nuts_code, register_code"),
            )
    rows = _Rows(file, columns, {"official_code": country.official_code, "register_code": country.register_code})
    records: list[Data] = []
    seen: dict[str, int] = {}
    ids: set[str] = set()
    for row in sheet.rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        record = dict(rows.read(row))
        code = str(record["official_code"])
        if code in seen:
            raise rows.fault(
                row, "official_code", Message("{code} is on line {line} already", code=code, line=seen[code])
            )
        seen[code] = row.number
        id = slug(str(record["name"])) or slug(code)
        record = {"id": id if id not in ids else f"{id}-{slug(code)}", **record}
        ids.add(str(record["id"]))
        records.append(record)
    return records


def _columns(headings: tuple[str, ...], scheme: Scheme) -> dict[str, int]:
    """The column of each field, by its heading; the first of several."""
    names = {
        **_HEADINGS,
        "official_code": (*_HEADINGS["official_code"], *map(fold, scheme.headings), fold(scheme.title)),
    }
    folded = [fold(heading) for heading in headings]
    return {
        field: folded.index(name)
        for field, called in names.items()
        if (name := next((name for name in called if name in folded), None)) is not None
    }


class _Rows:
    """Reads the rows of one file."""

    def __init__(self, file: str, columns: Mapping[str, int], schemes: Mapping[str, Scheme]) -> None:
        self._file, self._columns, self._schemes = file, columns, schemes

    def read(self, row: Row) -> Iterator[tuple[str, Any]]:
        """The fields of a row, in the order of the schema."""
        name = self._cell(row, "name")
        if not name:
            raise self.fault(row, "name", Message("the name is missing"))
        yield "name", name
        yield "category", "municipality"
        for field in ("register_code", "official_code"):
            code, scheme = self._cell(row, field), self._schemes[field]
            if not code and field == "official_code":
                raise self.fault(row, field, Message("the code is missing"))
            if code:
                yield field, self._checked(row, field, code, scheme)
        nuts = self._cell(row, "nuts_code")
        if nuts and not _NUTS.fullmatch(nuts):
            raise self.fault(row, "nuts_code", Message('"{text}" is no NUTS code', text=nuts))
        if nuts:
            yield "nuts_code", nuts
        people = self._cell(row, "population")
        if people and not _GROUPED.fullmatch(people):
            raise self.fault(row, "population", Message('"{text}" is not a whole number', text=people))
        if people:
            yield "population", int(re.sub("[^0-9]", "", people))

    def _checked(self, row: Row, field: str, code: str, scheme: Scheme) -> str:
        if not re.fullmatch(scheme.pattern.strip("^$"), code):
            digits = next((code.zfill(size) for size in range(len(code), 20) if _fits(scheme, code.zfill(size))), None)
            hint = Message("write {code}: a spreadsheet drops leading zeros", code=digits) if digits else None
            what = Message('"{text}" is not of the form {scheme}', text=code, scheme=scheme.scheme)
            raise self.fault(row, field, what, hint or Message("such as {example}", example=scheme.example))
        if not scheme.is_sound(code):
            raise self.fault(row, field, Message("{code} has a wrong check digit", code=code))
        return code

    def _cell(self, row: Row, field: str) -> str:
        index = self._columns.get(field)
        return row.cells[index].strip() if index is not None and index < len(row.cells) else ""

    def fault(self, row: Row, field: str, what: Message, hint: Message | None = None) -> UsageFault:
        """What is wrong with a cell: file, line, and the number of the column."""
        column = self._columns[field] + 1
        return UsageFault(
            Message("{file}:{line}:{column}: {what}", file=self._file, line=row.number, column=column, what=what), hint
        )


def _fits(scheme: Scheme, code: str) -> bool:
    return re.fullmatch(scheme.pattern.strip("^$"), code) is not None
