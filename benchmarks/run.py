"""Measure smartreg against the tools that people would use otherwise, side by side, in one run on one machine.

    python benchmarks/run.py [--records 10000] [--large 100000] [--rounds 3] [--only WORD] [--write FILE] [--strict]

Times drift with the machine: only the ratios of one run say something. Exit code 0 even when a floor is missed, 1 with
--strict; 2 when smartreg and check-jsonschema do not name the same faulty files.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import history
from measure import HEADING, Pair, Row, compare, compile_all, machine, peak, run, timed
from peers import PYTHON, Ajv, check_jsonschema, refused_by_check_jsonschema
from registries import SMARTREG, Place
from writing import write

FLOORS_FOR = (10_000, 100_000)
PEER, BARE, STATUS, START = "check-jsonschema", "git add + git commit", "git status", "python -c pass"
MOST_MEMORY = 500  # MiB
COMMITS, MANY_COMMITS = 5_000, 9_000
HISTORY_SECONDS = 1.0
OF_HISTORY = "SELECT op, count(*) FROM history GROUP BY op"


@dataclass
class Bench:
    """The registries, each made when it is first needed."""

    folder: Path
    records: int
    large: int
    seed: int

    @cached_property
    def faulty(self) -> Place:
        return Place(self.folder / "faulty", self.records, self.seed, 0.01)

    @cached_property
    def clean(self) -> Place:
        return Place(self.folder / "clean", self.records, self.seed)

    @cached_property
    def many(self) -> Place:
        return Place(self.folder / "many", self.large, self.seed)

    @cached_property
    def ajv(self) -> Ajv | None:
        place = self.folder / "ajv"
        place.mkdir()
        return Ajv.installed(place, self.faulty.folder / "schemas")

    @cached_property
    def past(self) -> tuple[Path, str, str]:
        """A registry of many commits, the device that is followed in it, and its file."""
        folder, growing = self.folder / "past", history.Growing(5_000, COMMITS, self.seed)
        history.write(folder, growing)
        return folder, growing.followed, run(["git", "ls-files", f"registry/*/{growing.followed}.yaml"], folder).strip()

    @cached_property
    def long_past(self) -> Path:
        """A registry of more commits."""
        folder = self.folder / "long-past"
        history.write(folder, history.Growing(MANY_COMMITS, MANY_COMMITS, self.seed))
        return folder

    def peer(self) -> list[str]:
        return list(check_jsonschema(self.faulty.folder, self.faulty.made.files))

    def other_peer(self) -> list[str]:
        assert self.ajv is not None
        return list(self.ajv.validate(self.faulty.folder, list(self.faulty.made.files)))

    def log(self) -> str:
        return run([SMARTREG, "log", self.past[1]], self.past[0])

    def git_log(self) -> str:
        return run(["git", "log", "--", self.past[2]], self.past[0])

    def disagreement(self) -> str:
        """In words, the files that not all name: the generator, smartreg, the peers; empty when none."""
        files, expected = self.faulty.made.files, self.faulty.made.faulty
        named = {"smartreg": self.faulty.refused(), PEER: refused_by_check_jsonschema(self.faulty.folder, files)}
        if self.ajv is not None:
            named["ajv-cli"] = self.ajv.refused(self.faulty.folder, files)
        odd = {name: found ^ expected for name, found in named.items()}
        return "\n".join(f"{name} differs on {len(files)}: {sorted(files)[:5]}" for name, files in odd.items() if files)


Rows = Iterator[tuple[str, Callable[[], Pair]]]
"""Names, and how to make the pair: what a registry needs is only made for rows that are wanted."""


def small(bench: Bench, rounds: int) -> Rows:
    """What is measured in the smaller registry."""
    size, quick = f"{bench.records:_}".replace("_", " "), 7 * rounds

    def pair(name: str, against: str, ours: Callable[[], object], theirs: Callable[[], object], **more: object) -> Pair:
        return Pair(name, against, ours, theirs, **{"rounds": rounds + 1, **more})  # type: ignore[arg-type]

    name = f"validate, cold, {size}"
    yield (
        name,
        lambda: pair(
            name,
            PEER,
            bench.faulty.validate,
            bench.peer,
            rounds=rounds,
            prepare=bench.faulty.forget,
            faster=True,
            floor=35,
        ),
    )
    yield (
        f"{name}, ajv",
        lambda: pair(
            name,
            "ajv-cli",
            bench.faulty.validate,
            bench.other_peer,
            prepare=bench.faulty.forget,
            faster=True,
            floor=1.5,
        ),
    )
    clean = lambda: bench.clean  # noqa: E731
    warm = f"validate, warm, {size}"
    yield warm, lambda: pair(warm, STATUS, clean().validate, clean().status, prepare=clean().warm)
    since = f"validate --since, {size}"
    yield since, lambda: pair(since, STATUS, clean().validate_since, clean().status)
    add = f"add-sensor in {size}"
    yield (
        add,
        lambda: pair(
            add, BARE, clean().add_sensor, clean().bare_commit, rounds=quick, prepare=clean().write_record, floor=8
        ),
    )
    tab = f"Tab on ids, {size}"
    yield tab, lambda: pair(tab, START, clean().complete, started, rounds=quick, floor=10)
    yield "--version", lambda: pair("--version", START, program(SMARTREG, "--version"), started, rounds=quick, floor=10)
    yield "-h", lambda: pair("-h", START, program(SMARTREG, "-h"), started, rounds=quick, floor=25)


def large(bench: Bench, rounds: int) -> Rows:
    """What is measured in the larger registry."""
    size, few, quick = f"{bench.large:_}".replace("_", " "), max(1, rounds - 1), 3 * rounds
    many = lambda: bench.many  # noqa: E731
    cold = f"validate, cold, {size}"
    yield (
        cold,
        lambda: Pair(
            cold,
            f"itself, {bench.records}",
            many().validate,
            bench.clean.validate,
            few,
            lambda: forget(bench),
            floor=11,
        ),
    )
    warm = f"validate, warm, {size}, 1 changed"
    yield warm, lambda: Pair(warm, STATUS, many().validate, many().status, quick, many().touch, floor=4)
    add = f"add-sensor in {size}"
    yield add, lambda: Pair(add, BARE, many().add_sensor, many().bare_commit, quick, many().write_record, floor=3)
    tab = f"Tab on ids, {size}"
    yield tab, lambda: Pair(tab, START, many().complete, started, quick, floor=10)
    diff = f"diff, {bench.large // 100} changes of {size}"
    yield (
        diff,
        lambda: Pair(diff, "git diff --stat", many().diff, many().git_diff, quick, lambda: many().two, floor=12),
    )
    table, writer = f"export csv, {size}, 1 changed", "csv.writer, rows in memory"
    yield table, lambda: Pair(table, writer, many().export, many().write_rows, few, lambda: changed(many()), floor=2)
    query, exported = f"query, GROUP BY, {size}", "git status + sqlite3 of our export"
    yield (
        query,
        lambda: Pair(query, exported, many().query, many().query_export, quick, lambda: many().database, floor=4),
    )
    log = f"log of a record, {COMMITS} commits"
    yield log, lambda: Pair(log, "git log -- FILE", bench.log, bench.git_log, quick, lambda: bench.past, floor=1.5)


def changed(place: Place) -> None:
    """One record says something else since the rows were read."""
    assert place.rows
    place.touch()


def forget(bench: Bench) -> None:
    bench.many.forget()
    bench.clean.forget()


def program(*command: str) -> Callable[[], str]:
    return lambda: run(command, Path.cwd())


started = program(PYTHON, "-c", "pass")


def besides(bench: Bench, only: str) -> Iterator[str]:
    """What has no peer: a sentence each."""
    if bench.large and only in "memory":
        bench.many.forget()
        took = peak([SMARTREG, "validate"], bench.many.folder)
        verdict = "pass" if took <= MOST_MEMORY else "MISSED"
        yield f"Memory of `validate`, cold, {bench.large} records: {took} MiB (at most {MOST_MEMORY}: {verdict})."
    if only in "query of the history":
        folder, words = bench.long_past, [SMARTREG, "query", OF_HISTORY]
        cold, *warm = [timed(lambda: run(words, folder)).wall for _ in range(4)]
        verdict = "pass" if min(warm) <= HISTORY_SECONDS else "MISSED"
        yield (
            f"`query … FROM history` of {MANY_COMMITS} commits, warm: {min(warm):.2f} s (at most {HISTORY_SECONDS:g}:"
            f" {verdict}); the first time {cold:.1f} s."
        )
    if only in "report.html":
        pages: list[Path] = []
        cost = timed(lambda: pages.append(bench.clean.report()))
        yield (
            f"`report -f html` of {bench.records} records: {cost.wall:.1f} s, {pages[0].stat().st_size / 1e6:.1f} MB;"
            " how fluidly a browser draws its points is not measured here."
        )


def measured(bench: Bench, wanted: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Print and return the rows that are wanted."""
    skipped = []
    chosen = [*small(bench, wanted.rounds), *(large(bench, wanted.rounds) if bench.large else ())]
    chosen = [(name, make) for name, make in chosen if wanted.only in name]
    if any(name.startswith("validate, cold") for name, _ in chosen):
        odd = bench.disagreement()
        if odd:
            print(f"smartreg and its peers do not name the same faulty files:\n{odd}", file=sys.stderr)
            sys.exit(2)
        print(f"All name the same {len(bench.faulty.made.faulty)} faulty files.")
    print(f"\n{HEADING}", flush=True)
    rows = []
    for name, make in chosen:
        if name.endswith(", ajv") and bench.ajv is None:
            skipped.append("ajv-cli was not measured: npm is not there, or could not fetch it.")
            print(skipped[-1], flush=True)
            continue
        pair = make()
        # A floor is a promise for one size.
        row = compare(pair if (bench.records, bench.large) == FLOORS_FOR else replace(pair, floor=None))
        print(row.line(), flush=True)
        rows.append(row)
    sentences = [*skipped, *besides(bench, wanted.only)]
    print("", *sentences, sep="\n", flush=True)
    return rows, sentences


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure smartreg against other tools")
    parser.add_argument("--records", type=int, default=FLOORS_FOR[0])
    parser.add_argument("--large", type=int, default=FLOORS_FOR[1], help="records of the larger registry; 0: without")
    parser.add_argument(
        "--rounds", type=int, default=3, help="runs of the slow programs; quick ones run 7 times as often"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="WORD", help="only the rows whose name holds this word")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table of a full run into this Markdown file"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 when a floor is missed")
    return parser.parse_args(words)


def main() -> None:
    wanted = arguments()
    compile_all()
    about = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}"
    print(about, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        rows, sentences = measured(Bench(Path(folder), wanted.records, wanted.large, wanted.seed), wanted)
    if wanted.write and not wanted.only:
        write(wanted.write, about, rows, sentences)
    missed = sum(row.verdict == "MISSED" for row in rows)
    if missed:
        print(f"\n{missed} floor{'s' * (missed != 1)} missed.")
    sys.exit(bool(missed and wanted.strict))


if __name__ == "__main__":
    main()
