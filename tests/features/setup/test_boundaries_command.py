"""Outlines of communes from an official file: `boundaries FILE` and `init --boundaries FILE`."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from itertools import pairwise
from math import sin
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from conftest import Git
from exports import smartreg
from pyproj import Transformer

from smartreg.commands.page import ChangesShown, look
from smartreg.commands.report import BilanOptions, bilan
from smartreg.core.errors import UsageFault
from smartreg.domain.codes import members
from smartreg.edit import WriteOptions
from smartreg.features.setup.boundaries import OutlinesSource, boundaries, with_boundaries
from smartreg.features.setup.init import init
from smartreg.workspace.workspace import open_workspace

ON = date(2026, 1, 15)
OPTIONS = WriteOptions(on=ON)
AMP = "200054807"
KEPT = "registry/annexes/communes.geojson"
ISTRES, MIRAMAS, MARSEILLE_1, MARSEILLE_2, ARLES = "13047", "13063", "13201", "13202", "13004"
# A border of 300 corners, a few metres to and fro, that two communes share.
BORDER = [(5.0 + 0.00003 * sin(step), 43.5 + step * 0.0002) for step in range(301)]
WEST = [(4.9, 43.56), (4.9, 43.5), *BORDER]
EAST = [*reversed(BORDER), (5.1, 43.5), (5.1, 43.56)]
SHAPES = {
    ISTRES: shapely.Polygon(WEST),
    MIRAMAS: shapely.Polygon(EAST),
    MARSEILLE_1: shapely.box(5.3, 43.2, 5.35, 43.3),
    MARSEILLE_2: shapely.box(5.35, 43.2, 5.4, 43.3),
    ARLES: shapely.box(4.5, 43.5, 4.6, 43.6),
}


def geojson(file: Path, column: str = "code") -> Path:
    features = [
        {"type": "Feature", "properties": {column: code}, "geometry": json.loads(shapely.to_geojson(shape))}
        for code, shape in SHAPES.items()
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return file


# The columns of COMMUNE as the IGN gives them, some of them: a shapefile cuts names to ten characters.
EDITIONS = {
    "3.2": ("ID", "NOM", "NOM_M", "INSEE_COM", "STATUT", "POPULATION", "INSEE_DEP", "SIREN_EPCI"),
    "4.0": ("cleabs", "nom_officiel", "nom_officiel_en_majuscules", "code_insee", "statut", "population",
            "code_insee_du_departement", "codes_siren_des_epci"),
}  # fmt: skip
LAYERS = ("arrondissement", "arrondissement_municipal", "canton", "commune", "commune_associee_ou_deleguee", "epci")


def admin_express(file: Path, driver: str, edition: str = "4.0", shapes: dict[str, Any] = SHAPES) -> Path:
    """The communes as the IGN lays them out: Lambert-93, its columns; in a GeoPackage among other layers, with names in
    capitals until 3.2."""
    transform = Transformer.from_crs("EPSG:4326", "EPSG:2154", always_xy=True).transform
    places = shapely.to_wkb([shapely.transform(shape, transform, interleaved=False) for shape in shapes.values()])
    codes = [*shapes]
    cells = (
        [f"COMMUNE_{number:016}" for number in range(len(codes))], ["L'Île-d'Été"] * len(codes),
        ["L'ÎLE-D'ÉTÉ"] * len(codes), codes, ["Commune simple"] * len(codes), ["1200"] * len(codes),
        [code[:2] for code in codes], [AMP if code in SHAPES else "200054781/217500016" for code in codes],
    )  # fmt: skip
    columns = [np.array(cell, dtype=object) for cell in cells]
    for layer in LAYERS if driver == "GPKG" else (None,):
        some = slice(None if layer in (None, "commune") else 3)
        pyogrio.raw.write(
            file, places[some], [column[some] for column in columns], EDITIONS[edition], geometry_type="Polygon",
            crs="EPSG:2154", driver=driver, layer=layer.upper() if layer and edition == "3.2" else layer,
            append=layer not in (None, LAYERS[0]), encoding="UTF-8",
        )  # fmt: skip
    return file


@pytest.fixture(scope="module")
def base(empty_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(empty_repository, tmp_path_factory.mktemp("territory") / "repo"))
    init(root, epci_siren=AMP, name=None, ci=(), options=OPTIONS)
    return root


@pytest.fixture
def registry(base: Path, git_repo: Path) -> Path:
    return Path(shutil.copytree(base, git_repo, dirs_exist_ok=True))


def read_outlines(root: Path) -> Any:
    return json.loads((root / KEPT).read_bytes())


def edges(polygons: list[Any]) -> set[frozenset[tuple[float, ...]]]:
    return {frozenset(map(tuple, edge)) for rings in polygons for ring in rings for edge in pairwise(ring)}


def test_neighbours_still_share_their_border_and_arrondissements_become_a_commune(registry: Path, git: Git) -> None:
    file = admin_express(registry.parent / "ADE.gpkg", "GPKG")
    outcome, found = boundaries(open_workspace(registry), OutlinesSource(file), OPTIONS)
    data = read_outlines(registry)
    outlines = {item["properties"]["insee_code"]: item["geometry"]["coordinates"] for item in data["features"]}
    assert list(outlines) == [ISTRES, "13055", MIRAMAS]
    shared = edges(outlines[ISTRES]) & edges(outlines[MIRAMAS])
    assert 1 <= len(shared) < 20
    (marseille,) = outlines["13055"]
    assert shapely.Polygon(marseille[0]).equals_exact(shapely.box(5.3, 43.2, 5.4, 43.3), 1e-4, normalize=True)
    assert shapely.coverage_is_valid([shapely.Polygon(rings[0]) for (rings,) in (outlines[ISTRES], outlines[MIRAMAS])])
    assert (found.count, len(found.missing)) == (3, len(members(AMP)) - 3)
    assert data["source"] == "IGN, Admin Express (ADE.gpkg)"
    assert (data["licence"], data["sha256"]) == ("etalab-2.0", hashlib.sha256(file.read_bytes()).hexdigest())
    assert git("show", "--name-only", "--format=", outcome.commit or "").split() == [KEPT, "smartreg.toml"]
    workspace = open_workspace(registry)
    territory = look(workspace, bilan(workspace, BilanOptions(), today=ON), ChangesShown()).territory
    assert set(territory.outlines) == set(outlines)
    assert territory.credit
    assert (territory.credit.in_("en"), territory.credit.in_("fr")) == (
        "IGN, Admin Express (ADE.gpkg), Open Licence 2.0 (Etalab)",
        "IGN, Admin Express (ADE.gpkg), Licence Ouverte 2.0 (Etalab)",
    )


def test_a_shapefile_and_geojson_give_the_same(registry: Path, tmp_path: Path) -> None:
    boundaries(
        open_workspace(registry), OutlinesSource(admin_express(tmp_path / "COMMUNE.shp", "ESRI Shapefile")), OPTIONS
    )
    first = read_outlines(registry)["features"]
    boundaries(open_workspace(registry), OutlinesSource(geojson(tmp_path / "c.geojson"), licence="ODbL-1.0"), OPTIONS)
    data = read_outlines(registry)
    assert (data["source"], data["licence"]) == ("c.geojson", "ODbL-1.0")
    for one, other in zip(first, data["features"], strict=True):
        apart = shapely.hausdorff_distance(
            *(shapely.from_geojson(json.dumps(item["geometry"])) for item in (one, other))
        )
        assert (one["properties"], apart < 1e-4) == (other["properties"], True)


@pytest.mark.parametrize(
    ("name", "driver", "edition"), [("ADE.gpkg", "GPKG", "3.2"), ("COMMUNE.shp", "ESRI Shapefile", "4.0")]
)
def test_admin_express_of_all_france_is_known_in_each_edition(
    registry: Path, tmp_path: Path, name: str, driver: str, edition: str
) -> None:
    """The other two of these are those of the tests above and below."""
    ours = {member.insee_code for member in members(AMP)}
    france = {
        code: shapely.box(x := number / 99 - 4, y := 43 + department / 12, x + 0.01, y + 0.08)
        for department in range(1, 96)
        for number in range(1, 100, 9)
        if (code := f"{department:02}{number:03}") not in ours
    }
    file = admin_express(tmp_path / name, driver, edition, {**france, **SHAPES})
    _, found = boundaries(open_workspace(registry), OutlinesSource(file), OPTIONS)
    assert (found.source, found.licence) == (f"IGN, Admin Express ({name})", "etalab-2.0")
    outlines = {item["properties"]["insee_code"]: item for item in read_outlines(registry)["features"]}
    assert {code: item["properties"]["name"] for code, item in outlines.items()} == {
        ISTRES: "Istres", "13055": "Marseille", MIRAMAS: "Miramas",
    }  # fmt: skip
    istres, miramas = (edges(outlines[code]["geometry"]["coordinates"]) for code in (ISTRES, MIRAMAS))
    assert 1 <= len(istres & miramas) < 20


def test_the_whole_territory_is_found_and_init_says_what_boundaries_says(tmp_path: Path, registry: Path) -> None:
    codes = [member.insee_code for member in members(AMP)]
    tiles = {code: shapely.box(5 + at % 10 / 10, 43 + at // 10 / 10, 5.1 + at % 10 / 10, 43.1 + at // 10 / 10)
             for at, code in enumerate(codes)}  # fmt: skip
    file = admin_express(
        tmp_path / "COMMUNE.shp", "ESRI Shapefile", "3.2", {**tiles, "75056": shapely.box(2, 48, 3, 49)}
    )
    added = smartreg("boundaries", str(file), "-y", cwd=registry)
    note = "note: 92 communes from IGN, Admin Express (COMMUNE.shp)\n"
    assert (added.returncode, note in added.stderr.decode()) == (0, True), added.stderr.decode()
    created = smartreg("init", "new", "--no-commit", "--epci", AMP, "--boundaries", str(file), cwd=tmp_path)
    assert (created.returncode, note in created.stderr.decode()) == (0, True), created.stderr.decode()
    assert read_outlines(tmp_path / "new") == read_outlines(registry)
    assert len(read_outlines(registry)["features"]) == len(codes) == 92


def test_places_that_are_outside_stop_nothing_and_are_reported(registry: Path, tmp_path: Path, git: Git) -> None:
    words = [
        "--type",
        "mast",
        "--owner",
        "istres",
        "--insee-code",
        ISTRES,
        "--location-lon",
        "5.25123",
        "--location-lat",
        "43.55123",
    ]
    added = smartreg("add-support", "--id", "pole", *words, "--status", "in_service", "-y", cwd=registry)
    assert added.returncode == 0, added.stderr.decode()
    done = smartreg("boundaries", str(geojson(tmp_path / "c.geojson")), "-y", cwd=registry)
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert all(word in said for word in ("lacks 89 communes", "--licence", "smartreg validate --select GEO702"))
    assert git("status", "--porcelain") == ""


def test_init_takes_the_outlines_into_its_one_commit(tmp_path: Path, git_repo: Path, git: Git) -> None:
    file = geojson(tmp_path / "c.geojson")
    about = ("--boundaries-source", "IGN, Admin Express 2026", "--boundaries-licence", "etalab-2.0")
    done = smartreg("init", "--epci", AMP, *about, cwd=git_repo)
    assert (done.returncode, "--boundaries-source requires --boundaries" in done.stderr.decode()) == (2, True)
    done = smartreg("init", "--epci", AMP, "--boundaries", str(file), *about, cwd=git_repo)
    assert done.returncode == 0, done.stderr.decode()
    assert "lacks 89 communes" in done.stderr.decode()
    assert f'boundaries = "{KEPT}"' in (git_repo / "smartreg.toml").read_text("utf-8")
    assert len(read_outlines(git_repo)["features"]) == 3
    said = read_outlines(git_repo)
    assert (said["source"], said["licence"]) == ("IGN, Admin Express 2026", "etalab-2.0")
    assert git("rev-list", "--count", "HEAD").strip() == "1"
    assert git("status", "--porcelain") == ""


def test_files_that_cannot_be_used_are_named(registry: Path, tmp_path: Path) -> None:
    far = tmp_path / "far.geojson"
    far.write_text(geojson(tmp_path / "c.geojson").read_text("utf-8").replace('"13', '"33'), "utf-8")
    (tmp_path / "communes.zip").write_bytes(b"PK")
    (tmp_path / "broken.gpkg").write_bytes(b"no database")
    for file, said in {
        "far.geojson": "no commune of the territory",
        "communes.zip": "not a file of outlines",
        "broken.gpkg": "not a readable GeoPackage file",
        "absent.shp": "there is no file",
        geojson(tmp_path / "d.geojson", "nom").name: "no column of INSEE codes",
    }.items():
        with pytest.raises(UsageFault, match=said):
            boundaries(open_workspace(registry), OutlinesSource(tmp_path / file), OPTIONS)
    (registry / "smartreg.toml").write_text('name = "x"\n', "utf-8")
    with pytest.raises(UsageFault, match="no territory"):
        boundaries(open_workspace(registry), OutlinesSource(tmp_path / "c.geojson"), OPTIONS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[territory]\nepci_siren = "1"\n', '[territory]\nboundaries = "a"\nepci_siren = "1"\n'),
        ('[territory] # t\nboundaries = "b" # old\n[audit]\n', '[territory] # t\nboundaries = "a"\n[audit]\n'),
        ('name = "x"\n', 'name = "x"\n\n[territory]\nboundaries = "a"\n'),
        ('territory = {epci_siren = "1"}\n', None),
    ],
)
def test_the_settings_keep_all_else_as_it_was(before: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(UsageFault, match="territory"):
            with_boundaries(before.encode(), "a")
    else:
        assert with_boundaries(before.encode(), "a").decode() == after
