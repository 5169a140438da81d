"""When each record of a kind came into each state, or got each other value of a field, by the history of Git: one pass
over it, each text read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from smartreg.gitio import Commit, Repo
from smartreg.named import NamedTuple
from smartreg.registry import FOLDER, record_at
from smartreg.schema import Kind, Schemas
from smartreg.trees import READ_LIMIT
from smartreg.values import RecordId
from smartreg.yamlio import read

RENAME = "rename"


class Turn(NamedTuple):
    """The day (the author's) of the commit by which a record came into a state, or got another value."""

    day: date
    state: str


class _Text(NamedTuple):
    """A text that a commit gave to a record; `former`: what smartreg renamed by the same commit."""

    day: date
    rid: RecordId
    blob: str
    former: RecordId | None


def states(repo: Repo, schemas: Schemas, kind: Kind, start: str) -> Mapping[str, Sequence[Turn]]:
    """Id → its turns up to the commit `start`, oldest first; only the commits that changed the state. A text that
    cannot be read, or names no state, changes nothing. StateFault where parts of the history are missing."""
    return turns(repo, schemas, kind, start, kind.lifecycle.field) if kind.lifecycle else {}


def turns(repo: Repo, schemas: Schemas, kind: Kind, start: str, field: str) -> Mapping[str, Sequence[Turn]]:
    """The same of the text that another field holds."""
    texts = list(_texts(repo, schemas, kind, start))
    found: dict[RecordId, list[Turn]] = {}
    contents = repo.blobs((text.blob for text in texts), READ_LIMIT)
    for text, (_, content) in zip(texts, contents, strict=True):
        known = found.setdefault(text.rid, list(found.get(text.former, ())) if text.former else [])
        state = _value(content, text, field)
        if state is not None and (not known or known[-1].state != state):
            known.append(Turn(text.day, state))
    return {rid.id: tuple(known) for rid, known in found.items()}


def _texts(repo: Repo, schemas: Schemas, kind: Kind, start: str) -> Iterator[_Text]:
    """What the commits wrote, oldest first; of a merge only what none of the merged sides had."""
    commits = list(repo.history((f"{FOLDER}/{kind.folder}",), start=start))
    made = {(change.path, change.after) for commit in commits if len(commit.parents) < 2 for change in commit.changes}
    for commit in reversed(commits):
        merge = len(commit.parents) > 1
        former = _former(commit, schemas)
        for change in commit.changes:
            rid = record_at(change.path, schemas)
            known = merge and (change.path, change.after) in made
            if rid is not None and rid.kind == kind.name and change.after is not None and not known:
                yield _Text(commit.date.date(), rid, change.after, former.get(rid))


def _former(commit: Commit, schemas: Schemas) -> Mapping[RecordId, RecordId]:
    """New id → the id before, where smartreg renamed."""
    if RENAME not in commit.ops:
        return {}
    came = [rid for item in commit.changes if item.before is None and (rid := record_at(item.path, schemas))]
    went = [rid for item in commit.changes if item.after is None and (rid := record_at(item.path, schemas))]
    return {came[0]: went[0]} if len(came) == len(went) == 1 else {}


def _value(content: bytes, text: _Text, field: str) -> str | None:
    data = read(content, text.rid.id).data
    value = data.get(field) if data is not None else None
    return value if isinstance(value, str) else None
