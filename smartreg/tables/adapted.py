"""Tables as options of an export ask for them: with labels of a language in place of codes (`--labels`), with fewer
columns (`--columns`), with points also in another coordinate reference system (`--crs`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from smartreg.core.messages import Language, Localized, Message, Text, verbatim
from smartreg.core.values import Json
from smartreg.domain.crs import LAMBERT_93, Projection
from smartreg.schema import PROPERTY, Field, Schemas, values_called
from smartreg.tables.table import Column, Row, Table, distinct

YES, NO = Message("yes"), Message("no")


def label_table(table: Table, lang: Language, schemas: Schemas) -> Table:
    """The table with labels in place of codes, as far as a sheet with them can be imported again; keys stay."""
    labels_of = [
        {} if place < table.key else _labels(column, lang, schemas) for place, column in enumerate(table.columns)
    ]
    columns = tuple(
        _as_text(column, labels) if labels else column for column, labels in zip(table.columns, labels_of, strict=True)
    )
    labelled = [(place, labels) for place, labels in enumerate(labels_of) if labels]

    def rows() -> Iterator[Row]:
        for row in table.rows():
            cells = list(row)
            for place, labels in labelled:
                value = cells[place]
                if isinstance(value, (str, bool)):
                    cells[place] = labels.get(value, value)
            yield tuple(cells)

    return replace(table, columns=columns, make=rows)


def _labels(column: Column, lang: Language, schemas: Schemas) -> dict[Json, str]:
    """Value → label, of what the column shows; labels shared by several values are left out."""
    if column.labels is not None:
        return {code: label.in_(lang) for code, label in column.labels.items()}
    field = column.field or column.shows
    if field is None:
        return {}
    if field.kind == "boolean":
        return {True: YES.in_(lang), False: NO.in_(lang)}
    if field.path == PROPERTY:
        called: dict[Json, str] = {key: item.label.in_(lang) for key, item in schemas.properties.items()}
        return {key: label for key, label in called.items() if schemas.property_called(label) == key}
    words = {value: _words(field, value).in_(lang) for value in field.enum if isinstance(value, str)}
    return {value: label for value, label in words.items() if values_called(field, label) == [value]}


def _words(field: Field, value: str) -> Text:
    """The label of a value; where the English one is the code itself, as people write it: `street light`."""
    label = field.labels.get(value, verbatim(value))
    return Localized.of(en=label.in_("en").replace("_", " "), fr=label.in_("fr"))


def _as_text(column: Column, labels: Mapping[Json, str]) -> Column:
    """The column as its metadata describes it: text, one of the labels if they are a closed list."""
    if column.field is None:
        return column
    closed = {"enum": list(labels.values())} if labels.keys() == set(column.field.enum) else {}
    return replace(column, type="string", field=replace(column.field, schema=closed))


def names_of(table: Table) -> Iterator[str]:
    """The names of the columns of a table, or of the list that it shows: `owner_id`, or `owner` as the field."""
    if table.main:
        for column in table.columns:
            yield from _names(column)
    else:
        yield from _list_names(table)


def narrow_tables(tables: Sequence[Table], names: Collection[str]) -> list[Table]:
    """The columns of these names and the keys; of lists, those that are named, completely."""
    narrowed = []
    for table in tables:
        if table.main:
            narrowed.append(_only(table, names))
        elif not _list_names(table).isdisjoint(names):
            narrowed.append(table)
    return narrowed


def _list_names(table: Table) -> set[str]:
    field = table.kind.by_path.get(table.path)
    if field is None:  # computed
        return {table.name}
    return {field.name, *([field.column] if field.column else ())}


def _names(column: Column) -> set[str]:
    return {column.name, *([column.field.name] if column.field else ())}


def _only(table: Table, names: Collection[str]) -> Table:
    places = [
        place for place, column in enumerate(table.columns) if place < table.key or not _names(column).isdisjoint(names)
    ]
    columns = tuple(table.columns[place] for place in places)
    kept = {column.name for column in columns}

    def rows() -> Iterator[Row]:
        return (tuple([row[place] for place in places]) for row in table.rows())

    links = tuple(link for link in table.links if kept.issuperset(link.columns))
    return replace(table, columns=columns, make=rows, links=links)


_POINT = ("lon", "lat")


def project_table(table: Table, system: Projection) -> Table:
    """The table with two columns after its latitude; unchanged if it has no point."""
    derived = [column.name if column.field is None else "" for column in table.columns]
    if not table.main or not {*_POINT} <= {*derived}:
        return table
    lon, lat = (derived.index(name) for name in _POINT)
    after = max(lon, lat) + 1
    columns = (*table.columns[:after], *_columns(system), *table.columns[after:])

    def rows() -> Iterator[Row]:
        every = list(table.rows())
        places = system.from_wgs84([_coordinates(row[lon], row[lat]) for row in every])
        for row, place in zip(every, places, strict=True):
            yield (*row[:after], *(place or (None, None)), *row[after:])

    return replace(table, columns=distinct(columns), make=rows)


def _coordinates(lon: object, lat: object) -> tuple[float, float] | None:
    return (float(lon), float(lat)) if isinstance(lon, int | float) and isinstance(lat, int | float) else None


def axis_names(system: Projection) -> tuple[str, str]:
    """The names of the columns of a point in this system."""
    ending, _ = _endings(system)
    return f"x_{ending}", f"y_{ending}"


def _name_of(system: Projection) -> str:
    return f"EPSG:{system.epsg}" if system.epsg else system.name


def _endings(system: Projection) -> tuple[str, str]:
    """The endings of the column names, in English and French."""
    plain = re.sub(r"\W", "_", _name_of(system).casefold())
    return ("l93", "lambert93") if system.epsg == LAMBERT_93 else (plain, plain)


def _columns(system: Projection) -> Iterator[Column]:
    """`x_l93` and `y_l93`, x_lambert93 and y_lambert93 in French; of other systems `x_epsg_3946` …"""
    called, (en, fr) = _name_of(system), _endings(system)
    for axis, (eastward, vers) in {"x": ("Eastward", "Vers l'est"), "y": ("Northward", "Vers le nord")}.items():
        where = f"{system.system.name} ({called})"
        about = Message("{eastward}, {where}", eastward=Localized.of(en=eastward, fr=vers), where=where)
        yield Column(
            f"{axis}_{en}", Message("{axis}_{detail}", axis=axis, detail=Localized.of(en=en, fr=fr)), "number", about
        )
