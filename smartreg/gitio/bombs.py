"""Git bombs: a few tree objects that stand for millions of paths, because each folder stands in many places.

Git lists every path, so paths are counted before it is asked to, unless a list turns out to be short while it is read.
Each pair of folders is compared once, wherever it stands, and one level deep (`git diff-tree` without `-r`); what is
below is a sum. A folder with too many paths is not entered: it is listed as one path whose mode is that of a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, NamedTuple, TypeAlias

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.gitio.runner import EMPTY_TREE, Git, GitFailed, text

FOLDER_MODE = "040000"
MOST_PATHS = 2_000_000  # twice the largest registry that has been tried
MOST_REPEATS = 100_000  # paths beyond the entries that Git stores
MOST_BYTES = 256 << 20  # of all paths together
MOST_LEVELS = 100  # of folders

_FEW = 1_000  # entries: with more, and a folder that stands in two places, all of them are counted first
_LONG = 32 << 20  # bytes of a list, and
_LONGEST = 1 << 20  # of a path: from there on, all of them are counted first
_FOLDER = f"{FOLDER_MODE} tree ".encode("ascii")

_COMPARE = ("diff-tree", "--stdin", "--always", "-m", "--root", "-z", "--raw", "--no-abbrev", "--no-renames")
_AT_ONCE = 256  # lines asked before their answers are read: far fewer than fit into a pipe
_NAMED = 12  # levels of the folder that is named
_CEILING = 10**30  # counts need not be exact beyond it

PathScope: TypeAlias = frozenset[tuple[str, ...]]
"""Paths below a folder, as their parts: only what is at or below one of them counts. Empty: everything."""

EVERYTHING: PathScope = frozenset()


class TreeDifference(NamedTuple):
    """A name in which two folders differ, with modes and ids as Git prints them: zeros where there is none."""

    name: str
    mode_before: str
    mode_after: str
    before: str
    after: str


class _Pair(NamedTuple):
    """Folders to compare, as the line that asks Git to, and what of them counts."""

    line: str
    scope: PathScope


class _FolderLevel(NamedTuple):
    """One level of a comparison: the number of files and the length of their names; the folders, by name."""

    files: int
    length: int
    folders: Sequence[tuple[str, _Pair]]


class _Extent(NamedTuple):
    """In how many paths folders differ, the length of these paths, and the levels of folders below. A folder without a
    file is a path too: Git enters it."""

    paths: int
    length: int
    levels: int


_ENDLESS = _Extent(_CEILING, _CEILING, MOST_LEVELS)


def scope_of(prefix: str, paths: Iterable[str]) -> PathScope:
    """The scope of a whole tree: these paths (none: all) below `prefix`, which is empty or ends with a slash."""
    full = [f"{prefix}{path}".strip("/") for path in paths] or [prefix.strip("/")]
    return EVERYTHING if "" in full else frozenset(tuple(path.split("/")) for path in full)


def find_bombs(git: Git, lines: Sequence[str], scope: PathScope) -> frozenset[str]:
    """The `lines` whose trees differ in too many paths. A line is the id of a commit, which is compared with each of
    its parents; the ids of a commit and of an earlier one; or those of an earlier tree and of a later one. Raises
    GitFailed if one is not here."""
    if not lines:
        return frozenset()
    with _compare(git) as comparison:
        comparison.read([_Pair(line, scope) for line in lines])
        return frozenset(line for line in lines if comparison.is_bomb(_Pair(line, scope)))


def find_differing(git: Git, lines: Sequence[str], scope: PathScope) -> frozenset[str]:
    """The `lines` (see `find_bombs`) whose trees differ in what counts; no folder of that is entered, however deep it
    is. Raises GitFailed if one is not here."""
    differing: set[str] = set()
    waiting = {_Pair(line, scope): {line} for line in lines}
    with _compare(git) as comparison:
        while waiting:
            of_line: dict[str, list[_Pair]] = {}
            for pair in waiting:
                of_line.setdefault(pair.line, []).append(pair)
            deeper: dict[_Pair, set[str]] = {}
            for line, about, name in comparison.rows(of_line):
                entry = _entry(about, name)
                for pair in of_line[line]:
                    inner, below = _scope_in(pair.scope, entry.name), _folders_of(entry)
                    if inner == EVERYTHING:
                        differing |= waiting[pair]
                    elif inner is not None and below is not None:
                        deeper.setdefault(_Pair(below, inner), set()).update(waiting[pair])
            waiting = deeper
    return frozenset(differing)


def refuse_bombs(git: Git, *commits: str) -> None:
    """Raises StateFault if the tree of one of these commits has too many paths: Git, which compares it with its index,
    does not answer."""
    ids = (git.line("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}") for commit in commits)
    trees = [f"{EMPTY_TREE[git.object_format]} {tree}" for tree in ids if tree is not None]
    if find_bombs(git, trees, EVERYTHING):
        raise _too_many()


def list_tree(git: Git, commit: str, paths: Sequence[str], prefix: str) -> bytes | None:
    """`git ls-tree -r -t -z` of a commit, read while Git walks. None as soon as it may be a bomb (a folder stands in it
    twice and it is no longer short, or it is too deep or too long), and if Git fails: its paths have to be counted."""
    blocks: list[bytes] = []
    folders: set[bytes] = set()
    rest, size, entries, repeats = b"", 0, 0, False
    try:
        for block in git.stream("ls-tree", "-r", "-t", "-z", commit, "--", *paths):
            *lines, rest = (rest + block).split(b"\0")
            for line in lines:
                if line.startswith(_FOLDER):
                    about, _, path = line.partition(b"\t")
                    if prefix.count("/") + path.count(b"/") + 1 >= MOST_LEVELS:
                        return None
                    repeats = repeats or about in folders
                    folders.add(about)
            blocks.append(block)
            size += len(block)
            entries += len(lines)
            most = _FEW if repeats else MOST_PATHS
            if entries > most or size > _LONG or len(rest) > _LONGEST:
                return None
    except GitFailed:
        return None
    return b"".join(blocks)


def list_entries(git: Git, line: str, scope: PathScope) -> list[tuple[str, TreeDifference]]:
    """The differences of such a line, by path from the top. One of them is the folder that differs in too many, or
    every folder if it is no single one."""
    root = _Pair(line, scope)
    with _compare(git) as comparison:
        entries = comparison.walk(root, bounded=True)
    if entries is None:  # what Git still says of it is left unread
        with _compare(git) as comparison:
            comparison.read([root])
            bomb = comparison.locate(root) if comparison.is_bomb(root) else None
        with _compare(git) as comparison:
            entries = comparison.walk(root, bomb)
    return entries or []


def _is_first_below(bomb: str, start: str, scope: PathScope) -> bool:
    """Whether what stands at `start` is not entered, because the bomb is a folder of which only parts count (`scope`),
    or the whole tree."""
    at_top = start == f"{bomb}/" if bomb else not start
    return at_top or (scope != EVERYTHING and start.startswith(f"{bomb}/" if bomb else ""))


def _too_many() -> StateFault:
    return StateFault(
        Message(
            "a commit has or changes more than {most_paths} paths, or repeats the same folders too often",
            most_paths=MOST_PATHS,
        ),
        Message("look at its folders one by one: git ls-tree"),
    )


def _scope_in(scope: PathScope, name: str) -> PathScope | None:
    """The scope below the folder of this name; None for nothing."""
    if not scope:
        return EVERYTHING
    rest = frozenset(parts[1:] for parts in scope if parts[0] == name)
    return EVERYTHING if () in rest else rest or None


def _entry(about: str, name: bytes) -> TreeDifference:
    mode_before, mode_after, before, after, _ = about.split(" ")
    return TreeDifference(text(name), mode_before, mode_after, before, after)


def _folders_of(entry: TreeDifference) -> str | None:
    """The line that compares the folders of an entry; None for a file."""
    if FOLDER_MODE not in (entry.mode_before, entry.mode_after):
        return None
    empty = EMPTY_TREE["sha1" if len(entry.after) == 40 else "sha256"]
    before = entry.before if entry.mode_before == FOLDER_MODE else empty
    return f"{before} {entry.after if entry.mode_after == FOLDER_MODE else empty}"


@contextmanager
def _compare(git: Git) -> Iterator[_FolderComparison]:
    with git.conversation(*_COMPARE) as (requests, answers):
        yield _FolderComparison(requests, answers)


class _FolderComparison:
    """Comparisons of folders, each made once."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers
        self._levels: dict[_Pair, _FolderLevel] = {}
        self._extents: dict[_Pair, _Extent] = {}

    def walk(
        self, root: _Pair, bomb: str | None = None, *, bounded: bool = False
    ) -> list[tuple[str, TreeDifference]] | None:
        """The entries that differ, by path; the folder `bomb` is not entered. If `bounded`, None as soon as it may be a
        bomb: they are too many, too deep or too long."""
        listed: list[tuple[str, TreeDifference]] = []
        waiting = [("", root)]
        folders: set[_Pair] = set()
        levels = size = 0
        most = MOST_REPEATS
        while waiting:
            if bounded and levels == MOST_LEVELS:
                return None
            levels += 1
            answers: dict[str, list[TreeDifference]] = {}
            for count, (line, about, name) in enumerate(self.rows(pair.line for _, pair in waiting)):
                if bounded and count == MOST_REPEATS:
                    return None
                answers.setdefault(line, []).append(_entry(about, name))
            deeper: list[tuple[str, _Pair]] = []
            for start, pair in waiting:
                for entry in answers.get(pair.line, ()):
                    path, inner = start + entry.name, _scope_in(pair.scope, entry.name)
                    is_end = path == bomb or (bomb is not None and _is_first_below(bomb, start, pair.scope))
                    below = None if is_end and inner == EVERYTHING else _folders_of(entry)
                    if inner is not None and below is not None:
                        folder = _Pair(below, inner)
                        most = _FEW if folder in folders else most
                        folders.add(folder)
                        deeper.append((path + "/", folder))
                    elif inner == EVERYTHING:
                        listed.append((path, entry))
                    size += len(path)
                    if bounded and (len(listed) + len(deeper) > most or size > _LONG):
                        return None
            waiting = deeper
        return listed

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """The entries that differ, as Git prints them: the line, modes and ids, the name."""
        unique = list(dict.fromkeys(lines))
        end = os.urandom(16).hex()  # Git repeats what is no id, when it has answered everything before
        for start in range(0, len(unique), _AT_ONCE):
            asked = unique[start : start + _AT_ONCE]
            self._requests.write("".join(f"{line}\n" for line in (*asked, end)).encode("ascii"))
            self._requests.flush()
            yield from self._answers_until(f"{end}\n".encode("ascii"), asked)

    def _answers_until(self, end: bytes, asked: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
        # Git repeats the ids of two trees, and the first of other lines; it is silent if that object is not here.
        by_heading = {heading: line for line in asked for heading in (line, line.partition(" ")[0])}
        answered: set[str] = set()
        line, about, rest = "", None, b""
        while not rest.endswith(end):
            block = self._answers.read1(1 << 16)  # type: ignore[attr-defined]  # of a buffered pipe
            if not block:
                raise EOFError
            *tokens, rest = (rest + block).split(b"\0")
            for token in tokens:
                if about is not None:
                    yield line, about, token
                    about = None
                    continue
                # The id of a commit ends with NUL, the ids of two trees with a line feed; some may not differ.
                headings, colon, modes_and_ids = token.decode("ascii").partition(":")
                for heading in headings.splitlines():
                    line = by_heading[heading]
                    answered.add(line)
                about = modes_and_ids if colon else None
        answered |= {by_heading[heading] for heading in rest[: -len(end)].decode("ascii").splitlines()}
        if len(answered) < len(asked):
            raise EOFError

    def read(self, roots: Iterable[_Pair]) -> None:
        """Compare these folders and those below, a level at a time. What is too deep or too much is not read, and
        counts as endless."""
        waiting = dict.fromkeys(roots)
        most = MOST_PATHS + MOST_REPEATS * len(waiting)
        levels = 0
        while waiting and levels < MOST_LEVELS:
            levels += 1
            by_line: dict[str, list[_Pair]] = {}
            for pair in waiting:
                by_line.setdefault(pair.line, []).append(pair)
            files, lengths = dict.fromkeys(waiting, 0), dict.fromkeys(waiting, 0)
            folders: dict[_Pair, list[tuple[str, _Pair]]] = {pair: [] for pair in waiting}
            for line, about, name in self.rows(by_line):
                most -= 1
                if most < 0:
                    return
                if not about.startswith((FOLDER_MODE, f"000000 {FOLDER_MODE}")):  # most are files
                    for pair in by_line[line]:
                        if not pair.scope or _scope_in(pair.scope, text(name)) == EVERYTHING:
                            files[pair] += 1
                            lengths[pair] += len(name)
                    continue
                entry = _entry(about, name)
                below = _folders_of(entry)
                for pair in by_line[line]:
                    inner = _scope_in(pair.scope, entry.name)
                    if inner is not None and below is not None:
                        folders[pair].append((entry.name, _Pair(below, inner)))
            self._levels |= {pair: _FolderLevel(files[pair], lengths[pair], folders[pair]) for pair in waiting}
            waiting = dict.fromkeys(
                child for pair in waiting for _, child in folders[pair] if child not in self._levels
            )

    def is_bomb(self, pair: _Pair) -> bool:
        """Whether the folders differ in too many paths."""
        extent = self._extent(pair)
        if extent.paths > MOST_PATHS or extent.length > MOST_BYTES or extent.levels >= MOST_LEVELS:
            return True
        if extent.paths <= MOST_REPEATS:
            return False
        reached, waiting = {pair}, [pair]
        while waiting:
            for _, child in self._levels[waiting.pop()].folders:
                if child not in reached:
                    reached.add(child)
                    waiting.append(child)
        return extent.paths - sum(self._levels[each].files for each in reached) > MOST_REPEATS

    def locate(self, root: _Pair) -> str:
        """The folder that makes it a bomb: below it, no single folder does. Empty for the root."""
        pair = root
        path: list[str] = []
        while pair in self._levels and len(path) < _NAMED:
            heavy = [(name, child) for name, child in self._levels[pair].folders if self.is_bomb(child)]
            if len(heavy) != 1 or self._extent(pair).paths - self._extent(heavy[0][1]).paths > MOST_PATHS:
                break
            path.append(heavy[0][0])
            pair = heavy[0][1]
        return "/".join(path)

    def _extent(self, root: _Pair) -> _Extent:
        """The extent of folders, from those below: without recursion, since nobody limits how deep they are. Endless if
        one holds itself, which no hash allows, but a damaged or forged object does."""
        waiting = [root]
        entered: set[_Pair] = set()
        while waiting:
            pair = waiting[-1]
            level = self._levels.get(pair)
            if pair in self._extents or level is None:
                self._extents.setdefault(pair, _ENDLESS)
                waiting.pop()
                continue
            missing = [child for _, child in level.folders if child not in self._extents]
            entered.add(pair)
            if not entered.isdisjoint(missing):
                self._extents[pair] = _ENDLESS
                continue
            if missing:
                waiting += missing
                continue
            below = [(len(name) + 1, self._extents[child]) for name, child in level.folders]
            self._extents[pair] = _Extent(
                min(level.files + sum(extent.paths for _, extent in below), _CEILING) or 1,
                min(level.length + sum(own * extent.paths + extent.length for own, extent in below), _CEILING),
                max((extent.levels + 1 for _, extent in below), default=0),
            )
        return self._extents[root]
