"""The findings in the files of a state, and the writer's note on what they depend on besides files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from sqlite3 import Connection
from typing import Any, TypeAlias

from smartreg.index.database import Lost, parse, read_about, write_about
from smartreg.index.state import IndexedState

Row: TypeAlias = Sequence[Any]
"""Plain values that tell one finding: the code of its rule, its severity, and more."""


def load_findings(state: IndexedState) -> tuple[str, list[Any]] | None:
    """The note and the findings; None if there are none, or only those of another state."""
    with suppress(Lost), state.index.reading() as connection:
        note = read_about(connection, "checked")
        if note is None or read_about(connection, "serial") != state.serial:
            return None
        rows = connection.execute("SELECT value FROM finding ORDER BY file, n").fetchall()
        return note, parse(f"[{','.join(value for (value,) in rows)}]")
    return None


def store_findings(
    state: IndexedState,
    note: str,
    rows: Mapping[str, Sequence[Row]],
    unsettled: Iterable[str],
    files: Collection[str] | None = None,
) -> None:
    """Replace the findings of these files, or all findings, by `rows`, and the note: what is stored is now of this
    state, except for the files that are `unsettled`. Does nothing if it cannot be written."""

    def write(connection: Connection) -> None:
        if files is None:
            connection.execute("DELETE FROM finding")
        else:
            connection.executemany("DELETE FROM finding WHERE file = ?", ((file,) for file in files))
        every = ((file, n, row) for file, some in rows.items() for n, row in enumerate(some))
        connection.executemany(
            "INSERT INTO finding VALUES (?, ?, ?, ?, ?)",
            ((file, n, row[0], row[1], json.dumps(row, separators=(",", ":"))) for file, n, row in every),
        )
        write_about(connection, "checked", note)

    state.settle("checked", unsettled, write)
