"""Edit: what a command wants to write. Planned, checked on the edited tree, shown by `--dry-run`, written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from smartreg import __version__
from smartreg.core.findings import Finding
from smartreg.core.values import KeyPath, Location, RecordId
from smartreg.diff import Change, top_level_changes
from smartreg.gitio import ALLOWS, CONVENTION, MOST_RECORDS, OP, REASON, RECORD, VERSION, CommitMessage, field_trailers

Past: TypeAlias = Literal["kept", "corrected", "unpublished"]


@dataclass(frozen=True)
class Edit:
    """New texts by path (None removes the file), the affected records, and the commit's message. `moved`: old path →
    new path of records; faults that move along are not new. `uncovered`: files (with the empty key path) and values
    that could not be checked before; faults that appear there are not new. `settles`: it settles a merge conflict;
    errors that appear are reported but do not stop it, because conflict markers are worse. `basis`: the texts that it
    was made from, if read long before the write. `decimals`: the number of decimals that a position was typed with,
    which the number need not show. `past`: how it treats earlier states. Kept: change rules apply in full; corrected:
    those that allow corrections only warn; unpublished: it takes back what was never published, and none applies."""

    op: str
    records: tuple[RecordId, ...]
    writes: Mapping[str, bytes | None]
    subject: str
    body: str = ""
    conventions: tuple[str, ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    past: Past = "kept"
    uncovered: frozenset[tuple[str, KeyPath]] = frozenset()
    settles: bool = False
    basis: Mapping[str, bytes] = field(default_factory=dict)
    decimals: Mapping[RecordId, int] = field(default_factory=dict)

    def uncovers(self, where: Location) -> bool:
        """Whether this place could not be checked before."""
        return any((where.file, where.path[:depth]) in self.uncovered for depth in range(len(where.path) + 1))

    def message(self, options: WriteOptions, changes: Sequence[Change] = ()) -> CommitMessage:
        """Subject (the user's own with `-m`), body, and the trailers from which the history is read. `changes`: what it
        does to records."""
        trailers = [(OP, self.op)]
        trailers += [(RECORD, str(rid)) for rid in self.records[:MOST_RECORDS]]
        trailers += [(CONVENTION, name) for name in self.conventions]
        trailers += field_trailers(
            [
                (str(change.rid), name)
                for change in changes
                if change.before and change.after
                for name in top_level_changes(change.before.data, change.after.data)
            ]
        )
        trailers += [(ALLOWS, code) for code in options.allowed]
        if options.reason:
            trailers.append((REASON, options.reason))
        trailers += [*self.trailers, *options.trailers, (VERSION, __version__)]
        return CommitMessage(options.message or self.subject, self.body, tuple(trailers))


@dataclass(frozen=True)
class Outcome:
    """The result of an edit, or of its dry run. `commit` is None after a dry run, with no commit, or if nothing
    changes; `confirmed`: somebody was shown it before it was written."""

    edit: Edit
    changes: tuple[Change, ...]
    introduced: tuple[Finding, ...]
    commit: str | None = None
    written: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class WriteOptions:
    """Options of every writing command. `on` is the reference date; `confirm` decides before writing whether to go on;
    `allowed` are codes of findings that the write may introduce."""

    on: date
    dry_run: bool = False
    commit: bool = True
    message: str | None = None
    reason: str | None = None
    trailers: tuple[tuple[str, str], ...] = ()
    allowed: tuple[str, ...] = ()
    confirm: Callable[[Outcome], bool] | None = field(default=None, compare=False)
