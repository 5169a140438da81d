"""The history of records: when, what, who, and whether with smartreg or by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from heapq import merge
from itertools import islice
from typing import NamedTuple

from smartreg.core.values import Data, Record, RecordId
from smartreg.diff import Change, FieldChange, Unread, same
from smartreg.domain.kinds import is_convention, named_conventions
from smartreg.gitio import CONSENTS, OP, Commit, Repo
from smartreg.history.commits import RENAME, History
from smartreg.history.steps import CUT_OFF, MANUAL, MERGE, UNDO, Day, Step, Touch, steps_of
from smartreg.schema import Schemas
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

BULK = 20  # a commit with more records is one line, by default
_AT_HAND = 10_000  # maximum number of cached texts


class LogEntry(NamedTuple):
    """The change of one commit to one record, or (`rid` and `change` None) to many: `counts` gives the number of each
    kind. `op` is what smartreg recorded in the commit, or, for a `manual` commit, what the difference shows (add, set,
    remove, rename, merge). `former`: the id before a rename; the change then starts from there. `signed`: it has a
    signature, which is not checked here. `date`: when, by the author; `day`: the day of the commit (see `commit_days`).
    `on_behalf_of`: from whom the values come, as the author claims. `or_before`: a shallow clone lacks what came before
    the commit, which seems to have added everything.
    """

    commit: str
    date: datetime | None
    author: str
    email: str
    op: str
    rid: RecordId | None
    change: Change | None
    subject: str
    signed: bool
    manual: bool
    conventions: tuple[str, ...] = ()
    reason: str | None = None
    on_behalf_of: str | None = None
    counts: tuple[tuple[str, int], ...] = ()
    former: RecordId | None = None
    day: Day | None = None
    or_before: bool = False

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """The changes, field by field; empty for a commit with many records."""
        return self.change.fields() if self.change else ()


class LogOptions(NamedTuple):
    """Which entries: days of the commits (inclusive; see `commit_days`), a part of the author's name or address, an
    operation (or `manual`), a convention's id, and at most `limit` of them; up to the commit `start` (None: HEAD). A
    commit with more than `bulk` records is one entry (None: never), unless the log is about one record."""

    since: date | None = None
    until: date | None = None
    author: str | None = None
    op: str | None = None
    convention: str | None = None
    limit: int | None = None
    start: str | None = None
    bulk: int | None = BULK


def entries(past: History, schemas: Schemas, wanted: LogOptions, record: RecordId | None = None) -> Iterator[LogEntry]:
    """The entries of one record (through its renames) or of all, newest first. Records are recognised by the paths of
    their files under the present schemas; a file that moves to another folder of its kind stays the same record.
    Agreements, which change no file, are among them."""
    start = wanted.start or past.repo.head()
    if start is None:
        return iter(())
    days, places = past.days(start), past.line(start).places
    steps = [step for step in steps_of(past, schemas, record, start) if _meets(step, wanted, days)]
    changes = entries_of(past.repo, steps, schemas, wanted.bulk if record is None else None)
    agreed = [step for step in _agreements(past, start) if _meets(step, wanted, days)]
    merged = merge(changes, _agreed_entries(agreed, schemas, record), key=lambda entry: places[entry.commit])
    cut = past.repo.cut_at()
    return islice(_filter((_date(entry, days, cut) for entry in merged), wanted), wanted.limit)


def _date(entry: LogEntry, days: Mapping[str, date], cut: Collection[str]) -> LogEntry:
    """The entry with its day; where the history was cut off, without what may be true of other records alone."""
    dated = entry._replace(day=days.get(entry.commit))
    return dated._replace(**CUT_OFF) if entry.commit in cut else dated


def _agreements(past: History, start: str) -> list[Step]:
    """The commits of `smartreg agree`, newest first."""
    oids = past.repo.search_messages([f"{OP}: {op}" for op in sorted(CONSENTS)], start)
    facts = past.commits(start, oids)
    return [Step(facts[oid].commit, ()) for oid in oids if len(ops := facts[oid].commit.ops) == 1 and ops <= CONSENTS]


def _agreed_entries(steps: Iterable[Step], schemas: Schemas, record: RecordId | None) -> Iterator[LogEntry]:
    """An entry for each record, or for this one. `smartreg agree` signs: what is not signed was written by hand."""
    for step in steps:
        (op,) = step.commit.ops
        for name in dict.fromkeys(name for operation in step.commit.operations for name in operation.records):
            kind, _, id = name.partition("/")
            rid = RecordId(kind, id)
            if kind in schemas.kinds and record in (None, rid):
                entry = _entry(step, None, op)._replace(rid=rid, op=op, manual=not step.commit.signed)
                yield entry._replace(conventions=(id,) if is_convention(rid) else ())


def _is_bulk(step: Step, bulk: int | None) -> bool:
    return bulk is not None and len(step.touches) > bulk


def _meets(step: Step, wanted: LogOptions, days: Mapping[str, date]) -> bool:
    """Whether a commit matches the options that need no texts."""
    commit = step.commit
    day = days.get(commit.oid, commit.date.date() if commit.date else None)
    if day is None and (wanted.since or wanted.until):
        return False
    if day is not None and not (wanted.since or date.min) <= day <= (wanted.until or date.max):
        return False
    if wanted.author and wanted.author.casefold() not in f"{commit.author_name} <{commit.author_email}>".casefold():
        return False
    return wanted.op is None or not commit.ops or wanted.op in commit.ops


def _filter(entries: Iterable[LogEntry], wanted: LogOptions) -> Iterator[LogEntry]:
    for entry in entries:
        if wanted.op not in (None, entry.op) and not (wanted.op == MANUAL and entry.manual):
            continue
        if wanted.convention is None or wanted.convention in entry.conventions:
            yield entry


def entries_of(repo: Repo, steps: Sequence[Step], schemas: Schemas, bulk: int | None = None) -> Iterator[LogEntry]:
    """The entries of these commits. One process reads their texts as needed, in the order of the steps."""
    texts = repo.blobs((blob for step in steps for blob in _blobs(step, bulk)), READ_LIMIT)
    documents: dict[str, Data] = {}
    for step in steps:
        if _is_bulk(step, bulk):
            counts = Counter(touch.rid.kind for touch in step.touches)
            yield _entry(step, None, _infer_for_many(step), tuple(counts.items()))
            continue
        own = dict(islice(texts, len(_blobs(step, bulk))))
        changes = [_change(touch, schemas, own, documents) for touch in step.touches]
        changes = [change for change in changes if not _says_the_same(change)]
        former = _find_renames(changes, step.commit.ops)
        for change in changes:
            if change.rid in former:
                old = former[change.rid]
                whole = Change(change.rid, old.before, change.after, change.schema)
                yield _entry(step, whole, RENAME)._replace(former=old.rid)
            elif change not in former.values():
                yield _entry(step, change, _infer_operation(change, step.commit))


def _blobs(step: Step, bulk: int | None) -> list[str]:
    if _is_bulk(step, bulk):
        return []
    return [side[1] for touch in step.touches for side in (touch.before, touch.after) if side]


def _entry(step: Step, change: Change | None, shown: str, counts: tuple[tuple[str, int], ...] = ()) -> LogEntry:
    """The entry of a record, or of many; `shown`: what the difference shows, if smartreg recorded nothing."""
    commit, operation = step.commit, step.commit.operation(str(change.rid) if change else None)
    return LogEntry(
        commit=commit.oid,
        date=commit.date,
        author=commit.author_name,
        email=commit.author_email,
        op=operation.op if operation else shown,
        rid=change.rid if change else None,
        change=change,
        subject=commit.subject,
        signed=commit.signed,
        manual=operation is None,
        conventions=(operation.conventions if operation and change else step.conventions) or _conventions(change),
        reason=operation.reason if operation else None,
        on_behalf_of=operation.on_behalf_of if operation else None,
        counts=counts,
    )


def _change(touch: Touch, schemas: Schemas, texts: Mapping[str, bytes], documents: dict[str, Data]) -> Change:
    kind = schemas.kinds[touch.rid.kind]
    sides = [_side(touch.rid, side, texts, documents) for side in (touch.before, touch.after)]
    before, after = (side if isinstance(side, Record) else None for side in sides)
    unread = tuple(side if isinstance(side, Unread) else None for side in sides)
    return Change(touch.rid, before, after, kind, (unread[0], unread[1]))


def _side(
    rid: RecordId, side: tuple[str, str] | None, texts: Mapping[str, bytes], documents: dict[str, Data]
) -> Record | Unread | None:
    """A record on one side. In a history most texts are read twice, as the new and as the old side: `documents` caches
    them until then."""
    if side is None:
        return None
    file, blob = side
    data = documents.pop(blob, None)
    if data is None:
        document = read(texts[blob], file)
        if document.data is None:
            return Unread(file, document.faults)
        if len(documents) >= _AT_HAND:
            documents.clear()
        data = documents[blob] = document.data
    return Record(rid, file, data, blob)


def _says_the_same(change: Change) -> bool:
    """Whether only comments, layout or the folder changed."""
    return change.before is not None and change.after is not None and same(change.before.data, change.after.data)


def _infer_operation(change: Change, commit: Commit) -> str:
    if len(commit.parents) > 1:
        return MERGE
    if change.before is None and change.unread[0] is None:
        return "add"
    return "remove" if change.after is None and change.unread[1] is None else "set"


def _infer_for_many(step: Step) -> str:
    """The operation common to all of them, else `set`."""
    if len(step.commit.parents) > 1:
        return MERGE
    if all(touch.before is None for touch in step.touches):
        return "add"
    return "remove" if all(touch.after is None for touch in step.touches) else "set"


def _find_renames(changes: Sequence[Change], ops: frozenset[str]) -> dict[RecordId, Change]:
    """New id → old record, for records removed and added in one commit that differ only in their id; or the only pair
    of a commit in which smartreg renamed."""
    came = [change for change in changes if change.kind == "added"]
    went = [change for change in changes if change.kind == "removed"]
    if RENAME in ops and len(came) == len(went) == 1:
        return {came[0].rid: went[0]}
    renamed: dict[RecordId, Change] = {}
    for old in went if not ops or ops & {RENAME, UNDO} else ():
        twin = next((new for new in came if new.rid.kind == old.rid.kind and _twins(old.before, new.after)), None)
        if twin and twin.rid not in renamed:
            renamed[twin.rid] = old
    return renamed


def _twins(old: Record | None, new: Record | None) -> bool:
    return old is not None and new is not None and same({**old.data, "id": ""}, {**new.data, "id": ""})


def _conventions(change: Change | None) -> tuple[str, ...]:
    """The conventions that a record is or names, before and after."""
    ids: set[str] = set()
    for record in (change.before, change.after) if change else ():
        if record is None or change is None or change.schema is None:
            continue
        ids |= named_conventions(change.schema, record)
    return tuple(sorted(ids))
