"""`status`: record counts, uncommitted changes, the last commits, and findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from smartreg.core.findings import count_by_severity
from smartreg.core.messages import Text
from smartreg.diff import Change, diff
from smartreg.domain.deadlines import Deadline, ending_soon
from smartreg.domain.kinds import CONVENTION
from smartreg.domain.titles import next_notice, title_on
from smartreg.gitio import Commit, work_under_way
from smartreg.registry import Registry
from smartreg.trees import WorkingTree
from smartreg.workspace.workspace import Workspace

RECENT = 5


class Notice(NamedTuple):
    """The last day on which notice against the tacit renewal of a convention may be given, and when it ends then."""

    convention: str
    by: date
    end: date


@dataclass(frozen=True)
class RegistryStatus:
    """Records per kind, uncommitted changes of records, the last commits, findings by severity, and what Git is in the
    middle of (a merge, a rebase); `conflicts`: the files for which it waits; `notices`: by which days
    notice must be given, the next one first; `ends`: the conventions that end, and the removals that are due, within
    the notice period. `files`: all other uncommitted files of the registry, such as settings and schemas."""

    name: str
    branch: str | None
    head: str | None
    counts: Mapping[str, int]
    changes: tuple[Change, ...]
    recent: tuple[Commit, ...]
    findings: Mapping[str, int]
    under_way: Text | None
    conflicts: tuple[str, ...]
    notices: tuple[Notice, ...]
    ends: tuple[Deadline, ...]
    files: tuple[str, ...]


def status(workspace: Workspace, *, on: date) -> RegistryStatus:
    """Look at everything once. Works without Git, then without history."""
    registry = workspace.current
    verdict = workspace.checker(registry, on).check(registry, incremental=True, count_notes=True)
    repo = workspace.repo
    head = repo.head() if repo else None
    changes = tuple(diff(workspace.comparable(workspace.at(head)), registry)) if head else ()
    recent = tuple(repo.headings(head, RECENT)) if repo and head else ()
    reported = {record.file for change in changes for record in (change.before, change.after) if record}
    uncommitted = registry.tree.uncommitted_files("") if head and isinstance(registry.tree, WorkingTree) else ()
    files = tuple(path for path in uncommitted if path not in reported)
    counts = {kind: len(registry.ids(kind)) for kind in registry.schemas.kinds}
    branch, under_way = (repo.branch(), work_under_way(repo)) if repo else (None, None)
    conflicts = tuple(sorted(repo.status().unmerged)) if repo and under_way else ()
    by_severity = count_by_severity(verdict.findings)
    by_severity["info"] += sum(verdict.notes.values())
    notices = tuple(sorted(_notices(registry, on), key=lambda notice: (notice.by, notice.convention)))
    ends = tuple(ending_soon(registry, on, int(registry.config.thresholds.expiry_days)))
    name = registry.config.name
    return RegistryStatus(
        name, branch, head, counts, changes, recent, by_severity, under_way, conflicts, notices, ends, files
    )


def _notices(registry: Registry, on: date) -> Iterator[Notice]:
    for record in registry.of_kind(CONVENTION):
        notice = next_notice(title_on(registry, record, on), on)
        if notice is not None:
            yield Notice(record.rid.id, *notice)
