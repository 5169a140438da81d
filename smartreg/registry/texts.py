"""What the files of a tree's records say: read when it is asked for, remembered, and kept in the cache.

What a text says depends on its bytes only, so it is kept under kind and blob id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from smartreg.beside import shared
from smartreg.findings import Finding
from smartreg.gitio import blob_id
from smartreg.registry.entry import Entry, decode, encode, entry_key, gone, has_remarks, kept_once, other_encoding
from smartreg.registry.frame import Frame
from smartreg.registry.places import Place
from smartreg.registry.terms import terms_of
from smartreg.registry.whereabouts import Whereabouts
from smartreg.trees import Row, Tree, length
from smartreg.yamlio import read

AT_ONCE = 16_384
PART = 1024


class Texts:
    """Entries by file. `places` are where the records of the tree are, `entries` what is known of some beforehand."""

    def __init__(self, tree: Tree, frame: Frame, places: Whereabouts, entries: Mapping[str, Entry]) -> None:
        self.tree = tree
        self.frame = frame
        self.places = places
        self.entries = dict(entries)
        # What the cache is not told yet of texts that were read.
        self._untold: list[Row] = []

    def __getitem__(self, file: str) -> Entry:
        entry = self.entries.get(file)
        if entry is None:
            self.load((file,))
            entry = self.entries[file]
        return entry

    def load(self, files: Iterable[str]) -> None:
        """Read these, but for those that are known."""
        if self._load(files):
            self.tell()

    def load_all(self) -> None:
        """Read every record; who calls it calls `tell` too, when there is time."""
        self.places = self.places.whole()
        self._load(self.places.by_file)

    def share(self, others: Mapping[str, Entry]) -> None:
        """Take what was read in another tree, of the texts that this one holds too."""
        placed = self.places.placed
        for file, entry in others.items():
            place = placed.get(file)
            same = place is not None and entry.blob and entry.blob == place.blob
            if same and place is not None and (place.size is None or length(place.size) == entry.size):
                self.entries[file] = entry

    def key(self, file: str) -> str:
        """The cache's key of a file's text; empty when its blob is not known before it is read, or it is gone."""
        entry, place = self.entries.get(file), self.places.placed[file]
        blob = entry.blob if entry is not None else place.blob
        return entry_key(place.kind, blob) if blob else ""

    def states(self, files: Iterable[str]) -> dict[str, str]:
        """What tells the texts of these records from any others, by file, without reading what is known: the blob id,
        and the length (`blob:length`) where Git may have changed line ends. Empty for a file that is gone."""
        placed = {file: place for file in files if (place := self.places.placed.get(file)) is not None}
        self.load(file for file, place in placed.items() if place.blob is None)
        found = {}
        for file, place in placed.items():
            entry = self.entries.get(file)
            blob = entry.blob if entry else place.blob or ""
            sized = place.size is not None and blob
            found[file] = f"{blob}:{entry.size if entry else length(place.size)}" if sized else blob
        return found

    def _load(self, files: Iterable[str]) -> bool:
        """Take what the cache has and read the rest; whether there was any."""
        wanted = [file for file in files if file not in self.entries]
        if not wanted:
            return False
        where = self.places.placed
        placed = [where[file] for file in wanted]
        keys = [entry_key(place.kind, place.blob) if place.blob else "" for place in placed]
        cached = self.frame.cache.get_many(key for key in keys if key)
        missing = []
        for place, key in zip(placed, keys, strict=True):
            value = cached.get(key)
            entry = decode(value, place) if value is not None else None
            if entry is None:
                missing.append(place.file)
            else:
                self.entries[place.file] = entry
        if missing:
            self.read(missing)
        return bool(missing)

    def read(self, files: Sequence[str]) -> None:
        """Read texts and remember what they say, so many at a time that what the cache is to be told (by `tell`, or by
        the next of them) stays small beside what is remembered."""
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
                entry = decode(value, Place(file, self.places.placed[file].kind, blob))
            self.entries[file] = entry or Entry(None, (self._unread(file),), "", 0)
        self._untold = [row for _, row in told.values()]

    def _unread(self, path: str) -> Finding:
        return gone(path) if self._is_legible(path) else other_encoding(path)

    def _is_legible(self, path: str) -> bool:
        """Whether the bytes of a file are the text that Git has or would take of it."""
        file = self.tree.files().get(path) if self.places.placed[path].blob is None else None
        return file is None or file.special != "other encoding"

    def _texts_read(self, files: Iterable[str], here: dict[str, Entry]) -> list[tuple[str, str, Row]]:
        """Read texts into `here`. Of each, its file, its blob id, and what the cache is to be told: from a child that
        comes back without being packed twice."""
        told = []
        for file, text in self.tree.read_many(filter(self._is_legible, files)):
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

    def tell_again(self, files: Iterable[str]) -> None:
        """Tell the cache of these, which were read or taken before."""
        self.frame.cache.put_many([self._row(file, entry) for file in files if (entry := self.entries[file]).blob])

    def _row(self, file: str, entry: Entry) -> Row:
        rid = self.places.by_file[file]
        return entry_key(rid.kind, entry.blob), encode(entry), terms_of(rid, entry, self.frame)
