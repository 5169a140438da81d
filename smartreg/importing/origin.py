"""The origin that an exported file states, in our own form or in that of a standard. The statement is not trusted:
it is read strictly, and its users compare with the registry itself."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, languages
from smartreg.core.sheets import about_sheets, sheet_name
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json
from smartreg.domain.fields import object_list
from smartreg.readers.exported import open_database
from smartreg.readers.formats import LABELS, STANDARDS, standard_of
from smartreg.readers.sheet import SheetGrid
from smartreg.readers.workbook import read_workbook
from smartreg.schema import Kind
from smartreg.tables import table_name
from smartreg.tables.view import AUDIENCES

PACKAGE = "datapackage.json"  # the file that describes a CSV export
_PREFIX = "smartreg:"
_METADATA_START = (
    b'{"version": 1, "registry"'  # the beginning of our text in the metadata of Parquet, where it is uncompressed
)


def json_in(file: str, content: bytes) -> Json:
    """The value of a JSON file; UsageFault with the place of what is wrong."""
    try:
        return read_json(content)
    except Unreadable as fault:
        raise UsageFault(fault.in_file(file)) from None


def _in_standard(file: str, content: bytes) -> Json:
    """The origin that the file states; None when it says nothing. UsageFault when it is JSON that cannot be read."""
    form = standard_of(content)
    try:
        return _in_metadata(content) if form == "parquet" else _READERS[form or ""](json_in(file, content))
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _in_entities(content: Json) -> Json:
    registry = content[0]
    return {name: item["value"] for name, item in registry.items() if isinstance(item, Mapping)}


def _in_batch(content: Json) -> Json:
    bodies = [item["body"] for item in content["requests"] if item["url"] == "Things"]
    origin: Json = bodies[0]["properties"]["smartreg"]
    return origin


def _in_catalogue(content: Json) -> Json:
    nodes = [node for node in content["@graph"] if node["@type"] == "dcat:Catalog"]
    origin: dict[str, Any] = {"commit": None}  # unknown values are left out
    return origin | {name.removeprefix(_PREFIX): value for name, value in nodes[0].items() if name.startswith(_PREFIX)}


def _in_metadata(content: bytes) -> Json:
    start = content.rindex(_METADATA_START)
    origin, _end = json.JSONDecoder().raw_decode(content[start:].decode("utf-8", "replace"))
    value: Json = origin
    return value


_READERS: Mapping[str, Callable[[Json], Json]] = {
    "ngsi-ld": _in_entities,
    "sensorthings": _in_batch,
    "dcat": _in_catalogue,
}

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LISTS = ("kinds", "where", "columns", "unreadable")
_NAMES = {"version", "registry", "commit", "reference_date", "rules", "audience", "crs", "labels", "digest", *_LISTS}
_NAMES |= {"each", "unreadable_records", "withheld_values"}


@dataclass(frozen=True)
class Origin:
    """The origin of an export: the commit (None: a state that no commit holds), for whom, which kinds, conditions and
    columns, in which system points are shown too, of which language labels stand for codes, and for the values of
    which field there was a workbook each; how it was written where that is stated (`language`, `dialect`); `said`:
    everything, as written."""

    commit: str | None
    audience: str
    kinds: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    crs: str | None = None
    labels: Language | None = None
    each: str | None = None
    language: str | None = None
    dialect: str | None = None
    said: tuple[tuple[str, Json], ...] = ()


def origin_in(form: str, file: str, content: bytes) -> Origin | None:
    """The origin that a file of this format states; None if it states none, or not as an export does."""
    readers = {"xlsx": _in_workbook, "sqlite": _in_sqlite, "gpkg": _in_sqlite, "json": _in_json, "geojson": _in_json}
    readers |= {"labels": _in_labels, **dict.fromkeys(STANDARDS, _in_standard)}
    stated = readers[form](file, content) if form in readers else None
    return origin_of(stated)


def origin_of(stated: Any) -> Origin | None:
    """The origin that an export wrote into this object; None if it is not one."""
    if not isinstance(stated, Mapping) or not {"registry", "commit", "audience"} <= stated.keys():
        return None
    commit = stated["commit"] or None
    if stated["audience"] not in AUDIENCES or not (
        commit is None or (isinstance(commit, str) and _COMMIT.fullmatch(commit))
    ):
        return None
    lists = [stated.get(name, []) for name in ("kinds", "where", "columns")]
    if not all(isinstance(texts, list) and all(isinstance(item, str) for item in texts) for texts in lists):
        return None
    language, dialect, crs = stated.get("language"), stated.get("dialect"), stated.get("crs")
    labels = next((lang for lang in languages() if lang == stated.get("labels")), None)
    each = stated.get("each")
    kinds, where, columns = map(tuple, lists)
    return Origin(
        commit,
        stated["audience"],
        kinds,
        where,
        columns,
        crs=crs if isinstance(crs, str) and crs else None,
        labels=labels,
        each=each if isinstance(each, str) and each and where else None,
        language=language if language in languages() else None,
        dialect=dialect if isinstance(dialect, str) else None,
        said=tuple(stated.items()),
    )


def origin_in_package(name: str, package: bytes, file: str, digest: str) -> tuple[Origin | None, str | None]:
    """The origin that a `datapackage.json`, called `name`, states, and the name of the table that a file is: of the
    resource with this SHA-256, else of this path. UsageFault when it cannot be read."""
    content = json_in(name, package)
    if not isinstance(content, Mapping):
        return None, None
    tables = object_list(content.get("resources"))
    for test in (("hash", f"sha256:{digest}"), ("path", file)):
        for item in tables:
            if item.get(test[0]) == test[1] and isinstance(item.get("path"), str):
                return origin_of(content.get("smartreg")), item["path"].rpartition(".")[0]
    return origin_of(content.get("smartreg")), None


def _in_workbook(file: str, content: bytes) -> Json:
    return origin_in_sheets(read_workbook(file, content))


def origin_in_sheets(sheets: Sequence[SheetGrid]) -> dict[str, Json]:
    """Name and value from each row of the sheet that states the origin; there is no heading. Where the first
    cell is a word of a language, the third has the name."""
    names_of_about = about_sheets()
    about = [sheet for sheet in sheets if sheet.name in names_of_about]
    rows = [(*sheet.headings, "", "", "")[:3] for sheet in about]
    rows += [
        (*["" if cell is None else str(cell) for cell in row.cells], "", "", "")[:3]
        for sheet in about
        for row in sheet.rows
    ]
    names = [(called if called in _NAMES else name, value) for name, value, called in rows]
    return {name: _parse_list(name, value) for name, value in names}


def _parse_list(name: str, value: str) -> Json:
    return _json(value.encode()) if name in _LISTS else value


def _in_json(file: str, content: bytes) -> Json:
    document = json_in(file, content)
    return document.get("source", document.get("smartreg")) if isinstance(document, Mapping) else None


def _in_labels(_file: str, content: bytes) -> Json:
    stated = LABELS.search(content)
    return _json(stated[1]) if stated else None


def _json(content: bytes) -> Any:
    """The value of a JSON text; None when it is none."""
    try:
        return read_json(content)
    except Unreadable:
        return None


def _in_sqlite(_file: str, content: bytes) -> Json:
    try:
        with closing(open_database(content)) as base:
            names = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "gpkg_metadata" in names:
                texts = [text for (text,) in base.execute("SELECT metadata FROM gpkg_metadata")]
                documents = [_json(_bytes(text)) for text in texts]
                return next(
                    (item["smartreg"] for item in documents if isinstance(item, Mapping) and "smartreg" in item), None
                )
            about = sorted(name for name in names if name.startswith("smartreg_about"))
            rows = base.execute(f'SELECT name, value FROM "{about[0]}"').fetchall() if about else []
            return {str(name): _parse_list(str(name), str(value)) for name, value in rows}
    except (sqlite3.Error, MemoryError):
        return None


def _bytes(value: Json) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def sheets_of_records(
    kinds: Iterable[Kind], grids: Sequence[SheetGrid], origin: Origin
) -> Iterator[tuple[Kind, SheetGrid]]:
    """The sheets that hold the records of a kind, in the order of the kinds."""
    for kind in kinds:
        if origin.kinds and kind.name not in origin.kinds:
            continue
        name = sheet_name(kind.plural.in_(origin.labels)) if origin.labels else table_name(kind)
        grid = next((grid for grid in grids if grid.name == name), None)
        if grid is not None:
            yield kind, grid
