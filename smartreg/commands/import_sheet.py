"""The sheet in a file that is to be imported, whatever its format."""

from __future__ import annotations

from smartreg.errors import UsageFault
from smartreg.importers import csv, geojson, json, xlsx
from smartreg.importers.mapping import ImportMapping
from smartreg.importers.origin import form_of
from smartreg.importers.sheet import MAX_BYTES, Sheet
from smartreg.schema import Kind
from smartreg.tables import table_name
from smartreg.values import Words

_FORMS = ("csv", "xlsx", "json", "jsonl", "geojson")


def sheet_in(kind: Kind, file: str, content: bytes, mapping: ImportMapping) -> Sheet:
    """Read the sheet. UsageFault for what no importer reads; other faults come with the sheet."""
    if len(content) > MAX_BYTES:
        raise UsageFault(
            Words(f"{file} is larger than 64 MiB", f"{file} dépasse 64 Mio"),
            Words("split it", "découpez-le"),
        )
    form = _form(file, content)
    if mapping.sheet is not None and form != "xlsx":
        raise UsageFault(
            Words("--sheet is for workbooks (.xlsx)", "--sheet vaut pour les classeurs (.xlsx)"),
            Words("leave it out", "retirez cette option"),
        )
    if form == "xlsx":
        return xlsx.read_sheet(
            file, content, mapping.sheet, (table_name(kind), kind.name, kind.noun, kind.plural.en, kind.plural.fr)
        )
    if form == "geojson":
        return geojson.read_sheet(file, content, kind.position[0] if kind.position else "location")
    if form in ("json", "jsonl"):
        return json.read_sheet(file, content, form, (kind.name,))
    return csv.read_sheet(file, content, mapping.encoding, csv.dialect_named(mapping.dialect))


def _form(file: str, content: bytes) -> str:
    form = form_of(file, content)
    if form not in _FORMS:
        listed = ", ".join(_FORMS)
        raise UsageFault(
            Words(f"{file} is {form}; import reads {listed}", f"{file} est du {form} ; import lit {listed}"),
            Words("save it as one of these", "enregistrez-le dans l'un de ces formats"),
        )
    if form == "json" and content.lstrip()[:1] == b"{" and b'"FeatureCollection"' in content[:4096]:
        return "geojson"
    return form
