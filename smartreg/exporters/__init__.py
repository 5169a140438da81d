"""One exporter per file: `export(tables, …)` yields the files; its keyword-only parameters are its options."""

from __future__ import annotations

from dataclasses import dataclass

from smartreg.values import Words


@dataclass(frozen=True)
class Written:
    """A file of an export: name, bytes, rows (None for what is not a table), what it is for people (None: nothing worth
    a line), and whether its rows are the records of a kind."""

    name: str
    content: bytes
    rows: int | None
    note: Words | None
    main: bool = False
