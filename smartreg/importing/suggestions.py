"""What an import of a sheet that comes in for the first time would take: fields for open columns, keys and ids, the
system of the points, values of all rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.core.spelling import slug
from smartreg.core.values import KeyPath, path_text
from smartreg.importing.column_guesses import (
    filled_cells,
    find_key_candidates,
    holds_numbers,
    identifies,
    open_places,
    tests_of_columns,
)
from smartreg.importing.columns import Condition, SheetColumn, conditions, within
from smartreg.importing.constant_guesses import ProposedValue, propose_values
from smartreg.importing.naming import ID, tells_apart
from smartreg.importing.place_guesses import find_position_columns, guess_system
from smartreg.importing.places import commune_path, place_columns
from smartreg.importing.survey import (
    Twins,
    Whereabouts,
    find_twins,
    locate,
    points_of,
)
from smartreg.readers.sheet import Row, Sheet
from smartreg.registry import Registry
from smartreg.schema import Kind
from smartreg.tables.view import ATTRIBUTES

_REPEATED = 0.85  # of the numbers of a column that names rows are different ones
_WORDED = ("name", "address", "title")  # fields with what people call a record


@dataclass(frozen=True)
class ImportSuggestions:
    """`fields`: which field each of the open columns most likely fills, by its word; `why`: what speaks for it; `crs`
    and `skip_rows`: the system of the points, and rows without a place; `key`: the column by which next year's rows
    find their records; `id_from`: what ids are made from, `match`: whether rows find their records by their places,
    `has_names`: whether some column names the rows; `keep`: columns that no field takes; `unusable`: columns that say
    nothing although they are called as a field; `duplicates`: whether rows say the same; `commune_from` and `inside`:
    whether rows get the commune whose centre is nearest, and whether rows stay out, all of them clearly outside the
    territory; `constants`: fields that only a constant can give."""

    fields: Mapping[str, str]
    crs: str | None
    skip_rows: tuple[str, ...]
    key: str | None
    keep: tuple[str, ...]
    duplicates: bool
    constants: tuple[ProposedValue, ...]
    id_from: str | None
    has_names: bool
    unusable: tuple[str, ...] = ()
    commune_from: Literal["nearest"] | None = None
    inside: bool = False
    match: Literal["place"] | None = None
    why: Mapping[str, Text] = dataclasses.field(default_factory=dict)


class KnownMapping(NamedTuple):
    """The settled part of a mapping: the columns that fill fields, the fields that constants give, columns that serve
    otherwise, the system of the points, whether something names the records, the conditions that leave out rows, what
    gives rows their commune."""

    columns: Sequence[SheetColumn]
    constants: Sequence[KeyPath]
    used: frozenset[int]
    crs: str | None
    named: bool
    skip: Sequence[Condition]
    commune_from: str | None


class Survey(NamedTuple):
    """Where the rows of a sheet lie, which of them say the same, and what would be made of the sheet."""

    where: Whereabouts
    twins: Twins
    suggestions: ImportSuggestions


def survey(registry: Registry, kind: Kind, sheet: Sheet, settled: KnownMapping, on: date) -> Survey:
    """Guess what the columns fill that nobody has mapped, and what else an import of the sheet needs. `on`: today."""
    columns = list(settled.columns)
    filled = [*(column.path for column in columns), *settled.constants]
    used = {column.place for column in columns} | settled.used
    fields: dict[int, str] = {}
    why: dict[int, Text] = {}

    def fill(place: int, path: KeyPath, reason: Text) -> None:
        fields[place] = path_text(path)
        why[place] = reason
        filled.append(path)
        used.add(place)
        columns.append(SheetColumn(place, sheet.headings[place], path, kind.field_at(path)))

    placed, position = find_position_columns(registry, kind, sheet, columns, filled, used)
    for place, path in position.items():
        fill(place, path, placed.why if placed is not None else Message("heading"))
    rows = [row for row in sheet.rows if not any(condition.holds(row) for condition in settled.skip)]
    skip = () if settled.skip else _nowhere(kind, sheet, columns, rows)
    left_out = conditions(sheet, skip, "--skip-rows")
    rows = [row for row in rows if not any(condition.holds(row) for condition in left_out)]
    unique = {tuple(row.cells): row for row in reversed(rows)}
    single = replace(sheet, rows=tuple(reversed(unique.values())))
    for path, fits, reason in tests_of_columns(registry, kind):
        if any(within(path, other) for other in filled):
            continue
        fitting = next((place for place in open_places(sheet, used) if fits(single, place)), None)
        if fitting is not None:
            fill(fitting, path, reason)
    points = points_of(kind, columns, rows)
    crs = settled.crs or (placed.crs if placed is not None and placed.inside else None)
    crs = crs or guess_system(registry, [(x, y) for _, x, y in points])
    where, twins = locate(registry, points, crs), find_twins(rows, points)
    has_ids = settled.named or any(path == ID for path in filled)
    field_names = {column.place: path_text(column.path) for column in columns}
    names = _name_column(kind, single, columns)
    candidates = [] if has_ids else list(find_key_candidates(single, field_names, used, named=names is not None))
    key = next((place for place in candidates if tells_apart(single, place)), None)
    id_from = None if has_ids else _id_template(single, columns, key, names)
    if not has_ids and key is None and names is None:
        id_from = _repeating_template(single, candidates)
    is_nameless = not has_ids and key is None and id_from is None
    by_point = _point_template(single, columns) if is_nameless else None
    rest = [place for place in open_places(sheet, used) if place != key and filled_cells(sheet, place)]
    code = commune_path(kind)
    places_commune = code in kind.by_path and not any(within(code, path) for path in filled) and where.placed > 0
    nearest = places_commune and not where.exact and len(where.communes) > 1 and not settled.commune_from
    if places_commune and (where.exact or nearest or settled.commune_from):
        filled.append(code)  # a row gets that of its point
    proposed = propose_values(registry, kind, replace(sheet, rows=tuple(rows)), columns, filled, where, on)
    suggestions = ImportSuggestions(
        {sheet.word(place): name for place, name in fields.items()},
        crs,
        skip,
        None if key is None else sheet.word(key),
        tuple(map(sheet.word, rest)) if (ATTRIBUTES,) in kind.by_path else (),
        bool(twins.identical),
        tuple(proposed),
        id_from or by_point,
        names is not None,
        match="place" if by_point is not None else None,
        commune_from="nearest" if nearest else None,
        inside=where.some_outside and where.is_clear,
        why={sheet.word(place): reason for place, reason in why.items()},
    )
    return Survey(where, twins, suggestions)


def _name_column(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn]) -> int | None:
    """The column with what people call a record, in words and in every row; namesakes get a tail."""
    by_path = {column.path: column.place for column in columns}
    places = [place for name in (*_WORDED, *kind.label) if (place := by_path.get((name,))) is not None]
    return next(
        (
            place
            for place in places
            if not holds_numbers(sheet, place) and all(slug(row.cells[place].strip()) for row in sheet.rows)
        ),
        None,
    )


def _id_template(sheet: Sheet, columns: Sequence[SheetColumn], key: int | None, name: int | None) -> str | None:
    """What ids are made from. With a `key` it needs to be said only where that is a bare number, which other files have
    too. Else the column of names."""
    if key is not None:
        bare_numbers = all(row.cells[key].strip().isdecimal() for row in sheet.rows)
        return f"{slug(sheet.file.partition('.')[0])}-{{{sheet.word(key)}}}" if bare_numbers else None
    return f"{{{sheet.word(name)}}}" if name is not None else None


def _repeating_template(sheet: Sheet, candidates: Sequence[int]) -> str | None:
    """Ids made from a column of numbers of which a few stand twice: those rows get a tail."""
    for place in candidates:
        stems = [slug(row.cells[place].strip()) for row in sheet.rows]
        if identifies(sheet, place) and all(stems) and len(set(stems)) >= _REPEATED * len(stems):
            return f"{slug(sheet.file.partition('.')[0])}-{{{sheet.word(place)}}}"
    return None


def _point_template(sheet: Sheet, columns: Sequence[SheetColumn]) -> str | None:
    """Ids made from the points, where all rows have one: what stands there is found again by its place."""
    axes = [column.place for column in columns if column.path[-1] in ("lon", "lat")]
    if len(axes) == 2 and all(row.cells[place].strip() for row in sheet.rows for place in axes):
        return "-".join(f"{{{sheet.word(place)}}}" for place in axes)
    return None


def _nowhere(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], rows: Sequence[Row]) -> tuple[str, ...]:
    """The condition that leaves out rows at 0, 0."""
    nowhere = next((row for row, x, y in points_of(kind, columns, rows) if x == y == 0), None)
    pair = next(place_columns(kind, columns), None)
    if nowhere is None or pair is None:
        return ()
    zero = "0" if pair.lon.place != pair.lat.place else nowhere.cells[pair.lon.place].strip()
    return (f"{sheet.word(pair.lon.place)}={zero}",)
