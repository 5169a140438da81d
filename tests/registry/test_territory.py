"""The registry of one metropolis, judged with its own territory and with that of another."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from lights import NAME, sheet

from smartreg.commands.import_ import import_records
from smartreg.edit import WriteOptions
from smartreg.features.setup.init import init
from smartreg.importing.options import ImportRequest
from smartreg.workspace.workspace import open_workspace

SUPPORTS = 69
ON = date(2026, 1, 15)
CROSSROADS = ImportRequest(
    maps=("CAR_LIEU=address", "POINT_X=location.lon", "POINT_Y=location.lat"),
    constants=("owner=montpellier", "insee_code=34172", "type=traffic_light", "status=in_service"),
    crs="EPSG:2154",
    skip_rows=("POINT_X=0",),
)
OUTLINES = "registry/annexes/communes.geojson"
MONTPELLIER, AIX_MARSEILLE = "243400017", "200054807"
OF_THE_TERRITORY = ("REC113", "GEO702", "GEO703")


@pytest.fixture
def montpellier(git_repo: Path, tmp_path: Path) -> Path:
    init(git_repo, epci_siren=MONTPELLIER, name=None, ci=(), options=WriteOptions(on=ON))
    lights = tmp_path / NAME
    lights.write_bytes(sheet())
    workspace = open_workspace(git_repo)
    kind = workspace.current.schemas.kind("support")
    import_records(workspace, kind, lights, CROSSROADS, WriteOptions(on=ON))
    return git_repo


def count_findings(root: Path, territory: str) -> Counter[str]:
    """How often each rule on the territory speaks, with another `[territory]` in the settings."""
    (root / "smartreg.toml").write_text(f'name = "x"\n[territory]\n{territory}\n')
    workspace = open_workspace(root)
    found = workspace.checker(workspace.current, ON).check(workspace.current).findings
    return Counter(one.code for one in found if one.code in OF_THE_TERRITORY)


def settings_for_box(root: Path, code: str, box: tuple[float, float, float, float]) -> str:
    """The settings of a territory of one commune, drawn as a box (west, south, east, north)."""
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    commune = {"type": "Feature", "properties": {"code": code}}
    outline = {**commune, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (root / OUTLINES).parent.mkdir(exist_ok=True)
    (root / OUTLINES).write_text(json.dumps({"type": "FeatureCollection", "features": [outline]}))
    return f'communes = ["{code}"]\nboundaries = "{OUTLINES}"'


def test_with_its_own_territory_nothing_is_outside(montpellier: Path) -> None:
    members = f'epci_siren = "{MONTPELLIER}"'
    assert count_findings(montpellier, members) == {}
    assert (
        count_findings(montpellier, f"{members}\n{settings_for_box(montpellier, '34172', (3.7, 43.5, 4.0, 43.7))}")
        == {}
    )


def test_with_the_territory_of_another_metropolis_everything_is_outside(montpellier: Path) -> None:
    every_code = {"REC113": SUPPORTS}  # a party may have its seat elsewhere
    assert count_findings(montpellier, f'epci_siren = "{AIX_MARSEILLE}"') == every_code
    istres = settings_for_box(montpellier, "13047", (4.85, 43.43, 5.08, 43.6))
    assert count_findings(montpellier, istres) == every_code | {"GEO702": SUPPORTS}
