"""The workbooks that went out to be filled in and those that came back: a list in the registry, one line for each time,
written by `export --each` and by `import FOLDER`, in commits of theirs."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from smartreg.commands.export import SplitExport
from smartreg.commands.guide import value_name
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.escape import csv_text
from smartreg.core.messages import Message
from smartreg.domain.fields import MUNICIPAL
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.registry import WORKBOOKS, Registry
from smartreg.schema import CODE_FIELDS
from smartreg.trees import Tree
from smartreg.workspace.workspace import Workspace, write

What: TypeAlias = Literal["sent", "returned"]
_WHAT: Mapping[str, What] = {"sent": "sent", "returned": "returned"}
_LONGEST = 64 << 20  # bytes of the list


class WorkbookEvent(NamedTuple):
    """A workbook that was sent or came back on a day: its name, the field and the value that it is about, the commit
    that it was made from, and the SHA-256 of its bytes."""

    day: str
    what: What
    file: str
    each: str
    value: str
    commit: str
    sha256: str


def read_events(tree: Tree) -> tuple[WorkbookEvent, ...]:
    """The list as it stands; empty where there is none. UsageFault with the line that is none of it."""
    try:
        text = tree.read(WORKBOOKS, _LONGEST)
    except FileNotFoundError:
        return ()
    line, events = 1, []
    try:
        rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True)
        for row in rows:
            line = rows.line_num
            if line == 1:
                continue
            day, what, *rest = row
            date.fromisoformat(day)
            events.append(WorkbookEvent(day, _WHAT[what], *rest))
    except (UnicodeDecodeError, csv.Error, TypeError, ValueError, KeyError):
        raise UsageFault(
            Message("{file}:{line}: not a line of the list of workbooks", file=WORKBOOKS, line=line),
            Message("restore the file: git restore {file}", file=WORKBOOKS),
        ) from None
    return tuple(events)


def with_events(registry: Registry, events: Sequence[WorkbookEvent]) -> Mapping[str, bytes]:
    """The list with further lines, as a text to write."""
    every = (*read_events(registry.tree), *events)
    return {WORKBOOKS: csv_text(WorkbookEvent._fields, every).encode()}


def record_sent(workspace: Workspace, made: SplitExport, options: WriteOptions) -> Outcome:
    """Commit that these workbooks went out. StateFault where Git cannot take it."""
    events = [
        WorkbookEvent(
            *(options.on.isoformat(), "sent", file.name, made.field, part.value, part.exported.commit or ""),
            hashlib.sha256(file.content).hexdigest(),
        )
        for part in made.parts
        for file in part.exported.files
    ]
    registry = workspace.current
    places = dict(zip(CODE_FIELDS, MUNICIPAL, strict=True))
    field = places.get(made.field, made.field)
    subject = f"Send {len(events)} workbook{'s' if len(events) > 1 else ''}, one for each {field}"
    edit = Edit("export", (), with_events(registry, events), subject)
    return write(workspace, registry, edit, options)


def refuse_uncommitted(made: SplitExport) -> None:
    """StateFault where the workbooks show a state that no commit holds."""
    if any(part.exported.commit is None for part in made.parts):
        raise StateFault(
            Message("the registry has uncommitted changes: what comes back could not be compared with them"),
            Message("commit them first; nothing was written"),
        )


class WorkbookState(NamedTuple):
    """What became of the last workbook about a value: its name for people, the file, and the days on which it went out
    and came back (None: it did not)."""

    name: str
    file: str
    sent: str | None
    returned: str | None


def workbook_states(registry: Registry) -> Iterator[WorkbookState]:
    """The last workbook about each value, and whether it came back since, by file."""
    last: dict[tuple[str, str], list[WorkbookEvent]] = {}
    for event in read_events(registry.tree):
        about = last.setdefault((event.each, event.value), [])
        if event.what == "sent":
            about.clear()
        about.append(event)
    for (each, value), events in sorted(last.items(), key=lambda item: item[1][0].file):
        sent = events[0] if events[0].what == "sent" else None
        returned = events[-1] if events[-1].what == "returned" else None
        name = value_name(registry, each, value) if value else ""
        yield WorkbookState(name, events[0].file, sent and sent.day, returned and returned.day)
