"""The table of `make trust`: what was tried, how often it went as promised, what is open; kept from run to run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "guarantees.md"
KEPT = ROOT / "build" / "trust" / "rows.json"
SHOWN = 20  # open cases of a row that are told one by one


@dataclass
class Row:
    """One line of the table: what was tried, how often, how often it went as promised, what is open, and what there is
    to know of it."""

    what: str
    tried: int = 0
    held: int = 0
    note: str = ""
    when: str = ""
    open: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)

    def count(self, wrong: str | None) -> None:
        self.tried += 1
        self.held += wrong is None
        if wrong is not None:
            self.open.append(" ".join(wrong.split())[:300])


def table(rows: list[Row]) -> str:
    lines = ["| tried | how often | as promised | open | | when, of which commit |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.tried} | {row.held} | {len(row.open) or ''} | {row.note} | {row.when} |" for row in rows
    ]
    opened = list(_told((row.what, row.open) for row in rows))
    known = list(_told((row.what, row.known) for row in rows))
    return "\n".join(
        [
            *lines,
            "",
            *(["Open:", "", *opened] if opened else ["Nothing is open."]),
            *(["", "To know:", "", *known] if known else []),
        ]
    )


def _told(each: Iterable[tuple[str, list[str]]]) -> Iterable[str]:
    for what, texts in each:
        yield from (f"- {what}: {text.replace('|', '/')}" for text in texts[:SHOWN])
        if len(texts) > SHOWN:
            yield f"- {what}: {len(texts) - SHOWN} more"


def kept(ran: dict[str, list[Row]], parts: Iterable[str]) -> list[Row]:
    """The rows of every part: what ran now, else what ran last, else a line that says that it did not run."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    every = {name: [Row(**row) for row in before[name]] for name in before} | ran
    KEPT.write_text(json.dumps({name: [asdict(row) for row in rows] for name, rows in every.items()}), "utf-8")
    return [row for name in parts for row in every.get(name, [Row(name, open=["it was not run"])])]


def commit() -> str:
    """What is tried: the commit, and that files differ from it when they do."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def written(rows: list[Row]) -> None:
    """Put the table into the page."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("jsonschema-rs", "jsonschema", "ruamel.yaml", "PyYAML")
    )
    head = f"Python {platform.python_version()}, Git {git}, {libraries}, {os.cpu_count()} cores."
    text = PAGE.read_text("utf-8")
    before, after = text.split("<!-- trust -->")[0], text.split("<!-- /trust -->")[1]
    PAGE.write_text(f"{before}<!-- trust -->\n{head}\n\n{table(rows)}\n<!-- /trust -->{after}", "utf-8")
