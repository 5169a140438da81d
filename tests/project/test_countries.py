"""docs/countries.md works as written, and neither the program nor what it writes says a French word there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from desk import serving, text_of
from french import french_in, french_in_page
from program import Done, start

from smartreg.cli.run import run
from smartreg.core.messages import ELSEWHERE, english_of
from smartreg.rules import all_rules
from smartreg.schema import bundled_files, read_schemas, schemas_in
from smartreg.schema.countries import country_named
from smartreg.validation.manuals import manual

PAGE = Path(__file__).parents[2] / "docs" / "countries.md"
CITIES = {"DE": "Köln", "IT": "Torino"}
FRENCH_LAW = {rule.code for rule in all_rules().values() if rule.law == "FR"}


def blocks_of(city: str) -> Iterator[tuple[str, str]]:
    """The language and the text of each block in the section of a city."""
    section = PAGE.read_text("utf-8").partition(f"\n## {city}\n")[2].partition("\n## ")[0]
    yield from re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)


def play(city: str, folder: Path) -> Iterator[Done]:
    """Run the commands of a section, its list of municipalities beside them."""
    home, listed = folder, ""
    (home / ".gitconfig").write_text("[user]\n name = Registry\n email = registry@example.org\n", "utf-8")
    for language, text in blocks_of(city):
        if language == "csv":
            listed = text
        for words in map(shlex.split, text.splitlines() if language == "sh" else ()):
            if "--municipalities" in words:
                (folder / words[words.index("--municipalities") + 1]).write_text(listed, "utf-8")
            if words[0] == "cd":
                folder = folder / words[1]
            else:
                done = start(*words[1:], cwd=folder, HOME=str(home), SMARTREG_LANG="en")
                assert done.returncode == 0, f"{words}: {done.stderr}"
                yield done


def texts_in(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The French words in each file of a registry, and of what was exported."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and ".git" not in file.relative_to(folder).parts and file.name != "meta.schema.json":
            content = file.read_bytes()
            if file.suffix == ".xlsx":
                with ZipFile(BytesIO(content)) as book:
                    content = b"\n".join(book.read(name) for name in book.namelist() if name.endswith(".xml"))
            check = french_in_page if file.suffix == ".html" else french_in
            yield file.relative_to(folder).as_posix(), check(content.decode())


@pytest.mark.day("2026-11-27")  # the agreements of the page end some day
@pytest.mark.parametrize("code", CITIES)
def test_a_registry_from_init_to_the_report_says_no_french_word(tmp_path: Path, code: str) -> None:
    runs = list(play(CITIES[code], tmp_path))
    folder = tmp_path / CITIES[code].lower().replace("ö", "oe")
    assert [found for done in runs for found in french_in(done.stdout + done.stderr)] == []
    assert {name: found for name, found in texts_in(folder) if found} == {}
    findings = json.loads(start("validate", "-f", "json", cwd=folder).stdout)["findings"]
    assert findings == []
    assert "both are parties to it" in runs[-6].stdout + runs[-7].stdout
    report = next(done.stdout for done in runs if done.stdout.startswith("# "))
    assert "1 of the 2 municipalities of the territory has devices" in report
    catalogue = json.loads((folder / "exports" / "dcat" / "catalogue.jsonld").read_bytes())["@graph"]
    assert catalogue[0]["dct:license"]["@id"].endswith(f"/{country_named(code).open_licence}.html")
    datasets = [node for node in catalogue if node["@type"] == "dcat:Dataset"]
    assert [node["dct:title"]["@language"] for node in datasets] == [code.lower()]


DESK = ("/", "/add/party", "/add/support", "/add/network", "/records", "/coverage", "/bilan", "/import", "/changes")


def test_the_desk_asks_for_the_codes_of_the_country(tmp_path: Path) -> None:
    (tmp_path / "smartreg.toml").write_text('name = "Comune di Torino"\ncountry = "IT"\n', "utf-8")
    party = tmp_path / "registry" / "parties" / "torino.yaml"
    party.parent.mkdir(parents=True)
    party.write_text("id: torino\nname: Torino\ncategory: municipality\nofficial_code: '001272'\n", "utf-8")
    with english_of(ELSEWHERE), serving(tmp_path) as desk:
        pages = {path: text_of(desk.request("GET", path)) for path in DESK}
    texts = {
        path: text.replace("Cette page en français", "") for path, text in pages.items()
    }  # leads to the other language
    assert {path: found for path, text in texts.items() if (found := french_in(text))} == {}
    assert "Tax code (codice fiscale)" in texts["/add/party"]
    assert "Municipality code (ISTAT)" in texts["/add/support"]


def test_a_registry_that_names_its_country_later_gets_its_schemas(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for name, text in bundled_files().items():
        (tmp_path / "schemas" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "schemas" / name).write_bytes(text)
    (tmp_path / "smartreg.toml").write_text('name = "Bonn"\ncountry = "DE"\n', "utf-8")
    assert start("schema", "--refresh", "--no-commit", "-y", cwd=tmp_path).returncode == 0
    assert {file.name: file.read_bytes() for file in (tmp_path / "schemas").iterdir()} == schemas_in("DE")


def test_french_law_is_silent_elsewhere(tmp_path: Path) -> None:
    """A convention for a fee without a known end, and a licence that no French decree lists."""
    for code, found in {"DE": set(), "FR": {"CON306", "CON320", "DAT506"}}.items():
        folder, is_french = tmp_path / code, code == "FR"
        municipality = "category: commune\nsiren: '211300470'\ninsee_code: '13047'\n"
        files = {
            "smartreg.toml": f'country = "{code}"\n',
            "registry/parties/a.yaml": "id: a\nname: A\n"
            + (municipality if is_french else "category: municipality\nofficial_code: '05315000'\n"),
            "registry/parties/b.yaml": "id: b\nname: B\ncategory: private\n",
            "registry/conventions/c.yaml": "id: c\ntitle: C\nparties: [a, b]\nfamilies: [data]\nstatus: signed\n"
            "signed_on: '2026-01-02'\nconsideration: fee\n",
            "registry/flows/f.yaml": "id: f\ntitle: F\nproducer: a\nconsumers: [b]\nequipment: []\naccess: public\n"
            "licence: CC-BY-4.0\naccess_url: https://example.org/f\nstatus: active\n"
            "personal_data:\n  involved: false\n",
        }
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        codes = {item["code"] for item in json.loads(start("validate", "-f", "json", cwd=folder).stdout)["findings"]}
        assert codes & FRENCH_LAW >= found
        assert is_french or not codes & FRENCH_LAW


def test_schemas_of_other_countries_say_no_french_word_and_those_of_france_stay() -> None:
    shipped = bundled_files()
    assert schemas_in("FR") == shipped
    for code in ("DE", "IT", "BE", "GR"):
        texts = schemas_in(code)
        assert set(read_schemas(texts).kinds) == set(read_schemas(shipped).kinds)
        said = {name: french_in(text.decode()) for name, text in texts.items() if name != "meta.schema.json"}
        assert {name: found for name, found in said.items() if found} == {}


# Pages that are about France among others, by name.
SAY_FRANCE = {"GEO701", "GEO731", "REF229"}


def test_pages_of_rules_say_no_french_word_elsewhere() -> None:
    """Those of the rules that count there, with their names of fields and without articles of French law."""
    counting = [rule for rule in all_rules().values() if rule.law != "FR"]
    with english_of(ELSEWHERE):
        pages = {rule.code: manual(rule, "en") for rule in counting}
    found = {code: words for code, page in pages.items() if (words := french_in(page))}
    assert found.keys() <= SAY_FRANCE
    assert all("In France" in words or "than France" in words for code in found for words in found[code][:1])
    assert "insee_code" not in "".join(pages.values())
    assert manual(all_rules()["GEO717"], "en").count("commune") > 3, "French registries read them as they are"


HELP = (
    *("add", "add-support", "add-sensor", "add-convention", "amend", "audit", "boundaries", "find", "import", "move"),
    *("rename", "report", "set", "transfer", "validate"),
)


def test_help_says_no_french_word_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Examples of Istres and Nantes, 43.5° north and classes of a French decree; in French, examples are the same."""
    (tmp_path / "smartreg.toml").write_text('name = "Bonn"\ncountry = "DE"\n', "utf-8")
    for word in HELP:
        assert run(["-C", str(tmp_path), "--lang", "en", word, "-h"]) == 0
        page = capsys.readouterr().out
        assert french_in(page) == [], word
        assert not re.search(r"43\.5|DT-DICT|ABF|once it is adopted", page), word
    assert run(["-C", str(tmp_path), "--lang", "fr", "set", "-h"]) == 0
    assert "smartreg set northfield-noise-003" in capsys.readouterr().out
    for words in (["help", "ref229"], ["REF229"]):
        assert run(["-C", str(tmp_path), "--lang", "en", *words]) == 2
        assert "smartreg explain REF229" in capsys.readouterr().err


MEANT = {
    "add-party --insee-code 1 -y": "help: did you mean --official-code?",
    "add-party --siren 1 -y": "help: did you mean --register-code?",
    "list parties --where siret=1": 'help: did you mean "register_code"?',
    "set koeln insee_code=1": 'help: did you mean "official_code"?',
    "list networks --where coverage_insee_codes=1": 'help: did you mean "coverage_official_codes"?',
}


def test_what_france_calls_otherwise_is_understood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "registry/parties").mkdir(parents=True)
    (tmp_path / "smartreg.toml").write_text('name = "Köln"\ncountry = "DE"\n', "utf-8")
    party = "id: koeln\nname: Köln\ncategory: municipality\nofficial_code: '05315000'\n"
    (tmp_path / "registry/parties/koeln.yaml").write_text(party, "utf-8")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for words, hint in MEANT.items():
        assert run(["-C", str(tmp_path), "--lang", "en", *shlex.split(words)]) == 2
        assert hint in capsys.readouterr().err, words
    (tmp_path / "smartreg.toml").write_text('name = "Istres"\n', "utf-8")
    assert run(["-C", str(tmp_path), "--lang", "en", "add-party", "--official-code", "1", "-y"]) == 2
    assert "help: did you mean --insee-code?" in capsys.readouterr().err


def test_titles_in_another_language_than_the_usual_one(tmp_path: Path) -> None:
    """A registry of Köln that is kept in English says so in DCAT."""
    files = {
        "smartreg.toml": 'name = "Köln"\ncountry = "DE"\nlanguage = "en"\n',
        "registry/parties/koeln.yaml": "id: koeln\nname: Köln\ncategory: municipality\nofficial_code: '05315000'\n",
        "registry/flows/f.yaml": "id: f\ntitle: Noise levels\nproducer: koeln\nequipment: []\naccess: public\n"
        "licence: CC-BY-4.0\naccess_url: https://example.org/f\nstatus: active\npersonal_data:\n  involved: false\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert start("export", "-f", "dcat", "-o", "out", cwd=tmp_path).returncode == 0
    catalogue, *nodes = json.loads((tmp_path / "out/catalogue.jsonld").read_bytes())["@graph"]
    assert catalogue["dct:language"]["@id"].endswith("/ENG")
    (title,) = (node["dct:title"] for node in nodes if node["@type"] == "dcat:Dataset")
    assert title == {"@value": "Noise levels", "@language": "en"}
    (tmp_path / "smartreg.toml").write_text('country = "DE"\nlanguage = "English"\n', "utf-8")
    assert "smartreg.toml: language" in start("validate", cwd=tmp_path).stderr


# -- a list of municipalities ----------------------------------------------------------------------------------------

LISTS = {
    "Gemeinde\nKöln\n": "list.csv:1: no column official_code; there are Gemeinde",
    "AGS;Gemeinde\n5315000;Köln\n": 'list.csv:2:1: "5315000" is not of the form AGS',
    "AGS;Gemeinde\n05315000;Köln\n05315000;Bonn\n": "list.csv:3:1: 05315000 is on line 2 already",
    "AGS;Gemeinde\n05315000;\n": "list.csv:2:2: the name is missing",
    "AGS;Gemeinde;Einwohner\n05315000;Köln;many\n": 'list.csv:2:3: "many" is not a whole number',
    "AGS;Gemeinde;NUTS\n05315000;Köln;dea23\n": 'list.csv:2:3: "dea23" is no NUTS code',
    "AGS;Gemeinde;VAT\n05315000;Köln;DE122790348\n": "list.csv:2:3: DE122790348 has a wrong check digit",
    "": "list.csv:1: the sheet is empty",
}


@pytest.mark.parametrize("text", LISTS)
def test_a_list_that_cannot_be_used_is_refused_by_line_and_column(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.csv").write_text(text, "utf-8")
    words = ("init", "new", "--country", "DE", "--municipalities", "list.csv", "-y")
    done = start(*words, cwd=tmp_path, SMARTREG_LANG="en")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"error: {LISTS[text]}")
    assert not (tmp_path / "new").exists()


# As they are published: by Destatis (with a column AGS), ISTAT (in windows-1252, headings over two lines), Eurostat.
PUBLISHED = {
    "Landeshauptstadt München": (
        "DE",
        "AGS;Gemeindename;Bevölkerung insgesamt;Längengrad;Breitengrad;USt-IdNr.;PLZ\n"
        "05315000;Köln, Stadt;1.087.353;6,95000;50,94222;DE122790345;50667\n"
        "09162000;München, Landeshauptstadt;1.510.378;11,57000;48,13000;;80313\n",
        {"koln": "05315000", "munchen": "09162000"},
        "munchen",
        "PLZ",
    ),
    "Comune di Bolzano": (
        "IT",
        "Codice Regione;Codice Comune formato alfanumerico;Denominazione (Italiana e straniera);"
        'Denominazione in italiano;"Denominazione dell\'Unità territoriale sovracomunale \n(valida a fini statistici)";'
        "Codice Comune formato numerico;Codice NUTS3 2021;Codice NUTS3 2024\n"
        "01;001272;Torino;Torino;Torino;1272;ITC11;ITC11\n"
        "04;021008;Bolzano/Bozen;Bolzano;Bolzano/Bozen;21008;ITH10;ITH10\n",
        {"torino": "001272", "bolzano": "021008"},
        "bolzano",
        "Codice Regione, Denominazione (Italiana e straniera), Denominazione dell'Unità territoriale sovracomunale "
        "(valida a fini statistici), Codice Comune formato numerico, Codice NUTS3 2021",
    ),
    "Stad Brussel": (
        "BE",
        "NUTS 3 CODE,LAU CODE,LAU NAME NATIONAL,LAU NAME LATIN,CHANGE (Y/N),POPULATION,TOTAL AREA (m2)\n"
        'BE234,44021,Gent,Gent,N,"267,709","157,750,000"\n'
        'BE100,21004,Bruxelles / Brussel,Bruxelles / Brussel,N,"192,950","33,090,000"\n',
        {"gent": "BE_44021", "bruxelles-brussel": "BE_21004"},
        "bruxelles-brussel",
        "LAU NAME LATIN, CHANGE (Y/N), TOTAL AREA (m2)",
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_lists_as_they_are_published(tmp_path: Path, name: str) -> None:
    country, text, codes, keeper, unused = PUBLISHED[name]
    (tmp_path / "list.csv").write_bytes(text.encode("cp1252" if country == "IT" else "utf-8"))
    words = ("init", "new", "--country", country, "--name", name, "--municipalities", "list.csv", "--no-commit", "-y")
    done = start(*words, cwd=tmp_path, SMARTREG_LANG="en")
    assert f"note: columns of the list that were not used: {unused}\n" in done.stderr
    assert f"2 parties ({keeper})" in done.stdout
    root = tmp_path / "new"
    parties = {file.stem: yaml.safe_load(file.read_bytes()) for file in (root / "registry/parties").glob("*.yaml")}
    assert {id: party["official_code"] for id, party in parties.items()} == codes
    assert not any("," in party["name"] for party in parties.values())
    if country == "BE":
        assert start("validate", "--no-index", cwd=root, SMARTREG_LANG="en").returncode == 0
    centres = root / "registry/annexes/municipalities.geojson"
    assert centres.exists() == (country == "DE")


def test_what_a_list_does_not_give_is_told(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("AGS;Gemeinde\n05315000;Köln\n05316000;Leverkusen\n", "utf-8")
    init = partial(start, "init", cwd=tmp_path, SMARTREG_LANG="en")
    done = init("rhein", "--country", "DE", "--municipalities", "list.csv", "--no-commit", "-y")
    assert 'write lead_party = "koln"' in done.stderr
    for country, publisher in {"IT": "istat.it", "GR": "ec.europa.eu/eurostat"}.items():
        done = init(country, "--country", country, "--no-commit", "-y")
        assert "--municipalities FILE.csv" in done.stderr
        assert publisher in done.stderr


def test_a_pole_in_paris_is_refused_elsewhere(tmp_path: Path) -> None:
    """By the bounds of the country, and nearer home by the centres that the list gives."""
    text = "AGS;Gemeinde;lon;lat\n05315000;Köln;6.95;50.94222\n05316000;Leverkusen;6.98842;51.04593\n"
    (tmp_path / "list.csv").write_text(text, "utf-8")
    (tmp_path / ".gitconfig").write_text("[user]\n name = R\n email = r@example.org\n", "utf-8")
    program = partial(start, HOME=str(tmp_path), SMARTREG_LANG="en")
    words = ("init", "de", "--country", "DE", "--name", "Köln", "--municipalities", "list.csv", "-y")
    assert program(*words, cwd=tmp_path).returncode == 0
    add = shlex.split("add-support --type mast --owner leverkusen --official-code Leverkusen --status in_service -y")
    for lon, lat, told in (
        ("2.35222", "48.85661", "[GEO731] the point is not in Germany"),
        ("13.40495", "52.52001", "error[GEO702] the point is 470.6 km from 05316000 Leverkusen"),
        ("50.94130", "6.95830", "is it lon 6.9583, lat 50.9413?"),
        ("356000", "5645000", "smartreg import --crs EPSG:25832"),
    ):
        done = program(*add, "--location-lon", lon, "--location-lat", lat, cwd=tmp_path / "de")
        assert done.returncode == 1
        assert told in done.stdout + done.stderr
    done = program(*add, "--location-lon", "6.98842", "--location-lat", "51.04622", cwd=tmp_path / "de")
    assert done.returncode == 0


# Inventories as a city keeps them: what is understood of the headings, and what a pole of the first row then says.
INVENTORIES: dict[str, tuple[str, str, dict[str, object], str]] = {
    "DE": (
        "masten.csv",
        "Nr;Gemeinde;Rechtswert;Hochwert;Standort;Lichtpunkthöhe;Einbaudatum\n"
        "101;Köln, Stadt;356526;5645292;Domplatte 1;8,5;12.03.2024\n102;Leverkusen;359030;5657000;Rathaus;9;\n",
        {"local_ref": "101", "official_code": "05315000", "address": "Domplatte 1", "height_m": 8.5, "type": "mast"},
        "--crs EPSG:25832",
    ),
    "IT": (
        "impianti.csv",
        "Numero;Comune;Codice ISTAT;Indirizzo;Longitudine;Latitudine;Altezza\n"
        "12;Torino;1272;Corso Regina 1;7,68686;45,07031;8,5\n13;Moncalieri;1156;Via Po 1;7,68786;44,99931;8\n",
        {"local_ref": "12", "official_code": "001272", "address": "Corso Regina 1", "height_m": 8.5},
        "official_code: 1272 was taken for 001272",
    ),
    "BE": (
        "palen.csv",
        "Reference,LAU code,Address,lon,lat\n7,44021,Korenmarkt 1,3.72171,51.05422\n8,21004,Markt 1,4.35251,50.84671\n",
        {"local_ref": "7", "official_code": "BE_44021", "address": "Korenmarkt 1"},
        "names understood: 44021 → BE_44021",
    ),
}
MUNICIPALITIES = {
    "DE": (("05315000", "Köln"), ("05316000", "Leverkusen")),
    "IT": (("001272", "Torino"), ("001156", "Moncalieri")),
    "BE": (("BE_44021", "Gent"), ("BE_21004", "Brussel")),
}


@pytest.mark.parametrize("country", INVENTORIES)
def test_an_inventory_in_the_words_of_the_country(tmp_path: Path, country: str) -> None:
    """The command that the refusal prints brings it in as it stands, whose the poles are included."""
    name, text, fields, told = INVENTORIES[country]
    rows = MUNICIPALITIES[country]
    (tmp_path / "list.csv").write_text("code,name\n" + "".join(f"{code},{called}\n" for code, called in rows), "utf-8")
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / ".gitconfig").write_text("[user]\n name = R\n email = r@example.org\n", "utf-8")
    program = partial(start, HOME=str(tmp_path), SMARTREG_LANG="en")
    words = ("init", "new", "--country", country, "--name", rows[0][1], "--municipalities", "list.csv", "-y")
    assert program(*words, cwd=tmp_path).returncode == 0
    refused = program("import", "supports", f"../{name}", cwd=tmp_path / "new")
    (command,) = (line for line in refused.stderr.splitlines() if line.startswith("smartreg import"))
    done = program(*shlex.split(command)[1:], cwd=tmp_path / "new")
    assert done.returncode == 0, done.stdout + done.stderr
    assert told in command + done.stderr
    pole = yaml.safe_load(next((tmp_path / "new/registry/supports").rglob(f"*{fields['local_ref']}.yaml")).read_bytes())
    assert {key: pole.get(key) for key in fields} == fields
    assert 3 < pole["location"]["lon"] < 8


# Columns of codes in the VG250 of the BKG, and in the LAU map of GISCO.
OUTLINES = {"DE": ("AGS", "05315000"), "BE": ("GISCO_ID", "BE_44021")}


@pytest.mark.parametrize("country", OUTLINES)
def test_outlines_place_the_rows_of_an_import(tmp_path: Path, country: str) -> None:
    column, code = OUTLINES[country]
    lat, lon = map(float, country_named(country).place.split(","))
    ring = [[lon + x, lat + y] for x, y in ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1))]
    shape = {"type": "Polygon", "coordinates": [ring]}
    map_ = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {column: code}, "geometry": shape}],
    }
    (tmp_path / "map.geojson").write_text(json.dumps(map_), "utf-8")
    (tmp_path / "list.csv").write_text(f"code,name\n{code},Town\n", "utf-8")
    (tmp_path / "poles.csv").write_text(f"id,type,owner,status,lon,lat\np-1,mast,town,planned,{lon},{lat}\n", "utf-8")
    (tmp_path / ".gitconfig").write_text("[user]\n name = R\n email = r@example.org\n", "utf-8")
    program = partial(start, HOME=str(tmp_path), SMARTREG_LANG="en")
    words = ("init", "new", "--country", country, "--name", "Town", "--municipalities", "list.csv", "-y")
    assert program(*words, cwd=tmp_path).returncode == 0
    kept = program("boundaries", "../map.geojson", "--licence", "CC-BY-4.0", "-y", cwd=tmp_path / "new")
    assert kept.returncode == 0, kept.stderr
    done = program("import", "supports", "../poles.csv", "-y", cwd=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert f'official_code: "{code}"' in (tmp_path / f"new/registry/supports/{code}/p-1.yaml").read_text("utf-8")
    assert "official_code of 1 row: the municipality whose outline holds the point" in done.stdout + done.stderr


REFUSED = {
    "--country Deutschland": 'help: did you mean "DE"?',
    "--country ITALIA": 'help: did you mean "IT"?',
    "--country el": 'help: did you mean "GR"?',
    "--country Koeln": "help: give two letters (ISO 3166-1), such as DE",
    "--country XX": 'no country "XX"',
    "--country DE --epci 200054807": "--epci is for France alone",
    "--municipalities list.csv": "--municipalities is for other countries",
}


@pytest.mark.parametrize("words", REFUSED)
def test_options_of_another_country_are_refused(tmp_path: Path, words: str) -> None:
    done = start("init", "new", *words.split(), "-y", cwd=tmp_path, SMARTREG_LANG="en")
    assert (done.returncode, REFUSED[words] in done.stderr) == (2, True)
    assert not (tmp_path / "new").exists()
