"""The format of a file, by its content, else by its name, and the files that belong to it: a shapefile and its `.dbf`,
the one table in an archive."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.readers.exported import has_layers, is_database
from smartreg.readers.sheet import MAX_BYTES, is_text
from smartreg.readers.workbook import MAGIC

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

_IN_QGIS = Message("save the layer as GeoPackage with QGIS")
_UNPACK = Message("unpack it first")
_AS_TABLE = Message("save its table as XLSX or CSV")
_MAIN_FILE = Message("give the .shp file")
_UNREAD: Mapping[str, tuple[Text, Text]] = {
    "pdf": (Message("a PDF document"), _AS_TABLE),
    "html": (Message("a web page"), _AS_TABLE),
    "doc": (Message("a text document"), _AS_TABLE),
    "docx": (Message("a text document"), _AS_TABLE),
    "odt": (Message("a text document"), _AS_TABLE),
    "accdb": (Message("an Access database"), _AS_TABLE),
    "mdb": (Message("an Access database"), _AS_TABLE),
    "dwg": (Message("an AutoCAD drawing"), _IN_QGIS),
    "dxf": (Message("an AutoCAD drawing"), _IN_QGIS),
    "gdb": (Message("an Esri geodatabase"), _IN_QGIS),
    "gpx": (Message("a GPS track"), _IN_QGIS),
    "vrt": (Message("a GDAL virtual layer"), _IN_QGIS),
    "topojson": (Message("TopoJSON"), _IN_QGIS),
    "gz": (Message("a gzip archive"), _UNPACK),
    "7z": (Message("a 7-Zip archive"), _UNPACK),
    "rar": (Message("a RAR archive"), _UNPACK),
    "shx": (Message("a part of a shapefile"), _MAIN_FILE),
    "prj": (Message("a part of a shapefile"), _MAIN_FILE),
    "cpg": (Message("a part of a shapefile"), _MAIN_FILE),
}


FOLDER = "folder"


def ending_of(file: str) -> str:
    return file.rpartition(".")[2].casefold() if "." in file else ""


def form_in(file: str, content: bytes) -> str:
    """The format of a file to import, one of `FORMS`, or "zip" for an archive of other files. UsageFault for a format
    that no importer reads, with the program that would."""
    form = _form(file, content)
    if form in _UNREAD:
        what, hint = _UNREAD[form]
        raise UsageFault(Message("{file} is {what}", file=file, what=what), hint)
    if form not in (*FORMS, "zip"):
        raise UsageFault(
            Message("{file} is {form}; import reads {readable}", file=file, form=form, readable=READABLE),
            Message("save it as one of these"),
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
    if is_database(content):
        return "gpkg" if has_layers(content) else "sqlite"
    if ending in VECTORS and (ending != "tab" or content.lstrip()[:6].lower() == b"!table"):
        return ending
    if ending in _UNREAD or (ending in (*WORKBOOKS, *TABLES) and not is_text(content)):
        return ending
    if content[:512].lstrip().lower().startswith((b"<html", b"<!doctype html", b"<table")):
        return "html"
    if ending == "json" and content.lstrip()[:1] == b"{" and b'"FeatureCollection"' in content[:4096]:
        return "geojson"
    return ending if ending in PLAIN else "csv"


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


MAX_ENTRIES = 1000
COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "shp": ("dbf", "shx", "prj", "cpg"),
    "dbf": ("cpg",),
    "tab": ("dat", "map", "id", "ind", "cpg"),
    "mif": ("mid",),
}
_MAIN = (*FORMS, "geojsonl", "txt")


def main_file(file: Path) -> Path:
    """The `.shp` file where somebody names the `.dbf` of a shapefile."""
    if ending_of(file.name) != "dbf":
        return file
    return next((shape for shape in (file.with_suffix(".shp"), file.with_suffix(".SHP")) if shape.is_file()), file)


OBJECTS = ("json", "geojson", "yaml", "yml")
MAX_OBJECTS = 100_000


def objects_in(folder: Path) -> dict[str, Path]:
    """The files of a folder that hold one object each, by their paths in it; nothing hidden, and no symbolic links.
    UsageFault where there is none, or too many."""
    files = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(place, name)
            if ending_of(name) in OBJECTS and not name.startswith(".") and not path.is_symlink():
                files[path.relative_to(folder).as_posix()] = path
    if len(files) > MAX_OBJECTS:
        raise too_large(folder.name)
    if not files:
        raise UsageFault(
            Message("{folder} is a folder without any JSON, GeoJSON or YAML file", folder=folder),
            Message("give a file in it"),
        )
    return files


def workbooks_in(folder: Path) -> list[Path]:
    """The workbooks of a folder by name, without the lock files of spreadsheets."""
    return sorted(
        path
        for path in folder.iterdir()
        if ending_of(path.name) in WORKBOOKS and path.is_file() and not path.name.startswith(("~$", "."))
    )


def companions_of(file: Path) -> dict[str, Path]:
    """The files that belong to a file, by their endings."""
    companions = {}
    for ending in COMPANIONS.get(ending_of(file.name), ()):
        places = (file.with_suffix(f".{word}") for word in (ending, ending.upper()))
        place = next((place for place in places if place.is_file()), None)
        if place is not None:
            companions[ending] = place
    return companions


class Bundle(NamedTuple):
    """A file to import: its displayed name, its format, its bytes, and the files that belong to it, by ending. A folder
    has no bytes of its own, and its files by their paths."""

    name: str
    form: str
    content: bytes
    companions: Mapping[str, bytes] = {}

    @property
    def digest(self) -> str:
        """SHA-256 of all its files."""
        digest = hashlib.sha256(self.content)
        for ending, content in sorted(self.companions.items()):
            digest.update(ending.encode() + hashlib.sha256(content).digest())
        return digest.hexdigest()


def bundle_of(name: str, content: bytes, companions: Mapping[str, bytes], layer: str | None = None) -> Bundle:
    """The file or, of an archive, its content: the table that `layer` names, else the only one. UsageFault
    for unreadable formats, for files that are too large, and for archives without exactly one table."""
    if len(content) > MAX_BYTES or any(len(companion) > MAX_BYTES for companion in companions.values()):
        raise too_large(name)
    form = form_in(name, content)
    if form != "zip":
        return Bundle(name, form, content, companions)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _unpack(name, packed, layer)
    except UsageFault:
        raise
    except Exception:  # zipfile and what unpacks for it have many errors for damaged data
        raise UsageFault(
            Message("{name} is an archive that cannot be read", name=name),
            Message("pack it again as ZIP, without a password"),
        ) from None


def _unpack(name: str, packed: zipfile.ZipFile, layer: str | None) -> Bundle:
    parts = [part for part in packed.infolist() if not part.is_dir() and "__MACOSX" not in part.filename]
    if len(parts) > MAX_ENTRIES:
        raise too_large(name)
    _refuse_paths(name, [part.filename for part in parts])
    shapes = {_stem(part.filename) for part in parts if ending_of(part.filename) == "shp"}
    mains = [
        part
        for part in parts
        if ending_of(part.filename) in _MAIN
        and not (ending_of(part.filename) == "dbf" and _stem(part.filename) in shapes)
    ]
    main = _choose(name, mains, layer)
    content = _bytes(name, packed, main)
    endings = COMPANIONS.get(ending_of(main.filename), ())
    companions = {
        ending_of(part.filename): _bytes(name, packed, part)
        for part in parts
        if _stem(part.filename) == _stem(main.filename) and ending_of(part.filename) in endings
    }
    form = form_in(main.filename.rpartition("/")[2], content)
    if form == "zip":
        raise UsageFault(Message("{name} holds another archive", name=name))
    return Bundle(name, form, content, companions)


def _refuse_paths(name: str, paths: Iterable[str]) -> None:
    """UsageFault for an archive with paths that lead out of it. Nothing is unpacked to a path that an archive names,
    but such an archive is not honest."""
    for path in paths:
        steps = path.replace("\\", "/").split("/")
        if ".." in steps or not steps[0] or steps[0].endswith(":"):
            raise UsageFault(
                Message("{name} holds a file outside of itself: {path}", name=name, path=repr(path)),
                Message("ask for another file"),
            )


def _choose(name: str, mains: list[zipfile.ZipInfo], layer: str | None) -> zipfile.ZipInfo:
    if not mains:
        raise UsageFault(Message("{name} holds no table; import reads {readable}", name=name, readable=READABLE))
    if len(mains) == 1:
        return mains[0]
    base = [part.filename.rpartition("/")[2] for part in mains]
    matching = [part for part, file in zip(mains, base, strict=True) if layer in (file, file.rpartition(".")[0])]
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join(sorted(base)[:9])
    raise UsageFault(
        Message("{name} holds several tables: {listed}", name=name, listed=listed),
        Message("say which: --layer NAME"),
    )


def _bytes(name: str, packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """The content of a part of an archive, up to the size limit of a file."""
    with packed.open(part) as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise too_large(name)
    return content


def _stem(path: str) -> str:
    return path.rpartition(".")[0].casefold()


def too_large(file: str) -> UsageFault:
    return UsageFault(Message("{file} is larger than 64 MiB", file=file), Message("split it"))
