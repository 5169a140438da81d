"""Where an export comes from: registry, commit, reference date, rules; and when each record came and last changed.

A record of the registry as it was at some moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Record, RecordId, short_id
from smartreg.gitio import blob_id
from smartreg.history import History, Step, steps_touching
from smartreg.registry import Registry, record_at
from smartreg.rules import all_rules
from smartreg.schema import Schemas
from smartreg.trees import CommitTree, Tree, differing_paths
from smartreg.workspace.workspace import Workspace, record_of


def source_of(workspace: Workspace, registry: Registry) -> dict[str, Json]:
    """The origin of an export: name of the registry, commit, reference date (the commit's day), a digest of schemas,
    settings and rules."""
    commit = commit_shown(workspace, registry.tree)
    day = workspace.history.days(commit).get(commit) if commit else None
    return {
        "registry": registry.config.name,
        "commit": commit,
        "reference_date": day.isoformat() if day else None,
        "rules": rules_digest(registry),
    }


def rules_digest(registry: Registry) -> str:
    """A digest of the schemas, settings and rules by which the registry is judged: of what they say, not of their
    bytes, since a clone may have other line ends."""
    settings = json.dumps(repr(replace(registry.config, digest="")))
    rules = json.dumps(list(all_rules(*registry.config.plugins)))
    return hashlib.sha256(f"[{registry.schemas.text}, {settings}, {rules}]".encode()).hexdigest()


def commit_shown(workspace: Workspace, tree: Tree) -> str | None:
    """The commit whose files are those of the tree: its own, or HEAD where nothing differs from it, not even a file
    that Git ignores."""
    repo = workspace.repo
    head = None if repo is None or tree.commit else repo.head()
    if repo is None or head is None:
        return tree.commit
    committed, files = CommitTree(repo, head, workspace.index).files(), tree.files()
    paths = differing_paths(committed, files)
    if any((path in committed) != (path in files) for path in paths):
        return None
    unsure = sorted(
        path for path in paths if path in files and files[path].blob != committed[path].blob and not files[path].special
    )
    if any(files[path].blob for path in unsure):
        return None
    same = all(blob_id(content, tree.object_format) == committed[path].blob for path, content in tree.read_many(unsure))
    return head if same else None


@dataclass(frozen=True)
class RecordDays:
    """When the files of records came and last changed, by the history up to `commit`, or else HEAD: the days of the
    commits (see `commit_days`). The history is asked when the first record is; in a clone that lacks part of it,
    nothing is known."""

    past: History | None
    schemas: Schemas
    commit: str | None

    def modified(self, record: Record) -> str | None:
        """The day of the commit that last changed the file of a record; None where its text is no longer that of the
        commit."""
        fitting = [day for day, blob in self._last.get(record.file, ()) if self.commit or blob == record.blob]
        return fitting[0] if fitting else None

    def created(self, record: Record) -> str | None:
        """The day of the commit that brought the file of a record."""
        return self._load[0].get(record.file)

    @cached_property
    def _start(self) -> str | None:
        """The commit that it is about; None where no whole history leads to one."""
        repo = self.past.repo if self.past else None
        return None if repo is None or repo.is_shallow() else self.commit or repo.head()

    @property
    def _last(self) -> Mapping[str, Sequence[tuple[str, str | None]]]:
        return self._load[1]

    @cached_property
    def _load(self) -> tuple[Mapping[str, str], Mapping[str, Sequence[tuple[str, str | None]]]]:
        """Per file the day of the first commit; then day and blob of the last commit that changed it, then of the last
        merge that has it as no parent does."""
        if self.past is None or self._start is None:
            return {}, {}
        first: dict[str, str] = {}
        plain: dict[str, tuple[str, str | None]] = {}
        merged: dict[str, tuple[str, str | None]] = {}
        commits, days = self.past.commits(self._start), self.past.days(self._start)
        for version in self.past.versions(self._start):
            commit_day = days.get(version.commit)
            if commit_day is None:
                continue
            day = first[version.path] = commit_day.isoformat()
            if version.own:
                last = merged if len(commits[version.commit].commit.parents) > 1 else plain
                last.setdefault(version.path, (day, version.after))
        both = {path: [last[path] for last in (plain, merged) if path in last] for path in {**plain, **merged}}
        return first, both


def find_record(workspace: Workspace, registry: Registry, word: str, at: str | None) -> Record:
    """The record that people call `word`; UsageFault tells also of which moment there is none, or since when."""
    try:
        return record_of(registry, word)
    except UsageFault as fault:
        if at is not None:
            message = Message("{message} at {at}", message=fault.message, at=at)
            raise UsageFault(message, fault.hint) from None
        gone = past_record(workspace, word) if workspace.repo else None
        if gone is None or any(touch.after for touch in gone[1].touches):  # it is gone, but no commit says so yet
            raise
        rid, step = gone
        raise UsageFault(fault.message, _end_of(workspace, rid, step)) from None


def past_record(workspace: Workspace, word: str) -> tuple[RecordId, Step] | None:
    """A record of the past by `kind/id`, by its path, or by an id that only one kind ever had; and the last commit that
    touched it."""
    schemas, start = workspace.current.schemas, workspace.git.head()
    if start is None:
        return None
    head, _, tail = word.rpartition("/")
    if head in schemas.names:
        candidates = [RecordId(schemas.names[head], tail)]
    elif (rid := record_at(word, schemas)) is not None:
        candidates = [rid]
    else:
        candidates = [RecordId(kind, word) for kind in schemas.kinds]
    last = ((rid, next(steps_touching(workspace.history, schemas, rid, start), None)) for rid in candidates)
    touched = [(rid, step) for rid, step in last if step is not None]
    return touched[0] if len(touched) == 1 else None


def _end_of(workspace: Workspace, rid: RecordId, step: Step) -> Text:
    """Since when there is no such record, and how to see what became of it."""
    commit, day = short_id(step.commit.oid), workspace.git.commit_day(step.commit.oid)
    return Message("it was there until {day} ({commit}): smartreg log {rid}", day=day, commit=commit, rid=rid)
