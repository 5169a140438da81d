"""What a reviewer waits for: a pull request of 10 records on a registry of 10 000, from a fresh clone to the verdict.

    python benchmarks/pull_request.py [--records 10000] [--changed 10] [--rounds 3]

One clone for each round. Cold: the clone has never seen smartreg; warm: it has judged the base once, as a runner that
keeps `.git/smartreg` has. Each run writes all reports, and says whose the records are (`--as-author`, signed commits).
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
        told = run(["ssh-keygen", "-lf", f"{self._key}.pub"], folder).split()[1]
        for path in self.place.made.files["party"]:
            file = self.place.folder / path
            file.write_text(file.read_text("utf-8") + KEY.format(told), "utf-8")
        self._commit("Writers")
        self.place.git("checkout", "-q", "-b", "pr")
        for _ in range(changed):
            self.place.touch()
        self._commit("Looked at")
        self.place.git("gc", "-q")

    def _commit(self, message: str) -> None:
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={self._key}"]
        self.place.git(*signing, "commit", "-q", "-a", "-S", "-m", message)

    def clone(self) -> Path:
        """A new clone with the branch checked out."""
        clone = self.folder / f"clone-{next(self._clones)}"
        run(["git", "clone", "-q", "-b", "pr", f"file://{self.place.folder}", str(clone)], self.folder)
        return clone

    def judge(self, clone: Path) -> None:
        reports = [word for form in FORMATS for word in ("--report", f"{form}={self.folder / f'report.{form}'}")]
        run([SMARTREG, "validate", "--since", "origin/main", "--as-author", "-f", "github", *reports], clone)
        run([SMARTREG, "diff", "origin/main", "-f", "markdown", "-o", str(self.folder / "comment.md")], clone)

    def gate(self, rounds: int) -> Pair:
        """What the gate of a fresh clone takes, against a cold `validate` of another one."""
        judged, validated = self.clone(), self.clone()

        def forget() -> None:
            for clone in (judged, validated):
                shutil.rmtree(clone / ".git/smartreg", ignore_errors=True)

        def validate() -> str:
            return run([SMARTREG, "validate"], validated, (0, 1))

        return Pair(self.name, "validate, cold", lambda: self.judge(judged), validate, rounds, forget, floor=2)

    def cold(self) -> None:
        clone = self.clone()
        self.judge(clone)
        shutil.rmtree(clone)


def pairs(request: Request, rounds: int) -> Iterator[Pair]:
    def bare() -> None:
        shutil.rmtree(request.clone())

    yield Pair("fresh clone, verdict, all reports, comment", "`git clone`", request.cold, bare, rounds)
    kept = request.clone()

    def forget() -> None:
        shutil.rmtree(kept / ".git/smartreg", ignore_errors=True)

    def judge() -> None:
        request.judge(kept)

    def diff() -> str:
        return run(["git", "diff", "--stat", "origin/main"], kept)

    yield Pair("verdict, all reports, comment, cold", "`git diff --stat`", judge, diff, rounds, prepare=forget)
    request.judge(kept)
    yield Pair("verdict, all reports, comment, warm", "`git diff --stat`", judge, diff, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description="measure a pull request")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--changed", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    print(machine(), flush=True)
    compile_all()
    with tempfile.TemporaryDirectory() as place:
        request = Request(Path(place), wanted.records, wanted.changed)
        print(f"\n{wanted.records} records, {wanted.changed} changed\n{HEADING}")
        for pair in pairs(request, wanted.rounds):
            print(compare(pair).line(), flush=True)


if __name__ == "__main__":
    main()
