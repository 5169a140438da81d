"""Try every promise at length, print one table, and write it into docs/guarantees.md.

    python trust/run.py [--only crash] [--sample 10] [--corpus FOLDER] [--no-write]

--sample N: about N points, mutants and so on of each kind, for a first look. What could not run counts as open; the
exit code is 1 when anything is. A part that is run by itself replaces its own lines of the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import mutants  # noqa: E402  # the helpers of the tests are found from here on
import suite  # noqa: E402
from crashes import COMMANDS, Rehearsal, make_base  # noqa: E402
from fuzz_targets import TARGETS  # noqa: E402
from hostile import READS, listening, marked_by_git  # noqa: E402
from hostile import Rehearsal as Hostile  # noqa: E402
from races import in_one_clone, in_two_clones  # noqa: E402

PAGE = ROOT / "docs" / "guarantees.md"
FETCHED = ROOT / "build" / "trust"
RUNS = 100_000  # of each fuzz target
MUTANTS = 40  # of each module


@dataclass
class Row:
    """One line of the table: what was tried, how often, how often it went as promised, and what is open."""

    what: str
    tried: int = 0
    held: int = 0
    note: str = ""
    when: str = ""
    open: list[str] = field(default_factory=list)

    def count(self, wrong: str | None) -> None:
        self.tried += 1
        self.held += wrong is None
        if wrong is not None:
            self.open.append(" ".join(wrong.split())[:300])


@dataclass(frozen=True)
class Asked:
    """`sample`: None for everything; `corpus`: where the inputs and scenarios are; `folder`: for what is written."""

    sample: int | None
    corpus: Path | None
    folder: Path

    def thin(self, points: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Every n-th point, so that about `sample` are left."""
        return points if self.sample is None else points[:: max(1, len(points) // self.sample)]

    def fresh(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir()
        return place


Part: TypeAlias = Callable[[Asked], Iterator[Row]]


def inputs(asked: Asked) -> Iterator[Row]:
    """Hostile and ordinary files with the verdict that each should get."""
    for words, name in (
        (("run_corpus.py",), "files: refused or accepted as they should be"),
        (("run_more.py", "import"), "tables to import"),
        (("run_more.py", "roundtrip"), "edits that keep every other byte"),
        (("run_more.py", "schema"), "schemas"),
    ):
        yield _counted(Row(f"Inputs: {name}"), asked, [sys.executable, *words], "")


def scenarios(asked: Asked) -> Iterator[Row]:
    """States of Git, crashes, attacks, each in a repository of its own."""
    yield _counted(Row("Scenarios of states, crashes and attacks"), asked, ["bash", "./run_all.sh"], "scenarios")


def _counted(row: Row, asked: Asked, command: list[str], where: str) -> Row:
    if asked.corpus is None:
        row.open.append("no corpus given (--corpus FOLDER)")
        return row
    program = str(Path(sys.executable).with_name("smartreg"))
    environment = {**os.environ, "SMARTREG": program, "PYTHONPATH": ""}
    if asked.sample is not None:
        environment["SR_FAST"] = "1"
    done = subprocess.run(
        command, cwd=asked.corpus / where, env=environment, capture_output=True, text=True, check=False
    )
    found = re.findall(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", done.stdout)
    if not found:
        row.open.append(f"it broke off: {(done.stderr or done.stdout)[-200:]}")
        return row
    passed, failed, skipped = (int(number or 0) for number in found[-1])
    row.tried, row.held = passed + failed + skipped, passed
    row.open += re.findall(r"^FAIL (.*)$", done.stdout, re.M)
    row.open += [f"{name} failed" for line in re.findall(r"^failed:(.*)$", done.stdout, re.M) for name in line.split()]
    row.open += [f"{skipped} could not run here"] if skipped else []
    return row


def crash(asked: Asked) -> Iterator[Row]:
    """Each writing command, killed or failed at every step that touches the disk or starts Git."""
    base = make_base(asked.fresh("crash"))
    for name in COMMANDS:
        rehearsal = Rehearsal.of(name, base)
        points = list(rehearsal.points())
        row = Row(
            f"Kill and error points of `{name}`", note=f"{len(rehearsal.steps)} steps, {rehearsal.calls} calls of Git"
        )
        if not points:
            row.open.append("no point was found")
        for action, at in asked.thin(points):
            row.count(_wrong(partial(rehearsal.stop, action, at)))
        print("\n".join(f"    {number}. {step}" for number, step in enumerate(rehearsal.steps, 1)))
        yield row


def races(asked: Asked) -> Iterator[Row]:
    turns = 25 if asked.sample is None else 4
    for what, work in (
        ("eight processes in one clone", lambda base: in_one_clone(base, 8, turns)),
        ("two clones that push and pull", lambda base: in_two_clones(base.parent, base, turns)),
    ):
        row = Row(f"Operations at once: {what}")
        base = make_base(asked.fresh(f"race-{what[:3]}"))
        try:
            row.tried, row.open = work(base)
            row.held = row.tried - len(row.open)
        except AssertionError as fault:
            row.open.append(str(fault)[:300])
        yield row


def hostile(asked: Asked) -> Iterator[Row]:
    """Every command that reviewers and pipelines run, on a branch that means harm."""
    for settings, name in ((False, "records"), (True, "records, settings and schemas")):
        row = Row(f"Commands on a hostile branch: {name}", note="15 s of processor, 700 MiB at most")
        folder = asked.fresh(f"hostile-{settings}")
        rehearsal = Hostile(make_base(asked.fresh(f"hostile-base-{settings}")), folder)
        with listening(rehearsal.marks) as port:
            rehearsal.arm(port, settings=settings)
            if not marked_by_git(rehearsal):
                row.open.append("the traps do not work")
            for line in READS:
                row.count("; ".join(rehearsal.look(line)) or None)
        yield row


def fuzz(asked: Asked) -> Iterator[Row]:
    """Random bytes, guided by what the code does with them."""
    runs = RUNS if asked.sample is None else 1000 * asked.sample
    for name in TARGETS:
        row = Row(f"Fuzzing: {name}")
        seeds = asked.fresh(f"fuzz-{name}")
        for seed in (ROOT / "tests" / "fuzz" / name).iterdir():
            shutil.copy(seed, seeds)
        command = [sys.executable, str(ROOT / "trust" / "fuzz.py"), name, str(seeds), f"-runs={runs}"]
        options = ["-max_len=4096", "-timeout=10", "-max_total_time=120", f"-artifact_prefix={FETCHED}/{name}-"]
        FETCHED.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([*command, *options], capture_output=True, text=True, errors="replace", check=False)
        found = re.findall(r"Done (\d+) runs", done.stderr)
        row.tried = row.held = int(found[-1]) if found else 0
        if done.returncode or not found:
            row.open.append(f"{done.stderr[-300:]}")
        yield row


def second_opinions(asked: Asked) -> Iterator[Row]:
    row = Row("JSON Schema Test Suite 2020-12: verdicts as in the suite")
    refused = 0
    for name, same in suite.verdicts(suite.fetched(FETCHED)):
        refused += same is None
        if same is not None:
            row.count(None if same else name)
    row.note = f"{refused} more on schemas that our door refuses (remote, dynamic, recursive, top level only)"
    if not row.tried:
        row.open.append("the suite could not be fetched")
    yield row
    row = Row("Check digits of SIREN, SIRET and IMEI computed in another way")
    for number, agree in suite.check_digits(2000):
        row.count(None if agree else number)
    yield row


def mutation(asked: Asked) -> Iterator[Row]:
    """Faults put into the code: do the tests notice? Survivors are told, and count as open below 80 %."""
    for module in mutants.TESTS:
        row = Row(f"Faults put into `{module}` that the tests notice")
        lived = []
        try:
            for mutant, noticed in mutants.survivors(module, asked.sample or MUTANTS, asked.fresh(f"mut-{module}")):
                row.tried += 1
                row.held += noticed
                if not noticed:
                    lived.append(f"{mutant.file.relative_to(ROOT)} {mutant.what}")
        except AssertionError as fault:
            row.open.append(str(fault))
        row.note = f"{100 * row.held // max(1, row.tried)} % noticed"
        print("\n".join(f"    survived: {one}" for one in lived))
        if row.held < 0.8 * row.tried or not row.tried:
            row.open += lived
        yield row


def libraries(asked: Asked) -> Iterator[Row]:
    row = Row("Tests on the oldest libraries that are allowed")
    command = [sys.executable, str(ROOT / "scripts" / "try_lower_bounds.py"), str(asked.folder / "oldest")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    passed, failed = (re.findall(rf"(\d+) {word}", done.stdout) for word in ("passed", "failed"))
    row.held = int(passed[-1]) if passed else 0
    row.tried = row.held + (int(failed[-1]) if failed else 0)
    if done.returncode:
        row.open += re.findall(r"^FAILED (\S+)", done.stdout, re.M) or [done.stderr[-200:]]
    yield row


PARTS: dict[str, Part] = {
    "inputs": inputs,
    "scenarios": scenarios,
    "crash": crash,
    "races": races,
    "hostile": hostile,
    "fuzz": fuzz,
    "second-opinions": second_opinions,
    "mutation": mutation,
    "libraries": libraries,
}


def _wrong(work: Callable[[], object]) -> str | None:
    try:
        work()
    except AssertionError as fault:
        return str(fault) or "an assertion failed"
    return None


def table(rows: list[Row]) -> str:
    lines = ["| tried | how often | as promised | open | | when |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.tried} | {row.held} | {len(row.open) or ''} | {row.note} | {row.when} |" for row in rows
    ]
    opened = [f"- {row.what}: {text.replace('|', '/')}" for row in rows for text in row.open[:20]]
    return "\n".join([*lines, "", *(["Open:", "", *opened] if opened else ["Nothing is open."])])


def kept(ran: dict[str, list[Row]]) -> list[Row]:
    """The rows of every part: what ran now, else what ran last, else a line that says that it did not run."""
    FETCHED.mkdir(parents=True, exist_ok=True)
    place = FETCHED / "rows.json"
    before = json.loads(place.read_text("utf-8")) if place.exists() else {}
    parts = {name: [Row(**row) for row in before[name]] for name in before} | ran
    place.write_text(json.dumps({name: [asdict(row) for row in rows] for name, rows in parts.items()}), "utf-8")
    return [row for name in PARTS for row in parts.get(name, [Row(name, open=["it was not run"])])]


def written(rows: list[Row]) -> None:
    """Put the table into the page."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    head = f"Python {platform.python_version()}, Git {git}, {os.cpu_count()} cores."
    text = PAGE.read_text("utf-8")
    before, after = text.split("<!-- trust -->")[0], text.split("<!-- /trust -->")[1]
    PAGE.write_text(f"{before}<!-- trust -->\n{head}\n\n{table(rows)}\n<!-- /trust -->{after}", "utf-8")


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--only", action="append", choices=PARTS, help="this part; may be given again")
    reader.add_argument("--sample", type=int)
    corpus = os.environ.get("TRUST_CORPUS")
    reader.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None)
    reader.add_argument("--no-write", action="store_true", help="leave docs/guarantees.md as it is")
    words = reader.parse_args()
    when = f"{datetime.now(UTC):%Y-%m-%d}" + ("" if words.sample is None else ", sample")
    ran: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(words.sample, words.corpus, Path(folder))
        for name in words.only or PARTS:
            print(f"{name} …", flush=True)
            ran[name] = []
            for row in PARTS[name](asked):
                row.when = when
                ran[name].append(row)
                print(f"  {row.what}: {row.held} of {row.tried}, {len(row.open)} open", flush=True)
    rows = kept(ran)
    print("\n" + table(rows))
    if not words.no_write:
        written(rows)
    return int(any(row.open for row in rows))


if __name__ == "__main__":
    sys.exit(main())
