"""What a clean merge of some commits makes of a file, whatever its shape: an octopus, merges that cross.

A merge of commits is folded parent by parent, each against *all* best common ancestors with what was folded so far
(several of them are first merged themselves, as Git's recursive strategy does). Every order of the parents must give
the same content; where they do not, or where the sides conflict, no merge is clean. So nobody brings an older state
back by the choice of parents, of their order, or of dates, which decide which of several ancestors Git names first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Final, NamedTuple, TypeAlias

from smartreg.diff import same
from smartreg.edit.merge import Versions, merge_texts
from smartreg.edit.merge.texts import comments_in
from smartreg.gitio import GitFailed, Repo
from smartreg.gitio.merge_file import LineMerger
from smartreg.gitio.objects import blob_id
from smartreg.registry import record_at
from smartreg.schema import Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read


class Entry(NamedTuple):
    """A file in a commit: its blob and its mode, as Git writes it."""

    blob: str
    mode: str

    @property
    def plain(self) -> str | None:
        """The blob of a plain file: a link contains no record, and a submodule has no blob."""
        return self.blob if self.mode in ("100644", "100755") else None


class Conflict:
    """What is no clean merge: it equals no content."""


CONFLICT: Final = Conflict()
Content: TypeAlias = Entry | None
Merged: TypeAlias = Entry | Conflict | None

_FEW_PATHS = 100  # on a command line; above, whole trees are listed
_FEW_PARENTS = 4  # of which every order is tried; of more, each rotation of the order and of its reverse
_DEEPEST = 100  # merges that cross, one on top of the other
_MOST_MERGES = 200  # of one file, in the search for how commits make its content


@dataclass(frozen=True)
class MergedContents:
    """The files of commits, and of clean merges of them, as they are asked for."""

    repo: Repo
    schemas: Schemas
    _entries: dict[str, dict[str, Content]] = field(default_factory=dict)
    _wanted: set[str] = field(default_factory=set)
    _bases: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _merged: dict[tuple[frozenset[str], str], Merged] = field(default_factory=dict)
    _texts: dict[str, bytes] = field(default_factory=dict)
    _made: dict[str, bytes] = field(default_factory=dict)

    def want(self, paths: Iterable[str]) -> None:
        """Announce paths: all of them are read at once from each commit."""
        self._wanted.update(paths)

    def at(self, commit: str, path: str) -> Content:
        """A file of a commit."""
        known = self._entries.setdefault(commit, {})
        if path not in known:
            self._wanted.add(path)
            missing = [one for one in self._wanted if one not in known]
            found = self.repo.tree(commit, missing if len(missing) <= _FEW_PATHS else ())
            known.update({one: Entry(found[one].blob, found[one].mode) if one in found else None for one in missing})
        return known[path]

    def merge(self, commits: Collection[str], path: str, depth: int = 0) -> Merged:
        """What a clean merge of these commits makes of a file; None where there is none."""
        if len(commits) == 1:
            return self.at(next(iter(commits)), path)
        key = (frozenset(commits), path)
        if key not in self._merged:
            self._merged[key] = self._merge(commits, path, depth)
        return self._merged[key]

    def _merge(self, commits: Collection[str], path: str, depth: int) -> Merged:
        contents = {self.at(commit, path) for commit in commits}
        if len(contents) < 2:
            return next(iter(contents), None)
        if depth > _DEEPEST:
            return CONFLICT
        results = {self._fold(order, path, depth) for order in _orders(tuple(commits))}
        return results.pop() if len(results) == 1 else CONFLICT

    def _fold(self, order: Sequence[str], path: str, depth: int) -> Merged:
        first, *rest = order
        content: Merged = self.at(first, path)
        for number, commit in enumerate(rest, 1):
            bases = self._common(commit, order[:number])
            base = self.merge(bases, path, depth + 1) if bases else None
            content = self.three_way(path, base, content, self.at(commit, path))
        return content

    def _common(self, commit: str, others: Sequence[str]) -> tuple[str, ...]:
        key = (commit, *sorted(others))
        if key not in self._bases:
            self._bases[key] = self.repo.merge_bases(*key)
        return self._bases[key]

    def three_way(self, path: str, base: Merged, ours: Merged, theirs: Merged) -> Merged:
        """What two sides make of a file: what only one of them changed, or, for a record, both merged by fields."""
        if CONFLICT in (base, ours, theirs):
            return ours if ours == theirs else CONFLICT
        if ours == theirs or theirs == base:
            return ours
        if ours == base:
            return theirs
        if not (isinstance(base, Entry) and isinstance(ours, Entry) and isinstance(theirs, Entry)):
            return CONFLICT
        blob = self._one_sided(base.blob, ours.blob, theirs.blob) or self._by_fields(path, base, ours, theirs)
        mode = self._one_sided(base.mode, ours.mode, theirs.mode)
        return CONFLICT if blob is None or mode is None else Entry(blob, mode)

    @staticmethod
    def _one_sided(base: str, ours: str, theirs: str) -> str | None:
        return theirs if ours == base else ours if theirs in (base, ours) else None

    def _by_fields(self, path: str, *sides: Entry) -> str | None:
        rid = record_at(path, self.schemas)
        if rid is None or not all(side.plain for side in sides):
            return None
        try:
            texts = Versions(*(self.text(side.blob) for side in sides))
            merged = merge_texts(texts, self.schemas.kinds[rid.kind], LineMerger(self.repo.root))
        except GitFailed:
            return None
        if not merged.clean:
            return None
        blob = blob_id(merged.text, self.repo.object_format())
        self._made[blob] = merged.text
        return blob

    def text(self, blob: str) -> bytes:
        """The text of a blob, or of a merge by fields."""
        if blob in self._made:
            return self._made[blob]
        self.load((blob,))
        return self._texts[blob]

    def load(self, blobs: Iterable[str]) -> None:
        """Read the texts of blobs at once."""
        missing = sorted(blob for blob in blobs if blob not in self._texts and blob not in self._made)
        self._texts.update(self.repo.blobs(missing, READ_LIMIT))

    def says(self, path: str, content: Content, merged: Merged) -> bool:
        """Whether a file has the content of a merge. One by fields may be laid out otherwise (Git merges lines), with
        no comment of its own: comments decide what is checked."""
        if content == merged:
            return True
        if not (isinstance(content, Entry) and isinstance(merged, Entry)) or content.mode != merged.mode:
            return False
        if merged.blob not in self._made or content.plain is None:
            return False
        one, other = self.text(content.blob), self.text(merged.blob)
        return same(read(one, path).data, read(other, path).data) and comments_in(one) <= comments_in(other)

    def is_made_of(
        self, path: str, content: Content, starts: Iterable[Merged], steps: Sequence[tuple[Content, Content]]
    ) -> bool:
        """Whether some of these changes of a file (before, after), each applied cleanly to what another one or a start
        says, make its content."""
        reached: list[Merged] = list(dict.fromkeys([*starts, *(after for _, after in steps)]))
        merges = 0
        for start in reached:  # grows
            if self.says(path, content, start):
                return True
            for before, after in steps:
                merges += 1
                if merges > _MOST_MERGES:
                    return False
                made = self.three_way(path, before, start, after)
                if made is not CONFLICT and made not in reached:
                    reached.append(made)
        return False


def _orders(commits: tuple[str, ...]) -> Iterator[Sequence[str]]:
    if len(commits) <= _FEW_PARENTS:
        yield from permutations(commits)
        return
    for order in (commits, commits[::-1]):
        yield from (order[number:] + order[:number] for number in range(len(order)))
