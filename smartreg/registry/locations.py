"""Record locations: the files of each id, the id and place of each file, the ids of each kind.

They are looked up in memory; in the index, until all are needed; or over either of these, with a few files changed by
an edit, a commit or the working tree.
"""

from __future__ import annotations

from abc import abstractmethod
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from smartreg.core.findings import Finding
from smartreg.core.values import RecordId
from smartreg.registry.places import Located, Locator, Place
from smartreg.schema import Schemas
from smartreg.trees import RECORD_ENDS, File, IndexedFiles, Listing

Value = TypeVar("Value")
_FLAT_FROM = 8  # one changed file in this many: beyond that, computing everything is cheaper than looking at both


class RecordLocations(Mapping[RecordId, tuple[Place, ...]]):
    """The places of each id, sorted by file; several if several files claim it."""

    by_file: Mapping[str, RecordId]
    placed: Mapping[str, Place]
    faults: Sequence[Finding]
    """Of the files in folders of records that cannot be or should not be there."""

    @abstractmethod
    def find(self, rid: RecordId) -> tuple[Place, ...]:
        """The places of an id; empty if there is none."""

    @abstractmethod
    def ids(self, kind: str) -> Sequence[str]:
        """The ids of a kind, sorted."""

    def get(self, rid: RecordId, default: Any = None) -> Any:  # that of `Mapping` raises and catches for each
        return self.find(rid) or default

    def __getitem__(self, rid: RecordId) -> tuple[Place, ...]:
        places = self.find(rid)
        if not places:
            raise KeyError(rid)
        return places

    def __contains__(self, rid: object) -> bool:
        return bool(self.find(rid))  # type: ignore[arg-type]

    def load(self, files: Iterable[str]) -> None:
        """Look these files up at once, before they are asked for one by one."""

    def load_ids(self, ids: Iterable[str]) -> None:
        """Look the records with these ids up at once, before they are asked for one by one."""

    @abstractmethod
    def others(self) -> Iterator[str]:
        """The files that are not records."""

    def whole(self) -> RecordLocations:
        """The same locations, for a caller that looks up nearly all of them."""
        return self

    def relocate(self, files: Listing, changes: Mapping[str, File | None], locator: Locator) -> RecordLocations:
        """The locations in `files`, which differ from those here only by `changes`; None for a file that is gone."""
        if not changes:
            return self
        if len(changes) * _FLAT_FROM > len(self.by_file):
            return LocationsInMemory(files.each(), locator)
        return ChangedLocations(self, changes, LocationsInMemory(_there(changes), locator))


def _there(changes: Mapping[str, File | None]) -> Iterator[File]:
    return (file for _, file in sorted(changes.items()) if file is not None)


def locate_records(files: Listing, schemas: Schemas) -> RecordLocations:
    """The locations of the records among these files."""
    locator, base = Locator(schemas), files.base
    locations: RecordLocations
    if isinstance(base, IndexedFiles):
        locations = LocationsInIndex(base, schemas)
    else:
        locations = LocationsInMemory(base.each(), locator)
    return locations.relocate(files, files.changes, locator)


class LocationsInMemory(RecordLocations):
    """Locations in memory."""

    def __init__(self, files: Iterable[File], locator: Locator) -> None:
        self._found: dict[RecordId, tuple[Place, ...]] = {}
        self._others: list[str] = []
        self.by_file: dict[str, RecordId] = {}
        self.placed: dict[str, Place] = {}
        self.faults: list[Finding] = []
        self._add(files, locator)

    def with_changes(self, changes: Mapping[str, File | None], locator: Locator) -> LocationsInMemory:
        """The same with these files replaced: copies, and work for what changes."""
        new = LocationsInMemory((), locator)
        new._found, new.by_file, new.placed = dict(self._found), dict(self.by_file), dict(self.placed)
        new._others = [path for path in self._others if path not in changes]
        new.faults = [fault for fault in self.faults if fault.where.file not in changes]
        for path in changes.keys() & self.by_file.keys():
            del new.placed[path]
            rid = new.by_file.pop(path)
            left = tuple(place for place in new._found.pop(rid) if place.file != path)
            if left:
                new._found[rid] = left
        new._add(_there(changes), locator)
        return new

    def _add(self, files: Iterable[File], locator: Locator) -> None:
        for file in files:
            path, located = file.path, locator.at(file)
            if located is None:
                self._others.append(path)
                fault = locator.check_place(file)
                if fault is not None:
                    self.faults.append(fault)
                continue
            rid, place = located
            self.by_file[path], self.placed[path] = located
            self._found[rid] = (*self._found[rid], place) if rid in self._found else (place,)

    def find(self, rid: RecordId) -> tuple[Place, ...]:
        return self._found.get(rid, ())

    def get(self, rid: RecordId, default: Any = None) -> Any:  # called a hundred thousand times: without detours
        return self._found.get(rid, default)

    def __contains__(self, rid: object) -> bool:
        return rid in self._found

    def __iter__(self) -> Iterator[RecordId]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def ids(self, kind: str) -> Sequence[str]:
        return self._by_kind.get(kind, ())

    def others(self) -> Iterator[str]:
        return iter(self._others)

    @cached_property
    def _by_kind(self) -> Mapping[str, list[str]]:
        by_kind: dict[str, list[str]] = defaultdict(list)
        for rid in sorted(self._found):
            by_kind[rid.kind].append(rid.id)
        return by_kind


class LocationsInIndex(RecordLocations):
    """Locations in the index: looked up row by row, until all are needed."""

    def __init__(self, files: IndexedFiles, schemas: Schemas) -> None:
        self._files = files
        self._schemas = schemas
        self._locator = Locator(schemas)
        self._places: dict[RecordId, tuple[Place, ...]] = {}
        self._paths: dict[str, list[str]] = {}
        self._located: dict[str, Located | None] = {}
        self._ids: dict[str, list[str]] = {}
        self._whole: LocationsInMemory | None = None

    # Made when asked for: kept here, they would lead back to this, and the index would stay open until a collection.
    @property
    def by_file(self) -> Mapping[str, RecordId]:  # type: ignore[override]
        return _IndexedFiles(self, 0)

    @property
    def placed(self) -> Mapping[str, Place]:  # type: ignore[override]
        return _IndexedFiles(self, 1)

    def find(self, rid: RecordId) -> tuple[Place, ...]:
        places = self._places.get(rid)
        if places is None:
            places = self._places[rid] = self._look_up(rid) if self._whole is None else self._whole.find(rid)
        return places

    def _look_up(self, rid: RecordId) -> tuple[Place, ...]:
        self.load_ids((rid.id,))
        located = map(self.at, self._paths[rid.id])
        return tuple(each[1] for each in located if each is not None and each[0] == rid)

    def __iter__(self) -> Iterator[RecordId]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())

    def ids(self, kind: str) -> Sequence[str]:
        if self._whole is not None:
            return self._whole.ids(kind)
        if kind not in self._ids:
            schema = self._schemas.kinds.get(kind)
            paths = self._files.below(schema.place) if schema is not None else iter(())
            parts = (path.rpartition("/") for path in paths if path.endswith(RECORD_ENDS))
            kind_in = self._locator.kind_in
            self._ids[kind] = sorted({name.rpartition(".")[0] for place, _, name in parts if kind_in(place) == kind})
        return self._ids[kind]

    def others(self) -> Iterator[str]:
        yield from self._files.outline.others
        for folder in self._alien:
            yield from self._in(folder)

    def load(self, files: Iterable[str]) -> None:
        if self._whole is None:
            self._files.load(files)

    def load_ids(self, ids: Iterable[str]) -> None:
        if self._whole is None and (missing := {id for id in ids if id not in self._paths}):
            paths = self._files.state.paths_with(missing)
            self._paths |= paths
            self._files.load(path for several in paths.values() for path in several)

    def at(self, path: str) -> Located | None:
        """The record in a file; None for any other file, and if there is none."""
        if path not in self._located:
            file = self._files.get(path) if path.endswith(RECORD_ENDS) else None
            self._located[path] = self._locator.at(file) if file is not None else None
        return self._located[path]

    def count(self) -> int:
        """The number of files that are records."""
        return sum(count for folder, count in self._files.outline.folders.items() if self._locator.kind_in(folder))

    @property
    def is_whole(self) -> bool:
        """Whether all locations were needed."""
        return self._whole is not None

    def whole(self) -> LocationsInMemory:
        if self._whole is None:
            self._whole = LocationsInMemory(self._files.each(), self._locator)
        return self._whole

    @cached_property
    def faults(self) -> Sequence[Finding]:  # type: ignore[override]
        others = sorted(self.others())
        self._files.load(others)
        findings = (self._locator.check_place(self._files[path]) for path in others)
        return [fault for fault in findings if fault is not None]

    @property
    def _alien(self) -> Iterator[str]:
        """The folders of files that have the extension of records and are none."""
        return (folder for folder in self._files.outline.folders if self._locator.kind_in(folder) is None)

    def _in(self, folder: str) -> Iterator[str]:
        """The files in a folder that have the extension of records."""
        start = len(folder) + 1
        paths = self._files.below(folder) if folder else iter(self._files)
        return (path for path in paths if "/" not in path[start:] and path.endswith(RECORD_ENDS))


class _IndexedFiles(Mapping[str, Value]):
    """One part of the location of each file, from the index."""

    def __init__(self, of: LocationsInIndex, part: int) -> None:
        self._of = of
        self._part = part

    def __getitem__(self, path: str) -> Value:
        if self._of.is_whole:
            return self._all[path]
        located = self._of.at(path)
        if located is None:
            raise KeyError(path)
        return located[self._part]  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return self._of.count()

    @property
    def _all(self) -> Mapping[str, Value]:
        return self._of.whole().placed if self._part else self._of.whole().by_file  # type: ignore[return-value]


class ChangedLocations(RecordLocations):
    """The locations of a `base` with some files changed; `own` are the locations in the changed files."""

    def __init__(self, base: RecordLocations, changes: Mapping[str, File | None], own: LocationsInMemory) -> None:
        self._base = base
        self._changes = changes
        self._own = own
        base.load(changes)
        self._left = {rid for path in changes if (rid := base.by_file.get(path)) is not None}
        self.faults = [*(found for found in base.faults if found.where.file not in changes), *self._own.faults]
        self.by_file = _ChangedFiles(base.by_file, self._own.by_file, changes)
        self.placed = _ChangedFiles(base.placed, self._own.placed, changes)
        self._ids: dict[str, Sequence[str]] = {}
        self._places: dict[RecordId, tuple[Place, ...]] = {}

    def relocate(self, files: Listing, changes: Mapping[str, File | None], locator: Locator) -> RecordLocations:
        every = {**self._changes, **changes}
        if len(every) * _FLAT_FROM > len(self._base.by_file):
            return LocationsInMemory(files.each(), locator)
        return ChangedLocations(self._base, every, self._own.with_changes(changes, locator))

    def find(self, rid: RecordId) -> tuple[Place, ...]:
        own = self._own.find(rid)
        if not own and rid not in self._left:
            return self._base.find(rid)
        if rid not in self._places:
            kept = (place for place in self._base.find(rid) if place.file not in self._changes)
            self._places[rid] = tuple(sorted((*kept, *own), key=lambda place: place.file))
        return self._places[rid]

    def __iter__(self) -> Iterator[RecordId]:
        left = {rid for rid in self._left if rid not in self}
        yield from (rid for rid in self._base if rid not in left)
        yield from (rid for rid in self._own if rid not in self._base)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def ids(self, kind: str) -> Sequence[str]:
        if kind not in self._ids:
            self._ids[kind] = self._ids_of(kind)
        return self._ids[kind]

    def load(self, files: Iterable[str]) -> None:
        self._base.load(file for file in files if file not in self._changes)

    def load_ids(self, ids: Iterable[str]) -> None:
        self._base.load_ids(ids)

    def others(self) -> Iterator[str]:
        yield from (path for path in self._base.others() if path not in self._changes)
        yield from self._own.others()

    def _ids_of(self, kind: str) -> Sequence[str]:
        """The ids of the base, with what was added and removed."""
        were = self._base.ids(kind)
        gone = {rid.id for rid in self._left if rid.kind == kind and rid not in self}
        come = {rid.id for rid in self._own if rid.kind == kind and rid not in self._base}
        if not gone and not come:
            return were
        ids = [id for id in were if id not in gone]
        for id in come:
            insort(ids, id)
        return ids


class _ChangedFiles(Mapping[str, Value]):
    """Values by file, with those of some files replaced."""

    def __init__(self, base: Mapping[str, Value], own: Mapping[str, Value], changes: Mapping[str, object]) -> None:
        self._base, self._own, self._changes = base, own, changes

    def __getitem__(self, path: str) -> Value:
        return self._own[path] if path in self._changes else self._base[path]

    def __contains__(self, path: object) -> bool:
        return path in self._own if path in self._changes else path in self._base

    def __iter__(self) -> Iterator[str]:
        yield from (path for path in self._base if path not in self._changes)
        yield from self._own

    def __len__(self) -> int:
        return len(self._base) - sum(path in self._base for path in self._changes) + len(self._own)
