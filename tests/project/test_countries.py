"""docs/countries.md works as written, and neither the program nor what it writes says a French word there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from desk import serving, text_of
from french import french_in, french_in_page
from program import Done, start

from smartreg.core.messages import ELSEWHERE, english_of
from smartreg.rules import all_rules
from smartreg.schema import bundled_files, read_schemas, schemas_in
from smartreg.schema.countries import country_named

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


@pytest.mark.parametrize("code", CITIES)
def test_a_registry_from_init_to_the_report_says_no_french_word(tmp_path: Path, code: str) -> None:
    runs = list(play(CITIES[code], tmp_path))
    folder = tmp_path / CITIES[code].lower().replace("ö", "oe")
    assert [found for run in runs for found in french_in(run.stdout + run.stderr)] == []
    assert {name: found for name, found in texts_in(folder) if found} == {}
    findings = json.loads(start("validate", "-f", "json", cwd=folder).stdout)["findings"]
    assert findings == []
    assert "both are parties to it" in runs[-6].stdout + runs[-7].stdout
    report = next(run.stdout for run in runs if run.stdout.startswith("# "))
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


REFUSED = {
    "--country XX": 'no country "XX"',
    "--country DE --epci 200054807": "--epci is for France alone",
    "--municipalities list.csv": "--municipalities is for other countries",
}


@pytest.mark.parametrize("words", REFUSED)
def test_options_of_another_country_are_refused(tmp_path: Path, words: str) -> None:
    done = start("init", "new", *words.split(), "-y", cwd=tmp_path, SMARTREG_LANG="en")
    assert (done.returncode, REFUSED[words] in done.stderr) == (2, True)
    assert not (tmp_path / "new").exists()
