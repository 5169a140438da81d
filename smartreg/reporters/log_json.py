"""The history as one JSON object, version 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.values import Language, RecordId
from smartreg.history.entries import LogEntry
from smartreg.reporters.changes_json import change_json

VERSION = 1


def report(entries: Sequence[LogEntry], *, record: RecordId | None, lang: Language) -> str:
    """The text of the object, ended by a line feed."""
    content = {
        "version": VERSION,
        "smartreg": __version__,
        "record": str(record) if record else None,
        "entries": [entry_json(entry) for entry in entries],
    }
    return json_text(content)


def entry_json(entry: LogEntry) -> dict[str, Any]:
    """One entry; `change` is null, and `counts` says how many of each kind, for a commit of many records."""
    return {
        "commit": entry.commit,
        "date": entry.date.isoformat(),
        "author": {"name": entry.author, "email": entry.email},
        "op": entry.op,
        "manual": entry.manual,
        "signed": entry.signed,
        "record": str(entry.rid) if entry.rid else None,
        "former": str(entry.former) if entry.former else None,
        "subject": entry.subject,
        "conventions": list(entry.conventions),
        "reason": entry.reason,
        "counts": dict(entry.counts),
        "change": change_json(entry.change) if entry.change else None,
    }
