"""`boundaries`: the outlines of the communes of the territory, from an official file, kept with the registry."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.domain.codes import arrondissements_of
from smartreg.domain.crs import projection
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.readers.foreign import read_isolated
from smartreg.readers.formats import companions_of, ending_of, main_file
from smartreg.reports.communes import territory
from smartreg.schema import CODE_FIELDS
from smartreg.schema.countries import Country, country_named
from smartreg.schema.settings import FILE
from smartreg.schema.settings_file import read_config
from smartreg.workspace.documents import ANNEXES, open_given, printable
from smartreg.workspace.workspace import Workspace, write

FORMS = ("gpkg", "shp", "geojson", "json", "fgb")
LARGEST = 2 << 30  # bytes: all of France at full detail has a quarter of that
LAYERS = ("commune", "communes")
# Columns by which the file of the IGN is known: until 3.2, since 4.0, and as a shapefile cuts that name.
ADMIN_EXPRESS = {"siren_epci", "codes_siren_des_epci", "codes_sire"}
ETALAB = "etalab-2.0"
_TABLE = re.compile(r"^[ \t]*\[[ \t]*territory[ \t]*\][ \t]*(?:#.*)?$", re.M)
_NEXT = re.compile(r"^[ \t]*\[", re.M)
_LINE = re.compile(r"^[ \t]*boundaries[ \t]*=.*$", re.M)


@dataclass(frozen=True)
class OutlinesSource:
    """An official file of communes: where it is, which layer of it, the system of its coordinates where the file names
    none, whose it is and under which licence."""

    file: Path
    layer: str | None = None
    crs: str | None = None
    source: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Outlines:
    """The part to keep of an official `file`: GeoJSON, how many communes it has, which of the territory it lacks."""

    file: str
    content: bytes
    count: int
    missing: tuple[str, ...]
    source: str
    licence: str | None


def boundaries(workspace: Workspace, source: OutlinesSource, options: WriteOptions) -> tuple[Outcome, Outlines]:
    """Keep the outlines of the territory's communes below `registry/annexes/` and name the file in the settings, in one
    commit. What the rules then find of places stops nothing: it was so before."""
    registry = workspace.current
    about = registry.config.territory
    country = country_named(registry.config.country)
    path = about.boundaries if about.boundaries and about.boundaries.startswith(f"{ANNEXES}/") else outlines_of(country)
    kept = outlines({code: place.name for code, place in territory(registry, about).items()}, source, country)
    settings = registry.text_of(FILE) or b""
    writes = {path: kept.content, FILE: with_boundaries(settings, path)}
    noun = "communes" if country.french else "municipalities"
    subject = f"Keep the outlines of {kept.count} {noun}"
    edit = Edit(
        "boundaries",
        (),
        writes,
        subject,
        f"Source: {kept.source}\nLicence: {kept.licence or 'not recorded'}",
        settles=True,
    )
    return write(workspace, registry, edit, options), kept


def outlines_of(country: Country) -> str:
    """The file of a registry of the country that keeps outlines."""
    return f"{ANNEXES}/{'communes' if country.french else 'municipalities'}.geojson"


def outlines(names: Mapping[str, str], source: OutlinesSource, country: Country) -> Outlines:
    """The communes of the territory, by code, in the file. UsageFault if there are none, and for a file without
    outlines of them."""
    if not names:
        hint = Message('write epci_siren = "200054807" (its SIREN) below [territory] in {file}', file=FILE)
        if country.official_code is not None:
            example = country.official_code.example
            hint = Message(
                'write municipalities = ["{example}"] below [territory] in {file}', example=example, file=FILE
            )
        raise UsageFault(Message("the settings name no territory"), hint)
    codes = {code: whole for whole in names for code in (whole, *arrondissements_of(whole))}
    answer = _answer(source, codes, country.official_code.headings if country.official_code is not None else ())
    polygons = answer["outlines"]
    if not polygons:
        raise UsageFault(
            Message("{file} has no commune of the territory", file=source.file.name),
            Message("give the file that covers it"),
        )
    file, official = printable(source.file.name), ADMIN_EXPRESS & {name.casefold() for name in answer["columns"]}
    credit = source.source or (f"IGN, Admin Express ({file})" if official else file)
    licence = source.licence or (ETALAB if official else None)
    head = {"type": "FeatureCollection", "source": credit, "licence": licence, "sha256": answer["sha256"]}
    missing = tuple(f"{code} {name}" for code, name in names.items() if code not in polygons)
    return Outlines(file, _geojson(head, polygons, names, country), len(polygons), missing, credit, licence)


def _geojson(
    head: Mapping[str, str | None], polygons_by_code: Mapping[str, object], names: Mapping[str, str], country: Country
) -> bytes:
    """One commune a line, so that a change of one is a change of one line."""
    opening = json.dumps({key: value for key, value in head.items() if value}, ensure_ascii=False)[:-1]
    field = CODE_FIELDS[0] if country.french else CODE_FIELDS[-1]
    rows = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {field: code, "name": names.get(code, code)},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for code, polygons in polygons_by_code.items()
    ]
    listed = ",\n".join(rows)
    return f'{opening}, "features": [\n{listed}\n]}}\n'.encode()


def _answer(source: OutlinesSource, codes: Mapping[str, str], headings: Sequence[str]) -> Mapping[str, Any]:
    """The polygons of each commune, the columns of the file, and the SHA-256 of it with its companions."""
    main, name = main_file(source.file), printable(source.file.name)
    form = ending_of(main.name)
    if form not in FORMS:
        raise UsageFault(
            Message("{name} is not a file of outlines", name=name),
            Message("give a GeoPackage, a shapefile or GeoJSON, unpacked"),
        )
    if source.crs is not None:
        projection(source.crs)  # UsageFault for a system that there is not
    files = {form: main, **companions_of(main)}
    digest = hashlib.sha256()

    def lay_out(folder: Path) -> None:
        for ending, file in files.items():
            _copy(file, folder / f"data.{ending}", digest)

    request = {
        "layer": source.layer,
        "usual": list(LAYERS),
        "codes": dict(codes),
        "crs": source.crs,
        "columns": [heading.casefold() for heading in headings],
    }
    answer = read_isolated(name, form, "outlines", request, lay_out)
    if answer["outlines"] is None:
        raise _no_outlines(name, answer)
    return {**answer, "sha256": digest.hexdigest()}


def _copy(file: Path, target: Path, digest: hashlib._Hash) -> None:
    size = 0
    with open_given(file) as source, target.open("wb") as copy:
        while chunk := source.read(1 << 20):
            size += len(chunk)
            if size > LARGEST:
                raise UsageFault(
                    Message("the file is larger than 2 GiB"),
                    Message("take the communes of the region alone"),
                )
            digest.update(chunk)
            copy.write(chunk)


def _no_outlines(name: str, answer: Mapping[str, Any]) -> UsageFault:
    if answer["column"] is None:
        listed = ", ".join(map(str, answer["columns"]))[:200]
        return UsageFault(
            Message("{name} has no column of INSEE codes; it has {listed}", name=name, listed=listed),
            Message("name that column insee_code"),
        )
    return UsageFault(
        Message("{name} does not say in which system its coordinates are", name=name),
        Message("say which it is: --crs EPSG:2154"),
    )


def with_boundaries(text: bytes, path: str) -> bytes:
    """The text of settings in which `[territory] boundaries` is the path; UsageFault where that has to be written by
    hand."""
    source = text.decode("utf-8-sig")
    line = f"boundaries = {json.dumps(path)}"
    head = _TABLE.search(source)
    if head is not None:
        after = _NEXT.search(source, head.end())
        end = after.start() if after else len(source)
        there = _LINE.search(source, head.end(), end)
        at = (there.start(), there.end()) if there else (head.end(), head.end())
        source = source[: at[0]] + (line if there else f"\n{line}") + source[at[1] :]
    else:
        source = f"{source.rstrip()}\n\n[territory]\n{line}\n"
    try:
        written = read_config(source.encode()).territory.boundaries
    except UsageFault:
        written = None
    if written != path:
        raise UsageFault(
            Message("[territory] of {file} cannot be changed here", file=FILE),
            Message("write {line} there yourself", line=line),
        )
    return source.encode()
