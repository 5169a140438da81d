"""The registry: an immutable snapshot of the records of one tree, with their links both ways.

Records are read on demand, and found by their terms in the index. A full run reads everything once and searches in
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from smartreg.core.findings import Finding
from smartreg.core.timings import phase
from smartreg.core.values import Link, Record, RecordId
from smartreg.index import Derived, Index, IndexedState, Term
from smartreg.registry.abroad import NOWHERE, Abroad, read_abroad
from smartreg.registry.by_name import RecordsByName
from smartreg.registry.finder import REMARK, Finder, lookup_value, term_carrying, term_naming
from smartreg.registry.frame import Frame, Indexed, digest_of, make_frame
from smartreg.registry.identity import find_shared_ids
from smartreg.registry.locations import RecordLocations, locate_records
from smartreg.registry.places import SCHEMA_FOLDER, Locator, Place, find_undecided
from smartreg.registry.texts import Entry, Texts, decode
from smartreg.schema.settings import FILE as CONFIG_FILE
from smartreg.schema.settings import FOREIGN
from smartreg.trees import READ_LIMIT, EditedTree, File, IndexedFiles, Overlaid, Tree, WorkingTree

CHUNK = 64
Item = TypeVar("Item", Link, Record)


class Registry:
    """Records by id. Reading is lazy and cached; answers never change."""

    def __init__(
        self, tree: Tree, frame: Frame, loaded: dict[str, Entry] | None = None, placed: RecordLocations | None = None
    ) -> None:
        self.tree = tree
        self.frame = frame
        self.schemas = frame.schemas
        self.config = frame.config
        self.places = locate_records(tree.files(), frame.schemas) if placed is None else placed
        self._texts = Texts(tree, frame, self.places, {} if loaded is None else loaded)
        self._finder = Finder(self._texts)
        self._records: dict[str, Record] = {}
        self._links: dict[RecordId, Sequence[Link]] = {}
        self._full = False
        self.derived: dict[Callable[..., Any], Any] = {}

    @cached_property
    def faults(self) -> Sequence[Finding]:
        """Of files at the wrong place, and of those for which Git waits in a merge. Few commands ask for them, and all
        folders are looked at."""
        undecided, shared = find_undecided(self.tree, self.schemas), find_shared_ids(self.tree, self.frame)
        return [*self.places.faults, *undecided, *shared]

    # -- records ---------------------------------------------------------------------------------------------

    def __contains__(self, rid: RecordId) -> bool:
        return rid in self.places

    def get(self, rid: RecordId) -> Record | None:
        """The record, here or in another registry; None if there is none or its text cannot be read."""
        places = self.places.get(rid)
        return self.at(places[0].file) if places else self.abroad.records.get(rid)

    def at(self, file: str) -> Record | None:
        """The record in a file of `by_file`, or None if its text cannot be read."""
        record = self._records.get(file)
        if record is None:
            entry = self._texts.entries.get(file) or self._texts[file]
            if entry.data is None:
                return None
            record = self._records[file] = Record(self.by_file[file], file, entry.data, entry.blob)
        return record

    @cached_property
    def abroad(self) -> Abroad:
        """The records of other registries that references here name: `get` gives them, `of_kind` and `ids` do not."""
        sources = self.config.sources
        return read_abroad(self.tree, self.schemas.kinds, sources, self.of_kind) if sources else NOWHERE

    @cached_property
    def foreign_files(self) -> Mapping[str, str | None]:
        """The SHA-256 of each file that is kept of other registries; findings on any record may depend on them."""
        files = sorted(self.tree.files().below(FOREIGN)) if self.config.sources else ()
        return {path: self.digest_of(path) for path in files}

    def records(self) -> Iterator[Record]:
        """Every readable record, kinds in their order, ids sorted."""
        for kind in self.schemas.kinds:
            yield from self.of_kind(kind)

    def of_kind(self, kind: str) -> Iterator[Record]:
        """The records of a kind, sorted by id."""
        rids = [RecordId(kind, id) for id in self.places.ids(kind)]
        if not self._full:
            self.load_records(rids)
        for rid in rids:
            for place in self.places[rid]:
                record = self.at(place.file)
                if record is not None:
                    yield record

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of a kind, sorted."""
        return self.places.ids(kind)

    def with_id(self, id: str) -> Sequence[RecordId]:
        """Every record with this id, whatever its kind."""
        return [RecordId(kind, id) for kind in self.schemas.kinds if RecordId(kind, id) in self.places]

    @cached_property
    def by_name(self) -> RecordsByName:
        """The records by their names for people."""
        return RecordsByName(self)

    def files_of(self, rid: RecordId) -> Sequence[str]:
        """The files that claim an id."""
        return [place.file for place in self.places.get(rid, ())]

    def digest_of(self, path: str) -> str | None:
        """The SHA-256 of any file of the tree, in hexadecimal; None if it is no regular file, or a huge one."""
        file = self.tree.files().get(path)
        return digest_of(self.tree, file, self.frame.index) if file else None

    def text_of(self, path: str, limit: int = READ_LIMIT) -> bytes | None:
        """The bytes of any file of the tree, at most `limit` of them; None if it is no regular file."""
        file = self.tree.files().get(path)
        if file is None or file.special:
            return None
        try:
            return self.tree.read(path, limit)
        except FileNotFoundError:
            return None

    @property
    def by_file(self) -> Mapping[str, RecordId]:
        """The id of the record of each file."""
        return self.places.by_file

    def is_as_listed(self, file: str) -> bool:
        """Whether a record's file held, when it was read, what it held when the tree was listed; true if it was not
        read."""
        return self._texts.is_as_listed(file)

    # -- links -----------------------------------------------------------------------------------------------

    def links_from(self, rid: RecordId) -> Sequence[Link]:
        """The links from a record; if several files claim its id, from all of them."""
        links = self._links.get(rid)
        if links is None:
            records = (self.at(place.file) for place in self.places.get(rid, ()))
            links = tuple(link for record in records if record for link in self.schemas.kinds[rid.kind].links(record))
            self._links[rid] = links
        return links

    def links_to(self, rid: RecordId) -> Iterator[Link]:
        """The links to this record (of a field that allows its kind), sorted by the file of their source; last those of
        records of other registries."""
        for link in self.links_to_id(rid.id):
            if rid.kind in link.kinds:
                yield link

    def some_links_to(self, rid: RecordId) -> Iterator[Link]:
        """As `links_to`, in any order: for callers that need only one of some sort."""
        return (link for link in self._links_naming(rid.id, self._finder.some_files) if rid.kind in link.kinds)

    def links_to_id(self, target: str) -> Iterator[Link]:
        """The links to this id, whatever kinds are allowed there, sorted by the file of their source."""
        return self._links_naming(target, self._files_with)

    def _links_naming(self, target: str, files_with: Callable[[Term], Iterable[str]]) -> Iterator[Link]:
        if self._full:
            yield from _each(self._backlinks.get(target))
            yield from self.abroad.links.get(target, ())
            return
        for record in self._read_in_turn(files_with(term_naming(target))):
            yield from (link for link in self.schemas.kinds[record.rid.kind].links(record) if link.target == target)
        yield from self.abroad.links.get(target, ())

    def by_value(self, kind: str, field: str, value: str) -> Iterator[Record]:
        """The records of `kind` whose top-level `field` is the text `value`, or a position in the cell with that name;
        (kind, field) must be indexed."""
        if self._full:
            yield from _each(self._values[kind, field].get(value))
            return
        for record in self._read_in_turn(self._files_with(term_carrying(kind, field, value))):
            if record.rid.kind == kind and lookup_value(record.data.get(field)) == value:
                yield record

    def files_with_remarks(self) -> Sequence[str]:
        """The files with an ignore comment (`# smartreg: ignore…`), sorted."""
        if self._full:
            return sorted(file for file, entry in self._texts.entries.items() if entry.remarks and file in self.by_file)
        return self._files_with(REMARK)

    def terms(self) -> Mapping[str, Collection[Term]]:
        """The terms by which the file of each record is found; none for one that cannot be read."""
        return self._finder.terms()

    def _files_with(self, term: Term) -> list[str]:
        """The files whose text contains a term, sorted."""
        return sorted(self._finder.files(term))

    def load_named(self, rids: Collection[RecordId]) -> None:
        """Prefetch these records and everything they name, before they are read one by one."""
        self.load_records(rids)
        self.load_records(
            {RecordId(kind, link.target) for rid in rids for link in self.links_from(rid) for kind in link.kinds}
        )

    def prefetch_links(self, rids: Iterable[RecordId]) -> None:
        """Prefetch the links to these records, before they are looked up one by one."""
        terms = {term_naming(rid.id) for rid in rids}
        if not self._full and len(terms) > 1:
            self.load(self._finder.prefetch(terms))

    def prefetch_some_links(self, rids: Iterable[RecordId]) -> None:
        """Prefetch the files of a few links to each of these records, for `some_links_to`."""
        if not self._full:
            self._finder.prefetch_some(term_naming(rid.id) for rid in rids)

    def _read_in_turn(self, files: Iterable[str]) -> Iterator[Record]:
        waiting, size = iter(files), 1
        while some := list(islice(waiting, size)):  # a party is named by thousands; callers want the first few
            size = min(2 * size, CHUNK)
            self.load(some)
            for file in some:
                record = self.at(file)
                if record is not None:
                    yield record

    @cached_property
    def _backlinks(self) -> Mapping[str, Link | list[Link]]:
        """The links to each id; a single link is stored without a list."""
        by_target: dict[str, Link | list[Link]] = {}
        for file, rid in sorted(self.by_file.items()):
            record = self.at(file)
            if record is None:
                continue
            links = tuple(self.schemas.kinds[rid.kind].links(record))
            if len(self.places[rid]) == 1:
                self._links[rid] = links
            for link in links:
                _add(by_target, link.target, link)
        return by_target

    @cached_property
    def _values(self) -> Mapping[tuple[str, str], Mapping[str, Record | list[Record]]]:
        """The records with each indexed value; a single record, as most are, is stored without a list."""
        by_field: dict[tuple[str, str], dict[str, Record | list[Record]]] = {pair: {} for pair in self.frame.indexed}
        for kind in {kind for kind, _ in by_field}:
            fields = [(field, values) for (name, field), values in by_field.items() if name == kind]
            for record in sorted(self.of_kind(kind), key=lambda record: record.file):
                for field, values in fields:
                    value = lookup_value(record.data.get(field))
                    if value is not None:
                        _add(values, value, record)
        return by_field

    def forget_lookups(self) -> None:
        """Drop the look-up tables, a sixth of the memory of a registry; they are computed again on demand."""
        self._links.clear()
        with suppress(AttributeError):
            del self._backlinks
        with suppress(AttributeError):
            del self._values

    # -- reading ---------------------------------------------------------------------------------------------

    def load_all(self) -> Registry:
        """Read every record; from then on all look-ups are answered from memory."""
        self.read_all()
        self.store()
        return self

    def read_all(self) -> None:
        """Like `load_all`; the caller must call `store` later."""
        with phase("read"):
            self._texts.load_all()
        self.places = self._texts.places
        self._full = True

    def read_faults(self) -> Iterator[Finding]:
        """The reading faults of the files read so far."""
        for file, entry in self._texts.entries.items():
            if file in self.by_file:
                yield from entry.faults

    def faults_of(self, file: str) -> tuple[Finding, ...]:
        """The reading faults of a file."""
        return self._texts[file].faults

    def load(self, files: Iterable[str]) -> None:
        """Read these files at once."""
        self._texts.load(files)

    def load_records(self, rids: Collection[RecordId]) -> None:
        """Read the files of these records at once."""
        self.places.load_ids(rid.id for rid in rids)
        self.load([file for rid in rids for file in self.files_of(rid)])

    def store(self) -> None:
        """Store in the index what was read, and the terms by which it is found."""
        with phase("store"):
            self._texts.store()
        if isinstance(self.tree, WorkingTree) and isinstance(self.tree.files().base, IndexedFiles):
            with phase("terms"):
                self._finder.know_all()

    def stale_records(
        self, state: IndexedState, what: Derived
    ) -> Iterator[tuple[int, str, RecordId | None, Record | None]]:
        """The files of which something is to be derived again, by their numbers in the index, with their ids, None for
        a file that is gone or no record, and their records, None for one that cannot be read. What the index has is not
        kept in memory."""
        locator, missing = Locator(self.schemas), []
        for no, file, now, text in state.stale_texts(what):
            rid = None if now is None else locator.rid_of(file)
            if rid is None:
                yield no, file, None, None
                continue
            blob, sized, size = (now or "").partition(":")
            place = Place(file, rid.kind, blob, int(size or -1) if sized else None)
            entry = None if text is None else decode(text, place)
            if entry is None:
                missing.append((no, file, rid))
            else:
                yield no, file, rid, None if entry.data is None else Record(rid, file, entry.data, entry.blob)
        self.load(file for _, file, _ in missing)
        yield from ((no, file, rid, self.at(file)) for no, file, rid in missing)

    # -- other states ----------------------------------------------------------------------------------------

    def with_tree(self, tree: Tree) -> Registry:
        """The registry of another tree with the schemas, settings and boundaries of this one. Texts in both are not
        read twice."""
        outlines = self.config.territory.boundaries
        if outlines:
            seen = Registry(tree, self.frame)
            if seen.digest_of(outlines) != self.digest_of(outlines):
                tree = Overlaid(tree, {outlines: self.text_of(outlines)})
        other = Registry(tree, self.frame)
        other._texts.share(self._texts)
        return other

    def with_writes(self, writes: Mapping[str, bytes | None]) -> Registry:
        """The registry as it would be with these texts written (None removes)."""
        tree = EditedTree(self.tree, writes)
        kept = {file: entry for file, entry in self._texts.entries.items() if file not in writes}
        touched = any(path == CONFIG_FILE or path.startswith(f"{SCHEMA_FOLDER}/") for path in writes)
        if touched:
            after = open_registry(tree, self.frame.index, self.frame.indexed)
        else:
            after = self._with_files(tree, {**dict.fromkeys(writes), **tree.writes()}, kept)
            after._finder = Finder(after._texts, self._finder, tuple(writes))
        if self._full:
            after.load_all()
        return after

    def with_changes(self, tree: Tree, paths: Collection[str]) -> Registry:
        """The registry of another tree that differs from this one only in these files, with the same frame. Nothing
        that was read, or that is in the index, is read again."""
        files = tree.files()
        kept = dict(self._texts.entries)  # a copy costs a twentieth of picking entry by entry
        for path in paths:
            kept.pop(path, None)
        after = self._with_files(tree, {path: files.get(path) for path in paths}, kept)
        after._finder = Finder(after._texts, self._finder, paths)
        after._finder.know_all()
        return after

    def _with_files(self, tree: Tree, changes: Mapping[str, File | None], kept: dict[str, Entry]) -> Registry:
        """The registry of `tree`, which differs from this one's in these files alone. What was derived from the records
        of some kinds, and says so (`KINDS`), holds for it too if none of these differs."""
        locator = Locator(self.schemas)
        after = Registry(tree, self.frame, kept, self.places.relocate(tree.files(), changes, locator))
        if not self.config.sources:  # records of other registries may be the same as these
            differing = {rid.kind for path in changes if (rid := locator.rid_of(path)) is not None}
            for make, result in self.derived.items():
                kinds = getattr(make, "KINDS", ())
                if kinds and differing.isdisjoint(kinds):
                    after.derived[make] = result
        return after


def _add(found: dict[str, Item | list[Item]], name: str, item: Item) -> None:
    """Add an item under a name; a single item is stored without a list."""
    before = found.get(name)
    if before is None:
        found[name] = item
    elif isinstance(before, list):
        before.append(item)
    else:
        found[name] = [before, item]


def _each(found: Item | list[Item] | None) -> Iterable[Item]:
    """The items that `_add` stored under a name."""
    return () if found is None else found if isinstance(found, list) else (found,)


def open_registry(tree: Tree, index: Index | None, indexed: Indexed) -> Registry:
    """Read a tree's schemas and settings and make its registry. Raises UsageFault if they cannot be used."""
    return Registry(tree, make_frame(tree, index, indexed))
