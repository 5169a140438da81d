"""The registry: an immutable snapshot of the records of one tree, with their links both ways.

Records are read when they are asked for. What a text says depends on its bytes only, so it is kept in the cache under
kind and blob id, together with terms (who is named, which codes it carries) by which the cache finds it again: one
added sensor costs a few look-ups, not ten thousand files. A full run reads everything once and looks up in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from smartreg.beside import shared
from smartreg.config import FILE as CONFIG_FILE
from smartreg.config import Config, read_config
from smartreg.errors import UsageFault
from smartreg.findings import Finding
from smartreg.frozen import dataclass
from smartreg.gitio import blob_id
from smartreg.registry.digest import digest_of
from smartreg.registry.earth import cell, point
from smartreg.registry.entry import (
    ENTRY_VERSION,
    KIND_MARK,
    REMARK,
    Entry,
    decode,
    encode,
    entry_key,
    gone,
    has_remarks,
    kept_once,
    kind_mark,
)
from smartreg.registry.known import Known, by_keys, by_table
from smartreg.registry.places import SCHEMA_FOLDER, SPECIAL, Locator, Place
from smartreg.registry.whereabouts import Whereabouts, whereabouts
from smartreg.schema import Schemas, bundled_files, read_schemas
from smartreg.trees import Cache, EditedTree, File, Listing, Overlaid, Row, Table, Tabled, Tree, length
from smartreg.values import Json, Link, Record, RecordId, Words
from smartreg.yamlio import READER_VERSION, read

CHUNK = 64
AT_ONCE = 16_384
PART = 1024
Item = TypeVar("Item", Link, Record)
Indexed = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Frame:
    """What a registry is read with: schemas and settings of the same tree, the cache, what rules look up."""

    schemas: Schemas
    config: Config
    cache: Cache
    indexed: Indexed
    folder: Path | None = None

    @cached_property
    def indexed_of(self) -> Mapping[str, list[str]]:
        """The fields that rules look up, by kind."""
        found: dict[str, list[str]] = defaultdict(list)
        for kind, field in sorted(self.indexed):
            found[kind].append(field)
        return dict(found)


class Registry:
    """Records by id. Reading is lazy and remembered; what it says never changes."""

    def __init__(
        self, tree: Tree, frame: Frame, loaded: Mapping[str, Entry] | None = None, placed: Whereabouts | None = None
    ) -> None:
        self.tree = tree
        self.frame = frame
        self.schemas = frame.schemas
        self.config = frame.config
        self.places = whereabouts(tree.files(), frame.schemas) if placed is None else placed
        self.faults = self.places.faults
        self._entries: dict[str, Entry] = dict(loaded or {})
        self._records: dict[str, Record] = {}
        self._links: dict[RecordId, Sequence[Link]] = {}
        self._full = False
        # What the cache is not told yet of texts that were read.
        self._untold: list[Row] = []
        # The registry that this one was edited from, and in which files: most of what the cache knows is the same.
        self._origin: tuple[Registry, tuple[str, ...]] | None = None
        # The keys of the texts that carry a term, where they were looked up before.
        self._found: dict[str, frozenset[str]] = {}
        # The files of each text, once the cache knows every text.
        self._known: Known | None = None

    # -- records ---------------------------------------------------------------------------------------------

    def __contains__(self, rid: RecordId) -> bool:
        return rid in self.places

    def get(self, rid: RecordId) -> Record | None:
        """The record, or None when there is none or its text cannot be read."""
        found = self.places.get(rid)
        return self._record(rid, found[0]) if found else None

    def at(self, file: str) -> Record | None:
        """The record in a file of `by_file`, or None when its text cannot be read."""
        return self._records.get(file) or self._record(self.by_file[file], self._placed[file])

    def records(self) -> Iterator[Record]:
        """Every readable record, kinds in their order, ids sorted."""
        for kind in self.schemas.kinds:
            yield from self.of_kind(kind)

    def of_kind(self, kind: str) -> Iterator[Record]:
        rids = [RecordId(kind, id) for id in self.places.ids(kind)]
        self.load(place.file for rid in rids for place in self.places[rid])
        for rid in rids:
            for place in self.places[rid]:
                record = self._record(rid, place)
                if record is not None:
                    yield record

    def ids(self, kind: str) -> Sequence[str]:
        return self.places.ids(kind)

    def named(self, id: str) -> Sequence[RecordId]:
        """Every record with this id, whatever its kind."""
        return [RecordId(kind, id) for kind in self.schemas.kinds if RecordId(kind, id) in self.places]

    def files_of(self, rid: RecordId) -> Sequence[str]:
        return [place.file for place in self.places.get(rid, ())]

    def digest_of(self, path: str) -> str | None:
        """The SHA-256 of any file of the tree, in hexadecimal; None where there is no regular file (or a huge one)."""
        file = self.tree.files().get(path)
        return digest_of(self.tree, file, self.frame.cache) if file else None

    def text_of(self, path: str) -> bytes | None:
        """The bytes of any file of the tree; None where there is no regular file."""
        file = self.tree.files().get(path)
        if file is None or file.special:
            return None
        try:
            return self.tree.read(path)
        except FileNotFoundError:
            return None

    @property
    def by_file(self) -> Mapping[str, RecordId]:
        return self.places.by_file

    @property
    def _placed(self) -> Mapping[str, Place]:
        return self.places.placed

    def _record(self, rid: RecordId, place: Place) -> Record | None:
        record = self._records.get(place.file)
        if record is not None:
            return record
        entry = self._entries.get(place.file)
        if entry is None:
            self.load((place.file,))
            entry = self._entries[place.file]
        if entry.data is None:
            return None
        record = self._records[place.file] = Record(rid, place.file, entry.data, entry.blob)
        return record

    def state(self) -> dict[str, str]:
        """`states` of all records."""
        return self.states(self.by_file)

    def states(self, files: Iterable[str]) -> dict[str, str]:
        """What tells the texts of these records from any others, by file, without reading what is known: the blob id,
        and the length (`blob:length`) where Git may have changed line ends. Empty for a file that is gone."""
        placed = {file: place for file in files if (place := self._placed.get(file)) is not None}
        self.load(file for file, place in placed.items() if place.blob is None)
        found = {}
        for file, place in placed.items():
            entry = self._entries.get(file)
            blob = entry.blob if entry else place.blob or ""
            sized = place.size is not None and blob
            found[file] = f"{blob}:{entry.size if entry else length(place.size)}" if sized else blob
        return found

    # -- links -----------------------------------------------------------------------------------------------

    def links_from(self, rid: RecordId) -> Sequence[Link]:
        """What the record names; of an id that several files claim, what they all name."""
        links = self._links.get(rid)
        if links is None:
            records = (self._record(rid, place) for place in self.places.get(rid, ()))
            links = tuple(link for record in records if record for link in self.schemas.kinds[rid.kind].links(record))
            self._links[rid] = links
        return links

    def links_to(self, rid: RecordId) -> Iterator[Link]:
        """The links that name this record (of its kind, or of none that is allowed there), sources sorted by file."""
        for link in self.naming(rid.id):
            if rid.kind in link.kinds:
                yield link

    def some_links_to(self, rid: RecordId) -> Iterator[Link]:
        """As `links_to`, in any order: for who asks whether there is one of some sort."""
        return (link for link in self._naming(rid.id, self._some_files_with) if rid.kind in link.kinds)

    def naming(self, target: str) -> Iterator[Link]:
        """The links that name this id, whatever the kinds that are allowed there, sources sorted by file."""
        return self._naming(target, self._files_with)

    def _naming(self, target: str, files_with: Callable[[str], Iterable[str] | None]) -> Iterator[Link]:
        files = files_with(f">{target}")
        if files is None:
            yield from _each(self._backlinks.get(target))
            return
        for record in self._read_in_turn(files):
            yield from (link for link in self.schemas.kinds[record.rid.kind].links(record) if link.target == target)

    def by_value(self, kind: str, field: str, value: str) -> Iterator[Record]:
        """The records of `kind` whose top-level `field` is the text `value`, or a position in the cell of that name;
        (kind, field) must be among the indexed ones."""
        files = self._files_with(f"{kind}.{field}={value}")
        if files is None:
            yield from _each(self._values[kind, field].get(value))
            return
        for record in self._read_in_turn(files):
            if record.rid.kind == kind and _found_by(record.data.get(field)) == value:
                yield record

    def remarked(self) -> Sequence[str]:
        """The files, sorted, of which a comment speaks to us (`# smartreg: ignore…`)."""
        files = self._files_with(REMARK)
        if files is not None:
            return files
        return sorted(file for file, entry in self._entries.items() if entry.remarks and file in self.by_file)

    def speaks(self, file: str) -> bool:
        """Whether a comment of this record speaks to us."""
        self.load((file,))
        return self._entries[file].remarks

    def _files_with(self, term: str) -> list[str] | None:
        """The files whose text carries a term, sorted, as the cache knows; None when all records are in memory."""
        files = self._some_files_with(term)
        return None if files is None else sorted(files)

    def _some_files_with(self, term: str) -> Iterator[str] | None:
        """As `_files_with`, in any order, each found when it is asked for."""
        if self._full:
            return None
        known = self._know_all()
        keys = self._found[term] if term in self._found else self.frame.cache.find(term)
        if keys is None:  # the cache went away: read everything, and look up in memory from now on
            self.load_all()
            return None
        self._found[term] = keys
        return (file for key in keys for file in known.files(key))

    def load_named(self, rids: Iterable[RecordId]) -> None:
        """Read these and all that they name at once, for whoever looks at one after the other."""
        wanted = [rid for rid in rids if rid in self.places]
        self.load([file for rid in wanted for file in self.files_of(rid)])
        named = {RecordId(kind, link.target) for rid in wanted for link in self.links_from(rid) for kind in link.kinds}
        self.load([file for rid in named for file in self.files_of(rid)])

    def look_ahead(self, rids: Iterable[RecordId]) -> None:
        """Find at once who names these, for whoever asks for one after the other."""
        terms = {f">{rid.id}" for rid in rids}
        if not self._full and len(terms) > 1:
            self._know_all()
            self._found.update(self.frame.cache.find_many(terms) or {})
            keys = {key for term in terms for key in self._found.get(term, ())}
            self.load(file for key in keys for file in self._know_all().files(key))

    def _read_in_turn(self, files: Iterable[str]) -> Iterator[Record]:
        waiting = iter(files)
        while some := list(islice(waiting, CHUNK)):  # a party is named by thousands; who asks wants the first few
            self.load(some)
            for file in some:
                record = self.at(file)
                if record is not None:
                    yield record

    def _key(self, file: str) -> str:
        """The cache's key of a file's text; empty when its blob is not known before it is read, or it is gone."""
        entry, place = self._entries.get(file), self._placed[file]
        blob = entry.blob if entry is not None else place.blob
        return entry_key(place.kind, blob) if blob else ""

    @cached_property
    def _backlinks(self) -> Mapping[str, Link | list[Link]]:
        """What `naming` finds; an id that is named once stands there without a list."""
        found: dict[str, Link | list[Link]] = {}
        placed = self._placed
        for file, rid in sorted(self.by_file.items()):
            record = self._record(rid, placed[file])
            if record is None:
                continue
            links = tuple(self.schemas.kinds[rid.kind].links(record))
            if len(self.places[rid]) == 1:
                self._links[rid] = links
            for link in links:
                _add(found, link.target, link)
        return found

    @cached_property
    def _values(self) -> Mapping[tuple[str, str], Mapping[str, Record | list[Record]]]:
        """What `by_value` finds; most values are those of one record, which stands there without a list."""
        found: dict[tuple[str, str], dict[str, Record | list[Record]]] = {pair: {} for pair in self.frame.indexed}
        for kind in {kind for kind, _ in found}:
            fields = [(field, values) for (name, field), values in found.items() if name == kind]
            for record in sorted(self.of_kind(kind), key=lambda record: record.file):
                for field, values in fields:
                    value = _found_by(record.data.get(field))
                    if value is not None:
                        _add(values, value, record)
        return found

    def let_go(self) -> None:
        """Forget what look-ups were answered from, a sixth of all that is held; it is worked out again when asked."""
        self._links.clear()
        for name in ("_backlinks", "_values"):
            self.__dict__.pop(name, None)

    # -- reading ---------------------------------------------------------------------------------------------

    def load_all(self) -> Registry:
        """Read every record; from then on all look-ups are answered from memory."""
        self.read_all()
        self.tell()
        return self

    def read_all(self) -> None:
        """As `load_all`; who calls it calls `tell` too, when there is time."""
        self.places = self.places.whole()
        self._load(self.by_file)
        self._full = True

    def read_faults(self) -> Iterator[Finding]:
        """The faults of reading, of the files read so far."""
        for file, entry in self._entries.items():
            if file in self.by_file:
                yield from entry.faults

    def faults_of(self, file: str) -> tuple[Finding, ...]:
        self.load((file,))
        return self._entries[file].faults

    def load(self, files: Iterable[str]) -> None:
        if self._load(files):
            self.tell()

    def _load(self, files: Iterable[str]) -> bool:
        """Take what the cache has and read the rest; whether there was any."""
        wanted = [file for file in files if file not in self._entries]
        if not wanted:
            return False
        placed = [self._placed[file] for file in wanted]
        keys = [entry_key(place.kind, place.blob) if place.blob else "" for place in placed]
        cached = self.frame.cache.get_many(key for key in keys if key)
        missing = []
        for place, key in zip(placed, keys, strict=True):
            value = cached.get(key)
            entry = decode(value, place) if value is not None else None
            if entry is None:
                missing.append(place.file)
            else:
                self._entries[place.file] = entry
        if missing:
            self._read(missing)
        return bool(missing)

    def _read(self, files: Sequence[str]) -> None:
        """Read texts and remember what they say, so many at a time that what the cache is to be told stays small beside
        what is remembered."""
        for start in range(0, len(files), AT_ONCE):
            self._read_some(files[start : start + AT_ONCE])

    def _read_some(self, files: Sequence[str]) -> None:
        """Read texts, many on two cores. What there is to tell the cache waits: the other core has to do meanwhile."""
        here: dict[str, Entry] = {}
        parts = [files[start : start + PART] for start in range(0, len(files), PART)]
        jobs = [partial(self._texts_read, part, here) for part in parts]
        told = {file: (blob, row) for part in shared(len(files), jobs, self.tell) for file, blob, row in part}
        for file in files:
            entry = here.get(file)
            if entry is None and file in told:
                blob, (_, value, _) = told[file]
                entry = decode(value, Place(file, self._placed[file].kind, blob))
            self._entries[file] = entry or Entry(None, (gone(file),), "", 0)
        self._untold = [row for _, row in told.values()]

    def _texts_read(self, files: Iterable[str], here: dict[str, Entry]) -> list[tuple[str, str, Row]]:
        """Read texts into `here`. Of each, its file, its blob id, and what the cache is to be told: from a child that
        comes back without being packed twice."""
        told = []
        for file, text in self.tree.read_many(files):
            document = read(text, file)
            blob = blob_id(text, self.tree.object_format)
            remarks = document.data is not None and has_remarks(text)
            here[file] = entry = Entry(kept_once(document.data), document.faults, blob, len(text), remarks)
            told.append((file, blob, self._row(file, entry)))
        return told

    def tell(self) -> None:
        """Tell the cache of what was read."""
        rows, self._untold = self._untold, []
        self.frame.cache.put_many(rows)

    def _row(self, file: str, entry: Entry) -> Row:
        rid = self.by_file[file]
        return entry_key(rid.kind, entry.blob), encode(entry), self._terms(rid, entry)

    def _tell_cache(self, files: Iterable[str]) -> None:
        self.frame.cache.put_many([self._row(file, entry) for file in files if (entry := self._entries[file]).blob])

    def _terms(self, rid: RecordId, entry: Entry) -> tuple[str, ...]:
        if entry.data is None:
            return ()
        terms = [f">{target}" for target in self.schemas.kinds[rid.kind].targets(entry.data)]
        for field in self.frame.indexed_of.get(rid.kind, ()):
            value = _found_by(entry.data.get(field))
            if value is not None:
                terms.append(f"{rid.kind}.{field}={value}")
        if entry.remarks:
            terms.append(REMARK)
        return tuple(terms)

    def _know_all(self) -> Known:
        """Make sure that the cache knows every text of the tree, so that what it finds is all there is."""
        if self._known is None:
            if self._origin is not None:
                (before, writes), self._origin = self._origin, None
                self._known = self._adopted(before._know_all(), writes)
            else:
                self._known = self._known_by_table() or self._known_by_keys()
        return self._known

    def _known_by_table(self) -> Known | None:
        """Where the cache knows all texts of a table, only the files that differ from it are looked at."""
        base = self.tree.files().base
        if not isinstance(base, Tabled) or not self.frame.cache.get_many((_table_key(base.table),)):
            return None
        return self._adopted(by_table(base.table, self.places.base.by_file), self._unlike(base))

    def _known_by_keys(self) -> Known:
        marks = {kind: kind_mark(kind) for kind in self.schemas.kinds}
        keys = {
            file: marks[place.kind] + place.blob[KIND_MARK:] if place.blob else ""
            for file, place in self._placed.items()
        }
        keys |= {file: self._key(file) for file in self._entries if file in keys}
        unknown = self.frame.cache.unknown(key for key in keys.values() if key)
        if unknown or not all(keys.values()):
            self._make_known([file for file, key in keys.items() if not key or key in unknown], keys)
        self._note_table()
        return by_keys(keys)

    def _note_table(self) -> None:
        """Note that the cache knows all texts of a table, where it does: it knows those of this tree."""
        base, cache = self.tree.files().base, self.frame.cache
        if not isinstance(base, Tabled) or not cache.keeps:
            return
        locator = Locator(self.schemas)
        were = [located[1] for file in self._unlike(base) if file in base and (located := locator.at(base[file]))]
        if not cache.unknown(entry_key(place.kind, place.blob) for place in were if place.blob):
            cache.put_many(((_table_key(base.table), b"known", ()),))

    def _unlike(self, base: Tabled) -> set[str]:
        """The files that are not as the table of this tree has them, or did not read so."""
        read = (file for file, entry in self._entries.items() if file in base and entry.blob != base[file].blob)
        return {*self.tree.files().changes, *read}

    def _make_known(self, files: Sequence[str], keys: dict[str, str]) -> None:
        """Tell the cache of texts that it does not know, reading those that nobody has read."""
        self._read([file for file in files if file not in self._entries])
        self.tell()
        self._tell_cache(file for file in files if keys[file] and file in self._entries)
        # What was read may hold other bytes than its blob says (line ends): its key is that of what was read.
        keys.update({file: self._key(file) for file in files})

    # -- other states ----------------------------------------------------------------------------------------

    def framing(self, tree: Tree) -> Registry:
        """The registry of another tree, judged as this one is: by its schemas, settings and boundaries. Texts that
        both hold are not read twice."""
        outlines = self.config.territory.boundaries
        if outlines:
            seen = Registry(tree, self.frame)
            if seen.digest_of(outlines) != self.digest_of(outlines):
                tree = Overlaid(tree, {outlines: self.text_of(outlines)})
        other = Registry(tree, self.frame)
        for file, entry in self._entries.items():
            place = other._placed.get(file)
            same = place is not None and entry.blob and entry.blob == place.blob
            if same and place is not None and (place.size is None or length(place.size) == entry.size):
                other._entries[file] = entry
        return other

    def edited(self, writes: Mapping[str, bytes | None]) -> Registry:
        """The registry as it would be with these texts written (None removes)."""
        tree = EditedTree(self.tree, writes)
        kept = {file: entry for file, entry in self._entries.items() if file not in writes}
        touched = any(path == CONFIG_FILE or path.startswith(f"{SCHEMA_FOLDER}/") for path in writes)
        if touched:
            after = open_registry(tree, self.frame.folder, self.frame.indexed)
        else:
            after = self._placed_anew(tree, {**dict.fromkeys(writes), **tree.written()}, kept)
            after._origin = (self, tuple(writes))
        if self._full:
            after.load_all()
        return after

    def followed_by(self, tree: Tree, paths: Collection[str]) -> Registry:
        """The registry of another tree that differs from this one's in these files alone, judged by the same frame.
        What either has read, or the cache has, is not read again."""
        files = tree.files()
        kept = dict(self._entries)  # a copy costs a twentieth of picking entry by entry
        for path in paths:
            kept.pop(path, None)
        known = self._know_all()
        after = self._placed_anew(tree, {path: files.get(path) for path in paths}, kept)
        after._known = after._adopted(known, paths)
        return after

    def _placed_anew(self, tree: Tree, changes: Mapping[str, File | None], kept: Mapping[str, Entry]) -> Registry:
        """The registry of `tree`, which differs from this one's in these files alone."""
        placed = self.places.altered(tree.files(), changes, Locator(self.schemas))
        return Registry(tree, self.frame, kept, placed)

    def _adopted(self, known: Known, files: Collection[str]) -> Known:
        """What is known of a tree that differs in these files alone: they are read, and nothing else is missing."""
        there = [file for file in files if file in self.by_file]
        self.load(there)
        return known.altered({**dict.fromkeys(files, ""), **{file: self._key(file) for file in there}})


def _table_key(table: Table) -> str:
    """Where the cache notes that it knows all texts of a table."""
    return table.sum.hex()


def _add(found: dict[str, Item | list[Item]], name: str, item: Item) -> None:
    """Put an item to those of the name; one alone stands for itself, for most are."""
    before = found.get(name)
    if before is None:
        found[name] = item
    elif isinstance(before, list):
        before.append(item)
    else:
        found[name] = [before, item]


def _each(found: Item | list[Item] | None) -> Iterable[Item]:
    """What `_add` has put together."""
    return () if found is None else found if isinstance(found, list) else (found,)


def _found_by(value: Json) -> str | None:
    """What an indexed value is looked up by: a text by itself, a position by its cell of the grid."""
    if isinstance(value, str):
        return value
    place = point(value)
    return cell(place) if place else None


def schemas_and_config(tree: Tree) -> tuple[Schemas, Config]:
    """What a tree's records are judged by. UsageFault when schemas or settings cannot be used."""
    files = tree.files()
    _refuse_special(files)
    names = [path for path in files.below(SCHEMA_FOLDER) if path.endswith(".json")]
    texts = {path.rpartition("/")[2]: text for path, text in tree.read_many(names) if path.count("/") == 1}
    schemas = read_schemas(texts or bundled_files())
    return schemas, read_config(tree.read(CONFIG_FILE) if CONFIG_FILE in files else None)


def open_registry(tree: Tree, folder: Path | None, indexed: Indexed) -> Registry:
    """Read a tree's schemas and settings and make its registry; the cache lies in `folder` (None: in memory only).
    UsageFault when schemas or settings cannot be used."""
    schemas, config = schemas_and_config(tree)
    partition = f"{ENTRY_VERSION}.{READER_VERSION}:{schemas.digest}:{','.join(sorted(map('.'.join, indexed)))}"
    return Registry(tree, Frame(schemas, config, Cache.open(folder, partition), indexed, folder))


def _refuse_special(files: Listing) -> None:
    """A schema or the settings behind a symlink would not be read, and the records be judged without them."""
    for path in (CONFIG_FILE, SCHEMA_FOLDER, *files.below(SCHEMA_FOLDER)):
        file = files.get(path)
        if file is not None and file.special:
            what = SPECIAL.get(file.special, SPECIAL["other"])
            raise UsageFault(
                Words(f"{path} is {what.en}; it must be a plain file", f"{path} est {what.fr} ; il faut un fichier"),
                Words("put a plain file in its place", "remplacez-le par un fichier ordinaire"),
            )
