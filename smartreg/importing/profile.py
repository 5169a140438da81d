"""Profile a sheet that comes in for the first time: what its columns most likely mean, which values their fields do not
allow, what is missing; what to ask about it on a terminal, and the one command that would import it.

Nothing of this is applied unless the user says so: it is shown to be copied, or asked for on a terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.values import path_text
from smartreg.domain.crs import WGS84, projection
from smartreg.importing.cells import cells_of
from smartreg.importing.column_guesses import can_fill
from smartreg.importing.columns import SheetColumn, columns_of, conditions, recognise_columns, within
from smartreg.importing.constant_guesses import ProposedValue
from smartreg.importing.mapping import ImportMapping, MappingPlace, with_options
from smartreg.importing.naming import ID, template_of
from smartreg.importing.options import ImportRequest
from smartreg.importing.suggestions import ImportSuggestions, KnownMapping, Survey, survey
from smartreg.importing.survey import ColumnStatistics, describe_columns
from smartreg.importing.syntax import NOTHING, left_out, values_option
from smartreg.importing.values import NOT_ALLOWED, Bad
from smartreg.readers.sheet import Sheet, short_name
from smartreg.registry import Registry
from smartreg.schema import ITEM, Field, Kind, find_field, key_path, values_near
from smartreg.tables.view import ATTRIBUTES

_OTHER = frozenset({"other"})  # what a value means that is none of those which a field allows, if it has that


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
    characters that nobody typed, if there are any; `unreadable`: the rows that cannot be read."""

    kind: Kind
    sheet: Sheet
    request: ImportRequest
    columns: tuple[ColumnProfile, ...]
    survey: Survey
    values: tuple[UnknownValue, ...]
    named: bool
    why_kind: Text | None = None
    to_repair: Text | None = None
    unreadable: tuple[int, ...] = ()

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
            or (self.unreadable and not self.request.skip_unreadable)
            or likely.commune_from
            or (self.survey.where.some_outside and not self.request.inside)
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
            match=request.match or (None if names_rows else likely.match),
            commune_from=request.commune_from or likely.commune_from,
            inside=request.inside or likely.inside,
            skip_unreadable=request.skip_unreadable or bool(self.unreadable),
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


def propose(
    registry: Registry, kind: Kind, sheet: Sheet, place: MappingPlace, request: ImportRequest, on: date
) -> Proposal | None:
    """Propose a mapping of a sheet that comes in for the first time; None where all its records exist already. `on`:
    today. UsageFault for typed options that do not fit the sheet."""
    place, rivals = _without_rivals(kind, sheet, place)
    columns = list(columns_of(kind, sheet, place))
    typed = {sheet.column(word) for word in place.mapping.fields.values()} | set(map(sheet.column, request.keep))
    unusable = [column for column in columns if column.place not in typed and not can_fill(kind, sheet, column)]
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
    surveyed = survey(registry, kind, sheet, settled, on)
    refused = [sheet.word(column.place) for column in unusable]
    keep = [
        word
        for word in surveyed.suggestions.keep
        if not any(c.path == ID and sheet.word(c.place) == word for c in unusable)
    ]
    fields = {**rivals, **surveyed.suggestions.fields}
    worthless = tuple(word for word in refused if word not in (*keep, *fields))
    likely = replace(surveyed.suggestions, fields=fields, unusable=worthless, keep=tuple(keep))
    surveyed = surveyed._replace(suggestions=likely)
    made = Proposal(kind, sheet, request, tuple(_profiles(sheet, columns, unusable, likely)), surveyed, (), named)
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
        columns = columns_of(kind, sheet, place)
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
