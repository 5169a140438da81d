"""What the places of rows mean: positions in one cell, axes that are swapped, and whether five digits are INSEE codes
or postal codes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from smartreg.core.coordinates import Coordinates, coordinates_of, read_coordinates
from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import bare, fold
from smartreg.core.values import KeyPath
from smartreg.domain.boundaries import FARTHEST_M, CommuneFinder, name_commune, nearest_centre
from smartreg.domain.codes import centre, commune, commune_of, communes_called
from smartreg.domain.crs import Projection
from smartreg.domain.positions import lies_in
from smartreg.importing.columns import SheetColumn
from smartreg.importing.values import WRONG_TYPE, Bad
from smartreg.readers.sheet import Row, Sheet, ValueCell, heading_words, short_name
from smartreg.registry import Point, distance_m
from smartreg.schema import CODE_FIELDS, INSEE_CODE, Kind

NO_CODE = "REC113"
_POSTAL = frozenset(
    {"cp", "postal", "postale", "postaux", "postcode", "zip", "zipcode", "codpos", "codepostal", "plz", "codepost"}
)
_INSEE = frozenset({"insee", "codgeo", "codegeo", "depcom", "codcom", "citycode", "codeinsee"})
_NAMES = frozenset({"commune", "communes", "ville", "city", "town", "municipality", "localite", "nomcom", "libcom"})


# -- positions -------------------------------------------------------------------------------------------------------


def commune_path(kind: Kind) -> KeyPath:
    """The field that says in which municipality a record lies."""
    return next(((name,) for name in CODE_FIELDS if (name,) in kind.by_path), (INSEE_CODE,))


class PlaceColumns(NamedTuple):
    """The columns of the longitude and the latitude of a position; the same one where a cell holds both."""

    lon: SheetColumn
    lat: SheetColumn


def place_columns(kind: Kind, columns: Sequence[SheetColumn]) -> Iterator[PlaceColumns]:
    by_path = {column.path: column for column in columns}
    for path, column in by_path.items():
        if holds_positions(kind, column):
            yield PlaceColumns(column._replace(path=(*path, "lon")), column._replace(path=(*path, "lat")))
        elif path[-1] == "lon" and (other := by_path.get((*path[:-1], "lat"))):
            yield PlaceColumns(column, other)


def holds_positions(kind: Kind, column: SheetColumn) -> bool:
    """Whether a column fills a whole position (`43.51345, 4.98747`), not its longitude or latitude."""
    return column.field is not None and column.field.kind == "object" and kind.is_place(column.field)


def read_place(column: SheetColumn, cell: str) -> Coordinates | Bad | None:
    """The position in a cell; None for an empty one."""
    if not cell.strip():
        return None
    value = cell.value if isinstance(cell, ValueCell) else cell
    coordinates = read_coordinates(value) if isinstance(value, str) else coordinates_of(value)
    if coordinates is not None:
        return coordinates
    name = column.field.name if column.field else ""
    return Bad(
        WRONG_TYPE,
        Message('{field}: "{text}" is not a position', field=name, text=cell.strip()),
        Message("write it like 43.51345, 4.98747 or POINT(4.98747 43.51345)"),
    )


def numbers_typed(columns: PlaceColumns, cells: Sequence[str]) -> Sequence[str]:
    """The two numbers of a position as the cells of a row have them."""
    lon, lat = cells[columns.lon.place], cells[columns.lat.place]
    if columns.lon.place != columns.lat.place:
        return lon, lat
    place = read_place(columns.lon, lon)
    return (place.lon, place.lat) if isinstance(place, Coordinates) else ()


def are_swapped(points: Sequence[Point], system: Projection | None, finder: CommuneFinder) -> bool:
    """Whether none of these pairs of numbers lies in the territory (or, without one, in the country) as it stands, and
    most do the other way round."""
    return not _count_inside(points, system, finder) and 2 * _count_inside(
        [(y, x) for x, y in points], system, finder
    ) > len(points)


def _count_inside(points: Sequence[Point], system: Projection | None, finder: CommuneFinder) -> int:
    places = system.to_wgs84([x for x, _ in points], [y for _, y in points]) if system and points else points
    return sum(_is_inside(place, finder) for place in places)


def _is_inside(place: Point, finder: CommuneFinder) -> bool:
    lon, lat = place
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return False
    if finder.territory:
        return finder.inside(place)
    return lies_in(finder.country, lon, lat)


# -- five digits -----------------------------------------------------------------------------------------------------


class CodedRow(NamedTuple):
    """A row with the code that it gives for its commune, and its point."""

    row: Row
    code: str
    place: Point | None


def is_postal(heading: str) -> bool:
    """Whether a heading says postal codes: `code_postal`, `CP`, `zip`."""
    return not _POSTAL.isdisjoint(heading_words(heading))


def names_insee(heading: str) -> bool:
    """Whether a heading says INSEE codes: `insee_code`, `INSEE_COM`, `codgeo`."""
    return not _INSEE.isdisjoint(heading_words(heading))


def judge_codes(sheet: Sheet, column: SheetColumn, rows: Sequence[CodedRow], finder: CommuneFinder) -> Finding | None:
    """REC113 where the codes of a column, taken for INSEE codes, are communes elsewhere than the points and names of
    their rows say; a warning where nothing in the sheet or the settings speaks for them. INSEE codes and postal codes
    have five digits both: 13001 is Aix-en-Provence, and the first arrondissement of Marseille."""
    names = _column_of_names(sheet, column)
    coded = [each for each in rows if commune(commune_of(each.code)) is not None]
    evidence = [_evidence(each, names, finder) for each in coded]
    good, bad = evidence.count(True), evidence.count(False)
    if bad > good:
        first = coded[evidence.index(False)]
        return _no_codes(sheet, column, first, bad, len(rows))
    if good or not coded or (names_insee(column.heading) and not is_postal(column.heading)):
        return None
    if is_postal(column.heading):
        return _postal_codes(sheet, column, coded[0])
    if finder.territory and all(finder.counts(each.code) for each in coded):
        return None
    return None if finder.territory else _unconfirmed(sheet, column, coded[0])


def _evidence(coded: CodedRow, names: int | None, finder: CommuneFinder) -> bool | None:
    """Whether the name of the commune in a row, else its point, agrees with its code; None where neither can tell."""
    code = commune_of(coded.code)
    name = coded.row.cells[names].strip() if names is not None else ""
    if name:
        own = commune(code)
        if own is not None and bare(fold(own.name)) == bare(fold(name)):
            return True
        if communes_called(name):
            return False
    if coded.place is None or not all(map(math.isfinite, coded.place)):
        return None
    if finder.outlines is not None and code in finder.outlines.outlines:
        return True if finder.outlines.inside(coded.place, code) else None  # GEO703 reports single rows
    at = centre(code)
    if at is not None:
        return distance_m(at, coded.place) <= FARTHEST_M
    near = nearest_centre(coded.place)
    return near is not None and near.code[:2] == code[:2]


def _column_of_names(sheet: Sheet, column: SheetColumn) -> int | None:
    """The column with the names of communes."""
    for place, heading in enumerate(sheet.headings):
        if place != column.place and not _NAMES.isdisjoint(heading_words(heading)):
            cells = [row.cells[place].strip() for row in sheet.rows[:100]]
            if any(cells) and not any(any(map(str.isdigit, cell)) for cell in cells):
                return place
    return None


def _no_codes(sheet: Sheet, column: SheetColumn, first: CodedRow, bad: int, rows: int) -> Finding:
    return Finding(
        NO_CODE,
        "error",
        Message(
            "{heading} gives no INSEE codes: {code} is the one of {name}, and that is not where the row lies, as in "
            "{bad} of {rows} rows",
            heading=short_name(column.heading),
            code=first.code,
            name=name_commune(first.code).partition(" ")[2],
            bad=bad,
            rows=rows,
        ),
        column.at(sheet.file, first.row.number),
        _elsewhere(column),
    )


def _postal_codes(sheet: Sheet, column: SheetColumn, first: CodedRow) -> Finding:
    return Finding(
        NO_CODE,
        "error",
        Message(
            "{heading} gives postal codes: as an INSEE code {code} would be {name}",
            heading=short_name(column.heading),
            code=first.code,
            name=name_commune(first.code).partition(" ")[2],
        ),
        column.at(sheet.file, first.row.number),
        _elsewhere(column),
    )


def _elsewhere(column: SheetColumn) -> Text:
    return Message(
        "fill insee_code from the names of the communes (--map COLUMN=insee_code) or from the points (--commune-from "
        "nearest), and leave {heading} out: --map '{heading}=-'",
        heading=short_name(column.heading),
    )


def _unconfirmed(sheet: Sheet, column: SheetColumn, first: CodedRow) -> Finding:
    return Finding(
        NO_CODE,
        "warning",
        Message(
            "nothing confirms that {heading} gives INSEE codes, not postal codes: {code} was taken for {name}",
            heading=short_name(column.heading),
            code=first.code,
            name=name_commune(first.code).partition(" ")[2],
        ),
        column.at(sheet.file, first.row.number),
        Message("name your territory in smartreg.toml, and such codes are compared with it"),
    )
