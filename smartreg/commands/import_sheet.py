"""The sheet in a file that is to be imported, whatever its format."""

from __future__ import annotations

from pathlib import Path

from smartreg.commands.file_content import content_of, printable
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words, path_text
from smartreg.importers import csv, geojson, json, xlsx
from smartreg.importers.bundle import COMPANIONS, Bundle, bundle_of
from smartreg.importers.foreign import read_features, read_grids
from smartreg.importers.formats import PLAIN, TABLES, VECTORS, WORKBOOKS, ending_of
from smartreg.importers.mapping import ImportMapping
from smartreg.importers.sheet import MAX_BYTES, Sheet
from smartreg.schema import Kind
from smartreg.tables import table_name


def read_bundle(file: Path, layer: str | None) -> Bundle:
    """The file with those that belong to it (`.dbf` of a shapefile), or what lies in it where it is an archive.
    UsageFault for what is not there, cannot be read, or is too large."""
    main = main_file(file)
    beside = {ending: content_of(place, MAX_BYTES) for ending, place in companions_of(main).items()}
    return bundle_of(printable(main.name), content_of(main, MAX_BYTES), beside, layer)


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
    """Read the sheet. UsageFault for what no importer reads; other faults come with the sheet."""
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
        return xlsx.read_sheet(file, form, grids, mapping.sheet, usual)
    if form in VECTORS or form in TABLES:
        fields = (kind.field_at((position, axis)) for axis in ("lon", "lat"))
        axes = [field.column or path_text(field.path) for field in fields if field is not None]
        return read_features(bundle, mapping, usual, axes)
    if form == "geojson":
        return geojson.read_sheet(file, content, position, kind.whole)
    if form in PLAIN and form != "csv":
        return json.read_sheet(file, content, form, (kind.name,), kind.whole)
    return csv.read_sheet(file, content, mapping.encoding, csv.dialect_named(mapping.dialect))
