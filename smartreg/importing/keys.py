"""Keys of rows: which record each row of a source is, in `registry/imports/<name>.keys`, a CSV file next to the
mapping.

    record,ep-{NUM}
    ep-1042,ep-1042
    ep-1043,ep-1043

The first column is the id of a record that the source made or was allowed to change; the others are the key of its row:
the words from which ids are made, or the columns and fields of `--key`. So a row finds its record whatever moved, also
where its key fills no field (decision 0033).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class SourceKeys:
    """The records of a source with the keys of their rows; `names` say what a key is made of."""

    names: Key = ()
    by_id: Mapping[str, Key] = field(default_factory=dict)

    def ids(self, names: Key) -> dict[Key, list[str]]:
        """The ids by key; none where keys were made of something else."""
        ids: dict[Key, list[str]] = {}
        for id, key in self.by_id.items() if names == self.names else ():
            ids.setdefault(key, []).append(id)
        return ids


def read_keys(text: bytes, place: str) -> SourceKeys:
    """Read a file of keys; UsageFault with its line where it is none."""
    line = 1
    try:
        rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True)
        names = tuple(next(rows, ["record"])[1:])
        by_id = {}
        for id, *key in filter(None, rows):
            line = rows.line_num
            if len(key) != len(names):
                raise _unreadable(place, line)
            by_id[id] = tuple(key)
    except (UnicodeDecodeError, csv.Error):
        raise _unreadable(place, line) from None
    return SourceKeys(names, by_id)


def keys_text(keys: SourceKeys) -> bytes:
    """The file of the keys, one line a record, sorted by id so that Git merges it line by line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["record", *keys.names])
    writer.writerows([id, *key] for id, key in sorted(keys.by_id.items()))
    return out.getvalue().encode()


def _unreadable(place: str, line: int) -> UsageFault:
    return UsageFault(
        Message("{place}:{line}: not a table of records and keys", place=place, line=line),
        Message("restore the file, or delete it: rows then find their records by their fields"),
    )
