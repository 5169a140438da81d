"""Measure every rule at 10 000 and at 100 000 records: seconds, memory, growth, and the slowest ones.

    python benchmarks/rules.py [--records 10000] [--times 10] [--slowest 5]

Each size runs in a process of its own, which reads and checks all records; memory is the peak of that process.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import NamedTuple

from generate import generate
from measure import ENVIRONMENT, machine

from smartreg.workspace.workspace import open_workspace

CHECKED_ON = date(2026, 1, 1)
MEBIBYTE = 1024  # getrusage counts in KiB


class RuleCosts(NamedTuple):
    """Seconds to read all records, to check them against schemas and with each rule; peak memory in MiB."""

    records: int
    reading: float
    schemas: float
    rules: dict[str, float]
    peak: int

    @property
    def checking(self) -> float:
        return self.schemas + sum(self.rules.values())


def measure(folder: Path) -> RuleCosts:
    """Read and check the registry in `folder`, rule by rule, on one core."""
    gc.disable()  # as the program does
    start = perf_counter()
    workspace = open_workspace(folder)
    registry = workspace.current.load_all()
    records = list(registry.records())
    reading = perf_counter() - start
    checker = workspace.checker(registry, CHECKED_ON)
    start = perf_counter()
    accepted = sum(registry.schemas.judges[record.rid.kind].accepts(record.data) for record in records)
    schemas = perf_counter() - start
    if not accepted:
        raise SystemExit("no record passed its schema")
    rules: dict[str, float] = defaultdict(float)
    for rule in checker.rules.values():
        subjects = [record for record in records if rule.speaks_of(record.rid.kind)]
        start = perf_counter()
        if rule.scope == "registry":
            list(rule.check(registry, subjects, checker.context))
        elif rule.scope == "record":
            for record in subjects:
                list(rule.check(record, checker.context))
        else:
            continue
        rules[rule.code] = perf_counter() - start
    return RuleCosts(len(records), reading, schemas, dict(rules), getrusage(RUSAGE_SELF).ru_maxrss // MEBIBYTE)


def measure_in_process(records: int) -> RuleCosts:
    """Measure a generated registry in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), records, 1, 0.0)
        words = [sys.executable, __file__, "--measure", folder]
        done = subprocess.run(words, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return RuleCosts(**json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the rules")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=10, help="size of the larger registry, as a multiple")
    parser.add_argument("--slowest", type=int, default=5)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)._asdict()))
        return
    print(machine(), flush=True)
    small, large = measure_in_process(options.records), measure_in_process(options.records * options.times)
    print(f"\n{'':<22}{small.records:>12} records{large.records:>12} records   growth")
    for name, few, many in (
        ("reading, cold", small.reading, large.reading),
        ("schemas", small.schemas, large.schemas),
        (f"{len(large.rules)} rules", sum(small.rules.values()), sum(large.rules.values())),
        ("checking, total", small.checking, large.checking),
    ):
        print(f"{name:<22}{few:>18.2f} s{many:>18.2f} s{many / few:>9.1f} ×")
    print(f"{'peak memory':<22}{small.peak:>16} MiB{large.peak:>16} MiB{large.peak / small.peak:>9.1f} ×")
    print(f"\nThe {options.slowest} slowest rules:")
    for code, many in sorted(large.rules.items(), key=lambda item: -item[1])[: options.slowest]:
        few = small.rules[code]
        print(f"{code:<22}{few * 1000:>17.0f} ms{many * 1000:>17.0f} ms{many / few:>9.1f} ×")


if __name__ == "__main__":
    main()
