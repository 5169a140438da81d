"""The tables of a registry: of the working tree from the index, brought up to date for what has changed; of any other
state made anew."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from smartreg.index import Index, load_image, store_image
from smartreg.registry import Registry, record_at
from smartreg.tables.database import Tables
from smartreg.tables.layout import Layout
from smartreg.tables.store import decode_path, encode_path, insert, lay_out, remove
from smartreg.trees import IndexedFiles, WorkingTree
from smartreg.values import Record, RecordId

_NAME = "tables"
_SHARE = 4  # where more than one record in so many has changed, making all anew is quicker


class _Note(NamedTuple):
    """The state that stored tables are of: digest of the schemas; serial of the state that the index describes and the
    checksum of Git's index, both empty where states of records are compared one by one; the states of the files that
    are not as the index has them."""

    schemas: str
    serial: str
    at: str
    states: dict[str, str]


def tables_of(registry: Registry) -> Tables:
    """All tables of a registry."""
    index, layout = registry.frame.index, Layout(registry.schemas)
    kept = not index.in_memory and isinstance(registry.tree, WorkingTree)
    return Tables(layout, partial(_records, registry), _current(registry, layout, index) if kept else None)


def _records(registry: Registry, kind: str) -> Iterator[Record | str]:
    """The records of a kind, and the files of those that cannot be read."""
    yield from registry.of_kind(kind)
    files = (file for id in registry.ids(kind) for file in registry.files_of(RecordId(kind, id)))
    yield from (file for file in files if registry.at(file) is None)


def _current(registry: Registry, layout: Layout, index: Index) -> sqlite3.Connection:
    """The database of the working tree."""
    now, stored = _note(registry), load_image(index, _NAME)
    then = _Note(*json.loads(stored[0])) if stored is not None else None
    if stored is not None and then is not None and then.schemas == now.schemas:
        base = _connected()
        base.deserialize(stored[1])
        if then == now and now.serial:
            return base
        if _update(base, layout, registry, _suspects(registry, then)):
            _store(index, now, base)
            return base
        base.close()
    base = _connected()
    _build(base, layout, registry)
    _store(index, now, base)
    return base


def _connected() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def _store(index: Index, note: _Note, base: sqlite3.Connection) -> None:
    said = json.dumps(note, separators=(",", ":"), sort_keys=True).encode()
    with suppress(MemoryError, sqlite3.Error):  # a registry of millions of records is not kept
        store_image(index, _NAME, said, base.serialize())


def _note(registry: Registry) -> _Note:
    base, changes = registry.tree.files().base, registry.tree.files().changes
    if not isinstance(base, IndexedFiles) or not base.index:
        return _Note(registry.schemas.digest, "", "", {})
    states = {**dict.fromkeys(changes, ""), **registry.states(changes)}
    return _Note(registry.schemas.digest, base.state.serial.hex(), base.index, states)


def _suspects(registry: Registry, then: _Note) -> Iterable[str] | None:
    """The files that may have changed since; None for all."""
    base = registry.tree.files().base
    if not isinstance(base, IndexedFiles) or not base.index or base.index != then.at:
        return None
    blobs = base.state.changed_since(bytes.fromhex(then.serial))
    return None if blobs is None else {*then.states, *registry.tree.files().changes, *blobs}


def _build(base: sqlite3.Connection, layout: Layout, registry: Registry) -> None:
    registry.load_all()
    lay_out(base, layout)
    base.execute("BEGIN")
    for kind in layout.kinds:
        insert(base, layout, kind, registry.of_kind(kind))
    _note_states(base, registry, registry.state())
    base.execute("COMMIT")


def _update(base: sqlite3.Connection, layout: Layout, registry: Registry, suspects: Iterable[str] | None) -> bool:
    """Replace the rows of the records that have changed; whether they are few."""
    query = "SELECT file, state FROM state"
    if suspects is None:
        now, rows = registry.state(), base.execute(query).fetchall()
    else:
        now = registry.states(suspects)
        rows = [row for file in suspects for row in base.execute(f"{query} WHERE file = ?", (encode_path(file),))]
    then = {decode_path(file): state for file, state in rows}
    changed = {file for file, _ in now.items() ^ then.items()} | {file for file, state in now.items() if not state}
    (total,) = base.execute("SELECT count(*) FROM state").fetchone()
    if len(changed) * _SHARE > total:
        return False
    registry.load(sorted(changed & now.keys()))
    base.execute("BEGIN")
    for file in changed & then.keys():
        rid = record_at(file, layout.schemas)
        if rid is not None:
            remove(base, layout, rid.kind, rid.id, file)
    base.executemany("DELETE FROM state WHERE file = ?", ((encode_path(file),) for file in changed))
    for file in changed & now.keys():
        record = registry.at(file)
        if record is not None:
            insert(base, layout, record.rid.kind, (record,))
    _note_states(base, registry, {file: now[file] for file in changed & now.keys()})
    base.execute("COMMIT")
    return True


def _note_states(base: sqlite3.Connection, registry: Registry, states: Mapping[str, str]) -> None:
    """Store how these records stand, and whether they can be read."""
    rows = ((encode_path(file), state, registry.at(file) is not None) for file, state in states.items())
    base.executemany("INSERT INTO state VALUES (?, ?, ?)", rows)
