"""Which reader a file needs: by its content, else by its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.importers.origin import form_of
from smartreg.importers.sheet import is_text
from smartreg.importers.workbook import MAGIC

WORKBOOKS = ("xlsx", "xls", "ods", "xlsb")
VECTORS: Mapping[str, str] = {  # ending → what people call such a file
    "shp": "shapefile",
    "gpkg": "GeoPackage",
    "kml": "KML",
    "gml": "GML",
    "fgb": "FlatGeobuf",
    "tab": "MapInfo",
    "mif": "MapInfo",
    "dbf": "dBASE",
}
PLAIN = ("csv", "json", "jsonl", "geojson")
TABLES: Mapping[str, str] = {"parquet": "Parquet", "sqlite": "SQLite"}
FORMS = (*PLAIN, *WORKBOOKS, *VECTORS, *TABLES)
READABLE = "CSV, JSON, GeoJSON, XLSX, XLS, ODS, shapefile, GeoPackage, KML, GML, FlatGeobuf, MapInfo, Parquet, SQLite"

_OLE = b"\xd0\xcf\x11\xe0"
_MARKS = {
    b"PAR1": "parquet",
    b"fgb\x03fgb": "fgb",
    b"\x00\x00\x27\x0a": "shp",
    b"%PDF": "pdf",
    b"\x1f\x8b": "gz",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "rar",
    b"AC10": "dwg",
}
_PARTS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods", "word/document.xml": "docx"}

_IN_QGIS = Words("save the layer as GeoPackage with QGIS", "enregistrez la couche en GeoPackage avec QGIS")
_UNPACK = Words("unpack it first", "décompressez-le d'abord")
_AS_TABLE = Words("save its table as XLSX or CSV", "enregistrez son tableau en XLSX ou en CSV")
_MAIN_FILE = Words("give the .shp file", "donnez le fichier .shp")
_UNREAD: Mapping[str, tuple[Words, Words]] = {
    "pdf": (Words("a PDF document", "un document PDF"), _AS_TABLE),
    "html": (Words("a web page", "une page web"), _AS_TABLE),
    "doc": (Words("a text document", "un document texte"), _AS_TABLE),
    "docx": (Words("a text document", "un document texte"), _AS_TABLE),
    "odt": (Words("a text document", "un document texte"), _AS_TABLE),
    "accdb": (Words("an Access database", "une base Access"), _AS_TABLE),
    "mdb": (Words("an Access database", "une base Access"), _AS_TABLE),
    "dwg": (Words("an AutoCAD drawing", "un dessin AutoCAD"), _IN_QGIS),
    "dxf": (Words("an AutoCAD drawing", "un dessin AutoCAD"), _IN_QGIS),
    "gdb": (Words("an Esri geodatabase", "une géodatabase Esri"), _IN_QGIS),
    "gpx": (Words("a GPS track", "une trace GPS"), _IN_QGIS),
    "vrt": (Words("a GDAL virtual layer", "une couche virtuelle GDAL"), _IN_QGIS),
    "topojson": (Words("TopoJSON", "du TopoJSON"), _IN_QGIS),
    "gz": (Words("a gzip archive", "une archive gzip"), _UNPACK),
    "7z": (Words("a 7-Zip archive", "une archive 7-Zip"), _UNPACK),
    "rar": (Words("a RAR archive", "une archive RAR"), _UNPACK),
    "shx": (Words("a part of a shapefile", "une partie de shapefile"), _MAIN_FILE),
    "prj": (Words("a part of a shapefile", "une partie de shapefile"), _MAIN_FILE),
    "cpg": (Words("a part of a shapefile", "une partie de shapefile"), _MAIN_FILE),
}


def ending_of(file: str) -> str:
    return file.rpartition(".")[2].casefold() if "." in file else ""


def form_in(file: str, content: bytes) -> str:
    """The format of a file to import, one of `FORMS`, or "zip" for an archive of other files. UsageFault for a format
    that no importer reads, with the program that would."""
    form = _form(file, content)
    if form in _UNREAD:
        what, hint = _UNREAD[form]
        raise UsageFault(Words(f"{file} is {what.en}", f"{file} est {what.fr}"), hint)
    if form not in (*FORMS, "zip"):
        raise UsageFault(
            Words(f"{file} is {form}; import reads {READABLE}", f"{file} est du {form} ; import lit {READABLE}"),
            Words("save it as one of these", "enregistrez-le dans l'un de ces formats"),
        )
    return form


def _form(file: str, content: bytes) -> str:
    ending = ending_of(file)
    if content.startswith(MAGIC):
        return _form_of_archive(content, ending)
    if content.startswith(_OLE):
        return ending if ending in ("doc", "mdb") else "xls"
    for mark, form in _MARKS.items():
        if content.startswith(mark) and not (form == "dwg" and ending in PLAIN):
            return form
    known = form_of(file, content)
    if known not in PLAIN:
        return known
    if ending in VECTORS and (ending != "tab" or content.lstrip()[:6].lower() == b"!table"):
        return ending
    if ending in _UNREAD or (ending in (*WORKBOOKS, *TABLES) and not is_text(content)):
        return ending
    if content[:512].lstrip().lower().startswith((b"<html", b"<!doctype html", b"<table")):
        return "html"
    if known == "json" and content.lstrip()[:1] == b"{" and b'"FeatureCollection"' in content[:4096]:
        return "geojson"
    return known


def _form_of_archive(content: bytes, ending: str) -> str:
    """The kind of a zip archive: a workbook, a text document, or an archive of other files."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names: Collection[str] = set(packed.namelist())
    except Exception:  # zipfile has many errors for damaged data
        return ending if ending in WORKBOOKS else "zip"
    if "content.xml" in names and ending == "odt":
        return "odt"
    return next((form for part, form in _PARTS.items() if part in names), ending if ending in WORKBOOKS else "zip")
