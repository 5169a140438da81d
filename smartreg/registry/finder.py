"""Which files carry a term, as the cache knows: one added sensor costs a few look-ups, not ten thousand files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from smartreg.registry.entry import KIND_MARK, entry_key, kind_mark
from smartreg.registry.known import Known, by_keys, by_table
from smartreg.registry.places import Locator
from smartreg.registry.texts import Texts
from smartreg.trees import Table, Tabled


class Finder:
    """Files by term. It is made sure first that the cache knows every text of the tree, so that what it finds is all
    there is; of a tree that differs from that of another finder `before` in these `files` alone, they are looked at."""

    def __init__(self, texts: Texts, before: Finder | None = None, files: Collection[str] = ()) -> None:
        self._texts = texts
        self._cache = texts.frame.cache
        self._before = before
        self._differing = files
        # The keys of the texts that carry a term, where they were looked up before.
        self._found: dict[str, frozenset[str]] = {}
        self._known: Known | None = None

    def files(self, term: str) -> Iterator[str] | None:
        """The files whose text carries a term, each found when it is asked for; None when the cache went away."""
        known = self.know_all()
        keys = self._found[term] if term in self._found else self._cache.find(term)
        if keys is None:
            return None
        self._found[term] = keys
        return (file for key in keys for file in known.files(key))

    def look_ahead(self, terms: Collection[str]) -> Iterator[str]:
        """Find at once who carries these, for whoever asks for one after the other: all their files."""
        known = self.know_all()
        self._found.update(self._cache.find_many(terms) or {})
        keys = {key for term in terms for key in self._found.get(term, ())}
        return (file for key in keys for file in known.files(key))

    def know_all(self) -> Known:
        """Make sure that the cache knows every text of the tree."""
        if self._known is None:
            before, self._before = self._before, None
            if before is not None:
                self._known = self._adopted(before.know_all(), self._differing)
            else:
                self._known = self._known_by_table() or self._known_by_keys()
        return self._known

    def _adopted(self, known: Known, files: Collection[str]) -> Known:
        """What is known of a tree that differs in these files alone: they are read, and nothing else is missing."""
        there = [file for file in files if file in self._texts.places.by_file]
        self._texts.load(there)
        return known.altered({**dict.fromkeys(files, ""), **{file: self._texts.key(file) for file in there}})

    def _known_by_table(self) -> Known | None:
        """Where the cache knows all texts of a table, only the files that differ from it are looked at."""
        base = self._texts.tree.files().base
        if not isinstance(base, Tabled) or not self._cache.get_many((_table_key(base.table),)):
            return None
        return self._adopted(by_table(base.table, self._texts.places.base.by_file), self._unlike(base))

    def _known_by_keys(self) -> Known:
        marks = {kind: kind_mark(kind) for kind in self._texts.frame.schemas.kinds}
        keys = {
            file: marks[place.kind] + place.blob[KIND_MARK:] if place.blob else ""
            for file, place in self._texts.places.placed.items()
        }
        keys |= {file: self._texts.key(file) for file in self._texts.entries if file in keys}
        unknown = self._cache.unknown(key for key in keys.values() if key)
        if unknown or not all(keys.values()):
            self._make_known([file for file, key in keys.items() if not key or key in unknown], keys)
        self._note_table()
        return by_keys(keys)

    def _note_table(self) -> None:
        """Note that the cache knows all texts of a table, where it does: it knows those of this tree."""
        base, cache = self._texts.tree.files().base, self._cache
        if not isinstance(base, Tabled) or not cache.keeps:
            return
        locator = Locator(self._texts.frame.schemas)
        were = [located[1] for file in self._unlike(base) if file in base and (located := locator.at(base[file]))]
        if not cache.unknown(entry_key(place.kind, place.blob) for place in were if place.blob):
            cache.put_many(((_table_key(base.table), b"known", ()),))

    def _unlike(self, base: Tabled) -> set[str]:
        """The files that are not as the table of this tree has them, or did not read so."""
        read = (file for file, entry in self._texts.entries.items() if file in base and entry.blob != base[file].blob)
        return {*self._texts.tree.files().changes, *read}

    def _make_known(self, files: Sequence[str], keys: dict[str, str]) -> None:
        """Tell the cache of texts that it does not know, reading those that nobody has read."""
        self._texts.read([file for file in files if file not in self._texts.entries])
        self._texts.tell()
        self._texts.tell_again(file for file in files if keys[file] and file in self._texts.entries)
        # What was read may hold other bytes than its blob says (line ends): its key is that of what was read.
        keys.update({file: self._texts.key(file) for file in files})


def _table_key(table: Table) -> str:
    """Where the cache notes that it knows all texts of a table."""
    return table.sum.hex()
