"""The findings in the files of a state, and the writer's note on what they depend on besides files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from sqlite3 import Connection
from typing import NamedTuple

from smartreg.index.database import Lost, read_about, write_about
from smartreg.index.state import IndexedState


class StoredFinding(NamedTuple):
    """A finding: its file, the code of its rule, its severity, whether it can be fixed, and all of it as JSON, which is
    parsed only where it is shown."""

    file: str
    rule: str
    severity: str
    fixable: bool
    value: str


def load_findings(state: IndexedState) -> tuple[str, list[StoredFinding]] | None:
    """The note and the findings; None if there are none, or only those of another state."""
    with suppress(Lost), state.index.reading() as connection:
        note = read_about(connection, "checked")
        if note is None or read_about(connection, "serial") != state.serial:
            return None
        rows = connection.execute("SELECT file, rule, severity, fixable, value FROM finding ORDER BY file, n")
        return note, [*map(StoredFinding._make, rows)]
    return None


def store_findings(
    state: IndexedState,
    note: str,
    findings: Mapping[str, Sequence[StoredFinding]],
    unsettled: Iterable[str],
    files: Collection[str] | None = None,
) -> None:
    """Replace the findings of these files (None: all) by `findings`, by file, and the note: what is stored is now of
    this state, except for the files that are `unsettled`. Does nothing if it cannot be written."""

    def write(connection: Connection) -> None:
        if files is None:
            connection.execute("DELETE FROM finding")
        else:
            connection.executemany("DELETE FROM finding WHERE file = ?", ((file,) for file in files))
        rows = ((file, n, *row[1:]) for file, some in findings.items() for n, row in enumerate(some))
        connection.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?)", rows)
        write_about(connection, "checked", note)

    state.settle("checked", unsettled, write)
