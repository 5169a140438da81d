"""The point of a row in an edited map: its shape, or its columns of longitude and latitude, whichever was moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Json, KeyPath, Location
from smartreg.importing.identity import RowIdentity
from smartreg.importing.values import DECIMALS, number_in
from smartreg.readers.sheet import Sheet
from smartreg.registry import Point

BOTH_SIDES = "IMP005"
_NOISE = 1.5 * 10**-DECIMALS  # degrees that a point in metres loses on its way to another system and back


class ExportedPoint(NamedTuple):
    """The point of a record in an export: its shape, which devices that move do not have, and its two columns."""

    shape: Point | None
    columns: Point | None


def settle_points(
    sheet: Sheet, axes: tuple[KeyPath, KeyPath], points: Mapping[str, ExportedPoint], rows: Sequence[RowIdentity]
) -> tuple[list[RowIdentity], list[Finding]]:
    """The rows with the point that somebody gave them: none where neither shape nor columns were moved. IMP005 where
    both were, to different places. `axes`: the fields of longitude and latitude."""
    settled, faults = [], []
    for row in rows:
        exported = points.get(row.id)
        copy = (sheet.beside or {}).get(row.number)
        if exported is None:
            settled.append(row)
            continue
        shape = plain_point([row.draft.values.get(path) for path in axes])
        columns = exported.columns if copy is None else plain_point([number_in(text) for text in copy])
        by_shape, by_columns = not _same(shape, exported.shape), not _same(columns, exported.columns)
        values = {path: value for path, value in row.draft.values.items() if path not in axes}
        if by_shape and by_columns and not _same(shape, columns):
            where = Location(sheet.file, axes[0][:1], row=row.number)
            faults.append(_moved_twice(row.id, where, shape, columns))
        elif by_shape or by_columns:
            values |= dict(zip(axes, (shape if by_shape else columns) or (None, None), strict=True))
        settled.append(row.with_values(values))
    return settled, faults


def plain_point(values: Sequence[Json]) -> Point | None:
    """Longitude and latitude, as many decimals as are kept; None where one is missing."""
    lon, lat = (float(value) if isinstance(value, (int, float)) else None for value in values)
    return None if lon is None or lat is None else (round(lon, DECIMALS), round(lat, DECIMALS))


def _same(first: Point | None, second: Point | None) -> bool:
    if first is None or second is None:
        return first is second
    return all(abs(ours - theirs) < _NOISE for ours, theirs in zip(first, second, strict=True))


def _moved_twice(id: str, where: Location, shape: Point | None, columns: Point | None) -> Finding:
    return Finding(
        BOTH_SIDES,
        "error",
        Message(
            "{id} was moved twice: on the map to {shape}, in its columns lon and lat to {columns}",
            id=id,
            shape=_format(shape),
            columns=_format(columns),
        ),
        where,
        Message("move its shape to the place in the columns, or put the old values of lon and lat back"),
    )


def _format(point: Point | None) -> Text:
    return Message("nowhere") if point is None else verbatim(f"{point[0]:.6f}, {point[1]:.6f}")
