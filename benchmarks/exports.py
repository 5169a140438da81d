"""Measure exports in the formats that analysts use: seconds and size.

    python benchmarks/exports.py [--records 10000 100000] [--rounds 3]

CSV is compared with two others in the same run: `csv.writer` on the same rows in memory (the floor: it reads and
computes nothing), and DuckDB, which reads the same records as JSON Lines, one file per kind, and writes them as CSV.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import duckdb
from generate import commit_all, generate
from measure import BIN, Cost, compile_all, machine, run, time_once

SMARTREG = str(BIN / "smartreg")
FORMATS = ("csv", "geojson", "xlsx", "gpkg", "sqlite", "parquet", "jsonl", "ngsi-ld", "sensorthings", "dcat")
HEADING = f"{'export':<36} {'seconds':>8} {'cpu':>8} {'MB':>8} {'files':>6}"


class Registry:
    """A generated registry under Git, with a warm index, and a folder for its exports."""

    def __init__(self, folder: Path, records: int, seed: int) -> None:
        self.root, self.out = folder / "registry", folder / "out"
        generate(self.root, records, seed, 0.0)
        commit_all(self.root)
        self.export("csv")
        tables = {file.name: file.open(encoding="utf-8", newline="") for file in sorted(self.out.glob("*.csv"))}
        self.rows = {name: list(csv.reader(file)) for name, file in tables.items()}
        self.lines = folder / "lines"
        self._write_lines()

    def export(self, form: str) -> None:
        self.clear()
        run([SMARTREG, "export", "-f", form, "-o", f"{self.out}/", "--quiet"], self.root)

    def clear(self) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir(parents=True)

    def _write_lines(self) -> None:
        """Write the records of each kind as JSON Lines, for DuckDB."""
        self.lines.mkdir()
        found: dict[str, list[str]] = defaultdict(list)
        for line in run([SMARTREG, "export", "-f", "jsonl"], self.root).splitlines():
            record = json.loads(line)
            found[record["kind"]].append(json.dumps(record["data"], ensure_ascii=False))
        for kind, lines in found.items():
            (self.lines / f"{kind}.json").write_text("\n".join(lines), "utf-8")

    def write_rows(self) -> None:
        """Write the same rows from memory, with `csv.writer`."""
        self.clear()
        for name, rows in self.rows.items():
            with (self.out / name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)

    def write_with_duckdb(self) -> None:
        """Write the same records with DuckDB: one file per kind, lists as JSON in a cell, types and names guessed."""
        self.clear()
        with duckdb.connect(config={"threads": 2}) as base:
            for file in sorted(self.lines.iterdir()):
                base.execute(f"COPY (FROM read_json('{file}')) TO '{self.out / file.stem}.csv'")

    def measure(self, rounds: int) -> Iterator[tuple[str, Cost, int, int]]:
        for form in FORMATS:
            yield f"smartreg export -f {form}", *self._costs(lambda form=form: self.export(form), rounds)
        yield "csv.writer, rows in memory", *self._costs(self.write_rows, rounds)
        yield "DuckDB, the same records as JSON", *self._costs(self.write_with_duckdb, rounds)

    def _costs(self, act: object, rounds: int) -> tuple[Cost, int, int]:
        """The median cost of an action, and the size and number of the files that it wrote."""
        costs = [time_once(act) for _ in range(rounds)]  # type: ignore[arg-type]
        files = [file for file in self.out.rglob("*") if file.is_file()]
        cost = Cost(median(item.wall for item in costs), median(item.cpu for item in costs))
        return cost, sum(file.stat().st_size for file in files), len(files)


def main() -> None:
    parser = argparse.ArgumentParser(description="measure exports")
    parser.add_argument("--records", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"{machine()}, DuckDB {duckdb.__version__}", flush=True)
    compile_all()
    for records in options.records:
        with tempfile.TemporaryDirectory() as place:
            registry = Registry(Path(place), records, options.seed)
            print(f"\n{records} records, median of {options.rounds}\n{HEADING}", flush=True)
            for name, cost, size, files in registry.measure(options.rounds):
                print(f"{name:<36} {cost.wall:>8.2f} {cost.cpu:>8.2f} {size / 1e6:>8.1f} {files:>6}", flush=True)


if __name__ == "__main__":
    main()
