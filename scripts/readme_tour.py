"""Read the tours of pages (commands, exit codes, output), and play those of README."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).parents[1]
PAGES = {"en": "README.md", "fr": "README.fr.md"}
COMMIT = re.compile(r"\(commit [0-9a-f]{7,}\)")
# Runs a command in a folder, with more in its environment.
Run: TypeAlias = Callable[[Sequence[str], Path, Mapping[str, str]], "subprocess.CompletedProcess[str]"]
_END = re.compile(r"(?<=--effective-until )\d{4}-\d\d-\d\d")  # of a convention that has not ended, whatever the day
_EXIT = re.compile(r"\s+# exit (\d+)$")


class Step(NamedTuple):
    """A command of a tour, its exit code, and the lines of output that the page shows."""

    command: str
    code: int
    shown: list[str]


def read_tour(page: str, section: str = "") -> list[Step]:
    """The steps of a page, or of the section under a heading of it, in its order."""
    steps: list[Step] = []
    text = (ROOT / page).read_text(encoding="utf-8")
    if section:
        text = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                line = _END.sub(f"{datetime.now(UTC).date() + timedelta(730)}", line)
                code = _EXIT.search(line)
                steps.append(Step(_EXIT.sub("", line[2:]), int(code[1]) if code else 0, []))
            else:
                steps[-1].shown.append(COMMIT.sub("(commit)", line))
    return steps


def programs_of(environment: Mapping[str, str]) -> Run:
    """Runs the programs that are on the PATH of an environment."""

    def run(words: Sequence[str], folder: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        program = shutil.which(words[0], path=environment["PATH"]) or words[0]
        return subprocess.run(
            [program, *words[1:]], cwd=folder, env={**environment, **environ}, capture_output=True, encoding="utf-8",
            check=False,
        )  # fmt: skip

    return run


def play_tour(lang: str, folder: Path, run: Run) -> Iterator[str]:
    """Run the tour of a language in a new folder; yields what differs from the page."""
    settings = {
        "SMARTREG_LANG": lang,
        **{f"GIT_{role}_NAME": "tour" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "tour@example.org" for role in ("AUTHOR", "COMMITTER")},
    }
    for command, code, shown in read_tour(PAGES[lang]):
        if command.startswith("cd "):
            folder = folder / command[3:]
            continue
        done = run(shlex.split(command), folder, settings)
        if done.returncode != code:
            yield f"{command}\nexit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        lines = COMMIT.sub("(commit)", done.stdout).splitlines()
        for line in shown:
            if not any(shows(candidate, line) for candidate in lines):
                yield f"{command}\nshould show: {line}\nshows:\n{done.stdout}"


def shows(candidate: str, line: str) -> bool:
    """Whether a line of output matches the page: equal, with more columns after it, or cut by `…` on the page."""
    if line.endswith("…"):
        return candidate.startswith(line.removesuffix("…"))
    return candidate == line or candidate.startswith(f"{line}  ")
