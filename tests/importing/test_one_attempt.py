"""Inventories as cities publish them, made anew with the traits that stood in the way: each comes in with one run on a
terminal, and with two commands without one, of which the second is the one that the first prints.

A file is one row of `INVENTORIES`. Its maker writes it into a folder and returns what is given to `import`.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from importing import Somebody, git, montpellier
from terminal import talk
from test_import_foreign import write_map, zip_files

from smartreg.asking.question import Answers, Question, fill_in
from smartreg.cli.run import run
from smartreg.commands.import_ import proposal, read_file
from smartreg.core.values import Json
from smartreg.forms.importing import proposal_answers
from smartreg.importing.options import ImportRequest
from smartreg.workspace.workspace import open_workspace

__all__ = ["montpellier"]  # a fixture

GOLDEN = Path(__file__).parents[1] / "golden/import"


@dataclass(frozen=True)
class Inventory:
    """A file, how many records it makes of which kind, values that one of them (by id) has then. `answers`: what
    somebody types on a terminal where Enter does not do, by the path of the question."""

    make: Callable[[Path], Path]
    records: int
    kind: str = "support"
    holds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Mapping[str, Json] = field(default_factory=dict)


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def dbase_headings(folder: Path) -> Path:
    """Headings of dBASE, ISO-8859-1, decimal comma, Lambert-93 that nothing names, rows at 0, 0, two rows alike."""
    rows = "CAR_LIEU,C,254;CAR_ANNEE,N,4,0;SON_NIVEAU,C,50;POINT_X,N,19,8;POINT_Y,N,19,8\n"
    rows += "Passage Piéton / Pont;1999;Aucun;770000,3955;6279032,6454\nGare;2003;Tout;770012,1862;6279059,1982\n"
    rows += "Préfecture;2003;Tout;770112,1862;6279159,1982\n"
    rows += "Nulle part;2003;Tout;0;0\nGare;2003;Tout;770012,1862;6279059,1982\n"
    return write(folder, "Signalisation_Montpellier.csv", rows, "iso-8859-1")


def workbook(_folder: Path) -> Path:
    """An .xls of 2003."""
    return GOLDEN / "lamps.xls"


def zipped_shapefile(folder: Path) -> Path:
    """A shapefile in Lambert-93 without .prj, in an archive; its `Id` is 0 in all rows, a type is in other words."""
    columns = {"Id": (0, 0, 0), "REF": ("EP1", "EP2", "EP3"), "TYPE": ("Candélabre", "Immeuble", "Mât")}
    shape = write_map(folder / "mats/mats.shp", "ESRI Shapefile", "EPSG:2154", columns, encoding="UTF-8")
    files = {part.name: part.read_bytes() for part in shape.parent.iterdir() if part.suffix != ".prj"}
    return zip_files(folder / "mats.zip", files)


def quoted_decimals(folder: Path) -> Path:
    """Commas between cells and in quoted numbers; equipment without a day of installation; a row far away."""
    rows = (
        "Station_num,Station_nom,Station_codepost,Station_ville,Station_latitude,Station_longitude,Station_Typologie\n"
    )
    rows += '08016,Prés d\'Arènes,34000,Montpellier,"43,591486","3,886814",urbain\n'
    rows += '08017,Périurbaine Sud,34970,Lattes,"43,570549","3,911678",périurbain\n'
    rows += '08030,Perpignan Centre,66000,Perpignan,"42,698","2,895",urbain\n'
    return write(folder, "StationAir.csv", rows, "iso-8859-1")


def lambert_geojson(folder: Path) -> Path:
    """GeoJSON whose positions are metres, against its standard."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [770000.5 + number, 6279032.25]},
            "properties": {"OBJECTID": number, "NOM": f"Lampadaire {number}", "COULEUR": "gris"},
        }
        for number in (1, 2, 3)
    ]
    return write(folder, "eclairage.geojson", json.dumps({"type": "FeatureCollection", "features": features}))


def nested_json(folder: Path) -> Path:
    """Objects within objects, and a field that some of them lack."""
    items = [
        {"nom": "Mât 1", "position": {"lon": 3.8712, "lat": 43.6123}, "hauteur": 8},
        {"nom": "Mât 2", "position": {"lon": 3.8722, "lat": 43.6124}},
    ]
    return write(folder, "mats.json", json.dumps(items))


def empty_commune(folder: Path) -> Path:
    """The national schema of counts: a column of communes that nobody filled."""
    rows = "site_id,parent_site_id,site_name,fr_insee_code,xlong,ylat,infrastructure_type\n"
    rows += '300014141,,"Comédie",,3.8796,43.6085,\n300014151,,"Antigone",,3.8826,43.6082,\n'
    return write(folder, "comptage-site.csv", rows)


def one_cell(folder: Path) -> Path:
    """OpenDataSoft's `geo_point_2d`, postal codes, accents that were read wrongly, rows in several communes."""
    rows = "nom;code_postal;geo_point_2d\nMât de la ComÃ©die;34000;43.6085, 3.8796\n"
    rows += "Mât du Port;34970;43.5705, 3.9117\nMât d'Antigone;34000;43.6082, 3.8826\n"
    return write(folder, "mats.csv", rows)


def decoded_twice(folder: Path) -> Path:
    """Accents decoded twice, invisible characters, postal codes."""
    rows = "numero;adresse;code_postal;geo_point_2d\n"
    rows += 'EP-1;"12 rue de CrÃ©qui";34000;43.60862, 3.87945\nEP-2;place de la Com\u00addie;34000;43.609, 3.8801\n'
    return write(folder, "lampadaires.csv", rows)


def areas(folder: Path) -> Path:
    """Buildings by their outlines."""
    ring = [[3.87, 43.6], [3.88, 43.6], [3.88, 43.61], [3.87, 43.61], [3.87, 43.6]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    features = [{"type": "Feature", "geometry": shape, "properties": {"NOM": "Hôtel de Ville"}}]
    return write(folder, "batiments.geojson", json.dumps({"type": "FeatureCollection", "features": features}))


def foreign_repository(folder: Path) -> Path:
    """A folder of YAML files, one thing each."""
    (folder / "mats").mkdir()
    for number in (1, 2):
        write(folder / "mats", f"mat-{number}.yaml", f"lat: 43.6{number}\nlon: 3.87\ncouleur: gris\n")
    return folder / "mats"


INVENTORIES: dict[str, Inventory] = {
    "csv with headings of dBASE": Inventory(
        dbase_headings,
        3,
        holds={"gare": {"type": "traffic_light", "insee_code": "34172", "status": "in_service"}},
    ),
    "zipped shapefile without .prj": Inventory(
        zipped_shapefile, 3, holds={"ep2": {"type": "other", "status": "in_service"}}
    ),
    "xls": Inventory(workbook, 3, holds={"lp1": {"height_m": 4.5}}),
    "csv with quoted decimals": Inventory(
        quoted_decimals, 2, "equipment", holds={"stationair-08016": {"type": "sensor"}}
    ),
    "geojson in Lambert-93": Inventory(lambert_geojson, 3, holds={"eclairage-2": {"type": "street_light"}}),
    "csv with a position in one cell": Inventory(
        one_cell,
        3,
        holds={
            "mat-de-la-comedie": {"address": "Mât de la Comédie", "insee_code": "34172"},
            "mat-du-port": {"insee_code": "34129"},
        },
    ),
    "nested json": Inventory(nested_json, 2, holds={"mat-1": {"height_m": 8, "type": "mast"}}),
    "csv of counting sites": Inventory(empty_commune, 2, "equipment"),
    "accents decoded twice": Inventory(
        decoded_twice, 2, holds={"ep-1": {"address": "12 rue de Créqui", "insee_code": "34172"}}
    ),
    "areas": Inventory(areas, 1, holds={"hotel-de-ville": {"location": {"lon": 3.875, "lat": 43.605}}}),
    "folder of yaml": Inventory(foreign_repository, 2, holds={"mat-2": {"location": {"lon": 3.87, "lat": 43.62}}}),
}


@pytest.fixture(scope="module")
def begun(montpellier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The registry of Montpellier with the one use case that it begins with."""
    root = Path(shutil.copytree(montpellier, tmp_path_factory.mktemp("begun") / "registry"))
    words = ["--id=air", "--title=Air", "--owner=montpellier", "--domain=air_quality", "-y"]
    assert run(["-C", str(root), "add-use-case", *words]) == 0
    return root


@pytest.fixture
def root(begun: Path, tmp_path: Path) -> Path:
    """A copy of it, to import into."""
    return Path(shutil.copytree(begun, tmp_path / "registry"))


def check_imported(root: Path, inventory: Inventory) -> None:
    """One commit has the records, and nothing is left open."""
    current = open_workspace(root).current
    records = {record.rid.id: record.data for record in current.of_kind(inventory.kind)}
    assert len(records) == inventory.records, sorted(records)
    for id, values in inventory.holds.items():
        assert {name: records[id].get(name) for name in values} == values
    assert git(root, "log", "-1", "--format=%s").startswith(f"Import {inventory.records} ")
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize("inventory", INVENTORIES.values(), ids=INVENTORIES)
def test_without_a_terminal_two_commands_are_enough(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], inventory: Inventory
) -> None:
    """The first one shows the profile and writes nothing; the one that it prints is run to the letter."""
    file = inventory.make(tmp_path)
    capsys.readouterr()
    assert run(["-C", str(root), "import", str(file), "--lang", "en"]) in (1, 2)
    profile, said = capsys.readouterr()
    assert "they would become" in profile
    assert git(root, "status", "--porcelain") == ""
    command = said.strip().split("\n")[-1]
    assert command.startswith("smartreg import "), said
    assert run(shlex.split(command)[1:]) == 0, command
    check_imported(root, inventory)


@pytest.mark.parametrize("inventory", INVENTORIES.values(), ids=INVENTORIES)
def test_on_a_terminal_enter_is_enough(root: Path, tmp_path: Path, inventory: Inventory) -> None:
    """One run: every question has what the file most likely means as its default."""
    file = inventory.make(tmp_path)
    Somebody(open_workspace(root)).import_(file, inventory.answers)
    check_imported(root, inventory)


def test_a_terminal_shows_the_profile_and_goes_on_to_the_commit(root: Path, tmp_path: Path) -> None:
    """The kind is guessed, and one column is something else: it is named by its number."""
    file = dbase_headings(tmp_path)
    exchange = [
        ("what is each row?", "\r"),
        ("5 rows, 5 columns; as supports they would become:", ""),
        ("POINT_X=0", ""),
        ("columns that are something else, by number (Enter: none)", "9\r"),
        ("from 1 to 5, or Enter alone", ""),
        ("columns that are something else, by number (Enter: none)", "3\r"),
        ("SON_NIVEAU (Aucun) [-]", "notes\r"),
        ("type, for every row [traffic_light]", "\r"),
        ("owner, for every row [montpellier]", "\r"),
        ("insee_code, for every row [34172]", "\r"),
        ("[in_service]", "\r"),
        ("Lambert-93", "\r"),
        ("0, 0", "\r"),
        ("some rows say the same", "\r"),
        ("Write this?", "\r"),
    ]
    program = (sys.executable, "-m", "smartreg", "import", str(file), "--lang", "en")
    code, shown = talk(program, root, tmp_path, exchange)
    assert code == 0, shown
    check_imported(root, INVENTORIES["csv with headings of dBASE"])
    assert "notes: Tout" in (root / "registry/supports/34172/gare.yaml").read_text("utf-8")


@pytest.mark.parametrize(("point", "likely"), [("42.698, 2.895", "inside"), ("43.6170, 4.0080", "all")])
def test_rows_outside_stay_out_by_default_only_far_from_every_border(
    root: Path, tmp_path: Path, point: str, likely: str
) -> None:
    """By the nearest centres, which is said: Perpignan lies outside for sure, a point near Mauguio perhaps not."""
    rows = f'ref;geo_point_2d\nA;43.6085, 3.8796\nB;43.6082, 3.8826\nC;"{point}"\n'
    file = write(tmp_path, "mats.csv", rows)
    somebody = Somebody(open_workspace(root))
    kind = somebody.workspace.current.schemas.kind("support")
    read = read_file(somebody.workspace, kind, file, ImportRequest())
    again = partial(proposal, somebody.workspace, kind, file, on=somebody.today, file_read=read)
    made = again(request=ImportRequest())
    assert made is not None
    assert made.complete().inside == (likely == "inside")
    asked: dict[str, Question] = {}

    def press_enter(question: Question, _answers: Answers) -> Json:
        asked[str(question.path[0])] = question
        return question.default

    request = fill_in(partial(proposal_answers, somebody, made, again), Answers(), press_enter)
    assert (asked["inside"].default, request.inside) == (likely, likely == "inside")
    assert "by the nearest centres" in asked["inside"].title
