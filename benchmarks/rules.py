"""Measure the phases of a cold check and every rule, at 10 000 and at 100 000 records: processor time, calls per
record, memory, growth.

    python benchmarks/rules.py [--records 10000] [--times 10] [--dearest 20] [--rounds 3]

Each size is read, checked and stored in one process of its own, as `validate --timings` measures it, but with an index;
of several rounds, the least counts. What only two processes cost is measured apart: to fork, and to hand over what the
child has read. A rule that is the first to need what several share pays for it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import pickle
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import NamedTuple

from generate import commit_all, generate
from measure import ENVIRONMENT, machine

from smartreg.core.timings import measure
from smartreg.workspace.workspace import open_workspace

CHECKED_ON = date(2026, 1, 1)
MEBIBYTE = 1024  # getrusage counts in KiB
PHASES = ("open", "read", "encode", "store", "terms", "schemas", "findings", "waivers")
FORK, HAND_OVER = "fork", "hand over half"


class RuleCosts(NamedTuple):
    """Seconds of processor for each phase and rule, and the calls of each rule; peak memory in MiB."""

    records: int
    phases: dict[str, float]
    rules: dict[str, float]
    calls: dict[str, int]
    peak: int

    @property
    def reading(self) -> float:
        return self.phases["read"]

    @property
    def all_rules(self) -> float:
        return sum(self.rules.values())

    def least(self, other: RuleCosts) -> RuleCosts:
        """The lesser of two measurements, for each phase and rule."""
        phases = {name: min(seconds, other.phases[name]) for name, seconds in self.phases.items()}
        rules = {code: min(seconds, other.rules[code]) for code, seconds in self.rules.items()}
        return self._replace(phases=phases, rules=rules)


def measure_once(folder: Path) -> RuleCosts:
    """Check the registry in `folder`, which has no index yet, on one core."""
    gc.disable()  # as the program does
    with measure() as timings:
        workspace = open_workspace(folder)
        started = process_time()
        registry = workspace.current
        timings.phases["open"] = process_time() - started
        workspace.checker(registry, CHECKED_ON).check(registry, incremental=True)
    peak = getrusage(RUSAGE_SELF).ru_maxrss // MEBIBYTE
    records = list(registry.records())
    apart = {FORK: _time_fork(), HAND_OVER: _time_handing_over([dict(each.data) for each in records[::2]])}
    rules = {code: time.seconds for code, time in timings.rules.items()}
    calls = {code: time.calls for code, time in timings.rules.items()}
    phases = {name: timings.phases.get(name, 0.0) for name in PHASES}
    return RuleCosts(len(records), phases | apart, rules, calls, peak)


def _time_fork() -> float:
    """Seconds to fork a process of this size and to wait for it."""
    started = perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return perf_counter() - started


def _time_handing_over(data: object) -> float:
    """Seconds in both processes to hand this over."""
    started = process_time()
    pickle.loads(pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL))
    return process_time() - started


def measure_in_process(records: int, rounds: int = 3) -> RuleCosts:
    """Measure a generated registry, each round in a process of its own and without an index before."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), records, 1, 0.0)
        commit_all(Path(folder))
        costs = [_measure_apart(folder) for _ in range(rounds)]
    least = costs[0]
    for other in costs[1:]:
        least = least.least(other)
    return least


def _measure_apart(folder: str) -> RuleCosts:
    subprocess.run(["rm", "-rf", f"{folder}/.git/smartreg"], check=True)
    words = [sys.executable, __file__, "--measure", folder]
    done = subprocess.run(words, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return RuleCosts(**json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the phases of a check, and every rule")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=10, help="size of the larger registry, as a multiple")
    parser.add_argument("--dearest", type=int, default=20, help="rules to print (0: all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure_once(options.measure)._asdict()))
        return
    print(machine(), flush=True)
    small = measure_in_process(options.records, options.rounds)
    large = measure_in_process(options.records * options.times, 1)
    print(f"\n{'':<22}{small.records:>12} records{large.records:>12} records   growth")
    for name in (*PHASES, FORK, HAND_OVER):
        _print_line(name, small.phases[name], large.phases[name])
    _print_line(f"{len(large.rules)} rules", small.all_rules, large.all_rules)
    print(
        f"{'rules : reading':<22}{small.all_rules / small.reading:>18.2f} ×{large.all_rules / large.reading:>18.2f} ×"
    )
    print(f"{'peak memory':<22}{small.peak:>16} MiB{large.peak:>16} MiB{large.peak / small.peak:>9.1f} ×")
    dearest = sorted(large.rules, key=lambda code: -large.rules[code])[: options.dearest or None]
    print(f"\n{'rule':<22}{'':>20}{'':>20}{'':>11}   calls per record")
    for code in dearest:
        _print_line(code, small.rules.get(code, 0.0), large.rules[code], large.calls[code] / large.records)


def _print_line(name: str, few: float, many: float, calls: float | None = None) -> None:
    growth = f"{many / few:>9.1f} ×" if few > 0.0005 else " " * 11
    more = "" if calls is None else f"{calls:>12.2f}"
    print(f"{name:<22}{few * 1000:>17.0f} ms{many * 1000:>17.0f} ms{growth}{more}")


if __name__ == "__main__":
    main()
