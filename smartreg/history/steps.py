"""The commits that touched records, told from Git in one pass: which files of which records before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.frozen import dataclass
from smartreg.gitio import Commit, Operation, Repo
from smartreg.named import NamedTuple
from smartreg.registry import FOLDER, record_at
from smartreg.schema import Schemas
from smartreg.values import RecordId

CORRECT, MANUAL, MERGE, RENAME, UNDO = "correct", "manual", "merge", "rename", "undo"
LIFE_OF_A_CONVENTION = ("amend", "renew", "terminate", "annex")
OPERATIONS = (
    *("init", "add", "set", "edit", CORRECT, "retire", RENAME, "remove", "import", *LIFE_OF_A_CONVENTION),
    *(UNDO, "schema", MERGE, MANUAL),
)
REGULAR = ("100644", "100755")  # not links or submodules, which are no records


class Touch(NamedTuple):
    """A record in a commit: path and blob before and after, None where it is not there."""

    rid: RecordId
    before: tuple[str, str] | None
    after: tuple[str, str] | None


@dataclass(frozen=True)
class Step:
    """A commit and the records that it touched."""

    commit: Commit
    touches: tuple[Touch, ...]

    def operation(self, rid: RecordId | None) -> Operation | None:
        """What smartreg says that it did to a record: by the last set of trailers that names it, else by the first (an
        import does not name all of its records); None where it says nothing."""
        sets = self.commit.operations
        return next((one for one in reversed(sets) if str(rid) in one.records), sets[0] if sets else None)

    @property
    def conventions(self) -> tuple[str, ...]:
        """The conventions that any set of trailers names."""
        return tuple(dict.fromkeys(name for one in self.commit.operations for name in one.conventions))


def steps_of(repo: Repo, schemas: Schemas, record: RecordId | None, start: str = "HEAD") -> list[Step]:
    """Every commit that touched a record, newest first; of merges only what none of the merged sides had."""
    steps: list[Step] = []
    merges: list[int] = []
    made: set[tuple[str, str | None]] = set()
    for step in touching(repo, schemas, record, start):
        if len(step.commit.parents) > 1:
            merges.append(len(steps))
        else:
            made.update((change.path, change.after) for change in step.commit.changes)
        steps.append(step)
    for index in merges:
        step = steps[index]
        own = {change.path for change in step.commit.changes if (change.path, change.after) not in made}
        kept = tuple(
            touch for touch in step.touches if any(side and side[0] in own for side in (touch.before, touch.after))
        )
        steps[index] = Step(step.commit, kept)
    return [step for step in steps if step.touches]


def touching(
    repo: Repo, schemas: Schemas, record: RecordId | None, start: str = "HEAD", exclude: Sequence[str] = ()
) -> Iterator[Step]:
    """Every commit that touched a record (one, through its renames, or any), newest first, children before their
    parents; merges with all that differs from their first parent. `start` is a commit id, or HEAD;
    what the commits `exclude` can reach is left out."""
    paths = (f"{FOLDER}/{schemas.kinds[record.kind].folder}",) if record else (FOLDER,)
    followed = {record} if record else None
    for commit in repo.history(paths, start=start, exclude=exclude):
        touches = _touches(commit, schemas)
        if followed is not None:
            followed |= _former(commit, touches, followed)
            touches = [touch for touch in touches if touch.rid in followed]
        if touches:
            yield Step(commit, tuple(touches))


def _touches(commit: Commit, schemas: Schemas) -> list[Touch]:
    """The records of a commit: what went and what came under one id is one record that moved."""
    sides: dict[RecordId, list[tuple[str, str] | None]] = {}
    for change in commit.changes:
        rid = record_at(change.path, schemas)
        if rid is None:
            continue
        found = sides.setdefault(rid, [None, None])
        if change.before is not None and change.mode_before in REGULAR:
            found[0] = (change.path, change.before)
        if change.after is not None and change.mode_after in REGULAR:
            found[1] = (change.path, change.after)
    return [Touch(rid, before, after) for rid, (before, after) in sorted(sides.items()) if _differ(before, after)]


def _differ(before: tuple[str, str] | None, after: tuple[str, str] | None) -> bool:
    """Not the same text in another folder or with another mode, and not absent on both sides."""
    return (before and before[1]) != (after and after[1])


def _former(commit: Commit, touches: Sequence[Touch], followed: set[RecordId]) -> set[RecordId]:
    """The id that a followed record had before smartreg renamed it here."""
    if RENAME not in commit.ops:
        return set()
    came = {touch.rid for touch in touches if touch.before is None}
    went = {touch.rid for touch in touches if touch.after is None}
    return went if len(came) == len(went) == 1 and came <= followed else set()
