"""The history as commits with their file changes: one pass of `git log` for any number of files.

GitPython reads the people and their clocks; Git itself does the walking. GitPython's own readers would start a process
per commit for its changes or trailers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby, islice, takewhile
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.gitio.bombs import PathScope, find_bombs, find_differing, list_entries, scope_of
from smartreg.gitio.message import Operation, read_operations, read_trailers
from smartreg.gitio.runner import NOT_STARTED, Git, GitFailed, text

_FORMAT = (
    *("--format=raw", "--no-ext-diff", "--no-textconv", "--no-color", "--no-notes", "--no-decorate"),
    *("--no-show-signature", "--no-mailmap", "--encoding=UTF-8", "-O/dev/null"),
)
_LOG = (
    *("log", "-z", "--raw", "--no-abbrev", "--no-renames", "--topo-order", "--relative", *_FORMAT),
    # Without it, Git leaves out what a side branch did and reverted before it was merged.
    *("--full-history", "--diff-merges=first-parent", "--ignore-submodules=none"),
)
_BARE = ("log", "-z", "--no-patch", "--no-walk=unsorted", *_FORMAT)
# For listed commits: merges against each of their parents in turn.
_LISTED = (
    *("diff-tree", "--stdin", "--always", "--root", "-m", "-r", "-z", "--raw", "--format=raw", "--no-abbrev"),
    *("--no-renames", "--relative", "--ignore-submodules=none", "--no-notes", "--encoding=UTF-8", "-O/dev/null"),
)
_AT_ONCE = 512  # commits whose trees are looked at before their changes are read


class FileChange(NamedTuple):
    """A path in a commit: blob id and mode before and after; None if the file is absent."""

    path: str
    before: str | None
    after: str | None
    mode_before: str | None
    mode_after: str | None


class Commit(NamedTuple):
    """One commit. `date` is the author's, `committed` the committer's, each in their own time zone; None if the commit
    does not say it in a way that can be read, and then the name or the address may be empty.

    `body` is the text between subject and trailers; `operations`: smartreg's operations according to its trailers, none
    for a merge. `signed`: it has a signature, which is not checked. `changes` are those against the first parent; only
    `read_listed` determines which changes of a merge are its `own`: those in which it differs from every parent.
    """

    oid: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    date: datetime | None
    committed: datetime | None
    subject: str
    body: str
    trailers: tuple[tuple[str, str], ...]
    operations: tuple[Operation, ...]
    signed: bool
    changes: tuple[FileChange, ...]
    own: frozenset[str] = frozenset()

    @property
    def on_behalf_of(self) -> tuple[str, ...]:
        """From whom the values come, as the author claims."""
        return tuple(dict.fromkeys(each.on_behalf_of for each in self.operations if each.on_behalf_of))

    @property
    def ops(self) -> frozenset[str]:
        """The operations of smartreg in it; empty if it was made by hand."""
        return frozenset(operation.op for operation in self.operations)

    def operation(self, record: str | None) -> Operation | None:
        """The operation of smartreg on a record (`kind/id`), according to the last set of trailers that names it, else
        the first (an import does not name all of its records); None if the trailers do not say."""
        sets = self.operations
        return next(
            (operation for operation in reversed(sets) if record in operation.records), sets[0] if sets else None
        )

    def did(self, op: str, record: str) -> bool:
        """Whether the trailers say that smartreg did this to the record (`kind/id`); a set that names none applies to
        all."""
        sets = [operation for operation in self.operations if operation.op == op]
        return any(not operation.records or operation.speaks_of(record) for operation in sets)

    def reason_of(self, op: str, record: str) -> str:
        """The reason for the operation on the record: from the trailers, else the subject."""
        sets = [
            operation
            for operation in self.operations
            if operation.op == op and (not operation.records or operation.speaks_of(record))
        ]
        return next((operation.reason for operation in reversed(sets) if operation.reason), self.subject)


def read(git: Git, start: str, exclude: Sequence[str], paths: Sequence[str], prefix: str) -> Iterator[Commit]:
    """The commits reachable from `start`, but not from `exclude`, that changed something under `paths`, newest first.
    Paths are relative to the folder of `git`, which is `prefix` from the top."""
    rows = _ids_touching(git, start, exclude, paths, prefix)
    size = 8  # often only the first few are needed
    while oids := list(islice(rows, size)):
        yield from read_these(git, oids, paths, prefix)
        size = min(size * 4, _AT_ONCE)


def read_headings(git: Git, start: str, paths: Sequence[str], prefix: str, most: int) -> list[Commit]:
    """The newest of the commits that `read` returns, without their changes: one that brought in a hundred thousand
    files has as many."""
    oids = list(islice(_ids_touching(git, start, (), paths, prefix), most))
    return list(_commits(_tokens(git.stream(*_BARE, "--stdin", given=_given(oids))))) if oids else []


def read_touching(git: Git, start: str, exclude: Sequence[str], paths: Sequence[str], prefix: str) -> list[str]:
    """The ids of the commits that `read` returns, in that order."""
    return list(_ids_touching(git, start, exclude, paths, prefix))


def _ids_touching(git: Git, start: str, exclude: Sequence[str], paths: Sequence[str], prefix: str) -> Iterator[str]:
    """The ids of the commits that changed something under `paths`. Git enters the folders there: it gives up at one
    that is too deep or holds itself, and is silent for ever where millions of them hold nothing. Then they are compared
    without that."""
    words = ("log", "--topo-order", "--full-history", "--no-show-signature", "--no-color")
    commits = (start, *(f"^{oid}" for oid in exclude), "--")
    found = 0
    try:
        for oid in _lines(git.stream(*words, "--format=%H", *commits, *paths, impatient=True)):
            yield oid
            found += 1
    except GitFailed:
        rows = [line.split(" ") for line in _lines(git.stream(*words, "--format=%H %P", *commits))]
        yield from islice(_touching_alone(git, rows, scope_of(prefix, paths)), found, None)


def _touching_alone(git: Git, rows: Sequence[Sequence[str]], scope: PathScope) -> Iterator[str]:
    """The commits of these, each with its parents, that differ from all of their parents."""
    for at in range(0, len(rows), _AT_ONCE):
        lines = {
            oid: [f"{oid} {parent}" for parent in parents if parent] or [oid]
            for oid, *parents in rows[at : at + _AT_ONCE]
        }
        differing = find_differing(git, [line for some in lines.values() for line in some], scope)
        yield from (oid for oid, some in lines.items() if differing.issuperset(some))


def _lines(blocks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from (line.decode("ascii") for line in whole)


def read_listed(git: Git, oids: Sequence[str], paths: Sequence[str], prefix: str) -> Iterator[Commit]:
    """The commits with these ids, in order, each with its changes under `paths`."""

    def listed(some: Sequence[str]) -> Iterator[Commit]:
        blocks = git.stream(*_LISTED, "--", *paths, given=_given(some))
        for _, sides in groupby(_blocks(_tokens(blocks)), lambda block: _ids(block[0])[1]):
            yield _against_parents(list(sides))

    return _with_bombs(git, oids, scope_of(prefix, paths), prefix, listed)


def read_these(git: Git, oids: Sequence[str], paths: Sequence[str], prefix: str) -> Iterator[Commit]:
    """These of the commits that `read` returns, in order."""

    def logged(some: Sequence[str]) -> Iterator[Commit]:
        words = (*_LOG, "--no-walk=unsorted", "--stdin", "--", *paths)
        return _commits(_tokens(git.stream(*words, given=_given(some))))

    return _with_bombs(git, oids, scope_of(prefix, paths), prefix, logged)


def _given(oids: Sequence[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode("ascii")


def _with_bombs(
    git: Git, oids: Sequence[str], scope: PathScope, prefix: str, ordinary: Callable[[Sequence[str]], Iterator[Commit]]
) -> Iterator[Commit]:
    """These commits in order; `ordinary` reads those that change no folder with too many paths."""
    for start in range(0, len(oids), _AT_ONCE):
        some = oids[start : start + _AT_ONCE]
        bombs = find_bombs(git, some, scope)
        others = ordinary([oid for oid in some if oid not in bombs]) if len(bombs) < len(some) else iter(())
        for oid in some:
            if oid not in bombs:
                yield next(others)
                continue
            commit = next(_commits(iter(git.read(*_BARE, oid, "--").split(b"\0"))))
            lines = [f"{oid} {parent}" for parent in commit.parents] or [oid]
            sides = [list_changes(git, line, scope, prefix) for line in lines]
            own = frozenset.intersection(*(frozenset(change.path for change in side) for side in sides))
            yield commit._replace(changes=tuple(sides[0]), own=own if len(sides) > 1 else frozenset())


def list_changes(git: Git, line: str, scope: PathScope, prefix: str) -> list[FileChange]:
    """The files in which the two trees of a line of `find_bombs` differ, sorted; a folder in which too many differ is
    one of them."""
    return [
        _file_change(path.removeprefix(prefix), entry.mode_before, entry.mode_after, entry.before, entry.after)
        for path, entry in sorted(list_entries(git, line, scope))
    ]


def _against_parents(sides: Sequence[tuple[bytes, list[FileChange]]]) -> Commit:
    """One commit, from Git's output against each parent; there is none for a parent from which it does not differ."""
    commit = _commit(*sides[0])
    if len(commit.parents) < 2:
        return commit
    if len(_ids(sides[0][0])) == 2:  # no output for its parents: this clone has none of them
        return commit._replace(own=frozenset(change.path for change in commit.changes))
    by_parent = {_ids(heading)[-1].strip(b"()").decode("ascii"): changes for heading, changes in sides}
    each = [by_parent.get(parent, []) for parent in commit.parents]
    own = frozenset.intersection(*(frozenset(change.path for change in changes) for changes in each))
    return commit._replace(changes=tuple(each[0]), own=own)


def _ids(heading: bytes) -> list[bytes]:
    """The words of `commit ID`, or of `commit ID (from PARENT)`."""
    return heading.partition(b"\n")[0].split(b" ")


def read_one(git: Git, oid: str, prefix: str) -> Commit:
    """The commit `oid`. Raises UsageFault if there is no such commit."""
    try:
        return next(read_these(git, (oid,), (), prefix))
    except GitFailed:
        if git.line("cat-file", "-t", oid) == "commit":  # it exists, but Git could not read it
            raise
        raise UsageFault(Message("{oid} names no commit", oid=oid)) from None


def read_changes(out: bytes) -> list[FileChange]:
    """Read `git diff-tree -z --raw`, or `diff-index`: for a file that is not in Git yet, the blob is zeros."""
    tokens = iter(out.split(b"\0")[:-1])
    return [_change(token.lstrip(b":"), next(tokens)) for token in tokens]


def _tokens(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    yield rest


def _commits(tokens: Iterator[bytes]) -> Iterator[Commit]:
    return (_commit(*block) for block in _blocks(tokens))


def _blocks(tokens: Iterator[bytes]) -> Iterator[tuple[bytes, list[FileChange]]]:
    """Read `git log -z --raw --format=raw`. One token holds a commit and its first change line, the next that change's
    path, then change lines and paths in turn; an empty token ends the commit."""
    heading = b""
    changes: list[FileChange] = []
    for token in tokens:
        if token.startswith(b"commit "):
            if heading:
                yield heading, changes
            heading, token = _split_changes(token)
            changes = []
        if token:
            changes.append(_change(token.lstrip(b":"), next(tokens)))
    if heading:
        yield heading, changes


def _split_changes(token: bytes) -> tuple[bytes, bytes]:
    """A commit, and its first change line. Lines of its message begin with blanks, headers may begin with anything."""
    end = max(token.find(b"\n\n"), 0)
    heading, _, change = token[end:].partition(b"\n:")
    return token[:end] + heading, change


def _change(about: bytes, path: bytes) -> FileChange:
    mode_before, mode_after, before, after, _ = about.decode("ascii").split(" ")
    return _file_change(text(path), mode_before, mode_after, before, after)


def _file_change(path: str, mode_before: str, mode_after: str, before: str, after: str) -> FileChange:
    was, is_ = mode_before != "000000", mode_after != "000000"
    return FileChange(
        path,
        before if was else None,
        after if is_ else None,
        mode_before if was else None,
        mode_after if is_ else None,
    )


class Person(NamedTuple):
    """The author or committer of a commit, or the tagger of a tag. Empty where there is no such line; no date where it
    cannot be read."""

    name: str
    email: str
    date: datetime | None


_SIGNED_ON = re.compile(r" ([0-9]{1,11}) ([+-][0-9]{4})$")
_DAY = 86_400  # seconds: no time zone is as far from UTC


def read_person(line: str) -> Person:
    """Read `Name <address> SECONDS ZONE`."""
    try:
        from git.objects.util import from_timestamp, parse_actor_and_date
    except ImportError as fault:  # GitPython runs `git version` on import
        raise GitFailed(NOT_STARTED, "`git version` does not answer") from fault

    if not line:
        return Person("", "", None)
    dated = _SIGNED_ON.search(line)
    actor, seconds, offset = parse_actor_and_date(f"author {line[: dated.start()] if dated else line} 0 +0000")
    moment = None
    if dated is not None:
        _, seconds, offset = parse_actor_and_date(f"author {line}")
        with suppress(ValueError, OverflowError, OSError):
            moment = from_timestamp(seconds, offset) if abs(offset) < _DAY else None
    return Person(actor.name or "", actor.email or "", moment)


def _commit(heading: bytes, changes: list[FileChange]) -> Commit:
    about, _, indented = heading.partition(b"\n\n")
    lines = about.decode("utf-8", "replace").split("\n")
    headers = {key: value for key, _, value in (line.partition(" ") for line in reversed(lines))}  # the first counts
    author, committer = read_person(headers.get("author", "")), read_person(headers.get("committer", ""))
    message = "\n".join(line[4:] for line in indented.decode("utf-8", "replace").split("\n")).rstrip("\n")
    text, trailers = read_trailers(message.lstrip("\n"))
    # Only those that directly follow the tree: Git takes no other line for a parent.
    parents = tuple(line[7:] for line in takewhile(lambda line: line.startswith("parent "), lines[2:]))
    subject, _, body = text.partition("\n\n")
    return Commit(
        oid=headers["commit"].partition(" ")[0],
        parents=parents,
        author_name=author.name,
        author_email=author.email,
        date=author.date,
        committed=committer.date,
        subject=" ".join(subject.split("\n")),
        body=body.strip("\n"),
        trailers=trailers,
        operations=read_operations(message) if len(parents) < 2 else (),
        signed="gpgsig" in headers or "gpgsig-sha256" in headers,
        changes=tuple(changes),
    )
