"""Tables for SQL besides those of the kinds: records of all kinds, references, findings, the history.

Each is filled when a query reads it, and only then: findings and history cost more than all records.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from smartreg.commands.coverage import COVER_COLUMNS, cover_rows
from smartreg.core.findings import Finding
from smartreg.core.messages import Language, Message, Text, verbatim
from smartreg.core.values import Json, Link, RecordId, path_text
from smartreg.domain.convention_versions import convention_versions
from smartreg.exporters.database import cell
from smartreg.history import Detail, details
from smartreg.registry import Registry, position
from smartreg.tables import Column, Row
from smartreg.tables.table import CellType
from smartreg.workspace.conventions import KIND as CONVENTION
from smartreg.workspace.conventions import VERSION_COLUMNS
from smartreg.workspace.workspace import Workspace


@dataclass(frozen=True)
class QueryContext:
    """A registry in its workspace, how to check it, the language of labels and messages, and the day of conventions."""

    workspace: Workspace
    registry: Registry
    check: Callable[[], Sequence[Finding]]
    lang: Language
    on: date

    @cached_property
    def start(self) -> str | None:
        """The commit up to which the history is shown; None without Git, and before the first commit."""
        repo = self.workspace.repo
        return None if repo is None else self.registry.tree.commit or repo.head()

    def details(self, *, fields: bool) -> Iterator[Detail]:
        """The changes of each commit to each record, newest first. StateFault in a shallow clone: counts and first days
        would be wrong."""
        if self.start is not None:
            self.workspace.git.refuse_shallow()
            yield from details(self.workspace.history, self.registry.schemas, self.start, fields=fields)


def _column(name: str, about: Text, kind: CellType = "string") -> Column:
    return Column(name, verbatim(name), kind, about)


def _records(context: QueryContext) -> Iterator[Row]:
    registry = context.registry.load_all()
    for kind in registry.schemas.kinds.values():
        life = kind.lifecycle.field if kind.lifecycle else ""
        for record in registry.of_kind(kind.name):
            lon, lat = position(registry, record) or (None, None)
            label = kind.label_of(record.data, context.lang)
            yield (kind.name, record.rid.id, label, cell(record.data.get(life)), lon, lat, record.file)


def _links(context: QueryContext) -> Iterator[Row]:
    registry = context.registry.load_all()
    for rid in registry.places:
        for link in registry.links_from(rid):
            yield (rid.kind, rid.id, path_text(link.path), _target(registry, link), link.target)


def _target(registry: Registry, link: Link) -> str | None:
    """The kind that a reference names: the one that has such a record, else the only one that it may name."""
    there = [kind for kind in link.kinds if RecordId(kind, link.target) in registry]
    return there[0] if there else link.kinds[0] if len(link.kinds) == 1 else None


def _versions(context: QueryContext) -> Iterator[Row]:
    yield from convention_versions(context.registry, context.registry.load_all().of_kind(CONVENTION))


def _coverage(context: QueryContext) -> Iterator[Row]:
    yield from cover_rows(context.registry, context.on)


def _findings(context: QueryContext) -> Iterator[Row]:
    for finding in context.check():
        rid = context.registry.by_file.get(finding.where.file)
        about = (rid.kind, rid.id) if rid else (None, None)
        hint = finding.hint.in_(context.lang) if finding.hint else None
        place = (finding.where.file, path_text(finding.where.path))
        yield (finding.code, finding.severity, *about, *place, finding.message.in_(context.lang), hint)


def _history(context: QueryContext) -> Iterator[Row]:
    past = context.workspace.history
    commits, days = (past.commits(context.start), past.days(context.start)) if context.start else ({}, {})
    for detail in context.details(fields=False):
        commit = commits[detail.commit].commit
        operation = commit.operation(str(detail.rid))
        day = days.get(detail.commit)
        when = (day.isoformat() if day else None, commit.date.isoformat() if commit.date else None)
        who = (commit.author_name, commit.author_email, detail.op, operation is None)
        why = (commit.subject, operation.reason if operation else None, " ".join(detail.conventions))
        yield (detail.commit, *when, *who, *detail.rid, *why)


def _changes(context: QueryContext) -> Iterator[Row]:
    for detail in context.details(fields=True):
        for path, before, after in detail.fields:
            yield (detail.commit, *detail.rid, path, _text(before), _text(after))


def _text(value: Json) -> str | None:
    """A value in one cell: text as it is, anything else as JSON."""
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_KIND = _column("kind", Message("Kind of the record"))
_ID = _column("id", Message("Identifier"))
_COMMIT = _column("commit_id", Message("Commit"))
_FILE = _column("file", Message("File, from the root of the registry"))
_PATH = _column("path", Message("Place in the record"))
VIRTUAL_TABLES: Mapping[str, tuple[Text, tuple[Column, ...], Callable[[QueryContext], Iterator[Row]]]] = {
    "records": (
        Message("Every record"),
        (
            *(_KIND, _ID, _column("label", Message("What people call it"))),
            _column("status", Message("State in its life cycle")),
            _column("lon", Message("Longitude, WGS 84"), "number"),
            *(_column("lat", Message("Latitude, WGS 84"), "number"), _FILE),
        ),
        _records,
    ),
    "links": (
        Message("Every reference from record to record"),
        (
            _column("from_kind", Message("Kind that names")),
            *(_column("from_id", Message("Record that names")), _PATH),
            _column("to_kind", Message("Kind that is named")),
            _column("to_id", Message("Record that is named")),
        ),
        _links,
    ),
    "convention_versions": (
        Message("Versions of conventions: from when to when, by which act"),
        tuple(_column(name, about, kind) for name, about, kind in VERSION_COLUMNS),
        _versions,
    ),
    "coverage": (
        Message("What passes between parties today, and which convention covers it"),
        tuple(_column(name, about, kind) for name, (about, kind) in COVER_COLUMNS.items()),
        _coverage,
    ),
    "findings": (
        Message("What validate finds"),
        (
            _column("code", Message("Code of the rule")),
            _column("severity", Message("error, warning or info")),
            *(_KIND, _ID, _FILE, _PATH),
            _column("message", Message("What is wrong")),
            _column("hint", Message("What to do")),
        ),
        _findings,
    ),
    "history": (
        Message("What each commit did to each record, newest first"),
        (
            *(
                _COMMIT,
                _column(
                    "day",
                    Message("Day on which it was recorded, as for --at"),
                    "date",
                ),
                _column("date", Message("Day and time by the author")),
            ),
            _column("author", Message("Author")),
            _column("email", Message("Address of the author")),
            _column("op", Message("Operation (add, set, retire …)")),
            _column("manual", Message("Made by hand, without smartreg"), "boolean"),
            *(_KIND, _ID, _column("subject", Message("Subject of the commit"))),
            _column("reason", Message("Why")),
            _column("conventions", Message("Conventions that it is or names")),
        ),
        _history,
    ),
    "changes": (
        Message("What each commit changed, field by field"),
        (
            *(_COMMIT, _KIND, _ID, _PATH),
            _column("before", Message("Value before")),
            _column("after", Message("Value after")),
        ),
        _changes,
    ),
}
