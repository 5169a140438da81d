"""Measure smartreg against the tools that people would use otherwise, side by side, in one run on one machine.

    python benchmarks/run.py [--records 10000] [--rounds 3] [--only add-sensor] [--strict]

Times drift with the machine: only the ratios of one run say something. Exit code 0 even when a floor is missed, 1 with
--strict; 2 when smartreg and check-jsonschema do not name the same faulty files.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path

import records as made
from chance import Chance
from framework import METROPOLE
from generate import commit_all, generate
from measure import BIN, HEADING, Pair, compare, compile_all, machine, run
from towns import SERVICES, TOWNS

from smartreg.edit.text import new_text
from smartreg.schema import bundled_files, read_schemas
from smartreg.values import Json

PEER = "check-jsonschema"
FLOORS_FOR = 10_000
SMARTREG = str(BIN / "smartreg")
PYTHON = str(BIN / "python")
# Where rfc3987-syntax is installed, whatever imports jsonschema starts a second later. People who install
# check-jsonschema alone do not have it, so here it goes without.
_WITHOUT = "import sys; sys.modules['rfc3987_syntax'] = None"
CHECK_JSONSCHEMA = (PYTHON, "-c", f"{_WITHOUT}; from check_jsonschema import main; main(prog_name='check-jsonschema')")
# What smartreg calls the faults that a schema sees too.
SCHEMA_CODES = ("YML", "SCH", "REC103", "DAT505", "DAT507", "LIF601", "LIF603")


EQUIPMENT = read_schemas(bundled_files()).kinds["equipment"]


class Bench:
    """Two generated registries under Git, one with schema faults in one record of a hundred, one without."""

    def __init__(self, folder: Path, records: int, seed: int) -> None:
        self.records = records
        self.faulty, self.clean = folder / "faulty", folder / "clean"
        self.spoiled = generate(self.faulty, records, seed, 0.01)
        self.sound = generate(self.clean, records, seed, 0.0)
        for registry in (self.faulty, self.clean):
            commit_all(registry)
        # Both sides ask the disk for the same safety: that of smartreg, which the setting of Git is raised to.
        run(["git", "config", "core.fsync", "committed,reference"], self.clean)
        self._numbers = count(1)
        self._waiting = ""

    def validate(self) -> str:
        return run([SMARTREG, "validate"], self.faulty, (1,))

    def validate_clean(self) -> str:
        return run([SMARTREG, "validate"], self.clean)

    def validate_since(self) -> None:
        """One new record in the working tree, judged against HEAD; then it is gone again."""
        self.write_record()
        run([SMARTREG, "validate", "--since", "HEAD"], self.clean)
        (self.clean / self._waiting).unlink()

    def git_status(self) -> str:
        return run(["git", "status", "--porcelain"], self.clean)

    def peer(self) -> list[str]:
        return list(self._peer())

    def _peer(self, *options: str) -> Iterator[str]:
        """check-jsonschema, once for each kind."""
        for kind, files in self.spoiled.files.items():
            words = ["--schemafile", f"schemas/{kind}.schema.json", *files]
            yield run([*CHECK_JSONSCHEMA, *options, *words], self.faulty, (0, 1))

    def add_sensor(self) -> None:
        data = self._sensor()
        words = ["--use-case", SERVICES[0].id, "--measure", "noiseLevel", "--yes", "--no-input"]
        for name in ("id", "owner", "status", "support", "network", "installed_on", "dev_eui", "convention"):
            words += [f"--{name.replace('_', '-')}", str(data[name])]
        run([SMARTREG, "add-sensor", *words], self.clean)

    def write_record(self) -> None:
        """A new record in the working tree, as if an editor had written it, for `bare_commit`."""
        data = self._sensor()
        self._waiting = f"registry/{EQUIPMENT.path_of(data)}"
        (self.clean / self._waiting).write_bytes(new_text(EQUIPMENT, data, self._waiting))

    def bare_commit(self) -> None:
        run(["git", "add", self._waiting], self.clean)
        run(["git", "commit", "-q", "-m", "Add a sensor"], self.clean)

    def _sensor(self) -> dict[str, Json]:
        number = next(self._numbers)
        hosts = [path for path in self.sound.files["support"] if f"/{TOWNS[0].insee_code}/" in path]
        host = Path(hosts[number % len(hosts)]).stem
        flow = made.Flow("", TOWNS[0], SERVICES[0], METROPOLE, lorawan=True)
        return made.sensor(Chance(number), flow, 9_000_000 + number, host, "installed")

    def export(self) -> None:
        run([SMARTREG, "export", "-f", "csv", "-o", str(self.clean.parent / "tables")], self.clean)

    def write_rows(self) -> None:
        """The same rows, from memory, without starting anything."""
        for name, rows in self._rows.items():
            with (self.clean.parent / "rows" / name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)

    @cached_property
    def _rows(self) -> dict[str, list[list[str]]]:
        self.export()
        (self.clean.parent / "rows").mkdir()
        tables = sorted((self.clean.parent / "tables").glob("*.csv"))
        return {table.name: list(csv.reader(table.open(encoding="utf-8", newline=""))) for table in tables}

    # -- preparations ----------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Next runs find no cache."""
        for registry in (self.faulty, self.clean):
            shutil.rmtree(registry / ".git" / "smartreg", ignore_errors=True)

    def forget_and_write(self) -> None:
        self.forget()
        self.write_record()

    # -- agreement -------------------------------------------------------------------------------------------

    def disagreement(self) -> str:
        """In words, the files that not all three name: the generator, smartreg, check-jsonschema; empty when none."""
        report = json.loads(run([SMARTREG, "validate", "--json"], self.faulty, (1,)))
        ours = {found["file"] for found in report["findings"] if found["code"].startswith(SCHEMA_CODES)}
        theirs: set[str] = set()
        for text in self._peer("--output-format", "json"):
            told = json.loads(text)
            theirs |= {Path(found["filename"]).as_posix() for found in told.get("errors", ())}
            theirs |= {Path(found["filename"]).as_posix() for found in told.get("parse_errors", ())}
        expected = self.spoiled.faulty
        odd = {"smartreg": ours ^ expected, "check-jsonschema": theirs ^ expected}
        return "\n".join(f"{name} differs on {len(files)}: {sorted(files)[:5]}" for name, files in odd.items() if files)


def pairs(bench: Bench, rounds: int) -> Iterator[Pair]:
    """Everything that is measured, in the order of the report."""
    size, quick = f"{bench.records:_}".replace("_", " "), 7 * rounds
    yield Pair(f"validate, cold, {size}", PEER, bench.validate, bench.peer, rounds, bench.forget, faster=True, floor=20)
    status = "git status"
    yield Pair("validate, cold, no fault", status, bench.validate_clean, bench.git_status, rounds + 1, bench.forget)
    yield Pair("validate, warm, no fault", status, bench.validate_clean, bench.git_status, rounds + 1)
    full, again = "validate, warm, no fault", 2 * rounds + 1
    yield Pair("validate --since, one record", full, bench.validate_since, bench.validate_clean, again, faster=True)
    bare = "git add + git commit"
    warm = Pair("add-sensor, warm", bare, bench.add_sensor, bench.bare_commit, quick, bench.write_record, floor=6)
    yield warm
    yield replace(warm, name="add-sensor, cold cache", prepare=bench.forget_and_write, rounds=rounds, floor=None)
    start = program(PYTHON, "-c", "pass")
    yield Pair("smartreg --version", "python -c pass", program(SMARTREG, "--version"), start, quick, floor=8)
    yield Pair("smartreg -h", "python -c pass", program(SMARTREG, "-h"), start, quick)
    yield Pair("export csv, warm", "csv.writer, rows in memory", bench.export, bench.write_rows, rounds + 1)


def program(*command: str) -> Callable[[], str]:
    return lambda: run(command, Path.cwd())


def report(bench: Bench, wanted: argparse.Namespace) -> int:
    """Print the table; how many floors are missed."""
    chosen = [pair for pair in pairs(bench, wanted.rounds) if wanted.only in pair.name]
    if any(pair.against == PEER for pair in chosen):
        odd = bench.disagreement()
        if odd:
            print(f"smartreg and {PEER} do not name the same faulty files:\n{odd}", file=sys.stderr)
            sys.exit(2)
        print(f"Both name the same {len(bench.spoiled.faulty)} faulty files.")
    print(f"\n{HEADING}", flush=True)
    missed = 0
    for pair in chosen:
        # A floor is a promise for one size.
        row = compare(pair if bench.records == FLOORS_FOR else replace(pair, floor=None))
        print(row.line(), flush=True)
        missed += row.verdict == "MISSED"
    return missed


def main() -> None:
    parser = argparse.ArgumentParser(description="measure smartreg against other tools")
    parser.add_argument("--records", type=int, default=FLOORS_FOR)
    parser.add_argument(
        "--rounds", type=int, default=3, help="runs of the slow programs; quick ones run 7 times as often"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="WORD", help="only the rows whose name holds this word")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a floor is missed")
    wanted = parser.parse_args()
    compile_all()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), wanted.records, wanted.seed)
        size = bench.sound.size / wanted.records
        print(
            f"{wanted.records} records of {size:.0f} bytes, seed {wanted.seed}, medians of alternating runs.",
            flush=True,
        )
        missed = report(bench, wanted)
    if missed:
        print(f"\n{missed} floor{'s' * (missed != 1)} missed.")
    sys.exit(bool(missed and wanted.strict))


if __name__ == "__main__":
    main()
