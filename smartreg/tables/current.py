"""The tables of a registry: for the working tree from the index, brought up to date with what has changed; for any
other state, built anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from smartreg.core.values import Record, RecordId
from smartreg.index import Index, load_image, store_image
from smartreg.registry import Registry, record_at
from smartreg.tables.database import Tables, decode_path, encode_path, insert, remove
from smartreg.tables.layout import Layout
from smartreg.trees import IndexedFiles, WorkingTree

_NAME = "tables"
_SHARE = 4  # one changed record in this many: from there on, rebuilding all rows is quicker


class _Note(NamedTuple):
    """What stored tables are of: digest of the schemas; serial of the state in the index and checksum of Git's index,
    empty where states of records are compared one by one; states of the files that differ from the index; the kinds
    whose tables are filled."""

    schemas: str
    serial: str
    at: str
    states: dict[str, str]
    kinds: list[str]


def tables_of(registry: Registry) -> Tables:
    """All tables of a registry."""
    index, layout, fill = registry.frame.index, Layout(registry.schemas), partial(_records, registry)
    if index.in_memory or not isinstance(registry.tree, WorkingTree):
        return Tables(layout, fill)
    now, stored = _note(registry), load_image(index, _NAME)
    then = _Note(*json.loads(stored[0])) if stored is not None else None
    if stored is None or then is None or then.schemas != now.schemas:
        return Tables(layout, fill, keep=partial(_store, index, now))
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.deserialize(stored[1])
    if then._replace(kinds=[]) != now or not now.serial:
        if not _update(base, layout, registry, _suspects(registry, then), then.kinds):
            return Tables(layout, fill, keep=partial(_store, index, now))
        _store(index, now, base, then.kinds)
    return Tables(layout, fill, base, then.kinds, partial(_store, index, now))


def _records(registry: Registry, kind: str) -> Iterator[tuple[str, str, Record | None]]:
    """The files of a kind with their states and records; None for a record that cannot be read."""
    return _read(registry, [file for id in registry.ids(kind) for file in registry.files_of(RecordId(kind, id))])


def _read(registry: Registry, files: Sequence[str]) -> Iterator[tuple[str, str, Record | None]]:
    """The same for some files. If a file was changed after it was listed, its state is empty: it may change back."""
    registry.load(files)
    states = registry.states(files)
    for file in files:
        place, state = registry.places.placed[file], states[file]
        same = not place.blob or place.size is not None or place.blob == state
        yield file, state if same else "", registry.at(file)


def _store(index: Index, note: _Note, base: sqlite3.Connection, kinds: Iterable[str]) -> None:
    unsure = (decode_path(file) for (file,) in base.execute("SELECT file FROM state WHERE state = ''"))
    full = note._replace(kinds=sorted(kinds), states={**note.states, **dict.fromkeys(unsure, "")})
    said = json.dumps(full, separators=(",", ":"), sort_keys=True).encode()
    with suppress(MemoryError, sqlite3.Error):  # a registry of millions of records is not stored
        store_image(index, _NAME, said, base.serialize())


def _note(registry: Registry) -> _Note:
    base, changes = registry.tree.files().base, registry.tree.files().changes
    if not isinstance(base, IndexedFiles) or not base.index:
        return _Note(registry.schemas.digest, "", "", {}, [])
    known = registry.states(changes)
    serial = base.state.serial.hex() if all(known.values()) else ""  # a file that cannot be read has no rows
    return _Note(registry.schemas.digest, serial, base.index, {**dict.fromkeys(changes, ""), **known}, [])


def _suspects(registry: Registry, then: _Note) -> Iterable[str] | None:
    """The files that may have changed since; None for all."""
    base = registry.tree.files().base
    if not isinstance(base, IndexedFiles) or not base.index or base.index != then.at or not then.serial:
        return None
    blobs = base.state.changes_since(bytes.fromhex(then.serial))
    return None if blobs is None else {*then.states, *registry.tree.files().changes, *blobs}


def _update(
    base: sqlite3.Connection,
    layout: Layout,
    registry: Registry,
    suspects: Iterable[str] | None,
    kinds: Collection[str],
) -> bool:
    """Replace the rows of the changed records of these kinds; False, without changes, if they are many."""
    query = "SELECT file, state FROM state"
    if suspects is None:
        now = registry.states(file for file, rid in registry.by_file.items() if rid.kind in kinds)
        rows = base.execute(query).fetchall()
    else:
        records = ((file, record_at(file, layout.schemas)) for file in suspects)
        files = [file for file, rid in records if rid is not None and rid.kind in kinds]
        now = registry.states(files)
        rows = [row for file in files for row in base.execute(f"{query} WHERE file = ?", (encode_path(file),))]
    then = {decode_path(file): state for file, state in rows}
    changed = {file for file, _ in now.items() ^ then.items()} | {file for file, state in now.items() if not state}
    (total,) = base.execute("SELECT count(*) FROM state").fetchone()
    if len(changed) * _SHARE > total:
        return False
    base.execute("BEGIN")
    for file in changed & then.keys():
        rid = record_at(file, layout.schemas)
        if rid is not None:
            remove(base, layout, rid.kind, rid.id, file)
    for found in _read(registry, sorted(changed & now.keys())):
        insert(base, layout, registry.by_file[found[0]].kind, [found])
    base.execute("COMMIT")
    return True
