"""Measure `import` of a sheet of points and its `undo`, against sqlite-utils and plain Git.

    python benchmarks/imports.py [--points 30000] [--rounds 1]

The points are supports, in CSV; the registry starts with a thousand records. The peer inserts the rows into an SQLite
database, and lets Git add and commit the same records, already written as YAML.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from functools import cached_property
from pathlib import Path

import records as data_of
from chance import Chance
from measure import BIN, HEADING, Pair, compare, compile_all, machine, run
from registries import SMARTREG, Place
from towns import TOWNS

from smartreg.edit.record_text import new_text
from smartreg.schema import bundled_files, read_schemas

SUPPORT = read_schemas(bundled_files()).kinds["support"]
COLUMNS = ("id", "type", "owner", "status", "insee_code", "local_ref", "height_m", "material", "lon", "lat")
INITIAL_RECORDS = 1_000
FEW_COLUMNS, MANY_COLUMNS, WIDE_ROWS = 1_000, 10_000, 20
SQLITE_UTILS = str(BIN / "sqlite-utils")


class Sheet:
    """A sheet of points, the registry that imports it, and the repository of the peer with the same files."""

    def __init__(self, folder: Path, points: int, seed: int = 1) -> None:
        self.folder, self.points = folder, points
        self.place = Place(folder / "registry", INITIAL_RECORDS, seed)
        self._peer = folder / "peer"
        shutil.copytree(self.place.folder, self._peer)
        self.file = folder / "points.csv"
        chance, rows = Chance(seed + 3), []
        for number in range(1_000_000, 1_000_000 + points):
            data = data_of.support(chance, TOWNS[number % len(TOWNS)], number)
            location = data["location"]
            assert isinstance(location, dict)
            row = {**data, **location}
            rows.append([row[name] for name in COLUMNS])
            record = {name: value for name, value in data.items() if name in (*COLUMNS, "location")}
            path = SUPPORT.path_of(record)
            (self._peer / path).parent.mkdir(parents=True, exist_ok=True)
            (self._peer / path).write_bytes(new_text(SUPPORT, record, path))
        with self.file.open("w", encoding="utf-8", newline="") as sheet:
            csv.writer(sheet, lineterminator="\n").writerows([COLUMNS, *rows])

    @cached_property
    def _start(self) -> str:
        return self.place.git("rev-parse", "HEAD").strip()

    def reset(self) -> None:
        """Reset both repositories to their state before the import."""
        self.place.git("reset", "-q", "--hard", self._start)
        self.place.git("clean", "-q", "-f", "-d")
        self.place.validate()
        run(["git", "reset", "-q", self._start], self._peer)

    def import_sheet(self) -> None:
        self.place.smartreg("import", "support", str(self.file), "--yes", "--no-input")

    def import_with_peer(self) -> None:
        (self.folder / "points.sqlite").unlink(missing_ok=True)
        run([SQLITE_UTILS, "insert", "points.sqlite", "points", str(self.file), "--csv"], self.folder)
        run(["git", "add", "-A"], self._peer)
        run(["git", "commit", "-q", "-m", "Import a sheet"], self._peer)

    def ensure_imported(self) -> None:
        """Import the sheet unless the last commit did."""
        if self.place.git("rev-parse", "HEAD").strip() == self._start:
            self.import_sheet()

    def undo(self) -> None:
        self.place.smartreg("undo", "--yes", "--no-input")

    def import_pair(self, rounds: int) -> Pair:
        peer, name = "sqlite-utils + git add + commit", f"import of {self.points} points"
        return Pair(name, peer, self.import_sheet, self.import_with_peer, rounds, self.reset, floor=2.5)

    def undo_pair(self, rounds: int) -> Pair:
        """Undo the import, then import again."""
        return Pair(
            "undo of that import", "the import", self.undo, self.import_sheet, rounds, self.ensure_imported, floor=1
        )

    def columns_pair(self, rounds: int) -> Pair:
        """Read a sheet with ten times as many columns, none of which but the id is a field."""
        narrow, wide = (self._write_columns(count) for count in (FEW_COLUMNS, MANY_COLUMNS))
        name, peer = f"import of {MANY_COLUMNS} columns", f"one of {FEW_COLUMNS} columns"
        return Pair(name, peer, lambda: self._try(wide), lambda: self._try(narrow), rounds, floor=12)

    def _write_columns(self, count: int) -> Path:
        file = self.folder / f"{count}-columns.csv"
        with file.open("w", encoding="utf-8", newline="") as sheet:
            writer = csv.writer(sheet, lineterminator="\n")
            writer.writerow(["id", *(f"column {number}" for number in range(1, count))])
            writer.writerows([f"wide-{row}", *map(str, range(1, count))] for row in range(WIDE_ROWS))
        return file

    def _try(self, file: Path) -> None:
        run([SMARTREG, "import", "support", str(file), "--dry-run", "--no-input"], self.place.folder, (0, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the import of a sheet")
    parser.add_argument("--points", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    print(machine(), flush=True)
    compile_all()
    with tempfile.TemporaryDirectory() as place:
        sheet = Sheet(Path(place), options.points)
        print(f"\n{HEADING}")
        for make in (sheet.import_pair, sheet.undo_pair, sheet.columns_pair):
            print(compare(make(options.rounds)).line(), flush=True)


if __name__ == "__main__":
    main()
