"""The origin that an exported file states. The statement is not trusted: it is read strictly, and its users compare
with the registry itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, languages
from smartreg.core.sheets import about_sheets, sheet_name
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json
from smartreg.domain.fields import object_list
from smartreg.readers.sheet import SheetGrid
from smartreg.schema import Kind
from smartreg.tables import table_name
from smartreg.tables.view import AUDIENCES

PACKAGE = "datapackage.json"  # the file that describes a CSV export


def json_in(file: str, content: bytes) -> Json:
    """The value of a JSON file; UsageFault with the place of what is wrong."""
    try:
        return read_json(content)
    except Unreadable as fault:
        raise UsageFault(fault.in_file(file)) from None


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


def origin_in_standard(find: Callable[[Any], Json], file: str, content: bytes) -> Json:
    """What `find` finds in a document that follows a standard; None where it is not there. UsageFault when it is JSON
    that cannot be read."""
    document = json_in(file, content)
    try:
        return find(document)
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        return None


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
    return origin_in_rows((called if called in _NAMES else name, value) for name, value, called in rows)


def origin_in_rows(rows: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """The origin as names and values, of which some are lists in JSON."""
    return {name: json_or_none(value.encode()) if name in _LISTS else value for name, value in rows}


def origin_in_document(file: str, content: bytes) -> Json:
    """The origin that a document of ours in JSON states. UsageFault when it is no JSON."""
    document = json_in(file, content)
    return document.get("source", document.get("smartreg")) if isinstance(document, Mapping) else None


def json_or_none(content: bytes) -> Any:
    """The value of a JSON text; None when it is none."""
    try:
        return read_json(content)
    except Unreadable:
        return None


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
