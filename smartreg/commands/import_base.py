"""What a sheet was exported from: an export that comes back is compared with what it said, and only edits come in.

The sheet in a file that is to be imported, whatever its format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from smartreg.commands.documents import content_of, printable
from smartreg.commands.export import ExportOptions, prepare_export
from smartreg.commands.verify import PACKAGE
from smartreg.commands.workspace import Workspace
from smartreg.core.errors import UsageFault
from smartreg.core.escape import cell_text
from smartreg.core.values import Json, KeyPath, Language, Record, Words, path_text, short_id
from smartreg.importing.columns import SheetColumn
from smartreg.importing.mapping import ImportMapping, ImportRequest
from smartreg.importing.naming import ID
from smartreg.importing.origin import Origin, origin_in_package, origin_in_sheets, origin_of
from smartreg.importing.readers import csv, geojson, json, workbook
from smartreg.importing.readers.foreign import read_features, read_grids
from smartreg.importing.readers.formats import (
    COMPANIONS,
    PLAIN,
    TABLES,
    VECTORS,
    WORKBOOKS,
    Bundle,
    bundle_of,
    ending_of,
)
from smartreg.importing.readers.sheet import MAX_BYTES, Sheet
from smartreg.schema import Kind
from smartreg.tables import Table, table_name
from smartreg.tables.table import narrow_tables


@dataclass(frozen=True)
class Baseline:
    """What the registry said when it was exported: at which commit, for whom; the table of the kind, the others of that
    export, the records as that audience saw them, of which language labels stood for codes, and which columns were
    asked for (none: all)."""

    commit: str
    audience: str
    kind: Kind
    table: Table
    others: tuple[Table, ...]
    records: Mapping[str, Record]
    labels: Language | None = None
    names: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Json]]:
        """The rows of the table by id."""
        return {str(row[0]): row for row in self.table.rows()}

    @cached_property
    def point(self) -> tuple[KeyPath, KeyPath] | None:
        """The fields that the columns of longitude and latitude fill; the record may borrow its point from another."""
        place = self.kind.position[:1]
        lon, lat = (*place, "lon"), (*place, "lat")
        return (lon, lat) if lon in self.kind.by_path and lat in self.kind.by_path else None

    def columns(self, sheet: Sheet) -> tuple[SheetColumn, ...]:
        """The columns that fill fields."""
        found = []
        for place, index in self.places(sheet).items():
            path = self.path_of(index)
            if path is not None:
                found.append(SheetColumn(place, sheet.headings[place], path, self.kind.field_at(path)))
        return tuple(found)

    def places(self, sheet: Sheet) -> Mapping[int, int]:
        """Column of the sheet → column of the table."""
        return places_of(self.table, sheet.headings)

    def find_gone(self, sheet: Sheet) -> list[Words]:
        """The headings of exported columns that fill fields and that the sheet no longer has."""
        there = {self.table.columns[index].name for index in self.places(sheet).values()}
        selected = (
            {column.name for column in narrow_tables([self.table], self.names)[0].columns} if self.names else None
        )
        return [
            column.heading
            for index, column in enumerate(self.table.columns)
            if column.name not in there and (selected is None or column.name in selected) and self.path_of(index)
        ]

    def path_of(self, index: int) -> KeyPath | None:
        """The field that a column of the table fills; None for what is looked up."""
        column = self.table.columns[index]
        if index == 0:
            return ID
        if column.field is not None:
            return column.field.path
        axis = {"lon": 0, "lat": 1}.get(column.name)
        return self.point[axis] if axis is not None and self.point is not None else None

    def point_shown(self, id: str, path: KeyPath) -> Json:
        """The point that the table showed for a record; of other fields nothing."""
        row = self.rows.get(id)
        for index, column in enumerate(self.table.columns):
            if row is not None and column.field is None and self.path_of(index) == path:
                return row[index]
        return None


def places_of(table: Table, headings: Sequence[str]) -> dict[int, int]:
    """Column of a sheet → column of the table that it shows, by any of its names."""
    names: dict[str, int] = {}
    for index, column in enumerate(table.columns):
        for name in (column.heading.en, column.heading.fr, column.name):
            names.setdefault(name.casefold(), index)
            names.setdefault(cell_text(name).casefold(), index)
    found: dict[int, int] = {}
    for place, heading in enumerate(headings):
        named = names.get(heading.casefold())
        if named is not None and named not in found.values():
            found[place] = named
    return found


class SheetBaseline(NamedTuple):
    """The base of a sheet, if it has one; else why an export has none (None: it is no export)."""

    base: Baseline | None = None
    note: Words | None = None


def base_of(
    workspace: Workspace, kind: Kind, sheet: Sheet, content: bytes, file: Path, request: ImportRequest
) -> SheetBaseline:
    """What the sheet, read from `content`, was exported from; nothing where somebody says how to take its columns."""
    said = (request.maps, request.constants, request.key, request.skip_rows, request.absent, request.values)
    if (
        any(said)
        or request.mapping
        or request.crs
        or request.id_from
        or request.set_from
        or request.keep
        or sheet.form not in ("csv", *WORKBOOKS)
    ):
        return SheetBaseline()
    origin = _origin(sheet, content, file, request.package)
    if origin is None:
        return SheetBaseline()
    if origin.commit is None:
        return SheetBaseline(
            note=Words(
                "it was exported from an uncommitted state: edited cells cannot be detected",
                "il a été exporté d'un état sans commit : impossible de dire quelles cellules ont changé",
            )
        )
    try:
        commit = workspace.git.resolve(origin.commit)
    except UsageFault:
        short = short_id(origin.commit)
        return SheetBaseline(
            note=Words(
                f"it was exported at commit {short}, which is not here: edited cells cannot be detected",
                f"il a été exporté au commit {short}, absent d'ici : impossible de dire quelles cellules ont changé",
            )
        )
    return SheetBaseline(_base(workspace, kind, origin, commit))


def _origin(sheet: Sheet, content: bytes, file: Path, package: str | None) -> Origin | None:
    if sheet.form in WORKBOOKS:
        return origin_of(origin_in_sheets(read_grids(Bundle(sheet.file, sheet.form, content))))
    described_by = Path(package) if package else file.parent / PACKAGE
    if package is None and not described_by.is_file():
        return None
    digest = hashlib.sha256(content).hexdigest()
    origin, table = origin_in_package(
        printable(described_by.name), content_of(described_by, MAX_BYTES), file.name, digest
    )
    return origin if table is not None or package is not None else None


def _base(workspace: Workspace, kind: Kind, origin: Origin, commit: str) -> Baseline | None:
    wanted = ExportOptions(origin.kinds, origin.where, (), origin.audience, commit, True, labels=origin.labels)
    chosen = prepare_export(workspace, wanted, "csv").chosen
    own = [table for table in chosen.tables if table.main and table.kind.name == kind.name]
    if not own:
        return None
    records = {record.rid.id: record for record in chosen.view.of_kind(kind.name)}
    others = tuple(table for table in chosen.tables if table is not own[0])
    return Baseline(commit, origin.audience, kind, own[0], others, records, origin.labels, origin.columns)


def read_bundle(file: Path, layer: str | None) -> Bundle:
    """The file with those that belong to it (`.dbf` of a shapefile), or what lies in it where it is an archive.
    UsageFault for what is not there, cannot be read, or is too large."""
    main = main_file(file)
    companions = {ending: content_of(place, MAX_BYTES) for ending, place in companions_of(main).items()}
    return bundle_of(printable(main.name), content_of(main, MAX_BYTES), companions, layer)


def main_file(file: Path) -> Path:
    """The `.shp` file where somebody names the `.dbf` of a shapefile."""
    if ending_of(file.name) != "dbf":
        return file
    return next((one for one in (file.with_suffix(".shp"), file.with_suffix(".SHP")) if one.is_file()), file)


def companions_of(file: Path) -> dict[str, Path]:
    """The files that belong to a file, by their endings."""
    found = {}
    for ending in COMPANIONS.get(ending_of(file.name), ()):
        places = (file.with_suffix(f".{word}") for word in (ending, ending.upper()))
        place = next((place for place in places if place.is_file()), None)
        if place is not None:
            found[ending] = place
    return found


def sheet_in(kind: Kind, bundle: Bundle, mapping: ImportMapping) -> Sheet:
    """Read the sheet. UsageFault if no importer reads it; other faults come with the sheet."""
    file, form, content = bundle.name, bundle.form, bundle.content
    if mapping.sheet is not None and form not in WORKBOOKS:
        raise UsageFault(
            Words("--sheet is for workbooks (.xlsx)", "--sheet vaut pour les classeurs (.xlsx)"),
            Words(
                "--layer names a layer of a map, or a file of an archive",
                "--layer nomme une couche, ou un fichier d'une archive",
            ),
        )
    position = kind.position[0] if kind.position else "location"
    usual = (table_name(kind), kind.name, kind.noun, kind.plural.en, kind.plural.fr)
    if form in WORKBOOKS:
        grids = read_grids(bundle)
        return workbook.read_sheet(file, form, grids, mapping.sheet, usual)
    if form in VECTORS or form in TABLES:
        fields = (kind.field_at((position, axis)) for axis in ("lon", "lat"))
        axes = [field.column or path_text(field.path) for field in fields if field is not None]
        return read_features(bundle, mapping.layer, mapping.encoding, mapping.crs, usual, axes)
    if form == "geojson":
        return geojson.read_sheet(file, content, position, kind.whole)
    if form in PLAIN and form != "csv":
        return json.read_sheet(file, content, form, (kind.name,), kind.whole)
    return csv.read_sheet(file, content, mapping.encoding, csv.dialect_named(mapping.dialect))
