"""Profile a sheet that comes in for the first time: what its columns most likely mean, which values their fields do not
allow, what is missing; what to ask about it on a terminal, and the one command that would import it.

Nothing of this is applied unless the user says so: it is shown to be copied, or asked for on a terminal.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal, NamedTuple

from smartreg.core.coordinates import read_coordinates
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import bare, day_in, fold, slug
from smartreg.core.values import KeyPath, path_text
from smartreg.domain.boundaries import name_commune
from smartreg.domain.codes import commune, communes_called
from smartreg.domain.crs import WGS84, projection
from smartreg.domain.days import BEFORE
from smartreg.importing.cells import NOT_ALLOWED, cells_of
from smartreg.importing.columns import Condition, SheetColumn, columns_of, conditions, recognise_columns, within
from smartreg.importing.mapping import ImportMapping, MappingPlace, with_options
from smartreg.importing.naming import ID, tells_apart, template_of
from smartreg.importing.options import ImportRequest
from smartreg.importing.places import COMMUNE, is_postal, place_columns
from smartreg.importing.readers.sheet import Row, Sheet, short_name
from smartreg.importing.required import find_missing_fields
from smartreg.importing.survey import (
    ColumnStatistics,
    Twins,
    Whereabouts,
    describe_columns,
    find_twins,
    guess_system,
    guess_type,
    locate,
    points_of,
)
from smartreg.importing.syntax import NOTHING, left_out, values_option
from smartreg.importing.values import Bad, number_in
from smartreg.registry import Registry
from smartreg.schema import INSEE_CODE, ITEM, Field, Kind, find_field, key_path, values_called, values_near
from smartreg.tables.view import ATTRIBUTES

_LON = frozenset({"x", "lon", "lng", "long", "longitude", "xlon", "xlong", "xlongitude"})
_LAT = frozenset({"y", "lat", "latitude", "ylat", "ylatitude"})
_NAMES = frozenset({"nom", "name", "libelle", "designation", "label"})
_NUMBERS = frozenset({"ref", "reference", "num", "numero", "number", "code", "id", "ident", "identifiant", "matricule"})
_KEYS = _NUMBERS | {"objectid", "fid", "gid", "uid", "uuid", "globalid"}
_WORDED = ("name", "address", "title")  # fields with what people call a record
_CALLED: Mapping[str, frozenset[str]] = {  # field → words in the headings of inventories
    "local_ref": _NUMBERS,
    "name": _NAMES,
    "address": _NAMES | {"adresse", "address", "rue", "voie", "street", "lieu", "emplacement"},
    "height_m": frozenset({"haut", "hauteur", "height"}),
    "manufacturer": frozenset({"fabricant", "marque", "manufacturer", "brand"}),
    "model": frozenset({"modele", "model"}),
    "serial_number": frozenset({"serie", "serial"}),
    "installed_on": frozenset({"pose", "posee", "installation", "installe", "installed"}),
}
# fields in which rows differ
_IDENTIFYING = ("local_ref", "serial_number", "dev_eui", "gateway_eui", "mac_address", "imei")
_PLACES = frozenset({"ville", "commune", "city", "town", "municipality", "municipalite"})
_TRIED = 200  # rows that are looked at
_MOST = 0.8  # of the cells
_OTHER = frozenset({"other"})  # what a value means that is none of those which a field allows, if it has that


class ProposedValue(NamedTuple):
    """A field that no column fills, the value that every row would get (None: only its owner can say), and why."""

    name: str
    value: str | None
    why: Text


@dataclass(frozen=True)
class ImportSuggestions:
    """`fields`: which field each of the open columns most likely fills, by its word; `why`: what speaks for it; `crs`
    and `skip_rows`: the system of the points, and rows without a place; `key`: the column by which next year's rows
    find their records; `id_from`: what ids are made from, `has_names`: whether some column names the rows; `keep`:
    columns that no field takes; `unusable`: columns that say nothing although they are called as a field;
    `duplicates`: whether rows say the same; `commune_from` and `inside`: whether rows get the commune whose centre is
    nearest, and whether those outside the territory stay out; `constants`: fields that only a constant can give."""

    fields: Mapping[str, str]
    crs: str | None = None
    skip_rows: tuple[str, ...] = ()
    key: str | None = None
    keep: tuple[str, ...] = ()
    duplicates: bool = False
    constants: tuple[ProposedValue, ...] = ()
    id_from: str | None = None
    has_names: bool = False
    unusable: tuple[str, ...] = ()
    commune_from: Literal["nearest"] | None = None
    inside: bool = False
    why: Mapping[str, Text] = dataclasses.field(default_factory=dict)


class KnownMapping(NamedTuple):
    """The settled part of a mapping: the columns that fill fields, the fields that constants give, columns that serve
    otherwise, the system of the points, whether something names the records, the conditions that leave out rows, what
    gives rows their commune."""

    columns: Sequence[SheetColumn] = ()
    constants: Sequence[KeyPath] = ()
    used: frozenset[int] = frozenset()
    crs: str | None = None
    named: bool = False
    skip: Sequence[Condition] = ()
    commune_from: str | None = None


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

    for place, path in _point(kind, sheet, filled, used).items():
        fill(place, path, Message("heading and numbers"))
    rows = [row for row in sheet.rows if not any(condition.holds(row) for condition in settled.skip)]
    skip = () if settled.skip else _nowhere(kind, sheet, columns, rows)
    left_out = conditions(sheet, skip, "--skip-rows")
    rows = [row for row in rows if not any(condition.holds(row) for condition in left_out)]
    unique = {tuple(row.cells): row for row in reversed(rows)}
    single = replace(sheet, rows=tuple(reversed(unique.values())))
    for path, fits, reason in _tests(registry, kind):
        if any(within(path, other) for other in filled):
            continue
        fitting = next((place for place in _open_places(sheet, used) if fits(single, place)), None)
        if fitting is not None:
            fill(fitting, path, reason)
    points = points_of(kind, columns, rows)
    crs = settled.crs or guess_system(points)
    where, twins = locate(registry, points, crs), find_twins(rows, points)
    has_ids = settled.named or any(path == ID for path in filled)
    field_names = {column.place: path_text(column.path) for column in columns}
    names = _name_column(kind, single, columns)
    candidates = () if has_ids else _candidates(single, field_names, used, named=names is not None)
    key = next((place for place in candidates if tells_apart(single, place)), None)
    id_from = None if has_ids else _id_template(single, columns, key, names)
    rest = [place for place in _open_places(sheet, used) if place != key and _cells(sheet, place)]
    places_commune = COMMUNE in kind.by_path and not any(within(COMMUNE, path) for path in filled) and where.placed > 0
    nearest = places_commune and not where.exact and len(where.communes) > 1 and not settled.commune_from
    if places_commune and (where.exact or nearest or settled.commune_from):
        filled.append(COMMUNE)  # a row gets that of its point
    proposed = propose_values(registry, kind, replace(sheet, rows=tuple(rows)), columns, filled, where, on)
    suggestions = ImportSuggestions(
        {sheet.word(place): name for place, name in fields.items()},
        crs,
        skip,
        None if key is None else sheet.word(key),
        tuple(map(sheet.word, rest)) if (ATTRIBUTES,) in kind.by_path else (),
        bool(twins.identical),
        tuple(proposed),
        id_from,
        names is not None,
        commune_from="nearest" if nearest else None,
        inside=bool(where.outside and where.communes),
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
            if not _numbers(sheet, place) and all(slug(row.cells[place].strip()) for row in sheet.rows)
        ),
        None,
    )


def _id_template(sheet: Sheet, columns: Sequence[SheetColumn], key: int | None, name: int | None) -> str | None:
    """What ids are made from. With a `key` it needs to be said only where that is a bare number, which other files have
    too. Else the column of names, or the point; None where that is not there in all rows."""
    if key is not None:
        bare_numbers = all(row.cells[key].strip().isdecimal() for row in sheet.rows)
        return f"{slug(sheet.file.partition('.')[0])}-{{{sheet.word(key)}}}" if bare_numbers else None
    if name is not None:
        return f"{{{sheet.word(name)}}}"
    axes = [column.place for column in columns if column.path[-1] in ("lon", "lat")]
    if len(axes) == 2 and all(row.cells[place].strip() for row in sheet.rows for place in axes):
        return "-".join(f"{{{sheet.word(place)}}}" for place in axes)
    return None


# -- values of all rows ----------------------------------------------------------------------------------------------


def propose_values(
    registry: Registry,
    kind: Kind,
    sheet: Sheet,
    columns: Sequence[SheetColumn],
    filled: Sequence[KeyPath],
    where: Whereabouts,
    on: date,
) -> Iterator[ProposedValue]:
    """The fields that every new record needs and nothing fills, the status among them, with what most likely holds."""
    for path in find_missing_fields(kind, filled):
        yield _proposed_value(registry, kind, sheet, path, where)
    yield from _proposed_status(kind, sheet, columns, filled, on)


def _proposed_value(registry: Registry, kind: Kind, sheet: Sheet, path: KeyPath, where: Whereabouts) -> ProposedValue:
    name, field = path_text(path), kind.by_path.get(tuple(map(str, path)))
    unknown = ProposedValue(name, None, Message("nothing in the file says it"))
    only = where.communes[0][0] if len(where.communes) == 1 else None
    if field is None:
        return unknown
    if path[-1] == INSEE_CODE:
        if only is None:
            return unknown
        if where.exact:
            return ProposedValue(name, only, Message("all points lie in {commune}", commune=name_commune(only)))
        return ProposedValue(name, only, Message("{commune} is nearest to all points", commune=name_commune(only)))
    if field.enum:
        typed = guess_type(kind, sheet) if path == ("type",) else None
        if typed is not None:
            return ProposedValue(name, typed[0], Message("the sheet says “{word}”", word=typed[1]))
        if "other" in field.enum:
            return ProposedValue(name, "other", Message("nothing in the file says it"))
        return unknown
    refs = field.refs or getattr(kind.field_at((*path, ITEM)), "refs", ())
    return _proposed_record(registry, name, refs, sheet, only) or unknown


def _proposed_record(
    registry: Registry, name: str, kinds: Sequence[str], sheet: Sheet, commune: str | None
) -> ProposedValue | None:
    """The only record that there is; else one that the file is called by, the party of the commune in which all rows
    lie, and the metropolis whose registry it is."""
    records = [record for each in kinds for record in registry.of_kind(each)]
    if len(records) == 1:
        return ProposedValue(name, records[0].rid.id, Message("there is no other"))
    stem = f"-{fold(sheet.file.rpartition('.')[0])}-"
    for record in records:
        label = bare(fold(registry.schemas.kinds[record.rid.kind].label_of(record.data, "fr")))
        if label and f"-{label}-" in stem:
            return ProposedValue(name, record.rid.id, Message("the file is called so"))
    for record in records:
        if commune is not None and record.data.get(INSEE_CODE) == commune and record.data.get("category") == "commune":
            return ProposedValue(name, record.rid.id, Message("the commune of all rows"))
    own = [record for record in records if record.data.get("category") == "metropole"]
    return ProposedValue(name, own[0].rid.id, Message("whose registry this is")) if len(own) == 1 else None


def _proposed_status(
    kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], filled: Sequence[KeyPath], on: date
) -> Iterator[ProposedValue]:
    """The status of things that stand somewhere: an inventory lists what is there. Of others that with which records
    begin. Nothing where a column has it, or the day that implies it."""
    life = kind.lifecycle
    if life is None or (life.field,) in filled or any((name,) in filled for name in life.dates.values()):
        return
    first = next(iter(life.transitions))
    stands = next((state for state in life.transitions if state in life.in_service), first)
    day_field = life.dates.get(stands)
    if ("location", "lon") not in kind.by_path or (day_field is not None and (BEFORE,) not in kind.by_path):
        yield ProposedValue(life.field, first, Message("with which records begin"))
        return
    yield ProposedValue(life.field, stands, Message("an inventory lists what is there"))
    if day_field is not None and (BEFORE,) not in filled:
        yield ProposedValue(BEFORE, on.isoformat(), Message("since when, nobody says: it is there today"))


def placeholder(name: str) -> str:
    """The placeholder of a value that somebody has to fill in."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper())


# -- columns ---------------------------------------------------------------------------------------------------------


def _point(kind: Kind, sheet: Sheet, filled: Sequence[KeyPath], used: set[int]) -> dict[int, KeyPath]:
    """The columns that look like longitude and latitude, or x and y; none where the position is filled already."""
    axes = [(name, axis) for name in kind.position for axis in ("lon", "lat") if (name, axis) in kind.by_path][:2]
    if not axes or any(within(axis, path) for axis in axes for path in filled):
        return {}
    numbers = [place for place in _open_places(sheet, used) if _numbers(sheet, place)]
    places = [[place for place in numbers if _heading_words(sheet, place) & words] for words in (_LON, _LAT)]
    if any(len(candidates) != 1 for candidates in places):
        whole = next((place for place in _open_places(sheet, used) if _holds_points(sheet, place)), None)
        return {whole: axes[0][:1]} if whole is not None and axes[0][:1] in kind.by_path else {}
    return {candidates[0]: axis for candidates, axis in zip(places, axes, strict=True)}


def _tests(registry: Registry, kind: Kind) -> Iterator[tuple[KeyPath, Callable[[Sheet, int], bool], Text]]:
    """Tests that a column must pass to fill a field, and what speaks for it then: names of communes, records that are
    there, values that a required field allows, or a heading of its kind."""
    if (INSEE_CODE,) in kind.by_path:
        yield (INSEE_CODE,), _holds_communes, Message("communes")
    for field in kind.fields:
        if field.refs and len(field.path) == 1:
            yield field.path, partial(_holds_records, registry, field), Message("names of records")
        if field.required and field.enum and field.kind == "string" and len(field.path) == 1:
            yield field.path, partial(_holds_values, field), Message("allowed values")
    for name, words in _CALLED.items():
        if (name,) in kind.by_path:
            yield (name,), partial(_is_called, kind.by_path[name,], words), Message("heading and values")


def _holds_points(sheet: Sheet, place: int) -> bool:
    """Whether cells hold both numbers of a position."""
    return not _numbers(sheet, place) and _most(read_coordinates(text) is not None for text in _cells(sheet, place))


def _holds_communes(sheet: Sheet, place: int) -> bool:
    if is_postal(sheet.headings[place]):
        return False
    texts = _cells(sheet, place)
    is_commune = {text: bool(commune(text) or (not text.isdigit() and communes_called(text))) for text in set(texts)}
    return _most(is_commune[text] for text in texts)


def _holds_records(registry: Registry, field: Field, sheet: Sheet, place: int) -> bool:
    if _PLACES & _heading_words(sheet, place):  # where a thing is, not whose it is
        return False
    texts = set(_cells(sheet, place))
    return _most(
        any(rid.kind in field.refs for rid in registry.with_id(text)) or bool(registry.by_name.find(field.refs, text))
        for text in texts
    )


def _holds_values(field: Field, sheet: Sheet, place: int) -> bool:
    return _most(len(values_called(field, text)) == 1 for text in _cells(sheet, place))


def _is_called(field: Field, words: frozenset[str], sheet: Sheet, place: int) -> bool:
    if not words & _heading_words(sheet, place) or not _cells(sheet, place):
        return False
    if field.schema.get("format") == "date":
        return _most(day_in(text) is not None for text in _cells(sheet, place))
    numbers = _numbers(sheet, place)
    return numbers if field.kind in ("number", "integer") else field.path != ("local_ref",) or tells_apart(sheet, place)


def _candidates(sheet: Sheet, fields: Mapping[int, str], used: set[int], *, named: bool) -> Iterator[int]:
    """Columns that may tell rows apart: those of their numbers first; others only where no column names the rows."""
    by_name = {name: place for place, name in fields.items()}
    yield from (by_name[name] for name in _IDENTIFYING if name in by_name)
    open_places = _open_places(sheet, used)
    yield from (place for place in open_places if _heading_words(sheet, place) & _KEYS)
    yield from () if named else open_places


# -- cells -----------------------------------------------------------------------------------------------------------


def _nowhere(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], rows: Sequence[Row]) -> tuple[str, ...]:
    """The condition that leaves out rows at 0, 0."""
    nowhere = next((row for row, x, y in points_of(kind, columns, rows) if x == y == 0), None)
    pair = next(place_columns(kind, columns), None)
    if nowhere is None or pair is None:
        return ()
    zero = "0" if pair.lon.place != pair.lat.place else nowhere.cells[pair.lon.place].strip()
    return (f"{sheet.word(pair.lon.place)}={zero}",)


def _heading_words(sheet: Sheet, place: int) -> set[str]:
    """The words of a heading."""
    return set(fold(short_name(sheet.headings[place])).split("-"))


def _open_places(sheet: Sheet, used: Iterable[int]) -> list[int]:
    return [place for place, word in enumerate(sheet.headings) if word and place not in used]


def _cells(sheet: Sheet, place: int) -> list[str]:
    """The cells of a column that say something, of the first rows."""
    return [text for row in sheet.rows[:_TRIED] if (text := row.cells[place].strip())]


def _numbers(sheet: Sheet, place: int) -> bool:
    texts = _cells(sheet, place)
    return _most(number_in(text) is not None for text in texts)


def _most(true: Iterable[bool]) -> bool:
    answers = list(true)
    return bool(answers) and sum(answers) >= _MOST * len(answers)


# -- the proposal ----------------------------------------------------------------------------------------------------


class UnknownValue(NamedTuple):
    """A value of a column that its field does not allow: the column as `--values` names it, the field, the value, in
    how many rows, and the nearest allowed one."""

    column: str
    field: Field
    value: str
    rows: int
    near: str | None


class ColumnProfile(NamedTuple):
    """A column: its place and heading, how it is filled, the field that it fills (`attributes.HEADING` where no field
    takes it, None where it is left out), and why."""

    place: int
    heading: str
    statistics: ColumnStatistics
    becomes: str | None
    why: Text


@dataclass(frozen=True)
class Proposal:
    """A sheet that comes in for the first time: what is known of it, and what an import would make of it. `request`:
    the options that were typed; `why_kind`: what speaks for the kind, if nobody said it; `values`: those that their
    fields do not allow; `named`: whether what is settled gives every row an id; `to_repair`: the
    characters that nobody typed, if there are any."""

    kind: Kind
    sheet: Sheet
    request: ImportRequest
    columns: tuple[ColumnProfile, ...]
    survey: Survey
    values: tuple[UnknownValue, ...] = ()
    named: bool = False
    why_kind: Text | None = None
    to_repair: Text | None = None

    @property
    def suggestions(self) -> ImportSuggestions:
        return self.survey.suggestions

    @property
    def system(self) -> str | None:
        """The system of the points, where the sheet does not say it and it is not degrees."""
        crs = self.suggestions.crs
        return crs if crs not in (WGS84, self.sheet.crs) else None

    @property
    def missing(self) -> tuple[ProposedValue, ...]:
        """The values of all rows that nobody can guess."""
        return tuple(each for each in self.suggestions.constants if each.value is None)

    @property
    def has_questions(self) -> bool:
        """Whether something has to be said before the sheet can come in, or should be: such as a status."""
        likely = self.suggestions
        return bool(
            self.why_kind
            or self.to_repair
            or likely.commune_from
            or (likely.inside and not self.request.inside)
            or likely.constants
            or not self.named
            or likely.unusable
            or likely.duplicates
            or (self.system and not self.request.crs)
            or set(likely.skip_rows) - set(self.request.skip_rows)
        )

    def complete(self) -> ImportRequest:
        """The request with all that is suggested; a value that only its owner can say is left out."""
        request, likely = self.request, self.suggestions
        left = {short_name(word) for word in left_out(request.maps)}
        maps = [f"{word}={name}" for word, name in likely.fields.items() if word not in left]
        values = [values_option(each.column, each.value, each.near) for each in self.values if each.near is not None]
        names_rows = bool(request.key or request.id_from)
        return replace(
            request,
            maps=(*request.maps, *maps, *(f"{word}={NOTHING}" for word in likely.unusable if word not in left)),
            crs=request.crs or self.system,
            skip_rows=tuple(dict.fromkeys((*request.skip_rows, *likely.skip_rows))),
            key=(likely.key,) if likely.key and not names_rows else request.key,
            id_from=likely.id_from if likely.id_from and not names_rows else request.id_from,
            commune_from=request.commune_from or likely.commune_from,
            inside=request.inside or likely.inside,
            characters=request.characters or ("repair" if self.to_repair else None),
            duplicates=request.duplicates or ("first" if likely.duplicates else None),
            constants=(
                *request.constants,
                *(f"{each.name}={each.value}" for each in likely.constants if each.value is not None),
            ),
            values=(*request.values, *values),
            keep=tuple(dict.fromkeys((*request.keep, *(word for word in likely.keep if word not in left)))),
        )

    def judge_field(self, name: str) -> None:
        """UsageFault when the kind has no such field."""
        find_field(self.kind, key_path(name))

    def judge_system(self, name: str) -> None:
        """UsageFault for an unknown coordinate system."""
        projection(name)

    def judge_condition(self, text: str) -> None:
        """UsageFault when this is not a condition on a column of the sheet."""
        conditions(self.sheet, [text], "--skip-rows")

    def judge_column(self, word: str) -> None:
        """UsageFault when the sheet has no such column."""
        self.sheet.column(word)


def propose(
    registry: Registry, kind: Kind, sheet: Sheet, place: MappingPlace, request: ImportRequest, on: date
) -> Proposal | None:
    """Propose a mapping of a sheet that comes in for the first time; None where all its records exist already. `on`:
    today. UsageFault for typed options that do not fit the sheet."""
    place, rivals = _without_rivals(kind, sheet, place)
    columns = _columns(kind, sheet, place)
    typed = {sheet.column(word) for word in place.mapping.fields.values()} | set(map(sheet.column, request.keep))
    unusable = [column for column in columns if column.place not in typed and not _can_fill(kind, sheet, column)]
    columns = [column for column in columns if column not in unusable]
    ids = next((column.place for column in columns if column.path == ID), None)
    existing = set(registry.ids(kind.name))
    if ids is not None and sheet.rows and all(row.cells[ids].strip() in existing for row in sheet.rows):
        return None
    skip = conditions(sheet, place.mapping.options.skip_rows, "--skip-rows")
    preset = [(name,) for name in request.preset]
    constants = [*map(key_path, place.mapping.constants), *preset]
    keyed = [word for word in request.key if word in set(map(short_name, sheet.headings))]
    used = {sheet.column(word) for word in (*place.left_out, *keyed)} | sheet.sources
    named = _names_rows(kind, sheet, columns, place.mapping)
    options = place.mapping.options
    crs = options.crs or sheet.crs
    settled = KnownMapping(columns, constants, frozenset(used), crs, named, skip, options.commune_from)
    found = survey(registry, kind, sheet, settled, on)
    refused = [sheet.word(column.place) for column in unusable]
    keep = [
        word
        for word in found.suggestions.keep
        if not any(c.path == ID and sheet.word(c.place) == word for c in unusable)
    ]
    fields = {**rivals, **found.suggestions.fields}
    worthless = tuple(word for word in refused if word not in (*keep, *fields))
    likely = replace(found.suggestions, fields=fields, unusable=worthless, keep=tuple(keep))
    found = found._replace(suggestions=likely)
    made = Proposal(kind, sheet, request, tuple(_profiles(sheet, columns, unusable, likely)), found, (), named)
    whole = with_options(kind, place, made.complete())
    return replace(made, values=tuple(find_unknown_values(registry, kind, sheet, whole)))


def _without_rivals(kind: Kind, sheet: Sheet, place: MappingPlace) -> tuple[MappingPlace, Mapping[str, str]]:
    """The mapping with the first of several columns that are called as one field; and these columns, by their words."""
    if place.complete:
        return place, {}
    left = {sheet.column(word) for word in (*place.left_out, *place.mapping.fields.values())}
    headings = ["" if index in left else heading for index, heading in enumerate(sheet.headings)]
    filled = [*map(key_path, place.mapping.fields), *map(key_path, place.mapping.constants)]
    first = {
        sheet.word(index): path_text(column.field.path)
        for index, column in recognise_columns(kind, headings).items()
        if column.rivals and not any(within(column.field.path, path) for path in filled)
    }
    maps = tuple(f"{word}={name}" for word, name in first.items())
    return with_options(kind, place, ImportRequest(maps=maps)) if maps else place, first


def _columns(kind: Kind, sheet: Sheet, place: MappingPlace) -> list[SheetColumn]:
    """The columns that fill fields by what was typed, or by their headings."""
    left = {sheet.column(word) for word in place.left_out}
    headings = ["" if index in left else heading for index, heading in enumerate(sheet.headings)]
    return list(columns_of(kind, sheet, place.mapping, () if place.complete else headings))


def _can_fill(kind: Kind, sheet: Sheet, column: SheetColumn) -> bool:
    """Whether a column that is called as a field can fill it: an id tells rows apart, some value is allowed or a
    commune, most numbers are numbers."""
    field = column.field
    if column.path == ID:
        return tells_apart(sheet, column.place)
    if field is None or field.in_list:
        return True
    if not _cells(sheet, column.place):
        return False
    if column.path[-1] == INSEE_CODE:
        return _holds_communes(sheet, column.place)
    if field.enum and field.kind == "string":
        return any(values_near(field, text) for text in set(_cells(sheet, column.place)))
    return field.kind not in ("number", "integer") or _numbers(sheet, column.place)


def _names_rows(kind: Kind, sheet: Sheet, columns: Sequence[SheetColumn], mapping: ImportMapping) -> bool:
    """Whether what is settled gives every row an id."""
    if any(column.path == ID for column in columns):
        return True
    try:
        template = template_of(kind, sheet, columns, mapping)
    except UsageFault:
        return False
    return template is None or all(template.stem(row) for row in sheet.rows)


def _profiles(
    sheet: Sheet, columns: Sequence[SheetColumn], unusable: Sequence[SheetColumn], likely: ImportSuggestions
) -> Iterator[ColumnProfile]:
    by_place = {column.place: path_text(column.path) for column in columns}
    refused = {column.place: path_text(column.path) for column in unusable}
    kept = set(likely.keep)
    for place, statistics in enumerate(describe_columns(sheet)):
        heading = sheet.headings[place]
        if not heading or heading in sheet.made.values():
            continue
        word = sheet.word(place)
        becomes: str | None = by_place.get(place, likely.fields.get(word))
        why: Text = likely.why.get(word) or Message("heading")
        if becomes is None and word == likely.key:
            why = Message("ids: each row has its own")
        elif place in refused:
            becomes = f"{ATTRIBUTES}.{short_name(heading)}" if word in kept else None
            why = Message("cannot fill {field}", field=refused[place])
        elif becomes is None and word in kept:
            becomes, why = f"{ATTRIBUTES}.{short_name(heading)}", Message("no such field")
        elif becomes is None:
            why = Message("empty") if not statistics.filled else Message("not used")
        yield ColumnProfile(place, heading, statistics, becomes, why)


def empty_kinds(registry: Registry, proposal: Proposal) -> list[Kind]:
    """The kinds of record that a value of all rows has to name, and of which there is none yet."""
    kinds = []
    for each in proposal.missing:
        path = key_path(each.name)
        fields = (proposal.kind.field_at(path), proposal.kind.field_at((*path, ITEM)))
        refs = [registry.schemas.kind(kind) for field in fields if field is not None for kind in field.refs]
        if refs and not any(True for kind in refs for _ in registry.ids(kind.name)):
            kinds.append(refs[0])
    return kinds


def find_unknown_values(registry: Registry, kind: Kind, sheet: Sheet, place: MappingPlace) -> list[UnknownValue]:
    """The values of a sheet that their fields do not allow, each once; none where a column cannot be mapped."""
    try:
        columns = _columns(kind, sheet, place)
    except UsageFault:  # the import reports it
        return []
    cells, unknown = cells_of(registry.schemas.judges[kind.name], sheet, place.mapping), []
    for column in columns:
        field = column.field
        if field is None or not field.enum:
            continue
        texts = Counter(row.cells[column.place] for row in sheet.rows if row.cells[column.place].strip())
        for text, rows in texts.items():
            value = cells.value(sheet, column, text, ".")
            if isinstance(value, Bad) and value.code == NOT_ALLOWED:
                near = next(map(str, (*values_near(field, text.strip()), *_OTHER.intersection(field.enum))), None)
                unknown.append(UnknownValue(sheet.word(column.place), field, text.strip(), rows, near))
    return unknown
