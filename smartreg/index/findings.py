"""The findings in the files of a state, and the state of each file when it was checked.

Both are in pages by file (see `pages`), so that a change rewrites few of them. A *slot* names one of several such
states.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

from smartreg.index.database import Index, Lost, Unwritable
from smartreg.index.pages import (
    count_pages,
    pack,
    page_of,
    read_about,
    read_page,
    read_pages,
    replace_pages,
    unpack,
    write_about,
    write_pages,
)

Row: TypeAlias = tuple[Any, ...]
"""Plain values that tell one finding."""

_FILES = 128  # of a page, on average


class StoredFindings(NamedTuple):
    """`note` is the writer's description of the state; `rows` are the findings by file."""

    note: bytes
    rows: Mapping[str, Sequence[Row]]
    finding_sums: bytes
    state_sums: bytes


def load_findings(index: Index, slot: str) -> StoredFindings | None:
    """The findings stored in a slot; None if there are none."""
    with suppress(Lost), index.reading() as connection:
        about = read_about(connection, slot)
        if about is None:
            return None
        note, finding_sums, state_sums = unpack(about)
        rows: dict[str, Sequence[Row]] = {}
        for page in read_pages(connection, slot, finding_sums):
            rows |= unpack(page)
        return StoredFindings(note, rows, finding_sums, state_sums)
    return None


def load_states(index: Index, slot: str, stored: StoredFindings) -> dict[str, str] | None:
    """The state of each file; None if another process has stored other findings meanwhile."""
    with suppress(Lost), index.reading() as connection:
        if read_about(connection, slot) != _about(stored.note, stored.finding_sums, stored.state_sums):
            return None
        states: dict[str, str] = {}
        for page in read_pages(connection, _states(slot), stored.state_sums):
            states |= unpack(page)
        return states
    return None


def store_findings(
    index: Index, slot: str, note: bytes, rows: Mapping[str, Sequence[Row]], states: Mapping[str, str]
) -> None:
    """Replace all that is stored in a slot. Does nothing if it cannot be written."""
    count = max(1, len(states) // _FILES)
    pages: list[dict[str, Sequence[Row]]] = [{} for _ in range(count)]
    state_pages: list[dict[str, str]] = [{} for _ in range(count)]
    for file, some in rows.items():
        pages[page_of(file, count)][file] = some
    for file, state in states.items():
        state_pages[page_of(file, count)][file] = state
    with suppress(Lost, Unwritable), index.writing() as connection:
        finding_sums = replace_pages(connection, slot, [*map(pack, pages)])
        state_sums = replace_pages(connection, _states(slot), [*map(pack, state_pages)])
        write_about(connection, slot, _about(note, finding_sums, state_sums))


def update_findings(
    index: Index,
    slot: str,
    stored: StoredFindings,
    note: bytes,
    rows: Mapping[str, Sequence[Row]],
    states: Mapping[str, str],
) -> None:
    """Replace the rows and states of some files; an empty state removes a file. Does nothing if it cannot be written,
    or if another process has stored other findings meanwhile."""
    with suppress(Lost, Unwritable), index.writing() as connection:
        if read_about(connection, slot) != _about(stored.note, stored.finding_sums, stored.state_sums):
            return
        sums = []
        for kind, changes, before in ((slot, rows, stored.finding_sums), (_states(slot), states, stored.state_sums)):
            by_page: defaultdict[int, list[str]] = defaultdict(list)
            for file in changes:
                by_page[page_of(file, count_pages(before))].append(file)
            pages = {}
            for number, files in by_page.items():
                page: dict[str, Any] = unpack(read_page(connection, kind, number, before))
                for file in files:
                    if changes[file]:
                        page[file] = changes[file]
                    else:
                        page.pop(file, None)
                pages[number] = pack(page)
            sums.append(write_pages(connection, kind, pages.items(), before))
        write_about(connection, slot, _about(note, *sums))


def _about(note: bytes, finding_sums: bytes, state_sums: bytes) -> bytes:
    return pack((note, finding_sums, state_sums))


def _states(slot: str) -> str:
    return f"{slot}: states"
