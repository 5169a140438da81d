"""Measure `log`, `blame`, `query` and `audit` on 5 000 commits, against `git log`; all warm except the first `audit`.

    python benchmarks/history.py [--records 5000] [--commits 5000] [--rounds 3] [--keep DIR]

The first commit adds half of the records; the others alternately add a record and change the state of a device, with
the trailers that smartreg writes. Every hundredth commit changes the same device, the *followed* one.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import records as data_of
from chance import Chance
from generate import settings
from measure import BIN, ENVIRONMENT, HEADING, Pair, compare, compile_all, machine, run

from smartreg.core.values import Json
from smartreg.edit.record_text import new_text
from smartreg.registry import FOLDER
from smartreg.schema import bundled_files, read_schemas

SMARTREG = str(BIN / "smartreg")
SCHEMAS = read_schemas(bundled_files())
START, STEP = 1_767_225_600, 1_800  # 2026-01-01, a commit every half hour: an audit stores nothing of future ones
OTHER = {"active": "faulty", "faulty": "active"}
FOLLOWED_EVERY = 100

Data = dict[str, Json]


class GrowingRegistry:
    """A registry written commit by commit for `git fast-import`; `foreign`: without the trailers of smartreg."""

    def __init__(self, records: int, commits: int, seed: int, *, foreign: bool = False) -> None:
        items = [(name, dict(data)) for name, data in data_of.registry(records, seed)]
        self.first, self.coming = items[: records - commits // 2], items[records - commits // 2 :]
        self.commits, self._foreign = commits, foreign
        self._chance = Chance(seed + 2)
        self._devices = [data for name, data in self.first if name == "equipment" and data["status"] in OTHER]
        self.followed = str(self._devices[0]["id"])

    def stream(self) -> Iterator[bytes]:
        frame = [_file(path, text) for path, text in settings(SCHEMAS).items()]
        yield from _commit(0, "Generated registry", [*frame, *(_record(*item) for item in self.first)])
        coming = iter(self.coming)
        for number in range(1, self.commits):
            name, data = next(coming, ("", {})) if number % 2 else ("", {})
            op = "add" if name else "set"
            if not name:
                name, data = "equipment", self._change_device(number)
            trailers = f"Smartreg-Op: {op}\nSmartreg-Record: {name}/{data['id']}\nSmartreg-Version: 0.1.0"
            subject = f"{op.capitalize()} {name}/{data['id']}"
            message = subject if self._foreign else f"{subject}\n\n{trailers}"
            yield from _commit(number, message, [_record(name, data)])

    def _change_device(self, number: int) -> Data:
        follow = number % FOLLOWED_EVERY == 0
        device = self._devices[0] if follow else self._devices[1 + self._chance.below(len(self._devices) - 1)]
        device["status"] = OTHER[str(device["status"])]
        return device


def _record(name: str, data: Data) -> bytes:
    kind = SCHEMAS.kinds[name]
    path = kind.path_of(data)
    return _file(path, new_text(kind, data, path))


def _file(path: str, text: bytes) -> bytes:
    return f"M 100644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n"


def _commit(number: int, message: str, files: list[bytes]) -> Iterator[bytes]:
    who = f"committer benchmark <benchmark@example.org> {START + STEP * number} +0100\n"
    encoded = message.encode()
    yield f"commit refs/heads/main\n{who}data {len(encoded)}\n".encode() + encoded + b"\n"
    yield from files


def write(folder: Path, registry: GrowingRegistry) -> None:
    """Make the repository, packed as a fresh clone would be, and check out its files."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True, env=ENVIRONMENT)
    with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.writelines(registry.stream())
        process.stdin.close()
    if process.returncode:
        raise SystemExit("git fast-import failed")
    run(["git", "gc", "-q"], folder)
    run(["git", "reset", "-q", "--hard"], folder)


def pairs(folder: Path, followed: str, rounds: int) -> Iterator[Pair]:
    path = f"{FOLDER}/{SCHEMAS.kinds['equipment'].folder}"
    found = run(["git", "ls-files", f"{path}/*{followed}.yaml"], folder).strip()
    every = ["git", "log", "--format=%H %an %ad %s%n%b", "-p", "--", FOLDER]

    for name, words, against, theirs in (
        ("`log RECORD`", ["log", followed], "`git log -p -- FILE`", ["git", "log", "-p", "--", found]),
        ("`blame RECORD`", ["blame", followed], "`git blame FILE`", ["git", "blame", found]),
        ("`log`, all records", ["log", "--json"], "`git log -p`", every),
        ("`query … FROM history`", ["query", "SELECT op, count(*) FROM history GROUP BY op"], "`git log -p`", every),
        (
            "`query … FROM changes`",
            ["query", "SELECT path, count(*) FROM changes GROUP BY 1"],
            "`git log -p`",
            every,
        ),
        ("`audit`, from the root", ["audit", "--all"], "`git log -p`", every),
        ("`audit`, nothing new", ["audit", "--all"], "`git log -p`", every),
    ):
        ours = lambda words=words: run([SMARTREG, *words], folder, (0, 1))  # noqa: E731
        forget = lambda: shutil.rmtree(folder / ".git" / "smartreg", ignore_errors=True)  # noqa: E731
        yield Pair(
            name,
            against,
            ours,
            lambda theirs=theirs: run(theirs, folder),
            rounds,
            forget if name.endswith("from the root") else ours,
            floor=2 if name.endswith("nothing new") else None,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="measure the history")
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--commits", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="only make the repository in this folder")
    options = parser.parse_args()
    registry = GrowingRegistry(options.records, options.commits, options.seed)
    if options.keep:
        write(options.keep, registry)
        print(f"followed: {registry.followed}")
        return
    print(machine(), flush=True)
    compile_all()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, registry)
        print(f"\n{options.records} records, {options.commits} commits\n{HEADING}")
        for pair in pairs(folder, registry.followed, options.rounds):
            print(compare(pair).line(), flush=True)


if __name__ == "__main__":
    main()
