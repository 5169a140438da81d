"""`init --municipalities`: the municipalities of a territory, from a list in CSV; official lists come with smartreg for
France alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.spelling import fold, slug
from smartreg.core.values import Data
from smartreg.importing.values import number_in
from smartreg.readers.csv import Dialect, read_sheet
from smartreg.readers.sheet import Row
from smartreg.registry import Point
from smartreg.schema.countries import Country, Scheme

_HEADINGS = {
    "official_code": ("official code", "code"),
    "name": ("name", "municipality"),
    "population": ("population", "inhabitants"),
    "nuts_code": ("nuts", "nuts code"),
    "register_code": ("register code", "vat", "vat number"),
    "lon": ("lon", "lng", "longitude"),
    "lat": ("lat", "latitude"),
}
"""What columns are called in English, besides the words of the country."""
_IN_WORDS = {"name": "municipality"}
_NUTS_3 = re.compile(r"(?:^|.*-)nuts-?3(?:$|-.*)")
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ .,'\u00a0\u202f][0-9]{3})+|[0-9]+")


@dataclass(frozen=True)
class Municipalities:
    """The municipalities of a list: their records, the centres of those whose position it gives (code → longitude and
    latitude), and the headings of columns that say nothing smartreg keeps."""

    records: tuple[Data, ...]
    centres: Mapping[str, Point]
    unused: tuple[str, ...]


def read_municipalities(file: str, content: bytes, country: Country) -> Municipalities:
    """The municipalities in a CSV file, one a row: id, name, category, official_code, and what else it says.
    UsageFault, with line and column, for a column that is missing, and for a cell that cannot be used."""
    sheet = read_sheet(file, content, None, Dialect())
    if sheet.faults:
        fault = sheet.faults[0]
        line = fault.where.row or 1
        raise UsageFault(Message("{file}:{line}: {what}", file=file, line=line, what=fault.message), fault.hint)
    headings = [" ".join(heading.split()) for heading in sheet.headings]
    columns = _columns(headings, country)
    for name in ("official_code", "name"):
        if name not in columns:
            raise UsageFault(
                Message(
                    "{file}:{line}: no column {name}; there are {listed}",
                    file=file,
                    line=sheet.top,
                    name=name,
                    listed=", ".join(filter(None, headings)),
                ),
                Message(
                    "name the columns official_code, name, and perhaps population, nuts_code, register_code, lon, lat"
                ),
            )
    rows = _Rows(file, columns, country)
    records: list[Data] = []
    centres: dict[str, Point] = {}
    seen: dict[str, int] = {}
    ids: set[str] = set()
    for row in sheet.rows:
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
        if (centre := rows.centre(row)) is not None:
            centres[code] = centre
    unused = (heading for place, heading in enumerate(headings) if heading and place not in columns.values())
    return Municipalities(tuple(records), centres, tuple(unused))


def centres_file(centres: Mapping[str, Point], records: Iterable[Data]) -> bytes:
    """The centres as the boundaries file of a registry: GeoJSON, one a line."""
    names = {str(record["official_code"]): str(record["name"]) for record in records}
    features = (
        {
            "type": "Feature",
            "properties": {"official_code": code, "name": names[code]},
            "geometry": {"type": "Point", "coordinates": list(point)},
        }
        for code, point in centres.items()
    )
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()


def _columns(headings: Sequence[str], country: Country) -> dict[str, int]:
    """The column of each field, by its heading; the first of several."""
    schemes = {"official_code": country.official_code, "register_code": country.register_code}
    folded = [fold(heading) for heading in headings]
    columns = {}
    for name, english in _HEADINGS.items():
        scheme = schemes.get(name)
        of_scheme = (*scheme.headings, scheme.scheme, scheme.title) if scheme is not None else ()
        called = [fold(word) for word in (*english, *of_scheme, *country.words.get(_IN_WORDS.get(name, name), ()))]
        place = next((folded.index(word) for word in called if word in folded), None)
        if place is not None:
            columns[name] = place
    newest = max((heading for heading in folded if _NUTS_3.fullmatch(heading)), default=None)
    if newest is not None and "nuts_code" not in columns:
        columns["nuts_code"] = folded.index(newest)
    if ("lon" in columns) != ("lat" in columns):
        columns = {name: place for name, place in columns.items() if name not in ("lon", "lat")}
    return columns


class _Rows:
    """Reads the rows of one file."""

    def __init__(self, file: str, columns: Mapping[str, int], country: Country) -> None:
        self._file, self._columns, self._country = file, columns, country

    def read(self, row: Row) -> Iterator[tuple[str, Any]]:
        """The fields of a row, in the order of the schema."""
        suffix = self._country.name_suffix
        name = re.sub(suffix, "", self._cell(row, "name")) if suffix else self._cell(row, "name")
        if not name:
            raise self.fault(row, "name", Message("the name is missing"))
        yield "name", name
        yield "category", "municipality"
        for key, scheme in (
            ("register_code", self._country.register_code),
            ("official_code", self._country.official_code),
        ):
            code = self._cell(row, key)
            if not code and key == "official_code":
                raise self.fault(row, key, Message("the code is missing"))
            if code and scheme is not None:
                yield key, self._checked(row, key, code, scheme)
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

    def centre(self, row: Row) -> Point | None:
        """The position that a row gives; None for none."""
        degrees = []
        for name, low, high in zip(("lon", "lat"), self._country.bounds[:2], self._country.bounds[2:], strict=True):
            text = self._cell(row, name)
            if not text:
                return None
            number = number_in(text)
            if number is None or not low <= number <= high:
                raise self.fault(
                    row,
                    name,
                    Message('"{text}" is no {name} in {country}', text=text, name=name, country=self._country.name),
                    Message("give degrees (WGS 84), or call the column otherwise"),
                )
            degrees.append(number)
        return degrees[0], degrees[1]

    def _checked(self, row: Row, field: str, code: str, scheme: Scheme) -> str:
        if not scheme.has_form(code) and scheme.prefix and scheme.has_form(f"{scheme.prefix}{code}"):
            code = f"{scheme.prefix}{code}"  # lists of one country leave out what is the same in all their rows
        if not scheme.has_form(code):
            padded = (code.zfill(size) for size in range(len(code), 20))
            digits = next((text for text in padded if scheme.has_form(text)), None)
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
