"""The evidence of a dossier, taken from Git: the commits up to a seal, and of the files in question each state that a
commit gave them, with the trees that lead to it. Whoever has it can check with Git alone what a file was at a commit;
what it was at commits that are not listed, the trees of other commits would have to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smartreg.core.values import RecordId
from smartreg.gitio import CONSENTS, OP, Commit, Repo
from smartreg.history.steps import Step, steps_along, steps_of_commits
from smartreg.schema import Schemas


class FileState(NamedTuple):
    """The blob (or tree) at a path, from the top of the repository, in a commit; None if there is nothing."""

    commit: str
    oid: str | None
    path: str


class Period(NamedTuple):
    """Days of commits, both inclusive; None: no limit."""

    since: date | None = None
    until: date | None = None

    def holds(self, day: date | None) -> bool:
        return day is None or (self.since or date.min) <= day <= (self.until or date.max)


ALWAYS = Period()


def steps_of_record(
    repo: Repo, schemas: Schemas, files: Sequence[str], head: str, period: Period, days: Mapping[str, date]
) -> list[Step]:
    """The commits that touched the record in these files in a period, newest first, and the last before, which tells
    its state when the period began. `days`: of each commit."""
    steps = steps_along(repo, schemas, files, head)
    inside = [step for step in steps if period.holds(days.get(step.commit.oid))]
    earlier = [step for step in steps if period.since and days.get(step.commit.oid, date.max) < period.since]
    return [*inside, *earlier[:1]]


def steps_in(repo: Repo, schemas: Schemas, head: str, period: Period, days: Mapping[str, date]) -> list[Step]:
    """The commits that touched any record in a period, newest first."""
    return list(steps_of_commits(repo, schemas, [oid for oid in repo.parents(head) if period.holds(days.get(oid))]))


def states_of(steps: Iterable[Step], prefix: str) -> Iterator[FileState]:
    """The states that these commits gave to the files of records. `prefix`: the root of the registry."""
    for step in steps:
        for touch in step.touches:
            if touch.after is not None:
                yield FileState(step.commit.oid, touch.after[1], prefix + touch.after[0])
            if touch.before is not None and (touch.after is None or touch.after[0] != touch.before[0]):
                yield FileState(step.commit.oid, None, prefix + touch.before[0])


def states_at(repo: Repo, commits: Sequence[str], paths: Sequence[str]) -> list[FileState]:
    """The state of each path at each commit."""
    asked = [(commit, path) for commit in commits for path in paths]
    ids = object_ids(repo, [f"{commit}:{path}" for commit, path in asked])
    return [FileState(commit, oid, path) for (commit, path), oid in zip(asked, ids, strict=True)]


def object_ids(repo: Repo, names: Sequence[str]) -> list[str | None]:
    """The id of each object that Git calls by these names; None where there is none."""
    given = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    out = b"".join(repo.git.stream("cat-file", "--batch-check=%(objectname) %(objecttype)", given=given))
    rows = [row.rsplit(b" ", 1) for row in out.split(b"\n")[:-1]]
    return [oid.decode("ascii") if kind in (b"blob", b"tree") else None for oid, kind in rows]


def objects_for(repo: Repo, head: str, states: Sequence[FileState]) -> dict[str, str]:
    """The objects that prove these states, with a path for each: every commit up to `head`, and for each state the
    trees that lead to its path, and what is there."""
    trees = {
        f"{state.commit}:{folder}": folder
        for state in states
        for folder in ("", *map(str, list(PurePosixPath(state.path).parents)[:-1]))
    }
    found = {oid: path for oid, path in zip(object_ids(repo, [*trees]), trees.values(), strict=True) if oid}
    commits = dict.fromkeys(repo.parents(head), "")
    return commits | found | {state.oid: state.path for state in states if state.oid is not None}


def write_pack(repo: Repo, objects: Mapping[str, str] | None, head: str, file: Path) -> None:
    """Write a pack of these objects (None: everything that `head` reaches). One thread, and deltas made anew, so the
    same objects give the same bytes with the same Git."""
    fixed = ("-c", "pack.threads=1", "-c", "pack.compression=6", "-c", "pack.window=10", "-c", "pack.depth=50")
    options = ("pack-objects", "--stdout", "--quiet", "--no-reuse-delta", "--no-reuse-object", "--delta-base-offset")
    rows = [head] if objects is None else sorted(f"{oid} {path}" for oid, path in objects.items())
    given = "".join(f"{row}\n" for row in rows).encode("utf-8", "surrogateescape")
    with file.open("wb") as out:
        for block in repo.git.stream(*fixed, *options, *(("--revs",) if objects is None else ()), given=given):
            out.write(block)


def whole_history(repo: Repo, head: str) -> set[str]:
    """The ids of everything that `head` reaches."""
    return set(repo.git.read("rev-list", "--objects", "--no-object-names", head, "--").decode("ascii").split())


def pack_ids(repo: Repo, pack: Path, folder: Path) -> set[str]:
    """The ids of the objects in a pack, which Git computes from their content. `folder`: an empty one, for its index.
    Raises StateFault if Git cannot read the pack."""
    linked = folder / "objects.pack"
    linked.symlink_to(pack.absolute())
    index = folder / "objects.idx"
    repo.git.read("index-pack", f"--object-format={repo.object_format()}", "-o", str(index), str(linked))
    rows = b"".join(repo.git.stream("show-index", f"--object-format={repo.object_format()}", given=index.read_bytes()))
    return {row.split()[1].decode("ascii") for row in rows.splitlines()}


def agreements_of(repo: Repo, head: str, records: Mapping[RecordId, object] | None) -> list[Commit]:
    """The signed commits by which parties agreed to changes of these records (None: of any), or withdrew that, oldest
    first."""
    oids = repo.search_messages([f"{OP}: {op}" for op in sorted(CONSENTS)], head)
    names = None if records is None else {str(rid) for rid in records}
    return [
        commit
        for commit in reversed(list(repo.read_commits(oids)))
        if commit.signed
        and len(commit.ops) == 1
        and commit.ops <= CONSENTS
        and (names is None or any(names & {*operation.records} for operation in commit.operations))
    ]
