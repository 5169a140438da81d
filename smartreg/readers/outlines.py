"""Outlines of communes in an official file, made light: what the isolated process does with them, by GDAL and GEOS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

INSEE = ("code_insee", "insee_com", "insee_code", "code", "insee", "codgeo")  # how columns of INSEE codes are called
SIMPLE = 0.0003  # degrees, about 30 m: rules give way 100 m on both sides of a border
DECIMALS = 5
WGS84 = "EPSG:4326"


def outlines_in(pyogrio: Any, request: Mapping[str, Any], layer: str) -> Mapping[str, Any]:
    """`outlines` by INSEE code of the communes that `codes` of the request names (code in the file → commune): polygons
    of rings of [longitude, latitude] in WGS 84, simplified so that neighbours still share their border. None where the
    layer has no column of INSEE codes (`columns`: those it has) or names no `system` of coordinates."""
    info = pyogrio.read_info(request["file"], layer=layer)
    columns = [str(name) for name in info["fields"]]
    folded = {name.casefold(): name for name in reversed(columns)}
    column = next((folded[name] for name in (*request["columns"], "official_code", *INSEE) if name in folded), None)
    system = request["crs"] or info["crs"]
    outlines: Mapping[str, Any] | None = None
    if column is not None and system is not None:
        kind = dict(zip(columns, info["dtypes"], strict=True))[column]
        codes = request["codes"]
        outlines = _outlines(_shapes(pyogrio, request["file"], layer, column, codes, kind == "object"), codes, system)
    return {"outlines": outlines, "columns": columns, "column": column, "system": system}


def _shapes(
    pyogrio: Any, file: str, layer: str, column: str, codes: Collection[str], texts: bool
) -> Mapping[str, Sequence[Any]]:
    """The shapes of each code in the file; of all of France, those of other communes are not even read."""
    import shapely

    quoted, listed = column.replace('"', '""'), ", ".join(f"'{code}'" for code in codes)
    where = f'"{quoted}" IN ({listed})' if texts else None
    _, _, shapes, (values,) = pyogrio.raw.read(file, layer=layer, columns=[column], where=where)
    shapes_by_code: dict[str, list[Any]] = {}
    for code, shape in zip((str(value).zfill(5) for value in values), shapes, strict=True):
        if shape is not None and code in codes:
            shapes_by_code.setdefault(code, []).append(shapely.force_2d(shapely.from_wkb(shape)))
    return shapes_by_code


def _outlines(shapes: Mapping[str, Sequence[Any]], codes: Mapping[str, str], system: str) -> Mapping[str, Any]:
    """One outline for each commune: its own shape, or that of its arrondissements together."""
    import shapely
    from pyproj import Transformer

    parts: dict[str, list[Any]] = {code: list(shapes[code]) for code in shapes if codes[code] == code}
    for code in shapes:
        if codes[code] not in shapes:
            parts.setdefault(codes[code], []).extend(shapes[code])
    transform = Transformer.from_crs(system, WGS84, always_xy=True).transform
    whole = [
        shapely.transform(
            shapely.union_all(shapely.make_valid(shapes_of_commune, method="structure", keep_collapsed=False)),
            transform,
            interleaved=False,
        )
        for shapes_of_commune in parts.values()
    ]
    simple = shapely.coverage_simplify(whole, SIMPLE) if whole else ()
    return {code: _polygons(shape) for code, shape in sorted(zip(parts, simple, strict=True))}


def _polygons(shape: Any) -> list[Any]:
    """Each polygon as its rings, the outer one first; corners that several share are rounded alike."""
    import shapely

    rounded = shapely.transform(shape, lambda corners: corners.round(DECIMALS))
    return [
        [[list(corner) for corner in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(rounded)
        if polygon.geom_type == "Polygon" and not polygon.is_empty
    ]
