"""`/records`: records found by words and conditions, fifty at a time."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from smartreg.commands.show import find, listing
from smartreg.core.messages import Message
from smartreg.core.values import RecordId
from smartreg.web.visit import Answer, Page, View, Visit

ROWS = 50


def list_records(visit: Visit) -> Answer:
    """The records that have all words of `q`, are of the `kind`, and meet each condition `where`; those that come
    `after` a record."""
    query = visit.query
    words, kind = query.get("q", "").split(), query.get("kind") or None
    where = [condition for text in query.getlist("where") if (condition := text.strip())]
    after = _record(query.get("after", ""))
    if words:
        listed = find(visit.workspace, words, visit.today, kind=kind, where=where, limit=ROWS, after=after)
    else:
        listed = listing(visit.workspace, kind, where=where, limit=ROWS, on=visit.today, after=after)
    last = listed.rows[-1][0].rid if len(listed.rows) == ROWS else None
    asked = {"q": " ".join(words) or None, "kind": kind, "where": where or None}
    rows = [
        (
            record.rid,
            [listed.word(record, name, value, visit.lang) for name, value in zip(listed.columns, values, strict=True)],
        )
        for record, values in listed.rows
    ]
    return View(
        "records.html",
        {
            "words": asked["q"] or "",
            "kind": kind or "",
            "where": where,
            "kinds": visit.registry.schemas.kinds.values(),
            "id_column": listed.columns.index("id"),
            "headings": [listed.heading(name) for name in listed.columns],
            "rows": rows,
            "total": listed.total,
            "unreadable": listed.unreadable,
            "next": visit.url("/records", **asked, after=str(last)) if last else "",
            "first": visit.url("/records", **asked) if after else "",
            "command": command_line(words, kind, where),
        },
    )


def _record(text: str) -> RecordId | None:
    kind, slash, id = text.partition("/")
    return RecordId(kind, id) if slash else None


def command_line(words: Sequence[str], kind: str | None, where: Sequence[str]) -> str:
    """The command that lists the same records."""
    conditions = [word for condition in where for word in ("--where", condition)]
    if words:
        return shlex.join(["smartreg", "find", *words, *(["--kind", kind] if kind else []), *conditions])
    return shlex.join(["smartreg", "list", *([kind] if kind else []), *conditions])


PAGES = (Page("/records", list_records, menu=Message("Records")),)
