"""Generate a registry of any size, byte for byte the same for the same seed.

python benchmarks/generate.py --records 10000 --seed 1 --faults 0.01 DIR [--git]
"""

from __future__ import annotations

import argparse
import subprocess
from dataclasses import dataclass
from pathlib import Path

import records as data_of
from chance import Chance
from faults import FAULTS
from framework import METROPOLE
from towns import EPCI

from smartreg.edit.record_text import new_text
from smartreg.features.setup.scaffold import files_for
from smartreg.features.setup.scaffold import settings as config
from smartreg.schema import Schemas, bundled_files, read_schemas
from smartreg.schema.countries import FRANCE, country_named

# No record is ever reported as stale: findings must not depend on the day of the run.
ID = "00000000-0000-4000-8000-000000000000"  # of a registry that is the same in each run
_SETTINGS = f"""
[thresholds]
stale_months = 1200

[deliberation_numbers]
{METROPOLE} = '^BENCH-\\d{{3}}-\\d{{5}}/(?P<year>\\d{{2}})/BM$'
"""
_IDENTITY = {"user.name": "benchmark", "user.email": "benchmark@example.org", "commit.gpgSign": "false"}


@dataclass(frozen=True)
class Generated:
    """What was written: record files by kind, their total size in bytes, and the files with a fault."""

    files: dict[str, list[str]]
    size: int
    faulty: frozenset[str]


def generate(folder: Path, records: int, seed: int, faults: float) -> Generated:
    """Write a registry of `records` records into `folder`; the share `faults` of them has one schema fault each."""
    schemas = read_schemas(bundled_files())
    for path, text in settings(schemas).items():
        _write(folder / path, text)
    chance = Chance(seed + 1)
    damaged = set(chance.shuffle(range(records))[: round(records * faults)])
    files: dict[str, list[str]] = {kind: [] for kind in schemas.kinds}
    faulty: set[str] = set()
    size = 0
    for number, (name, data) in enumerate(data_of.registry(records, seed)):
        kind = schemas.kinds[name]
        path = kind.path_of(data)
        if number in damaged:
            data = FAULTS[len(faulty) % len(FAULTS)](name, data)
            faulty.add(path)
        text = new_text(kind, data, path)
        _write(folder / path, text)
        files[name].append(path)
        size += len(text)
    return Generated(files, size, frozenset(faulty))


def settings(schemas: Schemas) -> dict[str, bytes]:
    """The files of a generated registry other than records."""
    france = country_named(FRANCE)
    files = files_for(schemas, bundled_files(), config(ID, "Benchmark", france, METROPOLE, EPCI), "Benchmark", france)
    return {**files, "smartreg.toml": files["smartreg.toml"] + _SETTINGS.encode()}


def _write(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


def commit_all(folder: Path) -> None:
    """Commit everything, and pack the repository as a fresh clone would be."""
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for key, value in _IDENTITY.items():
        subprocess.run([*git, "config", key, value], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    # Without this, the commit would start gc in the background; the next line runs it to the end.
    subprocess.run([*git, "-c", "maintenance.auto=false", "commit", "-q", "-m", "Generated registry"], check=True)
    subprocess.run([*git, "gc", "-q"], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="generate a registry of any size")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0.0, metavar="SHARE", help="share of records with a fault")
    parser.add_argument("--git", action="store_true", help="commit everything")
    options = parser.parse_args()
    if options.folder.exists() and any(options.folder.iterdir()):
        raise SystemExit(f"{options.folder} is not empty")
    result = generate(options.folder, options.records, options.seed, options.faults)
    if options.git:
        commit_all(options.folder)
    counts = ", ".join(f"{len(files)} {kind}" for kind, files in result.files.items())
    print(f"{counts}; {result.size / options.records:.0f} bytes per record; {len(result.faulty)} with a fault")


if __name__ == "__main__":
    main()
