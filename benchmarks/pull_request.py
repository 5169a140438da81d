"""Measure how long a reviewer waits: a pull request of 10 records in 10 000, from a fresh clone to the verdict.

    python benchmarks/pull_request.py [--records 10000] [--changed 10] [--rounds 3]

Each round uses a new clone. Cold: smartreg has never run in it; warm: it has validated the base once, as on a runner
that caches `.git/smartreg`. Each run writes all reports and checks the authors (`--as-author`, signed commits).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from measure import HEADING, Pair, compare, compile_all, machine, run
from registries import SMARTREG, Place

FORMATS = ("json", "jsonl", "gitlab", "sarif", "junit", "rdjson", "markdown")
KEY = "writers:\n  keys: [{}]\n"


class Request:
    """A repository with a registry on `main` and a branch `pr` of one signed commit, and clones of it."""

    def __init__(self, folder: Path, records: int, changed: int) -> None:
        self.folder, self.place = folder, Place(folder / "origin", records, 1)
        self.name = f"gate of a pull request, {changed} of {records}"
        self._clones = count(1)
        self._key = folder / "key"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(self._key)], folder)
        fingerprint = run(["ssh-keygen", "-lf", f"{self._key}.pub"], folder).split()[1]
        for path in self.place.generated.files["party"]:
            file = self.place.folder / path
            file.write_text(file.read_text("utf-8") + KEY.format(fingerprint), "utf-8")
        self._commit("Writers")
        self.place.git("checkout", "-q", "-b", "pr")
        for _ in range(changed):
            self.place.touch()
        self._commit("Reviewed")
        self.place.git("gc", "-q")

    def _commit(self, message: str) -> None:
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={self._key}"]
        self.place.git(*signing, "commit", "-q", "-a", "-S", "-m", message)

    def clone(self) -> Path:
        """A new clone with the branch checked out."""
        clone = self.folder / f"clone-{next(self._clones)}"
        run(["git", "clone", "-q", "-b", "pr", f"file://{self.place.folder}", str(clone)], self.folder)
        return clone

    def run_gate(self, clone: Path) -> None:
        reports = [word for form in FORMATS for word in ("--report", f"{form}={self.folder / f'report.{form}'}")]
        run([SMARTREG, "validate", "--since", "origin/main", "--as-author", "-f", "github", *reports], clone)
        run([SMARTREG, "diff", "origin/main", "-f", "markdown", "-o", str(self.folder / "comment.md")], clone)

    def gate_pair(self, rounds: int) -> Pair:
        """The gate in a fresh clone, against a cold `validate` in another one."""
        gated, validated = self.clone(), self.clone()

        def forget() -> None:
            for clone in (gated, validated):
                shutil.rmtree(clone / ".git/smartreg", ignore_errors=True)

        def validate() -> str:
            return run([SMARTREG, "validate"], validated, (0, 1))

        return Pair(self.name, "validate, cold", lambda: self.run_gate(gated), validate, rounds, forget, floor=2)

    def cold(self) -> None:
        clone = self.clone()
        self.run_gate(clone)
        shutil.rmtree(clone)


def pairs(request: Request, rounds: int) -> Iterator[Pair]:
    def bare() -> None:
        shutil.rmtree(request.clone())

    yield Pair("fresh clone, verdict, all reports, comment", "`git clone`", request.cold, bare, rounds)
    reused = request.clone()

    def forget() -> None:
        shutil.rmtree(reused / ".git/smartreg", ignore_errors=True)

    def gate() -> None:
        request.run_gate(reused)

    def diff() -> str:
        return run(["git", "diff", "--stat", "origin/main"], reused)

    yield Pair("verdict, all reports, comment, cold", "`git diff --stat`", gate, diff, rounds, prepare=forget)
    request.run_gate(reused)
    yield Pair("verdict, all reports, comment, warm", "`git diff --stat`", gate, diff, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description="measure a pull request")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--changed", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine(), flush=True)
    compile_all()
    with tempfile.TemporaryDirectory() as place:
        request = Request(Path(place), options.records, options.changed)
        print(f"\n{options.records} records, {options.changed} changed\n{HEADING}")
        for pair in pairs(request, options.rounds):
            print(compare(pair).line(), flush=True)


if __name__ == "__main__":
    main()
