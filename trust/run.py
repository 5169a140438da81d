"""Try every promise at length, print one table, and write it into docs/guarantees.md.

    python trust/run.py [--only crash] [--sample 10] [--corpus FOLDER] [--no-write]

--sample N: about N points, mutants and so on of each kind, for a first look. What could not run counts as open; the
exit code is 1 when anything is. A part that is run by itself replaces its own lines of the table.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

import mutants  # noqa: E402  # the helpers of the tests are found from here on
import suite  # noqa: E402
import wheel  # noqa: E402
from corpus import Corpus  # noqa: E402
from crashes import COMMANDS, Rehearsal, make_base, run  # noqa: E402
from fuzz_targets import TARGETS  # noqa: E402
from hostile import READS, Starts, listening, marked_by_git  # noqa: E402
from hostile import Rehearsal as Hostile  # noqa: E402
from points import stopped  # noqa: E402
from races import in_one_clone, in_two_clones  # noqa: E402
from survivors import REASONS  # noqa: E402
from table import Row, commit, kept, table, written  # noqa: E402

FETCHED = ROOT / "build" / "trust"
MEMORY_DISK = Path("/dev/shm")  # where there is one, flushing to the disk costs nothing
WORKERS = 2
RUNS = 100_000  # of each fuzz target
MUTANTS = 60  # of each module


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
    if asked.corpus is None:
        yield Row("Inputs", open=["no corpus given (--corpus FOLDER)"])
        return
    corpus = Corpus(asked.corpus, asked.fresh("inputs"))
    yield corpus.inputs(asked.sample is not None)
    yield corpus.more("import", "tables to import")
    yield corpus.more("roundtrip", "edits that keep every other byte")
    yield corpus.more("schema", "schemas")


def scenarios(asked: Asked) -> Iterator[Row]:
    if asked.corpus is None:
        yield Row("Scenarios", open=["no corpus given (--corpus FOLDER)"])
        return
    yield from Corpus(asked.corpus, asked.fresh("scenarios")).scenarios()


def crash(asked: Asked) -> Iterator[Row]:
    """Each writing command, killed or failed at every step that touches the disk or starts Git."""
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        base = make_base(_new(Path(folder) / "crash"))
        for name in COMMANDS:
            rehearsal = Rehearsal.of(name, base)
            row = Row(f"Kill and error points of `{name}`")
            row.note = f"{len(rehearsal.steps)} steps, {rehearsal.calls} calls of Git"
            points = asked.thin(list(rehearsal.points()))
            if not points:
                row.open.append("no point was found")
            for label, wrong in stopped(rehearsal, points, Path(folder), WORKERS):
                print(f"    {label}{f' FAILED {wrong}' if wrong else ''}", flush=True)
                row.count(wrong)
            yield row


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


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
    row = Row("Starts of the program by others on a hostile branch", note="merge, diff, Tab, hook, pipelines, action")
    starts = Starts(make_base(asked.fresh("hostile-base-starts")), asked.fresh("hostile-starts"))
    starts.register(f"{shlex.quote(sys.executable)} -m smartreg")
    if not starts.look("git diff main~1 -- registry"):
        row.open.append("the traps do not work")
    if run(starts.root, "doctor --fix -y").code:
        row.open.append("doctor --fix does not mend what was registered")
    for who, line in starts.lines().items():
        row.count("; ".join(f"{who}: {what}" for what in starts.look(line)) or None)
    yield row


def fuzz(asked: Asked) -> Iterator[Row]:
    """Random bytes, guided by what the code does with them; by the same seed each time."""
    FETCHED.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(lambda name: _fuzzed(asked, name), TARGETS)


def _fuzzed(asked: Asked, name: str) -> Row:
    runs = RUNS if asked.sample is None else 1000 * asked.sample
    row = Row(f"Fuzzing: {name}")
    seeds = asked.fresh(f"fuzz-{name}")
    for seed in (ROOT / "tests" / "fuzz" / name).iterdir():
        shutil.copy(seed, seeds)
    command = [sys.executable, str(ROOT / "trust" / "fuzz.py"), name, str(seeds), f"-runs={runs}", "-seed=1"]
    options = ["-max_len=4096", "-timeout=20", f"-artifact_prefix={FETCHED}/{name}-"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, errors="replace", check=False)
    found = re.findall(r"Done (\d+) runs in (\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    row.tried = row.held = int(found[-1][0]) if found else 0
    row.note = f"{reached[-1]} branches reached, seed 1" if reached else ""
    if done.returncode or not found:
        row.open.append(f"{done.stderr[-300:]}")
    if row.tried < runs:
        row.open.append(f"{row.tried} of {runs} executions")
    return row


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
    row = Row("Check digits of SIREN, SIRET and IMEI as python-stdnum has them")
    for number, agree in suite.check_digits(2000):
        row.count(None if agree else number)
    yield row
    row = Row("Two people change a text: our merge beside `git merge-file`")
    for name, wrong in suite.merges(2000):
        row.count(wrong and f"{wrong}: {name}")
    yield row


def mutation(asked: Asked) -> Iterator[Row]:
    """Faults put into the code: do the tests notice? Below 80 % all survivors are open, else those without a reason."""
    for module in mutants.TESTS:
        row = Row(f"Faults put into `{module}` that the tests notice")
        place = asked.fresh(f"mut-{module.replace('/', '-')}")
        try:
            found = mutants.judged(module, asked.sample or MUTANTS, place, WORKERS)
        except AssertionError as fault:
            row.open.append(str(fault))
            found = []
        lived = [mutant for mutant, noticed in found if not noticed]
        row.tried, row.held = len(found), len(found) - len(lived)
        row.note = (
            f"{100 * row.held // max(1, row.tried)} % noticed, of {len(mutants.drawn(module, None))} that there are"
        )
        few = row.held < 0.8 * row.tried or not row.tried
        row.open += [one.name for one in lived if few or one.key not in REASONS]
        row.known += [f"{one.name}: {REASONS[one.key]}" for one in lived if one.key in REASONS]
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


def installing(asked: Asked) -> Iterator[Row]:
    """The built wheel, installed as people do where there is nothing but Python and Git; README's tours in it."""
    row = Row("Ways to install the built wheel, with README's tours")
    built = asked.fresh("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(built), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        row.open.append(done.stderr[-300:])
    else:
        for name, wrong in wheel.attempts(next(built.glob("*.whl")), asked.fresh("roots")):
            row.count(wrong and f"{name}: {wrong}")
    yield row


def site(asked: Asked) -> Iterator[Row]:
    """The documentation site; every link and anchor leads somewhere."""
    row = Row("Pages of the documentation site, built strictly")
    command = [sys.executable, str(ROOT / "scripts" / "build_site.py"), str(asked.folder / "site")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    made = re.findall(r"^(\d+) pages", done.stdout, re.M)
    row.tried = row.held = int(made[-1]) if made else 0
    if done.returncode:
        row.open.append((done.stdout + done.stderr)[-300:])
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
    "installing": installing,
    "site": site,
}


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--only", action="append", choices=PARTS, help="this part; may be given again")
    reader.add_argument("--sample", type=int)
    corpus = os.environ.get("TRUST_CORPUS")
    reader.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None)
    reader.add_argument("--no-write", action="store_true", help="leave docs/guarantees.md as it is")
    words = reader.parse_args()
    when = f"{datetime.now(UTC):%Y-%m-%d}, {commit()}" + ("" if words.sample is None else ", sample")
    ran: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        asked = Asked(words.sample, words.corpus, Path(folder))
        for name in words.only or PARTS:
            print(f"{name} …", flush=True)
            ran[name] = []
            since = time.monotonic()
            for row in PARTS[name](asked):
                row.when = when
                ran[name].append(row)
                print(f"  {row.what}: {row.held} of {row.tried}, {len(row.open)} open", flush=True)
            print(f"  {time.monotonic() - since:.0f} s", flush=True)
    rows = kept(ran, PARTS)
    print("\n" + table(rows))
    if not words.no_write:
        written(rows)
    return int(any(row.open for row in rows))


if __name__ == "__main__":
    sys.exit(main())
