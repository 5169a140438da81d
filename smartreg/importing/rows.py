"""From rows to drafts of records: typed values by key path, positions in WGS 84, records and communes by their
names, and the findings of single cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding, Severity
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, KeyPath, Location, path_text
from smartreg.domain.crs import Projection
from smartreg.domain.lambert import NAME, degrees, in_lambert
from smartreg.domain.typed import commune_code
from smartreg.importing.cells import FORM, Cells, fault_of_value
from smartreg.importing.columns import Condition, SheetColumn
from smartreg.importing.findings import UNKNOWN
from smartreg.importing.measures import lists_properties, names_property
from smartreg.importing.readers.sheet import NoCell, NumberCell, Row, Sheet, ValueCell, short_name
from smartreg.importing.values import DECIMALS, Bad, decimal_mark
from smartreg.registry import WRITE_THE_ID, Registry, Several
from smartreg.schema import INSEE_CODE, ITEM, Kind

IMPLAUSIBLE = "GEO701"
_LOOKED_AT = 1000  # rows for the decimal mark of a sheet without columns of numbers


@dataclass(frozen=True)
class Draft:
    """The values of a row: one for each field that a column fills, None where the cell is empty, nothing for one of
    which the row does not speak, or speaks so that it cannot be used. `stem`: the id made from its names, before
    anything tells it from its namesakes."""

    row: Row
    values: Mapping[KeyPath, Json]
    stem: str = ""


@dataclass(frozen=True)
class Reading:
    """The instructions for reading rows: the columns that fill fields, what leaves a row out, what a cell must be to
    count as empty, the decimal mark where the dialect fixes it, the system of the positions (None: WGS 84)."""

    columns: tuple[SheetColumn, ...]
    cells: Cells
    skip: tuple[Condition, ...] = ()
    absent: tuple[Condition, ...] = ()
    decimal: str | None = None
    projection: Projection | None = None


class Drafts(NamedTuple):
    """The drafts in the order of the rows, the rows left out with the condition that does it, the decimal mark, what
    cannot be used, and what can and should be looked at (warnings)."""

    drafts: list[Draft]
    skipped: dict[int, str]
    decimal: str
    faults: list[Finding]
    notes: list[Finding]


def drafts(sheet: Sheet, reading: Reading) -> Drafts:
    """Read every row that no condition leaves out."""
    skipped: dict[int, str] = {}
    for row, condition in ((row, condition) for condition in reading.skip for row in sheet.rows):
        if row.number not in skipped and condition.holds(row):
            skipped[row.number] = condition.text
    kept = [row for row in sheet.rows if row.number not in skipped]
    decimal = reading.decimal or _decimal_mark(reading, kept)
    faults: list[Finding] = []
    drafts_of_rows = [_draft(sheet, row, reading, decimal, faults) for row in kept]
    for lon, lat in _positions(reading.columns):
        drafts_of_rows = _with_position(sheet.file, drafts_of_rows, (lon, lat), reading.projection, faults)
    notes = [fault for fault in faults if fault.severity == "warning"]
    return Drafts(drafts_of_rows, skipped, decimal, [fault for fault in faults if fault.severity == "error"], notes)


def _decimal_mark(reading: Reading, rows: Sequence[Row]) -> str:
    """That of the columns that fill numbers; without any, of the first rows, for it also tells how days are written."""
    columns = [column for column in reading.columns if column.field and column.field.kind in ("number", "integer")]
    numbers = (row.cells[column.place] for column in columns for row in rows)
    cells = numbers if columns else chain.from_iterable(row.cells for row in rows[:_LOOKED_AT])
    return decimal_mark(cell for cell in cells if not isinstance(cell, (NumberCell, ValueCell)))


def _draft(sheet: Sheet, row: Row, reading: Reading, decimal: str, faults: list[Finding]) -> Draft:
    values: dict[KeyPath, Json] = {}
    unknown = {condition.index for condition in reading.absent if condition.holds(row)}
    for column in reading.columns:
        cell = "" if column.place in unknown else row.cells[column.place]
        if isinstance(cell, NoCell):
            continue
        value = reading.cells.value(sheet, column, cell, decimal)
        if isinstance(value, Bad):
            where = Location(sheet.file, column.path, row=row.number, column=column.heading)
            severity: Severity = "error" if value.value is None else "warning"
            faults.append(Finding(value.code, severity, value.message, where, value.hint))
            value = value.value
            if value is None:
                continue
        values[column.path] = value
    return Draft(row, values)


def _positions(columns: Sequence[SheetColumn]) -> Iterator[tuple[SheetColumn, SheetColumn]]:
    """The pairs of columns that give longitude and latitude of one position."""
    by_path = {column.path: column for column in columns}
    for path, column in by_path.items():
        if path[-1] == "lon" and (other := by_path.get((*path[:-1], "lat"))):
            yield column, other


def _with_position(
    file: str,
    drafts: list[Draft],
    pair: tuple[SheetColumn, SheetColumn],
    system: Projection | None,
    faults: list[Finding],
) -> list[Draft]:
    """The drafts with this position in WGS 84, six decimals, and the findings of those that are nowhere."""
    lon, lat = pair
    placed_rows = [index for index, draft in enumerate(drafts) if _numbers(draft, pair)]
    xs = [float(drafts[index].values[lon.path]) for index in placed_rows]
    ys = [float(drafts[index].values[lat.path]) for index in placed_rows]
    points = system.to_wgs84(xs, ys) if system else list(zip(xs, ys, strict=True))
    read = zip(placed_rows, xs, ys, strict=True)
    strange = {} if system else {index: (x, y) for index, x, y in read if in_lambert(x, y)}
    if 2 * len(strange) > len(placed_rows) > 1:
        x, y = next(iter(strange.values()))
        faults.append(_other_system(Location(file, lon.path, column=lon.heading), x, y, len(strange)))
        return [replace(draft, values=_without(draft.values, pair)) for draft in drafts]
    placed = list(drafts)
    for index, x, y, point in zip(placed_rows, xs, ys, points, strict=True):
        draft = drafts[index]
        if index in strange:
            faults.append(_lambert_fault(Location(file, lon.path, row=draft.row.number, column=lon.heading), x, y))
            placed[index] = replace(draft, values=_without(draft.values, pair))
            continue
        fault = _nowhere(x, y, point, system, lon)
        if fault is not None:
            where = Location(file, lon.path, row=draft.row.number, column=lon.heading)
            faults.append(Finding(IMPLAUSIBLE, "error", fault[0], where, fault[1]))
            placed[index] = replace(draft, values=_without(draft.values, pair))
        else:
            degrees_of_row = {lon.path: round(point[0], DECIMALS), lat.path: round(point[1], DECIMALS)}
            placed[index] = replace(draft, values={**draft.values, **degrees_of_row})
    return placed


def _without(values: Mapping[KeyPath, Json], pair: tuple[SheetColumn, SheetColumn]) -> Mapping[KeyPath, Json]:
    """The values of a row whose position cannot be used: it says nothing of where the record is."""
    return {path: value for path, value in values.items() if path not in (pair[0].path, pair[1].path)}


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


def _numbers(draft: Draft, pair: tuple[SheetColumn, SheetColumn]) -> bool:
    values = [draft.values.get(column.path) for column in pair]
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


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
                where = Location(file, column.path, row=draft.row.number, column=column.heading)
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
        if any(map(str.isdigit, value)):
            return fault_of_value(registry.schemas.judges[kind.name], path, value) or value
        try:
            return commune_code(registry, value)
        except UsageFault as fault:
            return Bad(FORM, fault.message, fault.hint)
    if names_property(kind, path):
        return registry.schemas.property_called(value) if isinstance(value, str) else value
    if lists_properties(kind, path):
        items = value if isinstance(value, list) else []
        return [_property_of(registry, item) if isinstance(item, str) else item for item in items] or value
    resolved = registry.by_name.resolve(kind, path, value)
    return Bad(UNKNOWN, resolved.message(place), WRITE_THE_ID) if isinstance(resolved, Several) else resolved


def _is_commune(path: KeyPath) -> bool:
    return path[-1] == INSEE_CODE


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
