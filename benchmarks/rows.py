"""The rows of `run.py`, each a pair of programs that do the same, and the registries that they work in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import history
from imports import Sheet
from measure import Pair, run
from peers import PYTHON, Ajv, check_jsonschema, faulty_by_check_jsonschema
from pull_request import Request
from registries import SMARTREG, Place

FEWEST = 5_000  # records; with fewer, the first commit may contain no device
PEER, BARE, STATUS, START = "check-jsonschema", "git add + git commit", "git status", "python -c pass"
TAB = 18  # times `python -c pass`: 200 ms where that takes 11


@dataclass
class Bench:
    """The registries, each made on first use."""

    folder: Path
    records: int
    large: int
    points: int
    commits: int
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
        return Ajv.install(place, self.faulty.folder / "schemas")

    @cached_property
    def past(self) -> tuple[Path, str, str]:
        """A registry with many commits, its followed device, and the file of that device."""
        folder, registry = (
            self.folder / "past",
            history.GrowingRegistry(max(FEWEST, self.commits), self.commits, self.seed),
        )
        history.write(folder, registry)
        return (
            folder,
            registry.followed,
            run(["git", "ls-files", f"registry/*/{registry.followed}.yaml"], folder).strip(),
        )

    @cached_property
    def foreign(self) -> Path:
        """A registry with more commits, none made by smartreg."""
        folder = self.folder / "foreign"
        history.write(
            folder, history.GrowingRegistry(max(FEWEST, self.many_commits), self.many_commits, self.seed, foreign=True)
        )
        return folder

    @property
    def many_commits(self) -> int:
        return self.commits * 9 // 5

    @cached_property
    def sheet(self) -> Sheet:
        return Sheet(self.folder / "sheet", self.points, self.seed)

    @cached_property
    def request(self) -> Request:
        return Request(self.folder / "request", self.records, max(1, self.records // 1000))

    def run_check_jsonschema(self) -> list[str]:
        return list(check_jsonschema(self.faulty.folder, self.faulty.generated.files))

    def run_ajv(self) -> list[str]:
        assert self.ajv is not None
        return list(self.ajv.validate(self.faulty.folder, list(self.faulty.generated.files)))

    def log(self) -> str:
        return run([SMARTREG, "log", self.past[1]], self.past[0])

    def git_log(self) -> str:
        return run(["git", "log", "--", self.past[2]], self.past[0])

    def audit(self) -> str:
        return run([SMARTREG, "audit", "--all"], self.foreign, (0, 1))

    def git_log_all(self) -> str:
        return run(["git", "log", "--format=%H %an %ad %s%n%b", "-p", "--", "registry"], self.foreign)

    def forget_audit(self) -> None:
        shutil.rmtree(self.foreign / ".git/smartreg", ignore_errors=True)

    def disagreement(self) -> str:
        """The files on which the generator, smartreg and the peers disagree, in words; empty if there are none."""
        files, expected = self.faulty.generated.files, self.faulty.generated.faulty
        named = {"smartreg": self.faulty.find_faulty(), PEER: faulty_by_check_jsonschema(self.faulty.folder, files)}
        if self.ajv is not None:
            named["ajv-cli"] = self.ajv.find_faulty(self.faulty.folder, files)
        odd = {name: found ^ expected for name, found in named.items()}
        return "\n".join(f"{name} differs on {len(files)}: {sorted(files)[:5]}" for name, files in odd.items() if files)


Rows = Iterator[tuple[str, Callable[[], Pair]]]
"""Names, and a function that makes the pair, so that registries are only made for selected rows."""


def small(bench: Bench, rounds: int) -> Rows:
    """The rows of the smaller registry."""
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
            bench.run_check_jsonschema,
            rounds=1,
            prepare=bench.faulty.forget,
            faster=True,
            floor=55,
        ),
    )
    yield (
        f"{name}, ajv",
        lambda: pair(
            name,
            "ajv-cli",
            bench.faulty.validate,
            bench.run_ajv,
            prepare=bench.faulty.forget,
            faster=True,
            floor=2,
        ),
    )
    job = f"validate, cold, {size}, in CI"
    yield (
        job,
        lambda: pair(
            job, "ajv-cli", bench.faulty.validate_in_job, bench.run_ajv, prepare=bench.faulty.forget, faster=True
        ),
    )
    clean = lambda: bench.clean  # noqa: E731
    for words in (("find", "rue mistral"), ("query", "SELECT count(*) FROM equipment")):
        first = f"first {words[0]} after a cold check, {size}"
        yield (
            first,
            lambda first=first, words=words: pair(  # type: ignore[misc]
                first,
                "the cold check",
                lambda: clean().smartreg(*words),
                clean().validate_anew,
                prepare=clean().check_anew,
                floor=0.5,
            ),
        )
    warm = f"validate, warm, {size}"
    yield warm, lambda: pair(warm, STATUS, clean().validate, clean().status, prepare=clean().warm)
    since = f"validate --since, {size}"
    yield since, lambda: pair(since, STATUS, clean().validate_since, clean().status)
    add = f"add-sensor in {size}"
    yield (
        add,
        lambda: pair(
            add, BARE, clean().add_sensor, clean().bare_commit, rounds=quick, prepare=clean().write_record, floor=6
        ),
    )
    tab = f"Tab on ids, {size}"
    yield tab, lambda: pair(tab, START, clean().complete, started, rounds=quick, floor=TAB)
    yield "--version", lambda: pair("--version", START, program(SMARTREG, "--version"), started, rounds=quick, floor=10)
    yield "-h", lambda: pair("-h", START, program(SMARTREG, "-h"), started, rounds=quick, floor=25)


def large(bench: Bench, rounds: int) -> Rows:
    """The rows of the larger registry."""
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
            floor=9.5,
        ),
    )
    warm = f"validate, warm, {size}, 1 changed"
    yield warm, lambda: Pair(warm, STATUS, many().validate, many().status, quick, many().touch, floor=4)
    term = f"validate, warm, {size}, 1 convention"
    yield term, lambda: Pair(term, STATUS, many().validate, many().status, quick, many().touch_convention, floor=5)
    add = f"add-sensor in {size}"
    yield add, lambda: Pair(add, BARE, many().add_sensor, many().bare_commit, quick, many().write_record, floor=3)
    tab = f"Tab on ids, {size}"
    yield tab, lambda: Pair(tab, START, many().complete, started, quick, floor=TAB)
    diff = f"diff, {bench.large // 100} changes of {size}"
    yield (
        diff,
        lambda: Pair(diff, "git diff --stat", many().diff, many().git_diff, quick, lambda: many().commits, floor=12),
    )
    table, writer = f"export csv, {size}, 1 changed", "csv.writer, rows in memory"
    yield (
        table,
        lambda: Pair(table, writer, many().export, many().write_rows, few, lambda: change_one(many()), floor=4.5),
    )
    query, exported = f"query, GROUP BY, {size}", "git status + sqlite3 of our export"
    yield (
        query,
        lambda: Pair(query, exported, many().query, many().query_export, quick, lambda: many().database, floor=4),
    )


def past(bench: Bench, rounds: int) -> Rows:
    """The rows of long histories."""
    log = f"log of a record, {bench.commits} commits"
    yield log, lambda: Pair(log, "git log -- FILE", bench.log, bench.git_log, 3 * rounds, lambda: bench.past, floor=1.5)
    first, again = f"audit of {bench.many_commits} foreign commits", "audit, nothing new since"
    yield first, lambda: Pair(first, "git log -p", bench.audit, bench.git_log_all, 1, bench.forget_audit, floor=12)
    yield again, lambda: Pair(again, "git log -p", bench.audit, bench.git_log_all, rounds, bench.audit, floor=2)


def large_changes(bench: Bench, rounds: int) -> Rows:
    """The rows of an imported sheet and of a pull request."""
    yield "import of points", lambda: bench.sheet.import_pair(1)
    yield "undo of that import", lambda: bench.sheet.undo_pair(1)
    yield "import of columns", lambda: bench.sheet.columns_pair(rounds)
    yield "gate of a pull request", lambda: bench.request.gate_pair(max(1, rounds - 1))


def change_one(place: Place) -> None:
    """Change one record after its rows were read."""
    assert place.rows
    place.touch()


def forget(bench: Bench) -> None:
    bench.many.forget()
    bench.clean.forget()


def program(*command: str) -> Callable[[], str]:
    return lambda: run(command, Path.cwd())


started = program(PYTHON, "-c", "pass")
