"""Write the table of a run into a page of the documentation, between two markers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from measure import Row

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
_HEAD = "| smartreg | against | ours | theirs | ratio | cpu | floor | |\n|---|---|---|---|---|---|---|---|"


def write(page: Path, about: str, rows: Sequence[Row], sentences: Sequence[str]) -> None:
    """Replace what is between the markers; SystemExit if the page has none."""
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page} has no {BEGIN} … {END} to put the table between")
    table = "\n".join([_HEAD, *(row.cells() for row in rows)])
    notes = "\n".join(f"- {sentence}" for sentence in sentences)
    page.write_text(f"{before}{begin}\n{about}\n\n{table}\n\n{notes}\n{end}{after}", "utf-8")
