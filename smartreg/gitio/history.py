"""The history as commits with their file changes: one pass of `git log` for any number of files.

GitPython reads the people and their clocks; Git itself does the walking. GitPython's own readers would start a process
per commit for its changes or trailers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from smartreg.core.errors import UsageFault
from smartreg.core.values import Words
from smartreg.gitio.message import Operation, read_operations, read_trailers
from smartreg.gitio.runner import NOT_STARTED, Git, GitFailed, text

_LOG = (
    *("log", "-z", "--raw", "--format=raw", "--no-abbrev", "--no-renames", "--topo-order", "--relative"),
    # Without it, Git leaves out what a side branch did and reverted before it was merged.
    "--full-history",
    *("--diff-merges=first-parent", "--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "--no-color"),
    *("--no-notes", "--no-decorate", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8", "-O/dev/null"),
)
# For listed commits: merges against each of their parents in turn.
_LISTED = (
    *("diff-tree", "--stdin", "--always", "--root", "-m", "-r", "-z", "--raw", "--format=raw", "--no-abbrev"),
    *("--no-renames", "--relative", "--ignore-submodules=none", "--no-notes", "--encoding=UTF-8", "-O/dev/null"),
)


class FileChange(NamedTuple):
    """A path in a commit: blob id and mode before and after; None if the file is absent."""

    path: str
    before: str | None
    after: str | None
    mode_before: str | None
    mode_after: str | None


class Commit(NamedTuple):
    """One commit. `date` is the author's, `committed` the committer's, each in their own time zone.

    `body` is the text between subject and trailers; `operations`: smartreg's operations according to its trailers, none
    for a merge. `signed`: it has a signature, which is not checked. `changes` are those against the first parent; only
    `read_listed` determines which changes of a merge are its `own`: those in which it differs from every parent.
    """

    oid: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    date: datetime
    committed: datetime
    subject: str
    body: str
    trailers: tuple[tuple[str, str], ...]
    operations: tuple[Operation, ...]
    signed: bool
    changes: tuple[FileChange, ...]
    own: frozenset[str] = frozenset()

    @property
    def ops(self) -> frozenset[str]:
        """What smartreg did in it; empty if it was made by hand."""
        return frozenset(operation.op for operation in self.operations)

    def operation(self, record: str | None) -> Operation | None:
        """What smartreg did to a record (`kind/id`), according to the last set of trailers that names it, else the
        first (an import does not name all of its records); None if the trailers do not say."""
        sets = self.operations
        return next((one for one in reversed(sets) if record in one.records), sets[0] if sets else None)

    def did(self, op: str, record: str) -> bool:
        """Whether the trailers say that smartreg did this to the record (`kind/id`); a set that names none applies to
        all."""
        sets = [operation for operation in self.operations if operation.op == op]
        return any(not operation.records or operation.speaks_of(record) for operation in sets)

    def reason_of(self, op: str, record: str) -> str:
        """The reason for the operation on the record: from the trailers, else the subject."""
        sets = [one for one in self.operations if one.op == op and (not one.records or one.speaks_of(record))]
        return next((one.reason for one in reversed(sets) if one.reason), self.subject)


def read(git: Git, start: str, exclude: Sequence[str], paths: Sequence[str]) -> Iterator[Commit]:
    """The commits reachable from `start`, but not from `exclude`, that changed something under `paths`, newest
    first."""
    blocks = git.stream(*_LOG, start, *(f"^{oid}" for oid in exclude), "--", *paths)
    yield from _commits(_tokens(blocks))


def read_listed(git: Git, oids: Sequence[str], paths: Sequence[str]) -> Iterator[Commit]:
    """The commits with these ids, in order, each with its changes under `paths`."""
    blocks = git.stream(*_LISTED, "--", *paths, given="".join(f"{oid}\n" for oid in oids).encode("ascii"))
    for _, sides in groupby(_blocks(_tokens(blocks)), lambda block: _ids(block[0])[1]):
        yield _against_parents(list(sides))


def read_touching(git: Git, start: str, exclude: Sequence[str], paths: Sequence[str]) -> list[str]:
    """The ids of the commits that `read` returns, in that order."""
    words = ("log", "--topo-order", "--full-history", "--no-show-signature", "--no-color", "--format=%H")
    return git.read(*words, start, *(f"^{oid}" for oid in exclude), "--", *paths).decode("ascii").split()


def read_these(git: Git, oids: Sequence[str], paths: Sequence[str]) -> Iterator[Commit]:
    """These of the commits that `read` returns, in order."""
    given = "".join(f"{oid}\n" for oid in oids).encode("ascii")
    return _commits(_tokens(git.stream(*_LOG, "--no-walk=unsorted", "--stdin", "--", *paths, given=given)))


def _against_parents(sides: Sequence[tuple[bytes, list[FileChange]]]) -> Commit:
    """One commit, from Git's output against each parent; there is none for a parent from which it does not differ."""
    found = _commit(*sides[0])
    if len(found.parents) < 2:
        return found
    if len(_ids(sides[0][0])) == 2:  # no output for its parents: this clone has none of them
        return found._replace(own=frozenset(change.path for change in found.changes))
    by_parent = {_ids(heading)[-1].strip(b"()").decode("ascii"): changes for heading, changes in sides}
    each = [by_parent.get(parent, []) for parent in found.parents]
    own = frozenset.intersection(*(frozenset(change.path for change in changes) for changes in each))
    return found._replace(changes=tuple(each[0]), own=own)


def _ids(heading: bytes) -> list[bytes]:
    """The words of `commit ID`, or of `commit ID (from PARENT)`."""
    return heading.partition(b"\n")[0].split(b" ")


def read_one(git: Git, oid: str) -> Commit:
    """The commit `oid`. Raises UsageFault if there is no such commit."""
    try:
        out = git.read(*_LOG, "--no-walk", oid, "--")
    except GitFailed:
        if git.line("cat-file", "-t", oid) == "commit":  # it exists, but Git could not read it
            raise
        raise UsageFault(Words(en=f"{oid} names no commit", fr=f"{oid} ne désigne aucun commit")) from None
    return next(_commits(iter(out.split(b"\0"))))


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
            heading, _, token = token.partition(b"\n:")
            changes = []
        if token:
            changes.append(_change(token.lstrip(b":"), next(tokens)))
    if heading:
        yield heading, changes


def _change(about: bytes, path: bytes) -> FileChange:
    mode_before, mode_after, before, after, _ = about.decode("ascii").split(" ")
    was, is_ = mode_before != "000000", mode_after != "000000"
    return FileChange(
        text(path),
        before if was else None,
        after if is_ else None,
        mode_before if was else None,
        mode_after if is_ else None,
    )


def _commit(heading: bytes, changes: list[FileChange]) -> Commit:
    try:
        from git.objects.util import from_timestamp, parse_actor_and_date
    except ImportError as fault:  # GitPython runs `git version` on import
        raise GitFailed(NOT_STARTED, "`git version` does not answer") from fault

    about, _, indented = heading.partition(b"\n\n")
    headers: dict[str, list[str]] = {}
    for line in about.decode("utf-8", "replace").split("\n"):
        key, _, value = line.partition(" ")
        headers.setdefault(key, []).append(value)
    author, authored, offset = parse_actor_and_date("author " + headers["author"][0])
    _, committed, committer_offset = parse_actor_and_date("committer " + headers["committer"][0])
    message = "\n".join(line[4:] for line in indented.decode("utf-8", "replace").split("\n")).rstrip("\n")
    text, trailers = read_trailers(message.lstrip("\n"))
    parents = tuple(headers.get("parent", ()))
    subject, _, body = text.partition("\n\n")
    return Commit(
        oid=headers["commit"][0].partition(" ")[0],
        parents=parents,
        author_name=author.name or "",
        author_email=author.email or "",
        date=from_timestamp(authored, offset),
        committed=from_timestamp(committed, committer_offset),
        subject=" ".join(subject.split("\n")),
        body=body.strip("\n"),
        trailers=trailers,
        operations=read_operations(message) if len(parents) < 2 else (),
        signed="gpgsig" in headers or "gpgsig-sha256" in headers,
        changes=tuple(changes),
    )
