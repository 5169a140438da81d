"""`--crs`: tables with their points in another coordinate reference system, in addition to longitude and latitude."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from smartreg.core.values import Words
from smartreg.domain.crs import LAMBERT_93, Projection
from smartreg.schema import Kind
from smartreg.tables.table import Column, Row, Table, distinct

_POINT = ("lon", "lat")


def may_be_placed(kind: Kind) -> bool:
    """Whether the records of a kind may have a point: their own, or that of what they hang on."""
    return any((name,) in kind.by_path for name in kind.position)


def project_table(table: Table, system: Projection) -> Table:
    """The table with two columns after its latitude; unchanged where it has no point."""
    derived = [column.name if column.field is None else "" for column in table.columns]
    if not table.main or not {*_POINT} <= {*derived}:
        return table
    lon, lat = (derived.index(name) for name in _POINT)
    after = max(lon, lat) + 1
    columns = (*table.columns[:after], *_columns(system), *table.columns[after:])

    def rows() -> Iterator[Row]:
        every = list(table.rows())
        places = system.from_wgs84([_place(row[lon], row[lat]) for row in every])
        for row, place in zip(every, places, strict=True):
            yield (*row[:after], *(place or (None, None)), *row[after:])

    return replace(table, columns=distinct(columns), make=rows)


def _place(lon: object, lat: object) -> tuple[float, float] | None:
    return (float(lon), float(lat)) if isinstance(lon, int | float) and isinstance(lat, int | float) else None


def axis_names(system: Projection) -> tuple[str, str]:
    """The names of the columns of a point in this system."""
    ending, _ = _endings(system)
    return f"x_{ending}", f"y_{ending}"


def _name_of(system: Projection) -> str:
    return f"EPSG:{system.epsg}" if system.epsg else system.name


def _endings(system: Projection) -> tuple[str, str]:
    """How the names of the columns end, in English and French."""
    plain = re.sub(r"\W", "_", _name_of(system).casefold())
    return ("l93", "lambert93") if system.epsg == LAMBERT_93 else (plain, plain)


def _columns(system: Projection) -> Iterator[Column]:
    """`x_l93` and `y_l93`, x_lambert93 and y_lambert93 in French; of other systems `x_epsg_3946` …"""
    called, (en, fr) = _name_of(system), _endings(system)
    for axis, (eastward, vers) in {"x": ("Eastward", "Vers l'est"), "y": ("Northward", "Vers le nord")}.items():
        where = f"{system.system.name} ({called})"
        about = Words(f"{eastward}, {where}", f"{vers}, {where}")
        yield Column(f"{axis}_{en}", Words(f"{axis}_{en}", f"{axis}_{fr}"), "number", about)
