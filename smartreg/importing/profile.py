"""Profile a sheet that comes in for the first time: what its columns most likely mean, which values their fields do not
allow, what is missing; what to ask about it on a terminal, and the one command that would import it.

Nothing of this is applied unless the user says so: it is shown to be copied, or asked for on a terminal.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text, joined
from smartreg.core.spelling import day_in, fold
from smartreg.core.values import KeyPath, path_text
from smartreg.domain.codes import commune, communes_called
from smartreg.domain.crs import WGS84, projection
from smartreg.domain.lambert import in_lambert
from smartreg.domain.typed import assignment
from smartreg.importing.cells import NOT_ALLOWED, cells_of
from smartreg.importing.columns import SheetColumn, columns_of, conditions, recognise_columns, within
from smartreg.importing.mapping import MappingPlace
from smartreg.importing.naming import ID, tells_apart
from smartreg.importing.options import ImportRequest, typed_options
from smartreg.importing.planning import ImportRun
from smartreg.importing.readers.sheet import Row, Sheet, short_name
from smartreg.importing.required import find_missing_fields
from smartreg.importing.syntax import left_out
from smartreg.importing.values import Bad, number_in
from smartreg.registry import Registry
from smartreg.schema import INSEE_CODE, ITEM, Field, Kind, find_field, key_path, values_called, values_near
from smartreg.tables.view import ATTRIBUTES

LAMBERT = "EPSG:2154"
_LON = frozenset({"x", "lon", "lng", "long", "longitude", "xlon", "xlong", "xlongitude"})
_LAT = frozenset({"y", "lat", "latitude", "ylat", "ylatitude"})
_NAMES = frozenset({"nom", "name", "libelle", "designation", "label"})
_NUMBERS = frozenset({"ref", "reference", "num", "numero", "number", "code", "id", "ident", "identifiant", "matricule"})
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
_TRIED = 200  # rows that are looked at
_MOST = 0.8  # of the cells


@dataclass(frozen=True)
class ImportSuggestions:
    """`fields`: which field each of the open columns most likely fills, by its word; `crs` and `skip_rows`: the system
    of its points, and rows at 0, 0; `key`: the column by which next year's rows find their records; `keep`: columns
    that no field takes; `duplicates`: whether rows say the same; `missing`: fields that only a constant can give."""

    fields: Mapping[str, str]
    crs: str | None = None
    skip_rows: tuple[str, ...] = ()
    key: str | None = None
    keep: tuple[str, ...] = ()
    duplicates: bool = False
    missing: tuple[str, ...] = ()


class KnownMapping(NamedTuple):
    """The settled part of a mapping: the columns that fill fields, the fields that constants give, columns that serve
    otherwise, the system of the points, whether something names the records."""

    columns: Sequence[SheetColumn] = ()
    constants: Sequence[KeyPath] = ()
    used: frozenset[int] = frozenset()
    crs: str | None = None
    named: bool = False


def suggest(registry: Registry, kind: Kind, sheet: Sheet, settled: KnownMapping) -> ImportSuggestions:
    """Guess what the columns fill that nobody has mapped, and what else an import of the sheet needs."""
    unique = {tuple(row.cells): row for row in reversed(sheet.rows)}
    has_duplicates = len(unique) < len(sheet.rows)
    sheet = replace(sheet, rows=tuple(reversed(unique.values())))
    filled = [*(column.path for column in settled.columns), *settled.constants]
    used = {column.place for column in settled.columns} | settled.used
    fields: dict[int, str] = {}

    def fill(place: int, path: KeyPath) -> None:
        fields[place] = path_text(path)
        filled.append(path)
        used.add(place)

    point = _point(kind, sheet, filled, used)
    for place, path in point.items():
        fill(place, path)
    for path, fits in _tests(registry, kind):
        if any(within(path, other) for other in filled):
            continue
        fitting = next((place for place in _open_places(sheet, used) if fits(sheet, place)), None)
        if fitting is not None:
            fill(fitting, path)
    has_ids = settled.named or any(path == ID for path in filled)
    field_names = {column.place: path_text(column.path) for column in settled.columns} | fields
    key = None if has_ids else next(filter(partial(tells_apart, sheet), _candidates(sheet, field_names, used)), None)
    rest = [place for place in _open_places(sheet, used) if place != key and _cells(sheet, place)]
    return ImportSuggestions(
        {sheet.word(place): name for place, name in fields.items()},
        settled.crs or _system(sheet, point),
        _nowhere(sheet, point),
        None if key is None else sheet.word(key),
        tuple(map(sheet.word, rest)) if (ATTRIBUTES,) in kind.by_path else (),
        has_duplicates,
        tuple(map(path_text, find_missing_fields(kind, filled))),
    )


def import_command(kind: Kind, file: str, request: ImportRequest, suggestions: ImportSuggestions, run: str) -> str:
    """The command that imports the sheet, with the options already typed; `run`: last option, -n or -y. A value that
    nobody but its owner knows is a word in capitals."""
    left = {short_name(word) for word in left_out(request.maps)}
    options = [
        *typed_options(request),
        *(("--map", f"{word}={name}") for word, name in suggestions.fields.items() if word not in left),
        *([("--crs", suggestions.crs)] if suggestions.crs and not request.crs and suggestions.crs != WGS84 else []),
        *(("--skip-rows", text) for text in suggestions.skip_rows if text not in request.skip_rows),
        *([("--key", suggestions.key)] if suggestions.key and not request.key and not request.id_from else []),
        *([("--duplicates", "first")] if suggestions.duplicates and not request.duplicates else []),
        *(("--constant", f"{name}={placeholder(name)}") for name in suggestions.missing),
        *(("--keep", word) for word in suggestions.keep if word not in request.keep and word not in left),
    ]
    words = [request.word or kind.name, file, *(word for option in options for word in option), run]
    return shlex.join(["smartreg", "import", *words])


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
        return {}
    return {candidates[0]: axis for candidates, axis in zip(places, axes, strict=True)}


def _tests(registry: Registry, kind: Kind) -> Iterator[tuple[KeyPath, Callable[[Sheet, int], bool]]]:
    """Tests that a column must pass to fill a field: names of communes, records that are there, values that a required
    field allows, or a heading of its kind."""
    if (INSEE_CODE,) in kind.by_path:
        yield (INSEE_CODE,), _holds_communes
    for field in kind.fields:
        if field.refs and len(field.path) == 1:
            yield field.path, partial(_holds_records, registry, field)
        if field.required and field.enum and field.kind == "string" and len(field.path) == 1:
            yield field.path, partial(_holds_values, field)
    for name, words in _CALLED.items():
        if (name,) in kind.by_path:
            yield (name,), partial(_is_called, kind.by_path[name,], words)


def _holds_communes(sheet: Sheet, place: int) -> bool:
    texts = _cells(sheet, place)
    is_commune = {text: bool(commune(text) or (not text.isdigit() and communes_called(text))) for text in set(texts)}
    return _most(is_commune[text] for text in texts)


def _holds_records(registry: Registry, field: Field, sheet: Sheet, place: int) -> bool:
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


def _candidates(sheet: Sheet, fields: Mapping[int, str], used: set[int]) -> Iterator[int]:
    """Columns that may tell rows apart: those of their numbers first, then the open ones."""
    by_name = {name: place for place, name in fields.items()}
    yield from (by_name[name] for name in _IDENTIFYING if name in by_name)
    yield from _open_places(sheet, used)


# -- cells -----------------------------------------------------------------------------------------------------------


def _system(sheet: Sheet, point: Mapping[int, KeyPath]) -> str | None:
    """Lambert-93 where the points are in it."""
    point_found = next((xy for row in sheet.rows if (xy := _xy(row, point)) and any(xy)), None)
    return LAMBERT if point_found and in_lambert(*point_found) else None


def _nowhere(sheet: Sheet, point: Mapping[int, KeyPath]) -> tuple[str, ...]:
    """The condition that leaves out rows at 0, 0."""
    if not any(_xy(row, point) == (0, 0) for row in sheet.rows):
        return ()
    return (f"{sheet.word(next(iter(point)))}=0",)


def _xy(row: Row, point: Mapping[int, KeyPath]) -> tuple[float, ...] | None:
    numbers = [number for place in point if (number := number_in(row.cells[place])) is not None]
    return tuple(numbers) if len(numbers) == 2 else None


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


# -- what to ask ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnmappedColumn:
    """A column: its place, its heading, a value that it has, the field that bears its name (None: no field does), and
    the one that it most likely fills."""

    place: int
    heading: str
    sample: str
    field: str | None
    likely: str | None


@dataclass(frozen=True)
class Proposal:
    """The columns of a sheet of new records of a kind, what the sheet most likely says, and fields that need no
    column."""

    kind: Kind
    sheet: Sheet
    columns: tuple[UnmappedColumn, ...]
    suggestions: ImportSuggestions
    given: tuple[KeyPath, ...] = ()

    def judge_field(self, name: str) -> None:
        """UsageFault when the kind has no such field."""
        find_field(self.kind, key_path(name))

    def judge_value(self, name: str, value: str) -> None:
        """UsageFault when the field cannot have the value."""
        assignment(self.kind, f"{name}={value}")

    def judge_system(self, name: str) -> None:
        """UsageFault for an unknown coordinate system."""
        projection(name)

    def judge_condition(self, text: str) -> None:
        """UsageFault when this is not a condition on a column of the sheet."""
        conditions(self.sheet, [text], "--skip-rows")

    def judge_column(self, word: str) -> None:
        """UsageFault when the sheet has no such column."""
        self.sheet.column(word)

    def find_missing(self, chosen: dict[str, str]) -> list[str]:
        """The fields that every record needs and no chosen column (heading → field) gives."""
        filled = [*map(key_path, chosen.values()), *self.given]
        return [path_text(path) for path in find_missing_fields(self.kind, filled)]

    def lacks_id_source(self, chosen: dict[str, str]) -> bool:
        """Whether nothing says what ids are made from."""
        paths: set[KeyPath] = {key_path(name) for name in chosen.values()}
        names = {(name,) for name in self.kind.label}
        fields = [label for path in paths & names if (label := self.kind.field_at(path))]
        return ID not in paths and all(field.enum or field.refs for field in fields)


def propose(registry: Registry, kind: Kind, sheet: Sheet, request: ImportRequest) -> Proposal | None:
    """Propose a mapping of a sheet whose columns nobody has mapped; None where all its records exist already, and where
    its headings give all that new ones need."""
    recognised = recognise_columns(kind, sheet.headings)
    columns = [
        SheetColumn(index, sheet.headings[index], column.field.path, column.field)
        for index, column in recognised.items()
    ]
    preset = tuple((name,) for name in request.preset)
    suggestions = suggest(registry, kind, sheet, KnownMapping(columns, preset, crs=request.crs or sheet.crs))
    proposal = Proposal(kind, sheet, tuple(_columns(kind, sheet, suggestions)), suggestions, preset)
    chosen = {column.heading: column.field for column in proposal.columns if column.field}
    ids = next((column.place for column in proposal.columns if column.field == path_text(ID)), None)
    existing = set(registry.ids(kind.name))
    if ids is not None and all(row.cells[ids].strip() in existing for row in sheet.rows):
        return None
    return proposal if proposal.find_missing(chosen) or proposal.lacks_id_source(chosen) else None


def _columns(kind: Kind, sheet: Sheet, suggestions: ImportSuggestions) -> list[UnmappedColumn]:
    recognised = recognise_columns(kind, sheet.headings)
    columns = []
    for place, heading in enumerate(sheet.headings):
        name = path_text(recognised[place].field.path) if place in recognised else None
        sample = next((row.cells[place].strip() for row in sheet.rows if row.cells[place].strip()), "")
        if heading:
            columns.append(
                UnmappedColumn(place, heading, sample, name, name or suggestions.fields.get(sheet.word(place)))
            )
    return columns


class Answers(NamedTuple):
    """The answers: the field of each column by its heading, values of all rows, what ids are made from, the system of
    the points, and a condition on rows that are left out."""

    fields: Mapping[str, str]
    constants: Mapping[str, str]
    ids: str | None
    crs: str | None
    skip: str | None


def apply_answers(request: ImportRequest, answered: Answers) -> ImportRequest:
    """The request with what was answered."""
    return replace(
        request,
        maps=tuple(f"{heading}={name}" for heading, name in answered.fields.items()),
        constants=tuple(f"{name}={value}" for name, value in answered.constants.items()),
        id_from=answered.ids,
        crs=answered.crs or request.crs,
        skip_rows=(*request.skip_rows, *([answered.skip] if answered.skip else [])),
    )


class UnknownValue(NamedTuple):
    """A value of a column that its field does not allow: the column as `--values` names it, the field, the value, in
    how many rows, and the nearest allowed one."""

    column: str
    field: Field
    value: str
    rows: int
    near: str | None


def find_unknown_values(registry: Registry, kind: Kind, sheet: Sheet, place: MappingPlace) -> list[UnknownValue]:
    """The values of a sheet that their fields do not allow, each once; none where a column cannot be mapped."""
    try:
        left_out = {sheet.column(word) for word in place.left_out}
        headings = ["" if index in left_out else heading for index, heading in enumerate(sheet.headings)]
        columns = columns_of(kind, sheet, place.mapping, () if place.complete else headings)
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
                near = next(map(str, values_near(field, text.strip())), None)
                unknown.append(UnknownValue(sheet.word(column.place), field, text.strip(), rows, near))
    return unknown


def complete_command(run: ImportRun, file: Path, request: ImportRequest, dry_run: bool) -> Text | None:
    """The complete command that would import the sheet, if it is imported for the first time and lacks something."""
    if run.base is not None or run.place.recorded is not None:
        return None
    suggestions = suggest(run.registry, run.kind, run.sheet, _collect_settled(run))
    command = import_command(run.kind, str(file), request, suggestions, "-n" if dry_run else "-y")
    words = ", ".join(map(placeholder, suggestions.missing))
    if not words:
        return Message("all of it as one command:\n{command}", command=command)
    empty = [kind for kind in map(partial(_empty_kind, run), suggestions.missing) if kind is not None]
    if not empty:
        return Message(
            "all of it as one command; put your values in the place of {words}:\n{command}",
            words=words,
            command=command,
        )
    steps = [f"smartreg add-{kind.noun}" for kind in empty]
    then = joined(steps, Message(", then "))
    return Message(
        "{steps}, then all of it as one command; put your values in the place of {words}:\n{command}",
        steps=then,
        words=words,
        command=command,
    )


def _empty_kind(run: ImportRun, name: str) -> Kind | None:
    """The kind of record that a field names where there is none yet: one has to be made before."""
    path = key_path(name)
    fields = (run.kind.field_at(path), run.kind.field_at((*path, ITEM)))
    kinds = [run.registry.schemas.kind(kind) for field in fields if field is not None for kind in field.refs]
    return kinds[0] if kinds and not any(True for kind in kinds for _ in run.registry.ids(kind.name)) else None


def _collect_settled(run: ImportRun) -> KnownMapping:
    """The part of the mapping that the user gave, or that headings give by themselves."""
    sheet, mapping = run.sheet, run.mapping
    shorts = {short_name(heading) for heading in sheet.headings}
    words = (*run.place.left_out, *(word for word in mapping.options.key if short_name(word) in shorts))
    return KnownMapping(
        run.columns,
        tuple(run.constants),
        frozenset(map(sheet.column, words)) | sheet.sources,
        mapping.options.crs or sheet.crs,
        _has_names(run),
    )


def _has_names(run: ImportRun) -> bool:
    try:
        return run.template is not None or any(column.path == ID for column in run.columns)
    except UsageFault:
        return False
