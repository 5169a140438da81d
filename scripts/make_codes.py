"""Make the tables of smartreg/domain/codes from the npm package `@etalab/decoupage-administratif`.

    python scripts/make_codes.py                          fetches the package with `npm pack`
    python scripts/make_codes.py --package PATH           reads a packed .tgz or an unpacked folder, offline
    python scripts/make_codes.py --to FOLDER              writes somewhere else

The same package always gives the same bytes. A new vintage: change VERSION and INTEGRITY, run, read the diff.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
INTEGRITY = (
    "XavYsFlbcM/prKr8hNHPKER94IHw/dsxNM4nxjWMYk6PLFACpEedvn/7wK8Baozm0dCYhWWcf+7bcWpA5pmCaQ=="  # SHA-512 of the .tgz
)
TABLES = Path(__file__).resolve().parent.parent / "smartreg" / "domain" / "codes"

Entry = dict[str, Any]
Row = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the tables of smartreg/domain/codes from the official codes.")
    parser.add_argument("--package", type=Path, help=f"{PACKAGE} {VERSION}: the .tgz or its unpacked folder")
    parser.add_argument("--to", type=Path, default=TABLES, help="folder to write to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        package = options.package or fetch(Path(scratch))
        communes, groups = read(package, "communes"), read(package, "epci")
    options.to.mkdir(parents=True, exist_ok=True)
    write(options.to / "communes.csv", COMMUNE_HEADINGS, commune_rows(communes, groups))
    write(options.to / "epci.csv", EPCI_HEADINGS, epci_rows(communes, groups))
    write(options.to / "arrondissements.csv", ARRONDISSEMENT_HEADINGS, arrondissement_rows(communes))


def fetch(folder: Path) -> Path:
    """Download the package into `folder` and check its digest; the path of the .tgz."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed. Install it, or give the package with --package.")
    subprocess.run([npm, "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (packed,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        sys.exit(f"{PACKAGE} {VERSION} is not the file that it was: SHA-512 is {digest}.")
    return packed


def read(package: Path, name: str) -> list[Entry]:
    """The entries of data/<name>.json in a packed or unpacked package."""
    if package.is_dir():
        text = (package / "data" / f"{name}.json").read_bytes()
    else:
        with tarfile.open(package) as archive:
            stream = archive.extractfile(f"package/data/{name}.json")
            text = stream.read() if stream else b"[]"
    entries: list[Entry] = json.loads(text)
    return entries


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
    """EPCI by SIREN; the population sums communes.json, whose vintage is later than the one of epci.json."""
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
