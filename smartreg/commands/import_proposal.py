"""What is open about a sheet that comes in for the first time: asked on a terminal, else reported as one command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from smartreg.commands.import_base import base_of, read_bundle, sheet_in
from smartreg.commands.import_mapping import mapping_place
from smartreg.commands.import_plan import Import
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.values import KeyPath, Words, path_text
from smartreg.domain.crs import projection
from smartreg.edit import assignment, find_field, key_path
from smartreg.importing.cells import NOT_ALLOWED, cells_of
from smartreg.importing.changes import derive_columns
from smartreg.importing.columns import SheetColumn, columns_of, conditions, recognise_columns
from smartreg.importing.mapping import ImportRequest
from smartreg.importing.naming import ID
from smartreg.importing.readers.sheet import Sheet, short_name
from smartreg.importing.suggestions import (
    ImportSuggestions,
    KnownMapping,
    find_missing_fields,
    import_command,
    placeholder,
    suggest,
)
from smartreg.importing.values import Bad
from smartreg.schema import ITEM, Field, Kind, values_near


@dataclass(frozen=True)
class Open:
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
    columns: tuple[Open, ...]
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

    def nameless(self, chosen: dict[str, str]) -> bool:
        """Whether nothing says what ids are made from."""
        paths: set[KeyPath] = {key_path(name) for name in chosen.values()}
        names = {(name,) for name in self.kind.label}
        fields = [found for path in paths & names if (found := self.kind.field_at(path))]
        return ID not in paths and all(field.enum or field.refs for field in fields)


def proposal(workspace: Workspace, kind: Kind, file: Path, request: ImportRequest) -> Proposal | None:
    """What is to be asked; None where somebody has said how the columns are to be taken, where a mapping is recorded,
    where the sheet is an export of ours or has faults, where all its records are there already, and where its headings
    give all that new ones need."""
    if request.maps or request.mapping or request.constants or request.id_from or request.key or request.set_from:
        return None
    place = mapping_place(workspace.current, kind, file, request)
    bundle = read_bundle(file, place.mapping.layer)
    sheet = sheet_in(kind, bundle, place.mapping)
    if (
        place.recorded is not None
        or sheet.faults
        or base_of(workspace, kind, sheet, bundle.content, file, request).base is not None
    ):
        return None
    named = recognise_columns(kind, sheet.headings)
    columns = [SheetColumn(index, sheet.headings[index], one.field.path, one.field) for index, one in named.items()]
    given = tuple((name,) for name in request.preset)
    likely = suggest(workspace.current, kind, sheet, KnownMapping(columns, given, crs=request.crs or sheet.crs))
    found = Proposal(kind, sheet, tuple(_columns(kind, sheet, likely)), likely, given)
    by_name = {item.heading: item.field for item in found.columns if item.field}
    ids = next((item.place for item in found.columns if item.field == path_text(ID)), None)
    known = set(workspace.current.ids(kind.name))
    if ids is not None and all(row.cells[ids].strip() in known for row in sheet.rows):
        return None
    return found if found.find_missing(by_name) or found.nameless(by_name) else None


def _columns(kind: Kind, sheet: Sheet, likely: ImportSuggestions) -> list[Open]:
    known = recognise_columns(kind, sheet.headings)
    found = []
    for place, heading in enumerate(sheet.headings):
        name = path_text(known[place].field.path) if place in known else None
        sample = next((row.cells[place].strip() for row in sheet.rows if row.cells[place].strip()), "")
        if heading:
            found.append(Open(place, heading, sample, name, name or likely.fields.get(sheet.word(place))))
    return found


class Answers(NamedTuple):
    """What somebody answered: the field of each column by its heading, values of all rows, what ids are made from, the
    system of the points, and a condition on rows that are left out."""

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


def unknown_values(workspace: Workspace, kind: Kind, file: Path, request: ImportRequest) -> list[UnknownValue]:
    """What is to be asked of the values of a sheet; nothing where columns or the sheet itself have faults."""
    place = mapping_place(workspace.current, kind, file, request)
    sheet = derive_columns(kind, sheet_in(kind, read_bundle(file, place.mapping.layer), place.mapping), place.mapping)
    if sheet.faults:
        return []
    try:
        left = {sheet.column(word) for word in place.left_out}
        headings = ["" if index in left else heading for index, heading in enumerate(sheet.headings)]
        columns = columns_of(kind, sheet, place.mapping, () if place.complete else headings)
    except UsageFault:  # the import tells it
        return []
    cells, found = cells_of(workspace.current.schemas.judges[kind.name], sheet, place.mapping), []
    for column in columns:
        field = column.field
        if field is None or not field.enum:
            continue
        texts = Counter(row.cells[column.place] for row in sheet.rows if row.cells[column.place].strip())
        for text, rows in texts.items():
            value = cells.value(sheet, column, text, ".")
            if isinstance(value, Bad) and value.code == NOT_ALLOWED:
                near = next(map(str, values_near(field, text.strip())), None)
                found.append(UnknownValue(sheet.word(column.place), field, text.strip(), rows, near))
    return found


def complete_command(run: Import, file: Path, request: ImportRequest, dry_run: bool) -> Words | None:
    """The complete command that would import the sheet, if it is imported for the first time and lacks something."""
    if run.base is not None or run.place.recorded is not None:
        return None
    found = suggest(run.registry, run.kind, run.sheet, _collect_settled(run))
    command = import_command(run.kind, str(file), request, found, "-n" if dry_run else "-y")
    words = ", ".join(map(placeholder, found.missing))
    if not words:
        return Words(f"all of it as one command:\n{command}", f"le tout en une commande :\n{command}")
    empty = [kind for kind in map(partial(_empty_kind, run), found.missing) if kind is not None]
    first = "".join(f"smartreg add-{kind.noun}, then " for kind in empty)
    dabord = "".join(f"smartreg add-{kind.noun}, puis " for kind in empty)
    return Words(
        f"{first}all of it as one command; put your values in the place of {words}:\n{command}",
        f"{dabord}le tout en une commande ; mettez vos valeurs à la place de {words} :\n{command}",
    )


def _empty_kind(run: Import, name: str) -> Kind | None:
    """The kind of record that a field names where there is none yet: one has to be made before."""
    path = key_path(name)
    fields = (run.kind.field_at(path), run.kind.field_at((*path, ITEM)))
    kinds = [run.registry.schemas.kind(kind) for field in fields if field is not None for kind in field.refs]
    return kinds[0] if kinds and not any(True for kind in kinds for _ in run.registry.ids(kind.name)) else None


def _collect_settled(run: Import) -> KnownMapping:
    """What the user said of the sheet, and what its headings say by themselves."""
    sheet, mapping = run.sheet, run.mapping
    shorts = {short_name(heading) for heading in sheet.headings}
    words = (*run.place.left_out, *(word for word in mapping.key if short_name(word) in shorts))
    return KnownMapping(
        run.columns,
        tuple(run.constants),
        frozenset(map(sheet.column, words)) | sheet.sources,
        mapping.crs or sheet.crs,
        _has_names(run),
    )


def _has_names(run: Import) -> bool:
    try:
        return run.template is not None or any(column.path == ID for column in run.columns)
    except UsageFault:
        return False
