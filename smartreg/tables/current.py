"""The tables of a registry: for the working tree those in the index, brought up to date with what has changed; for any
other state, filled anew in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

from smartreg.core.values import Record, RecordId
from smartreg.index import IndexedState, StaleFile, drop_kind_tables, read_about, write_about
from smartreg.registry import Locator, Registry
from smartreg.tables.database import Tables, insert, lay_out, remove
from smartreg.tables.layout import Layout, layout_of
from smartreg.trees import IndexedFiles, WorkingTree


def tables_of(registry: Registry) -> Tables:
    """All tables of a registry."""
    layout, files, fill = layout_of(registry.schemas), registry.tree.files(), partial(_records, registry)
    if isinstance(registry.tree, WorkingTree) and isinstance(files, IndexedFiles) and files.compare_sizes():
        return Tables(layout, fill, _Stored(registry, layout, files.state), registry.get)
    return Tables(layout, fill, None, registry.get)


def _records(registry: Registry, kind: str) -> Iterator[tuple[str, Record | None]]:
    """The files of a kind with their records; None for a record that cannot be read."""
    files = [file for id in registry.ids(kind) for file in registry.files_of(RecordId(kind, id))]
    registry.load(files)
    return ((file, registry.at(file)) for file in files)


@dataclass(frozen=True)
class _Stored:
    """The tables of the working tree in the index. `about` there has the schemas that they are laid out by, and the
    kinds that are filled."""

    registry: Registry
    layout: Layout
    state: IndexedState

    def connect(self, kinds: Collection[str]) -> sqlite3.Connection | None:
        """A connection that reads the tables of these kinds; None if they cannot be stored."""
        filled = self._filled(self.state.about("tabled"))
        if filled is None:
            if not self._lay_out():
                return None
            filled = set()
        stale = {kind: some for kind in {*filled, *kinds} if (some := self._stale(kind))}
        if (stale or not filled.issuperset(kinds)) and not self._store(filled, {*filled, *kinds}, stale):
            return None
        base = self.state.reader()
        if base is not None and not (self._filled(read_about(base, "tabled")) or set()).issuperset(kinds):
            base.close()
            return None
        return base

    def _filled(self, note: str | None) -> set[str] | None:
        """The kinds that are filled; None if there are no tables by these schemas."""
        schemas, kinds = (None, ()) if note is None else json.loads(note)
        return set(kinds) if schemas == self.registry.schemas.digest else None

    def _lay_out(self) -> bool:
        def write(connection: sqlite3.Connection) -> None:
            drop_kind_tables(connection)
            lay_out(connection, self.layout)
            write_about(connection, "tabled", json.dumps((self.registry.schemas.digest, ())))

        return self.state.settle("tabled", (), write, ())

    def _stale(self, kind: str) -> list[StaleFile]:
        """The files of a kind whose rows are out of date, or missing."""
        schemas, rid_of = self.registry.schemas, Locator(self.registry.schemas).rid_of
        homes = [schemas.kinds[kind].place, *(home for home, owner in schemas.foreign.items() if owner.name == kind)]
        files = [file for home in homes for file in self.state.stale_below("tabled", home)]
        return [file for file in files if (rid := rid_of(file.path)) is not None and rid.kind == kind]

    def _store(self, filled: Set[str], kinds: Set[str], stale: Mapping[str, Sequence[StaleFile]]) -> bool:
        """Replace the rows of stale files, so that the tables of these `kinds` are filled; False if that failed."""
        registry, layout = self.registry, self.layout
        registry.load([path for files in stale.values() for path, state, _ in files if state is not None])

        def write(connection: sqlite3.Connection) -> None:
            for kind, files in stale.items():
                for path, _, _ in files if kind in filled else ():
                    remove(connection, layout, kind, path.rpartition("/")[2].rpartition(".")[0], path)
                there = sorted(path for path, state, _ in files if state is not None)
                insert(connection, layout, kind, ((path, registry.at(path)) for path in there))
            write_about(connection, "tabled", json.dumps((registry.schemas.digest, sorted(kinds))))

        paths = [path for files in stale.values() for path, _, _ in files]
        unsettled = [path for path in paths if not registry.is_as_listed(path)]
        return self.state.settle("tabled", unsettled, write, paths)
