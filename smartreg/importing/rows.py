"""From rows to drafts of records: typed values by key path, positions in WGS 84, the commune of a position, records and
communes by their names, and the findings of single cells."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple, TypeGuard

from smartreg.core.coordinates import Coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding, Severity
from smartreg.core.messages import Message, Text, plural
from smartreg.core.values import Json, KeyPath, Location, path_text
from smartreg.domain.boundaries import CommuneFinder
from smartreg.domain.codes import commune, commune_of
from smartreg.domain.crs import Projection
from smartreg.domain.lambert import NAME, degrees, in_lambert
from smartreg.domain.typed import commune_code, full_code
from smartreg.importing.cells import PATTERN, Cells, fault_of_value
from smartreg.importing.columns import Condition, SheetColumn
from smartreg.importing.findings import MISSING, UNKNOWN
from smartreg.importing.measures import lists_properties, names_property
from smartreg.importing.places import (
    CodedRow,
    PlaceColumns,
    are_swapped,
    commune_path,
    holds_positions,
    judge_codes,
    place_columns,
    read_place,
)
from smartreg.importing.values import DECIMALS, Bad, decimal_mark
from smartreg.readers.sheet import NoCell, NumberCell, Row, Sheet, ValueCell, short_name
from smartreg.registry import WRITE_THE_ID, Point, Registry, Several
from smartreg.schema import CODE_FIELDS, INSEE_CODE, ITEM, Kind

IMPLAUSIBLE = "GEO701"
_INSIDE = "--inside"  # the option that leaves rows out
_LISTED = 6
_LOOKED_AT = 1000  # rows for the decimal mark of a sheet without columns of numbers


@dataclass(frozen=True)
class Draft:
    """The values of a row: one for each field that a column fills, None where the cell is empty, nothing for one of
    which the row does not speak, or speaks so that it cannot be used. `stem`: the id made from its names, before
    anything tells it from its namesakes. `derived`: what its position says of a new record; one
    that is there keeps its own."""

    row: Row
    values: Mapping[KeyPath, Json]
    stem: str = ""
    derived: Mapping[KeyPath, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """The instructions for reading rows: the columns that fill fields, what leaves a row out, what a cell must be to
    count as empty, the decimal mark where the dialect fixes it, the system of the positions (None: WGS 84), who knows
    in which commune a point lies; whether rows outside the territory are left out (`inside`), and whether the commune
    of a row that names none is that of its point (`places_commune`)."""

    columns: tuple[SheetColumn, ...]
    cells: Cells
    skip: tuple[Condition, ...]
    absent: tuple[Condition, ...]
    decimal: str | None
    projection: Projection | None
    finder: CommuneFinder
    inside: bool
    places_commune: bool


class Drafts(NamedTuple):
    """The drafts in the order of the rows, the rows left out with the condition that does it, the decimal mark, what
    cannot be used, what can and should be looked at (warnings), and what people should know of the whole sheet."""

    drafts: list[Draft]
    skipped: dict[int, str]
    decimal: str
    faults: list[Finding]
    notes: list[Finding]
    remarks: list[Text]


def drafts(sheet: Sheet, reading: Reading) -> Drafts:
    """Read every row that no condition leaves out."""
    skipped: dict[int, str] = {}
    for row, condition in ((row, condition) for condition in reading.skip for row in sheet.rows):
        if row.number not in skipped and condition.holds(row):
            skipped[row.number] = condition.text
    kept = [row for row in sheet.rows if row.number not in skipped]
    decimal = reading.decimal or _decimal_mark(reading, kept)
    faults: list[Finding] = []
    remarks: list[Text] = []
    kind = reading.cells.judge.kind
    plain = [column for column in reading.columns if not holds_positions(kind, column)]
    read = [_draft(sheet, row, plain, reading, decimal, faults) for row in kept]
    for columns in place_columns(kind, reading.columns):
        if columns.lon.place == columns.lat.place:
            read = _with_one_cell(sheet.file, read, columns, reading, faults, remarks)
        read = _with_position(sheet.file, read, columns, reading, faults)
    if reading.places_commune:
        read = _with_communes(sheet.file, read, reading, faults, remarks)
    if reading.inside:
        outside = {draft.row.number: _INSIDE for draft in read if _lies_outside(draft, reading)}
        read = [draft for draft in read if draft.row.number not in outside]
        faults = [fault for fault in faults if fault.where.row not in outside]
        skipped |= outside
        remarks += _left_out(list(outside), reading.finder) if outside else ()
    faults += _judge_codes(sheet, read, reading)
    notes = [fault for fault in faults if fault.severity == "warning"]
    errors = [fault for fault in faults if fault.severity == "error"]
    return Drafts(read, skipped, decimal, errors, notes, remarks)


def _decimal_mark(reading: Reading, rows: Sequence[Row]) -> str:
    """That of the columns that fill numbers; without any, of the first rows, for it also tells how days are written."""
    columns = [column for column in reading.columns if column.field and column.field.kind in ("number", "integer")]
    numbers = (row.cells[column.place] for column in columns for row in rows)
    cells = numbers if columns else chain.from_iterable(row.cells for row in rows[:_LOOKED_AT])
    return decimal_mark(cell for cell in cells if not isinstance(cell, (NumberCell, ValueCell)))


def _draft(
    sheet: Sheet,
    row: Row,
    columns: Sequence[SheetColumn],
    reading: Reading,
    decimal: str,
    faults: list[Finding],
) -> Draft:
    values: dict[KeyPath, Json] = {}
    unknown = {condition.index for condition in reading.absent if condition.holds(row)}
    for column in columns:
        cell = "" if column.place in unknown else row.cells[column.place]
        if isinstance(cell, NoCell):
            continue
        value = reading.cells.value(sheet, column, cell, decimal)
        if isinstance(value, Bad):
            severity: Severity = "error" if value.value is None else "warning"
            where = column.at(sheet.file, row.number)
            faults.append(Finding(value.code, severity, value.message, where, value.hint))
            value = value.value
            if value is None:
                continue
        values[column.path] = value
    return Draft(row, values)


def _with_one_cell(
    file: str,
    drafts: list[Draft],
    columns: PlaceColumns,
    reading: Reading,
    faults: list[Finding],
    remarks: list[Text],
) -> list[Draft]:
    """The drafts with the numbers of the positions that a column holds. Where no text says which number is which, they
    are taken the other way round if only so the points lie in the territory."""
    lon, lat = columns
    unknown = [condition for condition in reading.absent if condition.index == lon.place]
    places: dict[int, Coordinates | None] = {}
    for row in (draft.row for draft in drafts):
        cell = row.cells[lon.place]
        if isinstance(cell, NoCell):
            continue
        place = read_place(lon, "" if any(condition.holds(row) for condition in unknown) else cell)
        if isinstance(place, Bad):
            where = Location(file, lon.path[:-1], row=row.number, column=lon.heading)
            faults.append(Finding(place.code, "error", place.message, where, place.hint))
        else:
            places[row.number] = place
    loose = {number: place for number, place in places.items() if place is not None and not place.explicit}
    points = [(float(place.lon), float(place.lat)) for place in loose.values()]
    if are_swapped(points, reading.projection, reading.finder):
        places |= {number: place.swapped for number, place in loose.items()}
        remarks.append(
            Message(
                "{heading}: read as longitude and latitude in the order lon {lon}, lat {lat}: the other way round, no "
                "point lies in the territory",
                heading=short_name(lon.heading),
                lon=_format(points[0][1]),
                lat=_format(points[0][0]),
            )
        )
    filled = []
    for draft in drafts:
        number = draft.row.number
        if number in places:
            place = places[number]
            pair = (None, None) if place is None else (float(place.lon), float(place.lat))
            draft = replace(draft, values={**draft.values, lon.path: pair[0], lat.path: pair[1]})
        filled.append(draft)
    return filled


def _with_position(
    file: str, drafts: list[Draft], pair: PlaceColumns, reading: Reading, faults: list[Finding]
) -> list[Draft]:
    """The drafts with this position in WGS 84, six decimals, and the findings of those that are nowhere."""
    system = reading.projection
    lon, lat = pair
    placed_rows = [
        index for index, draft in enumerate(drafts) if all(_is_number(draft.values.get(column.path)) for column in pair)
    ]
    xs = [float(drafts[index].values[lon.path]) for index in placed_rows]
    ys = [float(drafts[index].values[lat.path]) for index in placed_rows]
    points = system.to_wgs84(xs, ys) if system else list(zip(xs, ys, strict=True))
    read = zip(placed_rows, xs, ys, strict=True)
    may_be_lambert = system is None and reading.finder.country.french
    strange = {index: (x, y) for index, x, y in read if may_be_lambert and in_lambert(x, y)}
    if 2 * len(strange) > len(placed_rows) > 1:
        x, y = next(iter(strange.values()))
        faults.append(_other_system(lon.at(file), x, y, len(strange)))
        return [_without_place(draft, pair) for draft in drafts]
    if lon.place != lat.place and are_swapped(list(zip(xs, ys, strict=True)), system, reading.finder):
        faults.append(_swapped(lon.at(file), (xs[0], ys[0]), pair, len(placed_rows)))
        return [_without_place(draft, pair) for draft in drafts]
    placed = list(drafts)
    for index, x, y, point in zip(placed_rows, xs, ys, points, strict=True):
        draft = drafts[index]
        if index in strange:
            faults.append(_lambert_fault(lon.at(file, draft.row.number), x, y))
            placed[index] = _without_place(draft, pair)
            continue
        fault = _nowhere(x, y, point, system, lon)
        if fault is not None:
            faults.append(Finding(IMPLAUSIBLE, "error", fault[0], lon.at(file, draft.row.number), fault[1]))
            placed[index] = _without_place(draft, pair)
        else:
            degrees_of_row = {lon.path: round(point[0], DECIMALS), lat.path: round(point[1], DECIMALS)}
            placed[index] = replace(draft, values={**draft.values, **degrees_of_row})
    return placed


def _without_place(draft: Draft, pair: PlaceColumns) -> Draft:
    """A row whose position cannot be used: it says nothing of where the record is."""
    paths = (pair.lon.path, pair.lat.path)
    return replace(draft, values={path: value for path, value in draft.values.items() if path not in paths})


def _swapped(where: Location, first: Point, pair: PlaceColumns, count: int) -> Finding:
    """Longitude and latitude in each other's columns: reported once, for whoever named the columns meant something."""
    lon, lat = (short_name(column.heading) for column in pair)
    options = shlex.join(["--map", f"{lon}={path_text(pair.lat.path)}", "--map", f"{lat}={path_text(pair.lon.path)}"])
    return Finding(
        IMPLAUSIBLE,
        "error",
        Message(
            "longitude and latitude look swapped: lon {x}, lat {y} and the like lie in the territory only the other "
            "way round ({count} rows)",
            x=_format(first[0]),
            y=_format(first[1]),
            count=count,
        ),
        where,
        Message("if so: {options}", options=options),
    )


def _with_communes(
    file: str, drafts: list[Draft], reading: Reading, faults: list[Finding], remarks: list[Text]
) -> list[Draft]:
    """The drafts, with the commune in which their point lies where they name none."""
    filled, placed, path = [], 0, commune_path(reading.cells.judge.kind)
    for draft in drafts:
        point = _point_of(draft)
        if draft.values.get(path) is not None or point is None:
            filled.append(draft)
            continue
        code = reading.finder.commune_at(point)
        if code is None:
            faults.append(_no_commune(Location(file, path, row=draft.row.number), point, reading.finder.exact))
            filled.append(draft)
            continue
        placed += 1
        if path in draft.values:  # an empty cell
            filled.append(replace(draft, values={**draft.values, path: code}))
        else:
            filled.append(replace(draft, derived={path: code}))
    if placed:
        remarks.append(
            plural(
                "insee_code of {n} row: the commune whose outline holds the point",
                "insee_code of {n} rows: the commune whose outline holds the point",
                n=placed,
            )
            if reading.finder.exact
            else plural(
                "insee_code of {n} row: the commune whose centre is nearest to the point",
                "insee_code of {n} rows: the commune whose centre is nearest to the point",
                n=placed,
            )
        )
    return filled


def _no_commune(where: Location, point: Point, exact: bool) -> Finding:
    shown = f"{_format(point[0])}, {_format(point[1])}"
    if exact:
        message = Message("{shown} lies in no commune of the boundaries file", shown=shown)
    else:
        message = Message("no centre of a commune is within 25 km of {shown}", shown=shown)
    return Finding(
        MISSING,
        "error",
        message,
        where,
        Message("correct the position, name the commune, or leave the row out: --inside"),
    )


def _point_of(draft: Draft) -> Point | None:
    """The position of a draft in WGS 84; of several the first one that it has."""
    for path in draft.values:
        if path[-1] == "lon":
            lon, lat = draft.values[path], draft.values.get((*path[:-1], "lat"))
            if _is_number(lon) and _is_number(lat):
                return float(lon), float(lat)
    return None


def _lies_outside(draft: Draft, reading: Reading) -> bool:
    """Whether a row is outside the territory, by its point, else by its commune; False where it has neither."""
    point, code = _point_of(draft), draft.values.get(commune_path(reading.cells.judge.kind))
    if point is not None:
        return not reading.finder.inside(point)
    is_known = isinstance(code, str) and (not reading.finder.country.french or commune(commune_of(code)) is not None)
    return isinstance(code, str) and is_known and not reading.finder.counts(code)


def _left_out(rows: Sequence[int], finder: CommuneFinder) -> Iterator[Text]:
    shown = ", ".join(map(str, rows[:_LISTED])) + (", …" if len(rows) > _LISTED else "")
    yield plural(
        "{n} row lies outside the territory and was left out ({shown})",
        "{n} rows lie outside the territory and were left out ({shown})",
        n=len(rows),
        shown=shown,
    )
    if not finder.exact:
        yield Message(
            "what lies inside was told by the nearest centre of a commune, which near a border is a guess: smartreg "
            "boundaries brings the outlines"
        )


def _judge_codes(sheet: Sheet, drafts: Sequence[Draft], reading: Reading) -> Iterator[Finding]:
    """What speaks against the codes of the columns that give communes of France."""
    for column in (column for column in reading.columns if column.path == (INSEE_CODE,)):
        rows = [
            CodedRow(draft.row, code, _point_of(draft))
            for draft in drafts
            if isinstance(code := draft.values.get(column.path), str) and code.isalnum()
        ]
        finding = judge_codes(sheet, column, [each for each in rows if len(each.code) == 5], reading.finder)
        if finding is not None:
            yield finding


def _other_system(where: Location, x: float, y: float, count: int) -> Finding:
    """Most rows are in Lambert-93: reported once."""
    shown = f"{_format(x)}, {_format(y)}"
    return Finding(
        IMPLAUSIBLE,
        "error",
        Message(
            "{shown} and the like are not degrees; they look like Lambert-93 ({name}) ({count} rows)",
            shown=shown,
            name=NAME,
            count=count,
        ),
        where,
        Message("import the sheet with --crs {name}", name=NAME),
    )


def _lambert_fault(where: Location, x: float, y: float) -> Finding:
    """A row in Lambert-93 in a sheet of degrees: its degrees."""
    shown = f"{_format(x)}, {_format(y)}"
    lon, lat = map(_format, degrees(x, y))
    return Finding(
        IMPLAUSIBLE,
        "error",
        Message("{shown} looks like Lambert-93 ({name}) in a sheet of degrees", shown=shown, name=NAME),
        where,
        Message(
            "write its degrees, lon {lon}, lat {lat}, or move such rows to a sheet of their own, with --crs {name}",
            lon=lon,
            lat=lat,
            name=NAME,
        ),
    )


def _nowhere(
    x: float, y: float, point: tuple[float, float], system: Projection | None, lon: SheetColumn
) -> tuple[Text, Text] | None:
    """Message and hint on a point of the sheet that cannot be right; the rule reports faults of WGS 84 itself."""
    is_zero = x == 0 and y == 0
    if not is_zero and (system is None or system.holds(*point)):
        return None
    way_out = f"--skip-rows '{short_name(lon.heading)}={_format(x)}'"
    if is_zero or system is None:
        return (
            Message("0, 0 is not a place: the position is missing"),
            Message("correct the row, or leave such rows out: {way_out}", way_out=way_out),
        )
    return (
        Message("{x}, {y} lies outside of where {system} is used", x=_format(x), y=_format(y), system=system.name),
        Message(
            "are these degrees? Write them in the system of the sheet, move such rows to a sheet of their own, "
            "or leave them out: {way_out}",
            way_out=way_out,
        )
        if system.system.is_projected and abs(x) <= 180 and abs(y) <= 90
        else Message("is it another --crs? Else correct the row, or leave it out: {way_out}", way_out=way_out),
    )


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _format(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


class Resolved(NamedTuple):
    """The drafts with ids and codes for names, what cannot be resolved, and which names were taken for what."""

    drafts: list[Draft]
    faults: list[Finding]
    taken: Mapping[str, str]


def resolve_names(
    registry: Registry, kind: Kind, file: str, columns: Iterable[SheetColumn], drafts: Sequence[Draft]
) -> Resolved:
    """The drafts, with the id of a record, the code of a commune and the key of a property for their names."""
    bearing = [column for column in columns if _bears_names(kind, column.path)]
    meanings: dict[tuple[KeyPath, str], Json | Bad] = {}
    faults: list[Finding] = []
    replaced: dict[str, str] = {}
    resolved = []
    for draft in drafts:
        values = dict(draft.values)
        for column in bearing:
            value = values.get(column.path)
            if value is None:
                continue
            key = (column.path, repr(value))
            if key not in meanings:
                meanings[key] = _resolve(registry, kind, column.path, value, column.heading)
            meaning = meanings[key]
            if isinstance(meaning, Bad):
                del values[column.path]
                where = column.at(file, draft.row.number)
                faults.append(Finding(meaning.code, "error", meaning.message, where, meaning.hint))
            else:
                values[column.path] = meaning
                replaced |= {name: id for name, id in zip(_words(value), _words(meaning), strict=True) if name != id}
        resolved.append(replace(draft, values=values) if bearing else draft)
    return Resolved(resolved, faults, replaced)


def resolve_constant(registry: Registry, kind: Kind, path: KeyPath, value: Json) -> Json:
    """The value of a constant, names replaced. UsageFault for the name of several records or communes, or of no
    commune."""
    option = f"--constant {path_text(path)}"
    meaning = _resolve(registry, kind, path, value, option)
    if isinstance(meaning, Bad):
        raise UsageFault(meaning.message, meaning.hint)
    return meaning


def _resolve(registry: Registry, kind: Kind, path: KeyPath, value: Json, place: str) -> Json | Bad:
    """The value at a key path, names replaced; Bad where nobody can say what a name means. `place` names it."""
    if _is_commune(path):
        if not isinstance(value, str):
            return value
        value = full_code(registry, value)
        if value[:1].isdigit():
            return fault_of_value(registry.schemas.judges[kind.name], path, value) or value
        try:
            return commune_code(registry, value)
        except UsageFault as fault:
            return Bad(PATTERN, fault.message, fault.hint)
    if names_property(kind, path):
        return registry.schemas.property_called(value) if isinstance(value, str) else value
    if lists_properties(kind, path):
        items = value if isinstance(value, list) else []
        return [_property_of(registry, item) if isinstance(item, str) else item for item in items] or value
    resolved = registry.by_name.resolve(kind, path, value)
    return Bad(UNKNOWN, resolved.message(place), WRITE_THE_ID) if isinstance(resolved, Several) else resolved


def _is_commune(path: KeyPath) -> bool:
    return path[-1] in CODE_FIELDS


def _property_of(registry: Registry, text: str) -> str:
    """`Niveau sonore:dB` with the key of the property."""
    name, colon, unit = text.partition(":")
    return f"{registry.schemas.property_called(name.strip())}{colon}{unit.strip()}"


def _bears_names(kind: Kind, path: KeyPath) -> bool:
    """Whether a field may be filled with the name of a commune, an observed property or a record."""
    fields = (kind.field_at(path), kind.field_at((*path, ITEM)))
    refers = any(field is not None and field.refs for field in fields)
    return refers or _is_commune(path) or names_property(kind, path) or lists_properties(kind, path)


def _words(value: Json) -> list[str]:
    """The texts of a value, in its order."""
    if isinstance(value, str):
        return [value]
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
