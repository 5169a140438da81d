"""The contents of a tree's records: read on demand, cached, and stored in the index by blob id, because they depend
on the bytes alone.
"""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from sys import intern
from typing import Any, NamedTuple

from smartreg.core.findings import Finding, Fix, Respell
from smartreg.core.messages import Message, plain_text, text_of
from smartreg.core.parallel import share_out
from smartreg.core.timings import phase
from smartreg.core.values import Data, Json, Location, Mark
from smartreg.gitio import blob_id
from smartreg.index import load_values, store_values
from smartreg.registry.frame import Frame
from smartreg.registry.locations import RecordLocations
from smartreg.registry.places import SPECIAL, Place
from smartreg.trees import Tree, length
from smartreg.yamlio import read

_PLAINLY = 2  # the last version that writes equal values alike, shared or not

_DIFFERENT = 1024  # maximum number of shared values of a field

IGNORE = re.compile(rb"#[ \t]*smartreg:[ \t]*ignore")
"""A comment that speaks to us."""


class Entry(NamedTuple):
    """The content of a text: its data (None if unusable), the faults of reading it, its blob id, its length in bytes,
    and whether it has an ignore comment."""

    data: Data | None
    faults: tuple[Finding, ...]
    blob: str
    size: int
    remarks: bool = False


def unreadable_file(path: str) -> Finding:
    """YML010: the file could not be read."""
    return Finding("YML010", "error", Message("the file could not be read"), Location(path))


def other_encoding(path: str) -> Finding:
    """YML005: the file has a different encoding on disk than in Git, and differs from the commit."""
    words, command = SPECIAL["other encoding"], f"git check-attr working-tree-encoding -- {path}"
    return Finding(
        "YML005",
        "error",
        Message("this file is {words}", words=words),
        Location(path),
        Message("remove the attribute and save the file as UTF-8; {command} shows what Git sees", command=command),
    )


class SharedValues:
    """Lists and mappings that are the same in many records (what is measured, how it is powered), shared as one object:
    data never changes. Halves the memory of a registry."""

    def __init__(self) -> None:
        self._by_field: dict[str, dict[bytes, Json]] = {}  # the shared value by how marshal writes it

    def share(self, data: dict[str, Json] | None) -> dict[str, Json] | None:
        """The same data with shared values and names."""
        if data is None:
            return None
        shared = {}
        for field, value in data.items():
            if value.__class__ is dict or value.__class__ is list:
                alike = self._by_field.setdefault(field, {})
                written = marshal.dumps(value, _PLAINLY)
                same = alike.get(written)
                if same is None and len(alike) < _DIFFERENT:
                    alike[written] = value
                value = value if same is None else same
            shared[intern(field)] = value
        return shared


def encode(entry: Entry) -> bytes:
    """Encode an entry as JSON for the index, without its file name, because equal texts share it."""
    faults = [
        [
            fault.code,
            fault.severity,
            plain_text(fault.message),
            plain_text(fault.hint) if fault.hint else None,
            list(fault.where.path),
            fault.where.on_key,
            list(fault.where.mark) if fault.where.mark else None,
            fault.fix is not None,
        ]
        for fault in entry.faults
    ]
    return json.dumps((entry.data, faults, entry.size, entry.blob, entry.remarks), separators=(",", ":")).encode()


def decode(value: bytes, place: Place, shared: SharedValues | None = None) -> Entry | None:
    """The entry of a file, with shared values where they are kept; None if it is of another blob, if the length of the
    file shows that it does not hold its blob, or if the value is damaged."""
    try:
        data, faults, size, blob, remarks = json.loads(value.decode())
    except ValueError:
        return None
    if place.blob is None or blob != place.blob or (place.size is not None and length(place.size) != size):
        return None
    data = data if shared is None else shared.share(data)
    return Entry(data, tuple(_finding(fault, place.file) for fault in faults), place.blob, size, remarks)


def _finding(row: list[Any], file: str) -> Finding:
    code, severity, message, hint, path, on_key, mark, respelled = row
    where = Location(file, tuple(path), on_key, Mark(*mark) if mark else None)
    fix = Fix(Respell()) if respelled else None  # faults of the text as such are fixed by no other step
    return Finding(code, severity, text_of(message), where, text_of(hint) if hint else None, fix=fix)


AT_ONCE = 16_384
"""Number of texts that are read before they are stored."""
PART = 256
"""Number of texts that one process reads at a time: few, so that none waits long for the other."""


class Texts:
    """Entries by file. `places` are the locations of the records, `entries` those known beforehand: a mapping owned by
    this object."""

    def __init__(self, tree: Tree, frame: Frame, places: RecordLocations, entries: dict[str, Entry]) -> None:
        self.tree = tree
        self.frame = frame
        self.places = places
        self._shared = SharedValues()
        self.entries = entries
        # What another tree has read or will read.
        self._others: Mapping[str, Entry] = {}
        # What was read and is not stored yet, by blob id.
        self._unstored: list[tuple[str, bytes]] = []

    def __getitem__(self, file: str) -> Entry:
        entry = self.entries.get(file)
        if entry is None:
            self.load((file,))
            entry = self.entries[file]
        return entry

    def load(self, files: Iterable[str], *, store: bool = True) -> None:
        """Read these files, unless they are read already: from the index if it has them, else from the tree, and store
        them in the index. Without `store`, the caller must call it later."""
        unread = [file for file in files if file not in self.entries]
        if not unread:
            return
        self.places.load(unread)
        where = self.places.placed
        placed = [place for place in (where[file] for file in unread) if not self._take(place)]
        stored = load_values(self.frame.index, "text", (place.blob for place in placed if place.blob))
        missing = []
        for place in placed:
            value = stored.get(place.blob) if place.blob else None
            entry = decode(value, place, self._shared) if value is not None else None
            if entry is None:
                missing.append(place.file)
            else:
                self.entries[place.file] = entry
        for start in range(0, len(missing), AT_ONCE):
            self._read(missing[start : start + AT_ONCE])
        if store:
            self.store()

    def load_all(self) -> None:
        """Read every record; the caller must call `store` later."""
        self.places = self.places.whole()
        self.load(self.places.by_file, store=False)

    def share(self, others: Texts) -> None:
        """Reuse what another tree has read, or will have read by then, for texts that are also in this one."""
        self._others = others.entries

    def _take(self, place: Place) -> bool:
        """Take the entry of a file from the other tree; False if it has none of the same text."""
        entry = self._others.get(place.file)
        if entry is None or not entry.blob or entry.blob != place.blob:
            return False
        if place.size is not None and length(place.size) != entry.size:
            return False
        self.entries[place.file] = entry
        return True

    def is_as_listed(self, file: str) -> bool:
        """Whether a file held, when it was read, what it held when the tree was listed; true if it was not read."""
        entry = self.entries.get(file)
        place = self.places.placed.get(file) if entry is not None else None
        if entry is None or place is None:
            return True
        return entry.blob == place.blob or (place.size is not None and place.blob is not None)

    def store(self) -> None:
        """Store in the index what was read."""
        rows, self._unstored = self._unstored, []
        store_values(self.frame.index, "text", rows)

    def _read(self, files: Sequence[str]) -> None:
        """Read texts, many of them on two cores. Meanwhile this one stores what was read before."""
        parts = [files[start : start + PART] for start in range(0, len(files), PART)]
        keeps = not self.frame.index.in_memory  # what nobody reads again is not encoded
        jobs = [partial(self._read_part, part, keeps) for part in parts]
        rows = [row for part in share_out(len(files), jobs, self.store, stage="read") for row in part]
        entries = {file: entry for file, entry, _ in rows}
        for file in files:
            self.entries[file] = entries.get(file) or Entry(None, (self._fault_of(file),), "", 0)
        self._unstored = [(entry.blob, value) for _, entry, value in rows if value is not None]

    def _fault_of(self, path: str) -> Finding:
        return unreadable_file(path) if self._is_legible(path) else other_encoding(path)

    def _is_legible(self, path: str) -> bool:
        """Whether the bytes of a file are the text that Git has or would store."""
        file = self.tree.files().get(path) if self.places.placed[path].blob is None else None
        return file is None or file.special != "other encoding"

    def _read_part(self, files: Iterable[str], keeps: bool) -> list[tuple[str, Entry, bytes | None]]:
        """The files of these that can be read, each with its entry, and that as it is stored if it is kept."""
        rows: list[tuple[str, Entry, bytes | None]] = []
        for file, text in self.tree.read_many(filter(self._is_legible, files)):
            document = read(text, file)
            blob = blob_id(text, self.tree.object_format)
            remarks = document.data is not None and b"smartreg:" in text and IGNORE.search(text) is not None
            rows.append(
                (file, Entry(self._shared.share(document.data), document.faults, blob, len(text), remarks), None)
            )
        if not keeps:
            return rows
        with phase("encode"):
            return [(file, entry, encode(entry)) for file, entry, _ in rows]
