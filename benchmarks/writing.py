"""Write the table of a run into a page of the documentation, between two markers, and its ratios below those of the
last runs: four steps of 10 % are seen there as what they are."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from measure import Row

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
TREND_BEGIN, TREND_END = "<!-- trend: begin -->", "<!-- trend: end -->"
MOST_RUNS = 10
FOLLOWED = {  # the heading of a column, and the row with its ratio: its name, and against what
    "cold 10 000 : check-jsonschema": ("validate, cold, 10 000", "check-jsonschema"),
    "cold 10 000 : ajv-cli": ("validate, cold, 10 000", "ajv-cli"),
    "cold 100 000 : 10 000": ("validate, cold, 100 000", "itself, 10000"),
    "warm 100 000": ("validate, warm, 100 000, 1 changed", "git status"),
    "add-sensor 10 000": ("add-sensor in 10 000", "git add + git commit"),
    "gate": ("gate of a pull request, 10 of 10000", "validate, cold"),
    "import": ("import of 30000 points", "sqlite-utils + git add + commit"),
    "audit": ("audit of 9000 foreign commits", "git log -p"),
}
_HEAD = "| smartreg | against | ours | theirs | ratio | cpu | floor | |\n|---|---|---|---|---|---|---|---|"


def write(page: Path, about: str, rows: Sequence[Row], sentences: Sequence[str]) -> None:
    """Replace what is between the markers; SystemExit if the page has none."""
    table = "\n".join([_HEAD, *(row.cells() for row in rows)])
    notes = "\n".join(f"- {sentence}" for sentence in sentences)
    text = _replace(page.read_text("utf-8"), page, (BEGIN, END), f"{about}\n\n{table}\n\n{notes}\n")
    ratios = {(row.pair.name, row.pair.against): f"{row.ratio:.1f}" for row in rows}
    page.write_text(add_run(text, page, about, _commit(), ratios), "utf-8")


def add_run(text: str, page: Path, about: str, commit: str, ratios: dict[tuple[str, str], str]) -> str:
    """The text of the page with one more run in its trend, of which the last `MOST_RUNS` stay. `about` begins with the
    day and ends with the load."""
    _, _, rest = text.partition(TREND_BEGIN)
    runs = [line for line in rest.partition(TREND_END)[0].splitlines() if line.startswith("| 2")]
    load = about.partition(", load ")[2].removesuffix(" at the start")
    cells = [about[:10], commit, load, *(ratios.get(row, "") for row in FOLLOWED.values())]
    lines = [
        f"| day | commit | load | {' | '.join(FOLLOWED)} |",
        "|---" * (3 + len(FOLLOWED)) + "|",
        *[*runs, f"| {' | '.join(cells)} |"][-MOST_RUNS:],
    ]
    return _replace(text, page, (TREND_BEGIN, TREND_END), "\n".join(lines) + "\n")


def _replace(text: str, page: Path, markers: tuple[str, str], content: str) -> str:
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise SystemExit(f"{page} has no {markers[0]} … {markers[1]} to put the table between")
    return f"{before}{begin}\n{content}{end}{after}"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=8"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
