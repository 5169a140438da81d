"""Measure smartreg against the tools that people would use instead, side by side, in one run on one machine.

    python benchmarks/run.py [--records 10000] [--large 100000] [--points 30000] [--commits 5000] [--rounds 3]
                             [--only WORD …] [--million] [--write FILE] [--strict]

Times drift with the machine: only the ratios of one run mean something. The exit code is 0 even if a floor is missed, 1
with --strict, and 2 if smartreg and check-jsonschema do not report the same faulty files.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from desk import install_datasette, measure_datasette, measure_desk
from measure import HEADING, Row, compare, compile_all, machine, peak, run, time_once
from registries import SMARTREG, Place
from rows import Bench, large, large_changes, past, small
from rules import measure_in_process as measure_rules
from writing import write

FLOORS_FOR = {"records": 10_000, "large": 100_000, "points": 30_000, "commits": 5_000}
MOST_MEMORY, MOST_WARM_MEMORY, MILLION_MEMORY = 420, 100, 4_608  # MiB
RULES_TO_READING = 1.0
HISTORY_SECONDS = 1.0
MILLION, MILLION_SECONDS, MILLION_CHANGED_SECONDS = 1_000_000, 540, 6
OF_HISTORY = "SELECT op, count(*) FROM history GROUP BY op"


def measure_without_peer(bench: Bench, options: argparse.Namespace) -> Iterator[str]:
    """Measure what has no peer: one sentence each."""
    if bench.large and is_chosen("memory", options):
        bench.many.forget()
        took = peak([SMARTREG, "validate"], bench.many.folder)
        yield f"Memory of `validate`, cold, {bench.large} records: {took} MiB ({_most(took, MOST_MEMORY, 'MiB')})."
        bench.many.touch()
        took = peak([SMARTREG, "validate"], bench.many.folder)
        yield f"The same, warm, one changed: {took} MiB ({_most(took, MOST_WARM_MEMORY, 'MiB')})."
    if bench.large and is_chosen("desk", options):
        device = Path(bench.many.generated.files["equipment"][0]).stem
        yield from measure_desk(bench.many.folder, device, 3 * options.rounds)
        program = install_datasette(bench.folder / "datasette")
        if program is None:
            yield "datasette was not measured: pip could not fetch it."
        else:
            yield from measure_datasette(program, bench.many.database, options.rounds)
    if is_chosen("rules", options):
        costs = measure_rules(options.records)
        yield (
            f"All rules on {options.records} records, one process: {costs.all_rules / costs.reading:.1f} × reading"
            f" ({_most(costs.all_rules / costs.reading, RULES_TO_READING, '×')})."
        )
    if is_chosen("query of the history", options):
        folder, words = bench.foreign, [SMARTREG, "query", OF_HISTORY]
        cold, *warm = [time_once(lambda: run(words, folder)).wall for _ in range(4)]
        verdict = _most(min(warm), HISTORY_SECONDS, "s")
        yield (
            f"`query … FROM history` of {bench.many_commits} commits, warm: {min(warm):.2f} s ({verdict}); the first"
            f" time {cold:.1f} s."
        )
    if is_chosen("report.html", options):
        pages: list[Path] = []
        cost = time_once(lambda: pages.append(bench.clean.report()))
        yield (
            f"`report -f html` of {bench.records} records: {cost.wall:.1f} s, {pages[0].stat().st_size / 1e6:.1f} MB;"
            " how fluidly a browser draws its points is not measured here."
        )
    if options.million:
        yield measure_million(Place(bench.folder / "million", MILLION, bench.seed))


def is_chosen(name: str, options: argparse.Namespace) -> bool:
    """Whether a row of this name is to be measured."""
    return any(word in name for word in options.only)


def measure_million(place: Place) -> str:
    memory: list[int] = []
    cold = time_once(lambda: memory.append(peak([SMARTREG, "validate"], place.folder))).wall
    place.validate()
    place.touch()
    warm = time_once(place.validate).wall
    return (
        f"`validate` of {MILLION} records, cold: {cold:.0f} s ({_most(cold, MILLION_SECONDS, 's')}), {memory[0]} MiB"
        f" ({_most(memory[0], MILLION_MEMORY, 'MiB')}); one changed: {warm:.1f} s"
        f" ({_most(warm, MILLION_CHANGED_SECONDS, 's')})."
    )


def _most(found: float, floor: float, unit: str) -> str:
    return f"at most {floor:g} {unit}: {'pass' if found <= floor else 'MISSED'}"


def measure_rows(bench: Bench, options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Measure the selected rows; print and return them."""
    skipped = []
    chosen = [*small(bench, options.rounds), *(large(bench, options.rounds) if bench.large else ())]
    chosen += [*past(bench, options.rounds), *large_changes(bench, options.rounds)]
    chosen = [(name, make) for name, make in chosen if is_chosen(name, options)]
    if any(name.startswith("validate, cold") for name, _ in chosen):
        odd = bench.disagreement()
        if odd:
            print(f"smartreg and its peers do not report the same faulty files:\n{odd}", file=sys.stderr)
            sys.exit(2)
        print(f"All report the same {len(bench.faulty.generated.faulty)} faulty files.")
    print(f"\n{HEADING}", flush=True)
    rows = []
    for name, make in chosen:
        if name.endswith(", ajv") and bench.ajv is None:
            skipped.append("ajv-cli was not measured: npm is missing or could not fetch it.")
            print(skipped[-1], flush=True)
            continue
        began = time.monotonic()
        pair = make()
        # A floor only holds for one size.
        usual = all(getattr(options, name) == size for name, size in FLOORS_FOR.items())
        row = compare(pair if usual else replace(pair, floor=None))
        print(f"{row.line():<130} {time.monotonic() - began:>5.0f} s", flush=True)
        rows.append(row)
    print(flush=True)
    sentences = skipped
    for sentence in measure_without_peer(bench, options):
        print(sentence, flush=True)
        sentences.append(sentence)
    return rows, sentences


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure smartreg against other tools")
    parser.add_argument("--records", type=int, default=FLOORS_FOR["records"])
    parser.add_argument(
        "--large", type=int, default=FLOORS_FOR["large"], help="records of the larger registry (0: none)"
    )
    parser.add_argument("--points", type=int, default=FLOORS_FOR["points"], help="rows of the imported sheet")
    parser.add_argument(
        "--commits", type=int, default=FLOORS_FOR["commits"], help="commits for `log`; foreign ones: 9/5 of it"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of slow programs; quick ones run 7 times as often"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="WORD", help="only rows whose names contain one of these words"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the table of a full run into this Markdown file"
    )
    parser.add_argument("--million", action="store_true", help="also a million records: half an hour more")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a floor is missed")
    return parser.parse_args(words)


def main() -> None:
    options = arguments()
    compile_all()
    about = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}"
    print(about, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        sizes = (options.records, options.large, options.points, options.commits)
        rows, sentences = measure_rows(Bench(Path(folder), *sizes, options.seed), options)
    if options.write and options.only == [""]:
        write(options.write, about, rows, sentences)
    missed = sum(row.verdict == "MISSED" for row in rows) + sum("MISSED" in sentence for sentence in sentences)
    if missed:
        print(f"\n{missed} floor{'s' * (missed != 1)} missed.")
    sys.exit(bool(missed and options.strict))


if __name__ == "__main__":
    main()
