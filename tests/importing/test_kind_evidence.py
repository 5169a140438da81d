"""What a file is: its words, its places, its numbers, its values; and where these say nothing, it is asked.

The first tables are heads of files that the city of Montpellier published (Licence Ouverte, Montpellier Territoire
Numérique); the others have the traits of published tables.
"""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path

import pytest
from importing import montpellier, root

from smartreg.cli.run import run
from smartreg.commands.import_ import likely_kinds, proposal, read_file
from smartreg.importing.options import ImportRequest
from smartreg.workspace.workspace import open_workspace

__all__ = ["montpellier", "root"]  # fixtures

CAMERAS = """\
"FID_1,N,9,0","Id,N,9,0","Nom,C,254","Adresse,C,254","LIBQUART,C,32","Année,N,9,0"
17,0,C59.04,Lapeyronie,HOPITAUX-FACULTES,2004
18,0,C94.07,Rond point de la Lyre,HOPITAUX-FACULTES,2007
"""
FOUNTAINS = """\
"Dossier","Nom","BORNE_FONT","Catégorie","Longitude","Latitude"
1056,"Square Théophraste Renaudot",1,"Square","3,87576","43,615"
1069,"Parc du Belvédère",1,"Parc","3,84642","43,5902"
"""
PARKING_METERS = """\
"ID","NUMERO,C,30","ADRESSE,C,254","NB_PLACES,N,19,11","SECTEUR,C,10","F07_COMMEN,C,254","F08_COMMEN,C,254"
1,"201","Rue joffre",22,"2","3,87925827808276","43,606685399744"
2,"209","Rue Du guesclin",27,"2","3,88291821033673","43,6072791167536"
"""
DELIBERATIONS = """\
Numéro de projet de délibération;Elu(s);Titre;Etat;Numéro de délibération;Date CM
1;Hélène MANDROUX;Voeu de soutien;DELIBERATION EXECUTOIRE;464;25/11/2013
2;Max LEVITA;Attribution d'une aide humanitaire;DELIBERATION EXECUTOIRE;465;25/11/2013
"""
BUDGET = "Exercice;I_F;D_R;Nature;Montant\n2012;F;1;23;23943003\n2012;F;1;6042;340200\n"
NAMES = "Prénom;Nombre 2000-2013;/oo 2000-2013\nEmma;953;9.19\nLucas;909;8.77\n"
PLAYGROUNDS = """\
DOSSIER;NOM_AIRE;ECLAIRAGE;LONGITUDE;LATITUDE
1;Esplanade Paul Valéry;oui;3,846286;43,599239
7;Aire du Petit Bois;non;3,840232;43,605288
"""
ASSOCIATIONS = """\
NomAsso,Domaine,Adresse,Longitude,Latitude
Anadolu,INTERNATIONAL,133 RUE EDMOND HALLEY,"3,89967141","43,59480072"
280 communications,CULTURE,3 RUE BEAU SEJOUR,"3,882606364","43,618551336"
"""
COUNTS = "Date,Lieu,count,Lat,Long\n" + "".join(
    f"2021-06-{day:02} 00:00,Comédie,{day},43.6085,3.8796\n2021-06-{day:02} 00:00,Gare,{day},43.605,3.8807\n"
    for day in range(1, 21)
)


@pytest.mark.parametrize(
    ("name", "text", "kind", "type_"),
    [
        ("VilleMTP_MTP_CameraSurv.csv", CAMERAS, "equipment", "camera"),
        ("VilleMTP_MTP_Fontaines.csv", FOUNTAINS, "support", "street_furniture"),
        ("VilleMTP_MTP_Horodateurs_2011.csv", PARKING_METERS, "support", "street_furniture"),
        ("VilleMTP_MTP_Delibs.csv", DELIBERATIONS, "deliberation", None),
        ("zaehlstellen.csv", FOUNTAINS, "equipment", "sensor"),
        ("Trinkbrunnenstandorte.csv", FOUNTAINS, "support", "street_furniture"),
        ("localisation_des_compteurs_velo.csv", FOUNTAINS, "equipment", "sensor"),
        ("liste.csv", "TYPE;LON;LAT\nSANISETTES;3.87576;43.615\nSANISETTES;3.84642;43.5902\n", "support", None),
        ("liste.csv", "dev_eui;lon;lat\n70B3D57ED0000001;3.87576;43.615\n", "equipment", None),
        ("budget.csv", BUDGET, None, None),
        ("prenoms.csv", NAMES, None, None),
        ("aires.csv", PLAYGROUNDS, None, None),
        ("VilleMTP_MTP_ListeAssoc_2011.csv", ASSOCIATIONS, None, None),
        ("comptage-juin.csv", COUNTS, None, None),
        ("stations.csv", "nom;lon;lat\nA;3.87576;43.615\nB;3.84642;43.5902\n", None, None),
    ],
)
def test_what_a_row_is(root: Path, tmp_path: Path, name: str, text: str, kind: str | None, type_: str | None) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    decided = likely_kinds(open_workspace(root), file, ImportRequest()).decided
    assert (decided and decided.kind.name) == kind
    assert type_ is None or (decided is not None and decided.type == type_)


def position_columns(root: Path, file: Path) -> tuple[dict[str, str], str | None]:
    workspace = open_workspace(root)
    kind = workspace.current.schemas.kind("support")
    read = read_file(workspace, kind, file, ImportRequest())
    proposed = proposal(workspace, kind, file, ImportRequest(), date(2026, 1, 15), read)
    assert proposed is not None
    columns = {each.heading: each.becomes for each in proposed.columns if (each.becomes or "").startswith("location")}
    return {heading: str(name) for heading, name in columns.items()}, proposed.suggestions.crs


@pytest.mark.parametrize(
    ("text", "columns", "crs"),
    [
        (PARKING_METERS, {"F07_COMMEN,C,254": "location.lon", "F08_COMMEN,C,254": "location.lat"}, None),
        (
            "a;b;c\n1;770000,4;6279032,6\n2;770112,2;6279159,2\n",
            {"b": "location.lon", "c": "location.lat"},
            "EPSG:2154",
        ),
        ("a;b;c\n1;555555.5;111111.5\n", {}, None),  # in no system used there
        ("id,lat,long\n7,43.615,3.87576\n8,43.5902,3.84642\n", {"lat": "location.lat", "long": "location.lon"}, None),
        ("id;ici\n7;43.615, 3.87576\n8;43.5902, 3.84642\n", {"ici": "location"}, None),
        ("id;ici\n7;1929 18\n8;1930 21\n", {}, None),  # two whole numbers are no place
        ("id;X;Y\n7;12;43\n8;13;44\n", {"X": "location.lon", "Y": "location.lat"}, None),  # headed so, wherever it is
    ],
)
def test_places_are_found_by_their_values(
    root: Path, tmp_path: Path, text: str, columns: dict[str, str], crs: str | None
) -> None:
    (file := tmp_path / "liste.csv").write_text(text, "utf-8")
    assert position_columns(root, file) == (columns, crs)


def test_places_in_the_systems_used_there(root: Path, tmp_path: Path) -> None:
    """CC44, NTF Lambert II étendu, UTM 31N and Web Mercator, by the territory alone."""
    pyproj = pytest.importorskip("pyproj")
    for system in ("EPSG:3944", "EPSG:27572", "EPSG:32631", "EPSG:3857"):
        back = pyproj.Transformer.from_crs("EPSG:4326", system, always_xy=True)
        places = [back.transform(lon, lat) for lon, lat in ((3.8796, 43.6085), (3.8807, 43.605), (3.87, 43.61))]
        rows = "".join(f"{number};{x:.2f};{y:.2f}\n" for number, (x, y) in enumerate(places))
        (file := tmp_path / "liste.csv").write_text(f"a;b;c\n{rows}", "utf-8")
        assert position_columns(root, file) == ({"b": "location.lon", "c": "location.lat"}, system)


def test_nothing_is_taken_by_default(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal the columns are shown, and what to type; a file of numbers is told to be no inventory."""
    (tmp_path / "aires.csv").write_text(PLAYGROUNDS, "utf-8")
    (tmp_path / "budget.csv").write_text(BUDGET, "utf-8")
    for way in ("-n", "-y"):
        assert run(["-C", str(root), "import", str(tmp_path / "aires.csv"), way]) == 2
        told = capsys.readouterr()
        assert "NOM_AIRE" in told.out
        assert f"smartreg import KIND {tmp_path / 'aires.csv'}" in told.err
        assert run(["-C", str(root), "import", str(tmp_path / "budget.csv"), way]) == 2
        told = capsys.readouterr()
        assert "neither places nor numbers of things" in told.err
    assert not list((root / "registry").glob("imports/*"))


def test_the_printed_command_is_ready_to_run(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also after -n: without it, and with the reason why it was not done now."""
    (file := tmp_path / "fontaines.csv").write_text(FOUNTAINS, "utf-8")
    why = {"-n": "-n writes nothing", "-y": "was only guessed"}
    for way, reason in why.items():
        assert run(["-C", str(root), "import", str(file), way]) == 2
        told = capsys.readouterr().err
        assert reason in told
        command = told.rpartition("smartreg ")[2]
        assert "-n" not in shlex.split(command)
        assert "-y" in shlex.split(command)
    words = [word.replace("OWNER", "ville-de-montpellier") for word in shlex.split(command)]
    assert run(["-C", str(root), *words]) == 0, capsys.readouterr().err


def test_ids_are_numbers_also_where_a_few_stand_twice(root: Path, tmp_path: Path) -> None:
    rows = "".join(f"{number % 19 + 1};3,87{number:02};43,61{number:02}\n" for number in range(20))
    (file := tmp_path / "horodateurs.csv").write_text(f"NUMERO;lon;lat\n{rows}", "utf-8")
    workspace = open_workspace(root)
    kind = workspace.current.schemas.kind("support")
    read = read_file(workspace, kind, file, ImportRequest())
    proposed = proposal(workspace, kind, file, ImportRequest(), date(2026, 1, 15), read)
    assert proposed is not None
    assert (proposed.suggestions.id_from, proposed.suggestions.match) == ("horodateurs-{NUMERO}", None)
