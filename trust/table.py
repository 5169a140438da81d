"""The table of `make trust`: what was tried, how often the promise held, what is open; stored from run to run."""

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
STORED = ROOT / "build" / "trust" / "rows.json"
SHOWN = 20  # open cases listed per row


@dataclass
class Row:
    """One row of the table: what was tried, how often, how often the promise held, what is open, and known
    exceptions."""

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


def format_table(rows: list[Row]) -> str:
    lines = ["| tried | how often | as promised | open | | when, of which commit |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.tried} | {row.held} | {len(row.open) or ''} | {row.note} | {row.when} |" for row in rows
    ]
    opened = list(_bullets((row.what, row.open) for row in rows))
    known = list(_bullets((row.what, row.known) for row in rows))
    return "\n".join(
        [
            *lines,
            "",
            *(["Open:", "", *opened] if opened else ["Nothing is open."]),
            *(["", "To know:", "", *known] if known else []),
        ]
    )


def _bullets(each: Iterable[tuple[str, list[str]]]) -> Iterable[str]:
    for what, texts in each:
        yield from (f"- {what}: {text.replace('|', '/')}" for text in texts[:SHOWN])
        if len(texts) > SHOWN:
            yield f"- {what}: {len(texts) - SHOWN} more"


def merge_rows(ran: dict[str, list[Row]], parts: Iterable[str]) -> list[Row]:
    """The rows of every part, from this run, else the last one, else a row saying that it was not run."""
    STORED.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(STORED.read_text("utf-8")) if STORED.exists() else {}
    every = {name: [Row(**row) for row in before[name]] for name in before} | ran
    STORED.write_text(json.dumps({name: [asdict(row) for row in rows] for name, rows in every.items()}), "utf-8")
    return [row for name in parts for row in every.get(name, [Row(name, open=["it was not run"])])]


def commit() -> str:
    """The commit under test, marked dirty if files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def write_table(rows: list[Row]) -> None:
    """Put the table into the page."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("jsonschema-rs", "jsonschema", "ruamel.yaml", "PyYAML")
    )
    head = f"Python {platform.python_version()}, Git {git}, {libraries}, {os.cpu_count()} cores."
    text = PAGE.read_text("utf-8")
    before, after = text.split("<!-- trust -->")[0], text.split("<!-- /trust -->")[1]
    PAGE.write_text(f"{before}<!-- trust -->\n{head}\n\n{format_table(rows)}\n<!-- /trust -->{after}", "utf-8")
