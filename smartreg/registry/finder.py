"""Find the files of records by terms: short texts, which are the ids that they name and the values that they carry.
Adding a sensor costs a few look-ups, not ten thousand files.

The index answers for the state that it describes; a tree that differs much from it is read in full and searched in
memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from smartreg.core.values import Json, RecordId
from smartreg.index import LINK, IndexedState, Term
from smartreg.registry.frame import Frame
from smartreg.registry.points import cell, point
from smartreg.registry.texts import Entry, Texts
from smartreg.trees import IndexedFiles, WorkingTree

_SOME = 8  # files of a term that are enough to find one of some sort
_FLAT_FROM = 8  # one differing file in this many: from there on, one look-up is cheaper than two


REMARK: Term = ("#", "")
"""The term of a text with a comment that speaks to us."""


def term_naming(target: str) -> Term:
    """The term of texts that name this id."""
    return LINK, target


def term_carrying(kind: str, field: str, value: str) -> Term:
    """The term of records of `kind` whose indexed `field` has this look-up value."""
    return f"{kind}.{field}", value


def lookup_value(value: Json) -> str | None:
    """The look-up value of an indexed field: a text itself, or the grid cell of a position."""
    if isinstance(value, str):
        return value
    place = point(value)
    return cell(place) if place else None


def terms_of(rid: RecordId, entry: Entry, frame: Frame) -> tuple[Term, ...]:
    """All terms of a record."""
    if entry.data is None:
        return ()
    terms = [term_naming(target) for target in frame.schemas.kinds[rid.kind].targets(entry.data)]
    for field in frame.indexed_of.get(rid.kind, ()):
        value = lookup_value(entry.data.get(field))
        if value is not None:
            terms.append(term_carrying(rid.kind, field, value))
    if entry.remarks:
        terms.append(REMARK)
    return tuple(terms)


class _Terms:
    """The terms of some files, in memory."""

    def __init__(self, by_file: Mapping[str, Sequence[Term]]) -> None:
        self.by_file = by_file

    def find(self, _frame: str, terms: Iterable[Term], most: int | None = None) -> dict[Term, list[str]]:
        return {term: self._by_term.get(term, [])[:most] for term in terms}

    def with_changes(self, changed: Mapping[str, Sequence[Term]]) -> _Terms:
        """The same with the terms of these files replaced: a copy, and work for what changes."""
        new, by_term = _Terms({**self.by_file, **changed}), dict(self._by_term)
        gone = changed.keys() & self.by_file.keys()
        for term in {term for file in gone for term in self.by_file[file]}:
            by_term[term] = [file for file in by_term[term] if file not in gone]
        for term, files in _Terms(changed)._by_term.items():
            by_term[term] = [*by_term.get(term, ()), *files]
        new._by_term = by_term
        return new

    @cached_property
    def _by_term(self) -> Mapping[Term, list[str]]:
        by_term: defaultdict[Term, list[str]] = defaultdict(list)
        for file, terms in self.by_file.items():
            for term in dict.fromkeys(terms):
                by_term[term].append(file)
        return dict(by_term)


class _KnownTerms(NamedTuple):
    """The look-up of most files (`base`), and the terms of the files that differ from it (`own`)."""

    base: IndexedState | _Terms
    own: _Terms


class Finder:
    """Files by term. For a tree that differs from that of the finder `before` only in these `files`, only they are
    read."""

    def __init__(self, texts: Texts, before: Finder | None = None, files: Collection[str] = ()) -> None:
        self._texts = texts
        self._before = before
        self._differing = files
        self._known: _KnownTerms | None = None
        # The files that contain a term, if already looked up; of terms with more than a few, these few.
        self._found: dict[Term, list[str]] = {}
        self._some: dict[Term, Sequence[str]] = {}

    def files(self, term: Term) -> Iterator[str]:
        """The files whose text contains a term."""
        if term not in self._found:
            self._find((term,))
        return iter(self._found[term])

    def some_files(self, term: Term) -> Iterator[str]:
        """As `files`, the first few of thousands looked up by themselves: callers seldom want more."""
        self.prefetch_some((term,))
        first = () if term in self._found else self._some[term]
        yield from first
        yield from (file for file in self.files(term) if file not in first)

    def prefetch_some(self, terms: Iterable[Term]) -> None:
        """Prefetch the first few files that contain each of these terms."""
        if unknown := [term for term in terms if term not in self._found and term not in self._some]:
            self._some |= self._find(unknown, _SOME)

    def prefetch(self, terms: Collection[Term]) -> Iterable[str]:
        """Prefetch the files that contain these terms, before they are looked up one by one; returns all of them."""
        self._find([term for term in terms if term not in self._found])
        return {file for term in terms for file in self._found[term]}

    def terms(self) -> Mapping[str, Collection[Term]]:
        """The terms of each file of a record."""
        base, own = self.know_all()
        stored = base.by_file if isinstance(base, _Terms) else base.terms()
        return {
            file: own.by_file[file] if file in own.by_file else stored.get(file, ())
            for file in self._texts.places.by_file
        }

    def know_all(self) -> _KnownTerms:
        """Derive the terms that the index lacks, and store them there."""
        if self._known is None:
            before, self._before = self._before, None
            self._known = self._settle() if before is None else self._follow(before.know_all())
        return self._known

    def _find(self, terms: Sequence[Term], most: int | None = None) -> Mapping[Term, Sequence[str]]:
        """Look these terms up, and remember what is whole; `most` files of each are enough."""
        base, own = self.know_all()
        stored = base.find(self._texts.frame.digest, terms, most)
        if stored is None:  # the index went away: read everything, and look up in memory from now on
            self._known = base, own = self._in_memory()
            stored = base.find("", terms, most)
            assert stored is not None
        mine = own.find("", terms)
        both = {term: [*(file for file in stored[term] if file not in own.by_file), *mine[term]] for term in terms}
        self._found |= {term: files for term, files in both.items() if most is None or len(stored[term]) < most}
        return both

    def _follow(self, known: _KnownTerms) -> _KnownTerms:
        base, own = known
        own = own.with_changes({**dict.fromkeys(self._differing, ()), **self._read(self._differing)})
        if isinstance(base, _Terms) and len(own.by_file) * _FLAT_FROM > len(base.by_file):
            every = {**base.by_file, **own.by_file}
            return _KnownTerms(_Terms({file: terms for file, terms in every.items() if terms}), _Terms({}))
        return _KnownTerms(base, own)

    def _settle(self) -> _KnownTerms:
        files = self._texts.tree.files()
        if not isinstance(files.base, IndexedFiles):
            return self._in_memory()
        state, frame = files.base.state, self._texts.frame.digest
        is_other_frame = state.about("frame") != frame
        if is_other_frame and state.about("frame") is not None and not isinstance(self._texts.tree, WorkingTree):
            return self._in_memory()  # the index stores terms for one frame, that of the working tree once it was read
        stale = {file: state for file, state, _ in (state.all_stale() if is_other_frame else state.stale("linked"))}
        self._store(state, {file: now for file, now in stale.items() if file not in files.changes})
        if state.about("frame") != frame:
            return self._in_memory()
        differing = {*files.changes, *(file for file, _, _ in state.stale("linked"))}
        return _KnownTerms(state, _Terms({**dict.fromkeys(differing, ()), **self._read(differing)}))

    def _store(self, state: IndexedState, stale: Mapping[str, str | None]) -> None:
        """Store the terms of these files in the index, unless one does not hold what it held when it was listed."""
        texts = self._texts
        texts.places.load(stale)
        texts.load(file for file, now in stale.items() if now is not None and file in texts.places.by_file)
        settled = {file: now for file, now in stale.items() if texts.is_as_listed(file)}
        if settled:
            state.store_terms(texts.frame.digest, settled, self._terms_of)

    def _in_memory(self) -> _KnownTerms:
        return _KnownTerms(_Terms(self._read(self._texts.places.by_file)), _Terms({}))

    def _read(self, files: Iterable[str]) -> dict[str, Sequence[Term]]:
        """The terms of the records among these files."""
        there = [file for file in files if file in self._texts.places.by_file]
        self._texts.load(there)
        return {file: self._terms_of(file) for file in there}

    def _terms_of(self, file: str) -> Sequence[Term]:
        """The terms of a file that was read; none if it is no record."""
        rid = self._texts.places.by_file.get(file)
        return () if rid is None else terms_of(rid, self._texts[file], self._texts.frame)
