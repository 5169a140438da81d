"""Test every promise at length, print a table of the results, and write it into docs/guarantees.md.

    python trust/run.py [--only crash] [--sample 10] [--corpus FOLDER] [--no-write]

--sample N takes about N points, mutants and so on of each kind, for a first look. What could not run counts as open,
and the exit code is 1 if anything is open. A part that runs alone (--only) replaces only its own rows of the table.
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
from itertools import product
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parents[1]
sys.path[:0] = [*(str(ROOT / "tests" / room) for room in ("support", "index", "")), str(ROOT)]

import bombs  # noqa: E402
import communes  # noqa: E402
import mutants  # noqa: E402  # after the path to the helpers of the tests
import other_days  # noqa: E402
import suite  # noqa: E402
import wheel  # noqa: E402
from corpus import Corpus  # noqa: E402
from crashes import COMMANDS, KILLED, RENAMES, WAYS, Rehearsal, copy_base, make_base, run  # noqa: E402
from fuzz_targets import TARGETS  # noqa: E402
from hostile import READS, Starts, listening, marked_by_git  # noqa: E402
from hostile import Rehearsal as Hostile  # noqa: E402
from points import stop_at_each  # noqa: E402
from races import in_one_clone, in_two_clones, without_locks  # noqa: E402
from survivors import REASONS  # noqa: E402
from table import Row, commit, format_table, merge_rows, write_table  # noqa: E402
from test_received_folder import PATHS, everything, mark_of, plant  # noqa: E402
from test_received_folder import READS as RECEIVED_READS  # noqa: E402
from test_received_folder import WRITE as RECEIVED_WRITE  # noqa: E402

BUILD = ROOT / "build" / "trust"
MEMORY_DISK = Path("/dev/shm")  # if there is one, flushing costs nothing
WORKERS = 2
RUNS = 100_000  # per fuzz target
SEEDS = 20  # of the properties
HISTORIES, HISTORIES_AT_ONCE = 100_000, 2_000  # for the gate: about two hours of processor time
MUTANTS = 60  # per module
QUIET = 0.7  # of load: with more, ratios say little
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@dataclass(frozen=True)
class Options:
    """`sample`: about how many of each kind (None: all); `corpus`: the folder of inputs and scenarios; `folder`: where
    to write."""

    sample: int | None
    corpus: Path | None
    folder: Path

    def thin(self, points: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Every n-th point, so that about `sample` remain."""
        return points if self.sample is None else points[:: max(1, len(points) // self.sample)]

    def new_folder(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir()
        return place


Part: TypeAlias = Callable[[Options], Iterator[Row]]


def inputs(options: Options) -> Iterator[Row]:
    """Hostile and ordinary files, each with the verdict that it should get."""
    if options.corpus is None:
        yield Row("Inputs", open=["no corpus given (--corpus FOLDER)"])
        return
    corpus = Corpus(options.corpus, options.new_folder("inputs"))
    yield corpus.inputs(options.sample is not None)
    yield corpus.more("import", "tables to import")
    yield corpus.more("roundtrip", "edits that keep every other byte")
    yield corpus.more("schema", "schemas")


def scenarios(options: Options) -> Iterator[Row]:
    if options.corpus is None:
        yield Row("Scenarios", open=["no corpus given (--corpus FOLDER)"])
        return
    yield from Corpus(options.corpus, options.new_folder("scenarios")).scenarios()


def crash(options: Options) -> Iterator[Row]:
    """Kill each writing command, or make it fail, at every step that touches the disk or starts Git."""
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        base = make_base(Path(folder) / "crash")
        for name in COMMANDS:
            rehearsal = Rehearsal.of(name, base)
            row = Row(f"Kill and error points of `{name}`")
            row.note = f"{len(rehearsal.steps)} steps, {rehearsal.calls} calls of Git"
            points = options.thin(list(rehearsal.points()))
            if not points:
                row.open.append("no point was found")
            for label, wrong in stop_at_each(rehearsal, points, Path(folder), WORKERS):
                print(f"    {label}{f' FAILED {wrong}' if wrong else ''}", flush=True)
                row.count(wrong)
            yield row
        row = Row("Git killed at a rename, alone or with the whole process group")
        for name in ("add-sensor", "import"):
            rehearsal = Rehearsal.of(name, base)
            for point in product(RENAMES, KILLED, ("before", "after"), WAYS):
                row.count(_attempt(lambda: rehearsal.kill_git(*point)))  # noqa: B023  # called at once
        yield row


def _attempt(work: Callable[[], object]) -> str | None:
    """What is wrong, if anything."""
    try:
        work()
    except AssertionError as fault:
        return str(fault)[:300] or "an assertion failed"
    return None


def races(options: Options) -> Iterator[Row]:
    turns = 25 if options.sample is None else 4
    for what, work in (
        ("eight processes in one clone", lambda base: in_one_clone(base, 8, turns)),
        ("two clones that push and pull", lambda base: in_two_clones(base.parent, base, turns)),
        ("six processes whose locks exclude nobody", lambda base: without_locks(base, 6, turns)),
    ):
        row = Row(f"Operations at once: {what}")
        base = make_base(options.new_folder(f"race-{what[:3]}"))
        try:
            row.tried, row.open = work(base)
            row.held = row.tried - len(row.open)
        except AssertionError as fault:
            row.open.append(str(fault)[:300])
        yield row


def received(options: Options) -> Iterator[Row]:
    """Run every command beside a journal that came with the folder, without a mark or with that of another user."""
    row = Row("Commands beside a forged journal")
    base = make_base(options.new_folder("received"))
    for where, forged in list(PATHS.items())[: options.sample]:
        root = copy_base(base)
        journal = forged(root)
        for given in (None, mark_of(root, journal)):
            plant(root, journal, given)
            before = everything(root.parent)
            for line in (*RECEIVED_READS, RECEIVED_WRITE, "doctor --fix -y"):
                ended = run(root, line)
                refused = ended.code == 3 and "rm -r" in ended.err
                told = "doctor --fix" in ended.err + ended.out and line in RECEIVED_READS
                right = (told or refused) and everything(root.parent) == before and "Traceback" not in ended.err
                row.count(None if right else f"{where}: {line}: exit code {ended.code}: {ended.err}")
    yield row


def hostile(options: Options) -> Iterator[Row]:
    """Run every command of reviewers and pipelines on a malicious branch."""
    for settings, name in ((False, "records"), (True, "records, settings and schemas")):
        row = Row(f"Commands on a hostile branch: {name}", note="at most 15 s of processor time and 700 MiB")
        folder = options.new_folder(f"hostile-{settings}")
        rehearsal = Hostile(make_base(options.new_folder(f"hostile-base-{settings}")), folder)
        with listening(rehearsal.marks) as port:
            rehearsal.arm(port, settings=settings)
            if not marked_by_git(rehearsal):
                row.open.append("the traps do not work")
            for line in READS:
                row.count("; ".join(rehearsal.look(line)) or None)
        yield row
    row = Row("Starts of the program by others on a hostile branch", note="merge, diff, Tab, hook, pipelines, action")
    starts = Starts(make_base(options.new_folder("hostile-base-starts")), options.new_folder("hostile-starts"))
    starts.register(f"{shlex.quote(sys.executable)} -m smartreg")
    if not starts.look("git diff main~1 -- registry"):
        row.open.append("the traps do not work")
    if run(starts.root, "doctor --fix -y").code:
        row.open.append("doctor --fix does not repair the registration")
    for who, line in starts.lines().items():
        row.count("; ".join(f"{who}: {what}" for what in starts.look(line)) or None)
    yield row


def git_bombs(options: Options) -> Iterator[Row]:
    """Run commands on a registry with Git bombs in its past, and on changes that bring one."""
    row = Row("Commands on a registry with Git bombs in its past, and on changes that bring one", note="700 MiB")
    root = bombs.make_scarred(options.new_folder("bombs"))
    for line in bombs.IN_THE_PAST:
        row.count(bombs.look(root, line))
    for shape, place in product(bombs.SHAPES, bombs.PLACES):
        bomb = bombs.commit(root, bombs.put(root, "start", place, (bombs.FOLDER, shape(root))), "start")
        for line in (f"validate --at {bomb}", f"validate --since start --at {bomb}", f"diff start..{bomb}"):
            row.count(bombs.look(root, line))
    yield row


def fuzz(options: Options) -> Iterator[Row]:
    """Fuzz with random bytes, guided by coverage, from the same seed each time."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(lambda name: _fuzz_target(options, name), TARGETS)


def _fuzz_target(options: Options, name: str) -> Row:
    runs = RUNS if options.sample is None else 1000 * options.sample
    row = Row(f"Fuzzing: {name}")
    seeds = options.new_folder(f"fuzz-{name}")
    for seed in (ROOT / "tests" / "fuzz" / name).iterdir():
        shutil.copy(seed, seeds)
    command = [sys.executable, str(ROOT / "trust" / "fuzz.py"), name, str(seeds), f"-runs={runs}", "-seed=1"]
    limits = ["-max_len=4096", "-timeout=20", f"-artifact_prefix={BUILD}/{name}-"]
    done = subprocess.run([*command, *limits], capture_output=True, text=True, errors="replace", check=False)
    found = re.findall(r"Done (\d+) runs in (\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    row.tried = row.held = int(found[-1][0]) if found else 0
    row.note = f"{reached[-1]} branches reached, seed 1" if reached else ""
    if done.returncode or not found:
        row.open.append(f"{done.stderr[-300:]}")
    if row.tried < runs:
        row.open.append(f"{row.tried} of {runs} executions")
    return row


def properties(options: Options) -> Iterator[Row]:
    """Try the properties of the tests, which find other cases with each seed."""
    row = Row("Properties of the tests, tried with other cases each time")
    seeds = range(1, 1 + (SEEDS if options.sample is None else 1))
    for seed in seeds:
        command = [*PYTEST, "-m", "hypothesis", "-n", str(WORKERS), f"--hypothesis-seed={seed}"]
        _count_tests(row, command, f"seed {seed}: ")
    row.note = f"seeds {seeds[0]} to {seeds[-1]}"
    yield row


def histories(options: Options) -> Iterator[Row]:
    """Draw histories with merges of every shape, and compare the gate with a plain model of what it must refuse."""
    row = Row("Histories drawn at random: the gate passes nothing that a model refuses, and refuses no honest work")
    count = options.sample or HISTORIES
    for first in range(0, count, HISTORIES_AT_ONCE):
        size = min(HISTORIES_AT_ONCE, count - first)
        batch = {"TRUST_FIRST_HISTORY": str(first), "TRUST_HISTORIES": str(size)}
        command = [*PYTEST, "-n", "2", "tests/review/test_gate_model.py"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | batch)
        row.tried += size
        row.held += 0 if done.returncode else size
        if done.returncode:
            row.open += re.findall(r"AssertionError: (seed .+)", done.stdout) or [done.stdout[-300:]]
    row.note = f"seeds 0 to {count - 1}; of each tenth also signed by keys"
    yield row


def long_tests(options: Options) -> Iterator[Row]:
    """The tests that `make test` leaves out: days at the desk in a browser, every step of settling a merge, …"""
    row = Row("Tests of more than a minute: days at the desk in a browser, every kill of a merge, the observatory")
    _count_tests(row, [*PYTEST, "-m", "long", "-n", "0"])
    yield row


def days(options: Options) -> Iterator[Row]:
    """Play the whole suite on other days, in other zones and locales; of a sample, on one day alone."""
    among = other_days.days(datetime.now(UTC).date())
    for day in among[: 1 if options.sample else None]:
        row = Row(f"Tests on another day: {day.name}")
        row.note = f"{day.zone}, LANG={day.lang}, from {day.moment:%H:%M}"
        if other_days.library() is None:
            row.open.append("libfaketime is not installed (Debian: libfaketime)")
        else:
            command = [sys.executable, str(ROOT / "trust" / "other_days.py"), day.name, *PYTEST]
            _count_tests(row, [*command, "-m", "not long", "-n", "5", "--dist", "worksteal"])
            row.known = [f"left out: {test}: {reason}" for test, reason in other_days.NOT_THERE.items()]
        yield row


def _count_tests(row: Row, command: list[str], where: str = "") -> str:
    """Run pytest, and add to the row what it counts, with the tests that failed, or the end of its words if it failed
    otherwise; what it printed."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    passed, failed = (sum(map(int, re.findall(rf"(\d+) {word}", done.stdout))) for word in ("passed", "failed"))
    row.held += passed
    row.tried += passed + failed
    broken = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.M)
    row.open += [where + what for what in broken or ([(done.stdout + done.stderr)[-300:]] if done.returncode else ())]
    return done.stdout


def second_opinions(options: Options) -> Iterator[Row]:
    row = Row("JSON Schema Test Suite 2020-12: verdicts as in the suite")
    refused = 0
    for name, same in suite.verdicts(suite.fetch_suite(BUILD)):
        refused += same is None
        if same is not None:
            row.count(None if same else name)
    row.note = f"{refused} more on schemas that we refuse (remote, dynamic, recursive, top level only)"
    if not row.tried:
        row.open.append("the suite could not be fetched")
    yield row
    row = Row("Check digits of SIREN, SIRET and IMEI as python-stdnum has them")
    for number, agree in suite.check_digits(2000):
        row.count(None if agree else number)
    yield row
    row = Row("Two people change a text: our merge compared with `git merge-file`")
    for name, wrong in suite.merges(2000):
        row.count(wrong and f"{wrong}: {name}")
    yield row


def mutation(options: Options) -> Iterator[Row]:
    """Do the tests notice mutants? If under 80 % are noticed, all survivors are open, else those without a reason."""
    for module in mutants.TESTS:
        row = Row(f"Faults put into `{module}` that the tests notice")
        place = options.new_folder(f"mut-{module.replace('/', '-')}")
        try:
            tried = mutants.try_mutants(module, options.sample or MUTANTS, place, WORKERS)
        except AssertionError as fault:
            row.open.append(str(fault))
            tried = []
        survivors = [mutant for mutant, noticed in tried if not noticed]
        row.tried, row.held = len(tried), len(tried) - len(survivors)
        row.note = (
            f"{100 * row.held // max(1, row.tried)} % noticed, of {len(mutants.sample_mutants(module, None))} in all"
        )
        few = row.held < 0.8 * row.tried or not row.tried
        row.open += [mutant.name for mutant in survivors if few or mutant.key not in REASONS]
        row.known += [f"{mutant.name}: {REASONS[mutant.key]}" for mutant in survivors if mutant.key in REASONS]
        yield row


def libraries(options: Options) -> Iterator[Row]:
    """Both bounds of what pyproject.toml allows; what lies beyond (Typer from 0.29 on needs pydantic) is only told."""
    for bound, what in (
        ("oldest", "Tests with the oldest libraries allowed"),
        ("newest", "Tests with the newest libraries allowed"),
        ("beyond", "Tests with the newest Typer, allowed or not"),
    ):
        row = Row(what)
        command = [sys.executable, str(ROOT / "scripts" / "try_bounds.py"), bound, str(options.folder / bound)]
        printed = _count_tests(row, command)
        typer = re.search(r"^typer +(\S+)", printed, re.M)
        row.note = f"Typer {typer[1]}" if typer else ""
        if bound == "beyond":
            row.known, row.open = row.open, []
        yield row


def installing(options: Options) -> Iterator[Row]:
    """Install the built wheel as people do, on a system with only Python and Git, and play README's tours."""
    row = Row("Ways to install the built wheel, with README's tours")
    built = options.new_folder("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(built), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        row.open.append(done.stderr[-300:])
    else:
        for name, wrong in wheel.attempts(next(built.glob("*.whl")), options.new_folder("roots")):
            row.count(wrong and f"{name}: {wrong}")
    yield row


def site(options: Options) -> Iterator[Row]:
    """Build the documentation site, in which every link and anchor must resolve."""
    row = Row("Pages of the documentation site, built strictly")
    command = [sys.executable, str(ROOT / "scripts" / "build_site.py"), str(options.folder / "site")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    made = re.findall(r"^(\d+) pages", done.stdout, re.M)
    row.tried = row.held = int(made[-1]) if made else 0
    if done.returncode:
        row.open.append((done.stdout + done.stderr)[-300:])
    yield row


def workbooks(options: Options) -> Iterator[Row]:
    """The workbooks of all communes of a metropolis go out, are saved by LibreOffice where it is installed, edited, and
    come back: each in one commit, with whom it was sent to."""
    office = shutil.which("soffice")
    row = Row(f"Workbooks of 92 communes, sent and taken back ({'through' if office else 'without'} LibreOffice)")
    folder = options.new_folder("workbooks")
    root, out, back = communes.metropolis(folder / "registry", ()), folder / "out", folder / "back"
    communes.send(root, out)
    if office:
        home = f"-env:UserInstallation=file://{folder}/office"
        command = [office, home, "--headless", "--convert-to", "xlsx", "--outdir", str(back), *map(str, out.iterdir())]
        subprocess.run(command, capture_output=True, check=False)
    else:
        out.rename(back)
    for file in sorted(back.iterdir())[: options.sample]:
        id = file.stem.rpartition("-")[0]
        communes.edit(file, "Supports", (f"{id}-ep-1", "hauteur_m", 11))
    for file in sorted(back.iterdir())[options.sample or 92 :]:
        file.unlink()
    for returned in communes.take_back(root, back):
        whole = returned.fault is None and returned.count("changed") == 1 and returned.on_behalf_of is not None
        row.count(None if whole else f"{returned.name}: {returned.fault}")
    yield row


def floors(options: Options) -> Iterator[Row]:
    """The floors of docs/performance.md, which only a quiet machine can tell: elsewhere they are not measured."""
    row = Row("Floors of speed and memory, on a quiet machine")
    load = os.getloadavg()[0]
    if load > QUIET:
        row.note = f"not measured: load {load:.1f}"
    elif options.sample is not None:
        row.note = "only without --sample"
    else:
        command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--strict"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        verdicts = [line for line in done.stdout.splitlines() if re.search(r"\b(?:pass|MISSED)\b", line)]
        for line in verdicts:
            row.count(line if "MISSED" in line else None)
        if not verdicts or done.returncode > 1:
            row.open.append((done.stdout + done.stderr)[-300:])
    yield row


PARTS: dict[str, Part] = {
    "floors": floors,  # first, before the others load the machine
    "inputs": inputs,
    "scenarios": scenarios,
    "crash": crash,
    "races": races,
    "received": received,
    "hostile": hostile,
    "bombs": git_bombs,
    "fuzz": fuzz,
    "properties": properties,
    "histories": histories,
    "long": long_tests,
    "days": days,
    "second-opinions": second_opinions,
    "mutation": mutation,
    "libraries": libraries,
    "installing": installing,
    "workbooks": workbooks,
    "site": site,
}


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--only", action="append", choices=PARTS, help="run only this part (repeatable)")
    reader.add_argument("--sample", type=int)
    corpus = os.environ.get("TRUST_CORPUS")
    reader.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None)
    reader.add_argument("--no-write", action="store_true", help="do not change docs/guarantees.md")
    words = reader.parse_args()
    when = f"{datetime.now(UTC):%Y-%m-%d}, {commit()}" + ("" if words.sample is None else ", sample")
    ran: dict[str, list[Row]] = {}
    subprocess.run([sys.executable, str(ROOT / "scripts" / "catalogues.py")], check=True)  # Git ignores them
    with tempfile.TemporaryDirectory() as folder:
        options = Options(words.sample, words.corpus, Path(folder))
        for name in words.only or PARTS:
            print(f"{name} …", flush=True)
            ran[name] = []
            since = time.monotonic()
            for row in PARTS[name](options):
                row.when = when
                ran[name].append(row)
                print(
                    f"  {row.what}: {row.held} of {row.tried}, {len(row.open)} open",
                    *row.open,
                    sep="\n    ",
                    flush=True,
                )
            print(f"  {time.monotonic() - since:.0f} s", flush=True)
    rows = merge_rows(ran, PARTS)
    print("\n" + format_table(rows))
    if not words.no_write:
        write_table(rows)
    return int(any(row.open for row in rows))


if __name__ == "__main__":
    sys.exit(main())
