"""Run inputs and scenarios that others wrote, with their own programs, without blaming smartreg for a busy machine."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from table import Row

BUSY = re.compile(r"slow|timeout|timed out|hangs")
# In a user namespace of its own, root becomes an ordinary user, so that file modes apply.
UNPRIVILEGED = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


class Corpus:
    """A copy of the corpus in `folder`, whose scenarios end by having other readers check what they leave."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.root = Path(shutil.copytree(source, folder / "corpus", symlinks=True))
        library, remove = self.root / "scenarios" / "lib.sh", 'rm -rf "$T"; }'
        text = library.read_text("utf-8")
        assert text.count(remove) == 1, f"{library} must contain exactly once: {remove}"
        look = f'"{sys.executable}" "{Path(__file__).with_name("aftermath.py")}" "$T"; sound=$?'
        library.write_text(text.replace(remove, f'{look}; rm -rf "$T"; [ $sound = 0 ] || exit 1; }}'), "utf-8")
        cases = map(json.loads, (self.root / "corpus/manifest.jsonl").read_bytes().splitlines())
        self.cases = {case["id"]: case for case in cases}

    def inputs(self, fast: bool) -> Row:
        """Validate each record file by itself. Repeat alone what was only slow, by its processor time; repeat as
        another user what root can always read."""
        row = Row("Inputs: files: refused or accepted as they should be")
        failed, skipped = _count_results(row, self._run([sys.executable, "run_corpus.py"], fast=fast))
        slow = [case for case, why in failed if all(BUSY.match(one) for one in why.split("; "))]
        row.open += [f"{case} {why}" for case, why in failed if case not in slow]
        for case in slow:
            why = self._alone(case)
            row.held += why is None
            row.open += [why] if why else []
        notes = [f"{len(slow)} repeated alone, by processor time"] if slow else []
        unread = [case for case, about in self.cases.items() if (about["build"] or {}).get("mode") == "000"]
        if skipped == len(unread):
            done = [self._run([*UNPRIVILEGED, sys.executable, "run_corpus.py", case]) for case in unread]
            passed = sum("1 passed, 0 failed, 0 skipped" in one.stdout for one in done)
            row.held += passed
            skipped -= passed
            notes += [f"{passed} as a user who is not root"]
        row.open += [f"{skipped} could not run here"] if skipped else []
        row.note = "; ".join(notes)
        return row

    def more(self, area: str, what: str) -> Row:
        row = Row(f"Inputs: {what}")
        failed, _ = _count_results(row, self._run([sys.executable, "run_more.py", area]))
        row.open += [" ".join(one) for one in failed]
        return row

    def scenarios(self) -> Iterator[Row]:
        """States of Git, crashes and attacks, each in a repository of its own; those that timed out are repeated
        alone."""
        row = Row("Scenarios of states, crashes and attacks")
        output = self._run(["bash", "./run_all.sh"], "scenarios").stdout
        _count_results(row, subprocess.CompletedProcess([], 0, output, ""))
        texts = {
            head.split(".")[0]: text for head, text in re.findall(r"^== (\S+)(.*?)(?=^== |\Z)", output, re.M | re.S)
        }
        failed = [name for names in re.findall(r"^failed:(.*)$", output, re.M) for name in names.split()]
        again = 0
        for name in failed:
            if BUSY.search(texts[name]):
                again += 1
                once_more = self._run(["bash", "./run_all.sh", f"{name}*"], "scenarios").stdout
                if "1 passed" in once_more:
                    row.held += 1
                    continue
            row.open.append(f"{name}: {'; '.join(re.findall('FAIL: (.*)', texts[name]))}")
        row.open += [f"{name} could not run here" for name, text in texts.items() if "  SKIP:" in text]
        row.note = f"{again} repeated alone because the machine was busy" if again else ""
        yield row
        checks = re.findall(r"^  readers: (\d+) repositories, (\d+) with two readers(.*)$", output, re.M)
        row = Row("Repositories that the scenarios leave: `git fsck --strict`, and libgit2 reads the same")
        row.tried = sum(int(count) for count, _, _ in checks)
        row.open = [wrong.strip() for _, _, wrong in checks if wrong.strip()]
        row.held = row.tried - len(row.open)
        row.note = f"{row.tried - sum(int(two) for _, two, _ in checks)} of a kind that libgit2 cannot open"
        yield row

    def _alone(self, case: str) -> str | None:
        """What is wrong when the case runs alone; slow counts only by processor time."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = self._run([sys.executable, "run_corpus.py", case]).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        wrong = [line for line in re.findall(r"^FAIL (.*)$", output, re.M) if line.split()[0] == case]
        if not wrong or (used < self.cases[case]["max_seconds"] and BUSY.match(wrong[0].partition(" ")[2])):
            return None
        return f"{wrong[0]}; {used:.1f} s of processor time"

    def _run(self, command: list[str], where: str = "", *, fast: bool = False) -> subprocess.CompletedProcess[str]:
        program = str(Path(sys.executable).with_name("smartreg"))
        environment = {**os.environ, "SMARTREG": program, "PYTHONPATH": "", **({"SR_FAST": "1"} if fast else {})}
        return subprocess.run(
            command,
            cwd=self.root / where,
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _count_results(row: Row, done: subprocess.CompletedProcess[str]) -> tuple[list[tuple[str, str]], int]:
    """The cases that failed, with their reasons, and how many could not run."""
    found = re.findall(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?", done.stdout)
    if not found:
        row.open.append(f"aborted: {(done.stderr or done.stdout)[-200:]}")
        return [], 0
    passed, failed, skipped = (int(number or 0) for number in found[-1])
    row.tried, row.held = passed + failed + skipped, passed
    lines = re.findall(r"^FAIL (\S+) (.*)$", done.stdout, re.M)
    return lines, skipped
