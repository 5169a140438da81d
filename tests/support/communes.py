"""A registry of a metropolis with supports and sensors in some of its communes, and workbooks as clerks edit them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
from importing import git, new_repository

from smartreg.commands.export import ExportOptions, export_each
from smartreg.commands.returns import ReturnedWorkbook, import_workbooks
from smartreg.commands.workbooks import record_sent
from smartreg.domain.codes import centre, members
from smartreg.edit import WriteOptions
from smartreg.features.setup.init import init
from smartreg.importing.options import ImportRequest
from smartreg.readers.formats import workbooks_in
from smartreg.workspace.workspace import open_workspace

AMP = "200054807"
TODAY = date(2026, 1, 15)
OPTIONS = WriteOptions(on=TODAY)
ISTRES, MARTIGUES, MIRAMAS = "13047", "13056", "13063"
_SUPPORT = """id: {id}-ep-{n}
type: street_light
owner: {id}
insee_code: "{code}"
location:
  lon: {lon}
  lat: {lat}
status: in_service
height_m: {height}
"""
_SENSOR = """id: {id}-noise-1
type: sensor
owner: {id}
use_cases:
  - noise
status: planned
support: {id}-ep-1
measures:
  - property: noiseLevel
"""
_USE_CASE = """id: noise
title: Observatoire du bruit
owner: {owner}
domain: noise
status: idea
"""
_SETS = '\n[columns]\nlamps = ["owner", "insee_code", "type", "status", "height_m", "material", "lon", "lat"]\n'


def metropolis(root: Path, communes: Sequence[str], supports: int = 2) -> Path:
    """A committed registry of Aix-Marseille-Provence with supports, one without a material, and a sensor in each of
    these communes (none: in all)."""
    new_repository(root)
    init(root, epci_siren=AMP, name=None, ci=(), options=OPTIONS)
    parties = {
        line.partition('"')[2].partition('"')[0]: file.stem
        for file in (root / "registry/parties").glob("*.yaml")
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("insee_code:")
    }
    for code in communes or [commune.insee_code for commune in members(AMP)]:
        lon, lat = centre(code) or (5.4, 43.5)
        folder, id = root / f"registry/supports/{code}", parties[code]
        folder.mkdir(parents=True)
        for n in range(1, supports + 1):
            material = "material: steel\n" if n > 1 else ""
            place = {"lon": round(lon + n / 1000, 5), "lat": round(lat, 5)}
            text = _SUPPORT.format(id=id, code=code, n=n, height=n + 6, **place) + material
            (folder / f"{id}-ep-{n}.yaml").write_text(text, "utf-8")
        equipment = root / "registry/equipment"
        equipment.mkdir(exist_ok=True)
        (equipment / f"{id}-noise-1.yaml").write_text(_SENSOR.format(id=id), "utf-8")
    (root / "registry/use-cases").mkdir(exist_ok=True)
    (root / "registry/use-cases/noise.yaml").write_text(_USE_CASE.format(owner=parties[ISTRES]), "utf-8")
    settings = root / "smartreg.toml"
    settings.write_text(settings.read_text("utf-8") + _SETS, "utf-8")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Supports and sensors")
    return root


def send(root: Path, folder: Path) -> None:
    """Write the workbooks of all communes, and the list of them."""
    workspace = open_workspace(root)
    made = export_each(workspace, ExportOptions(audience="partners", labels="fr"), "commune", "fr")
    folder.mkdir()
    for part in made.parts:
        for file in part.exported.files:
            (folder / file.name).write_bytes(file.content)
    record_sent(workspace, made, OPTIONS)


def take_back(root: Path, folder: Path, request: ImportRequest = ImportRequest()) -> list[ReturnedWorkbook]:  # noqa: B008
    """Import the workbooks of a folder."""
    return list(import_workbooks(open_workspace(root), workbooks_in(folder), request, OPTIONS))


def edit(file: Path, sheet: str, *changes: tuple[str, str, object], rows: Sequence[dict[str, object]] = ()) -> None:
    """Edit a workbook as a spreadsheet does: cells by id and heading; further rows by heading."""
    book = openpyxl.load_workbook(file)
    table = book[sheet]
    headings = {cell.value: cell.column for cell in table[1]}
    numbers = {table.cell(row, 1).value: row for row in range(2, table.max_row + 1)}
    for id, heading, value in changes:
        table.cell(numbers[id], headings[heading]).value = value
    for row in rows:
        number = table.max_row + 1
        for heading, value in row.items():
            table.cell(number, headings[heading]).value = value
    book.save(file)


def cells(file: Path, sheet: str) -> list[tuple[object, ...]]:
    """The rows of a sheet."""
    return list(openpyxl.load_workbook(file)[sheet].iter_rows(values_only=True))
