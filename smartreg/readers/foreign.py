"""Files that a library written in C reads (GDAL through pyogrio, DuckDB, calamine), in a process of its own.

The file and its companions are copied into a private folder, under names of ours; the answer is plain JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.findings import Finding
from smartreg.core.installation import install_command
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import did_you_mean
from smartreg.core.values import Json
from smartreg.readers.csv import fits
from smartreg.readers.formats import VECTORS, Bundle
from smartreg.readers.isolated import ALSO, ANSWER, CALM, READERS
from smartreg.readers.sheet import (
    LON_LAT,
    MANY,
    MAX_CELLS,
    OUTLINES,
    Row,
    Sheet,
    SheetGrid,
    form_fault,
    inner_points,
    too_many_cells,
    with_faults_of_form,
)
from smartreg.readers.workbook import cell_text, grid_of, read_workbook

EXTRAS = {
    "vector": "geo",
    "outlines": "geo",
    "parquet": "parquet",
    "shapes": "parquet",
    "workbook": "xlsx",
}  # by reader: what brings its library
SECONDS = 180
LAYERED = ("gpkg", "kml", "gml", "sqlite")  # formats with several layers in a file
_STEM = "data"
_UTF8 = ("utf8", "65001")  # how .cpg files name it
_CUT = 4  # whole letters for each broken one, in texts of UTF-8
_XML = ("kml", "gml")
_OURS = ("GDAL_", "OGR_", "CPL_", "VSI_", "PROJ_", "GML_", "LIBKML_", "SHAPE_", "SPATIALITE_", "AWS_", "CURL_")
_CODE = re.compile(r"[A-Z]{2,12}:[0-9]{1,7}")
_WGS84 = {"EPSG:4326", "OGC:CRS84", None}


def read_features(
    bundle: Bundle, layer: str | None, encoding: str | None, crs: str | None, usual: Sequence[str], axes: Sequence[str]
) -> Sheet:
    """The layer of a map, a Parquet file or a table of SQLite as a sheet; points fill the columns `axes`, if there are
    any. `layer`, `encoding` and `crs` are those that the user names; `usual`: names by which a layer is chosen.
    UsageFault for files that cannot be read and layers that are not there; those that are no points come as faults of
    the sheet."""
    if bundle.form == "shp" and "dbf" not in bundle.companions:
        raise UsageFault(
            Message("{bundle} has no .dbf file beside it", bundle=bundle.name),
            Message("copy all files of the shapefile"),
        )
    _refuse_references(bundle)
    reader = bundle.form if bundle.form in READERS else "vector"
    dbase = Encoding(encoding) if encoding else _dbase_encoding(bundle)
    encoding = dbase.name
    wanted = layer if bundle.form in LAYERED else None
    answer = _answer(bundle, reader, {"layer": wanted, "encoding": encoding, "usual": list(usual), "most": MAX_CELLS})
    table = answer["tables"][0]
    system = None if crs else _system(bundle.name, answer["crs"])
    sheet = Sheet(
        bundle.name,
        encoding or bundle.companions.get("cpg", b"")[:40].decode("ascii", "replace").strip(),
        "",
        form=bundle.form,
        name=str(table["name"]) if answer["layers"][1:] else "",
        crs=system,
        notes=(*([dbase.note] if dbase.note else ()), *inner_points(answer.get("inner", 0) if axes else 0)),
    )
    return _with_rows(sheet, table, answer["points"] if axes else None, axes)


class TableShape(NamedTuple):
    """The rows of a Parquet file, its columns with their SQL types, how many different ids it has if its first column
    is `id`, and the length of all its texts in bytes."""

    rows: int
    columns: tuple[tuple[str, str], ...]
    ids: int | None
    texts: int


def table_shapes(tables: Sequence[bytes]) -> list[TableShape | None]:
    """What Parquet files hold, which is read whole; None for one that cannot be read. UsageFault without the library,
    and where a file ends the process that reads it."""

    def lay_out(folder: Path) -> None:
        for number, content in enumerate(tables):
            (folder / str(number)).write_bytes(content)

    answer = read_isolated("data.parquet", "parquet", "shapes", {"count": len(tables)}, lay_out)
    return [
        shape and TableShape(**{**shape, "columns": tuple((name, kind) for name, kind in shape["columns"])})
        for shape in answer["shapes"]
    ]


def _system(file: str, system: str | None) -> str | None:
    """The coordinate system of a file, by EPSG code; None for WGS 84. UsageFault for one without a code."""
    if system in _WGS84:
        return None
    if system is not None and _CODE.fullmatch(system):
        return system
    name = str(system).partition('"')[2].partition('"')[0]
    raise UsageFault(
        Message('{file} names a system of coordinates that EPSG does not have: "{name}"', file=file, name=name),
        Message("say which it is: --crs EPSG:2154"),
    )


def read_grids(bundle: Bundle) -> list[SheetGrid]:
    """The sheets of a workbook (.xlsx, .xls, .ods, .xlsb), cells as `read_workbook` gives them. UsageFault as above."""
    if bundle.form == "xlsx":
        return read_workbook(bundle.name, bundle.content)
    answer = _answer(bundle, "workbook", {"most": MAX_CELLS})
    return [grid_of(str(table["name"]), table["rows"]) for table in answer["tables"]]


def _with_rows(sheet: Sheet, table: Mapping[str, Any], points: Sequence[Json] | None, axes: Sequence[str]) -> Sheet:
    """The sheet with its cells, and with longitude and latitude from its points, if any."""
    headings = [str(heading) for heading in table["headings"]]
    copies = [
        [index for index, word in enumerate(headings) if points is not None and word.casefold() in names]
        for names in LON_LAT
    ]
    used = [index for index in range(len(headings)) if index not in (*copies[0], *copies[1])]
    names = [headings[index] for index in used]
    if points is not None:
        names += axes
        faults = tuple(_shape_faults(sheet.file, points))
        if faults:
            return replace(sheet, faults=faults[:MANY])
    rows, beside = [], {}
    for number, cells in enumerate(table["rows"], 1):
        if all(copies):
            beside[number] = (cell_text(cells[copies[0][0]]) or "", cell_text(cells[copies[1][0]]) or "")
        point = points[number - 1] if points is not None else ()
        texts = [cell_text(cells[index]) or "" for index in used]
        texts += ["", ""] if point is None else [cell_text(value) or "" for value in point]
        rows.append(Row(number, texts))
    read = replace(sheet, headings=tuple(names), rows=tuple(rows), beside=None if points is None else beside)
    return with_faults_of_form(read)


def _shape_faults(file: str, points: Sequence[Json]) -> Iterator[Finding]:
    for number, point in enumerate(points, 1):
        if isinstance(point, str):
            words = Message("this is a {point}: only points can be places of records", point=point)
            yield form_fault(file, number, words, OUTLINES)


def _refuse_references(bundle: Bundle) -> None:
    """UsageFault for a file that refers to other files: entities of XML, names of GDAL, tables of MapInfo."""
    folded = bundle.content.replace(b"\0", b"").lower() if bundle.form in (*_XML, "tab", "mif") else b""
    marks: tuple[bytes, ...] = ()
    if bundle.form in _XML:
        marks = (b"<!doctype", b"<!entity", b"/vsi", b"<networklink", b"<ogrvrt")
    elif bundle.form == "tab":
        marks = (b"open table", b"isseamless", b"/vsi", b"\\\\", b"../", b"..\\")
    mark = next((mark for mark in marks if mark in folded), None)
    if mark is not None:
        shown = mark.decode()
        raise UsageFault(
            Message("{bundle} refers to other files ({shown})", bundle=bundle.name, shown=shown),
            Message("ask for a file that holds its data itself"),
        )


class Encoding(NamedTuple):
    """The encoding of the texts of a dBASE table (None: as GDAL sees it), and what people should know of it."""

    name: str | None = None
    note: Text | None = None


def _dbase_encoding(bundle: Bundle) -> Encoding:
    """What a dBASE table holds where that is more than ASCII, and its `.cpg` file is missing or says something else."""
    table = bundle.content if bundle.form == "dbf" else bundle.companions.get("dbf", b"")
    texts = table[int.from_bytes(table[8:10], "little") :]
    if texts.isascii():
        return Encoding()
    is_utf8 = _is_utf8(texts)
    said = bundle.companions.get("cpg", b"")[:40].decode("ascii", "replace").strip()
    if not said:
        return Encoding("UTF-8" if is_utf8 else None)
    if is_utf8 == (re.sub(r"[^a-z0-9]", "", said.casefold()) in _UTF8):
        return Encoding()
    name = "UTF-8" if is_utf8 else "CP1252" if fits(texts, "cp1252") else "ISO-8859-1"
    note = Message(
        "{file}: its .cpg file says {said}, but the texts are {name}, and were read so; --encoding overrides it",
        file=bundle.name,
        said=said,
        name=name,
    )
    return Encoding(name, note)


def _is_utf8(texts: bytes) -> bool:
    """Whether texts are UTF-8, but for letters that were cut in two at the end of a field."""
    letters = re.findall(r"[^\x00-\x7f]", texts.decode("utf-8", "replace"))
    broken = letters.count("\ufffd")
    return len(letters) - broken > _CUT * broken


def _answer(bundle: Bundle, reader: str, request: Mapping[str, Json]) -> Mapping[str, Any]:
    """The result of the process. UsageFault if it found nothing usable."""

    def lay_out(folder: Path) -> None:
        for ending, content in ((bundle.form, bundle.content), *bundle.companions.items()):
            (folder / f"{_STEM}.{ending}").write_bytes(content)

    return read_isolated(bundle.name, bundle.form, reader, request, lay_out)


def read_isolated(
    name: str, form: str, reader: str, request: Mapping[str, Json], lay_out: Callable[[Path], None]
) -> Mapping[str, Any]:
    """The answer of a reader of `isolated` on a file that people call `name`; `lay_out` puts it into a folder as
    `data.FORM`, with its companions. UsageFault if nothing usable was found."""
    require_reader(reader, form)
    with tempfile.TemporaryDirectory(prefix="smartreg-") as drafts:
        folder = Path(drafts)
        lay_out(folder)
        _run(name, folder, {**request, "reader": reader, "file": f"{_STEM}.{form}"})
        try:
            answer = json.loads((folder / ANSWER).read_bytes())
        except (OSError, ValueError):  # the library, or a limit, ended the process
            raise _unreadable(name, form) from None
    _refuse(name, form, request, answer)
    return dict(answer)


def require_reader(reader: str, form: str) -> None:
    """UsageFault unless the library is here with which a reader of `isolated` reads files of a form."""
    if not all(map(importlib.util.find_spec, (READERS[reader][0], *ALSO.get(reader, ())))):
        what, extra = form.upper(), EXTRAS[reader]
        raise UsageFault(
            Message("reading {what} needs the extra “{extra}”", what=what, extra=extra),
            install_command(extra),
        )


def _run(name: str, folder: Path, request: Mapping[str, Json]) -> None:
    environment = {word: value for word, value in os.environ.items() if not word.upper().startswith(_OURS)}
    environment |= CALM
    words = [sys.executable, "-P", "-m", "smartreg.readers.isolated", json.dumps(request)]
    try:
        subprocess.run(
            words, cwd=folder, env=environment, timeout=SECONDS, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise UsageFault(
            Message("{name} took longer than {seconds} s to read", name=name, seconds=SECONDS),
            Message("save it as CSV or GeoJSON"),
        ) from None


def _refuse(file: str, form: str, request: Mapping[str, Json], answer: Mapping[str, Any]) -> None:
    fault, layers = answer.get("fault"), [str(name) for name in answer["layers"]]
    if fault == "layer":
        listed, wanted = ", ".join(layers[:9]), request.get("layer")
        if wanted is None:
            message = Message("{file} has several layers: {listed}", file=file, listed=listed)
            raise UsageFault(message, Message("say which: --layer NAME"))
        raise UsageFault(
            Message('{file} has no layer "{wanted}"; there are {listed}', file=file, wanted=wanted, listed=listed),
            did_you_mean(str(wanted), layers),
        )
    if fault == "virtual":
        raise UsageFault(
            Message(
                '{file} has a virtual table, "{layer}": such a table may read other files', file=file, layer=layers[0]
            ),
            Message("ask for a file that holds its data itself"),
        )
    if fault == "large":
        raise too_many_cells(file)
    if fault == "short":
        raise UsageFault(
            Message("{file} holds cells in a form that its reader would leave out", file=file),
            Message("save it as “Excel workbook (.xlsx)”"),
        )
    if fault is not None:
        raise _unreadable(file, form)


def _unreadable(file: str, form: str) -> UsageFault:
    what = VECTORS.get(form, form.upper())
    return UsageFault(
        Message("{file} is not a readable {what} file", file=file, what=what),
        Message("open it in QGIS or a spreadsheet, and save it again, or as CSV"),
    )
