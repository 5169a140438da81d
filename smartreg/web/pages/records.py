"""`/records`: records found by words and conditions, fifty at a time."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from smartreg.commands.show import RecordListing, find, listing
from smartreg.core.errors import UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import RecordId
from smartreg.web.visit import Answer, Page, View, Visit

ROWS, MOST = 50, 1000  # records on a page, and of those that are changed at once


def list_records(visit: Visit) -> Answer:
    """The records that have all words of `q`, are of the `kind`, and meet each condition `where`; those that come
    `after` a record."""
    words, kind, where = _asked(visit)
    after = _record(visit.query.get("after", ""))
    listed = _listed(visit, ROWS, after)
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
            "sets": bool(kind) and not visit.read_only and listed.total > 0,
            "sets_all": listed.total <= MOST,
            "first": visit.url("/records", **asked) if after else "",
            "command": command_line(words, kind, where),
        },
    )


def chosen_records(visit: Visit) -> list[RecordId]:
    """The records that the list was sent with: each `record` that was ticked, or `all` that it lists. UsageFault for
    none, and for more than can be looked over."""
    rids = [rid for text in visit.query.getlist("record") if (rid := _record(text))]
    if visit.query.get("all"):
        rids = [record.rid for record, _values in _listed(visit, MOST + 1).rows]
    if len(rids) > MOST:
        raise UsageFault(
            Message("these are more than {most} records", most=MOST),
            Message("choose fewer by words or conditions, or: smartreg set KIND --where FIELD=VALUE PATH=VALUE"),
        )
    if not rids or any(rid not in visit.registry for rid in rids):
        raise UsageFault(Message("choose records first"), Message("tick them in the list of records"))
    return rids


def _record(text: str) -> RecordId | None:
    kind, slash, id = text.partition("/")
    return RecordId(kind, id) if slash else None


def _asked(visit: Visit) -> tuple[list[str], str | None, list[str]]:
    """The words, the kind and the conditions that stand in the address."""
    conditions = map(str.strip, visit.query.getlist("where"))
    return visit.query.get("q", "").split(), visit.query.get("kind") or None, [*filter(None, conditions)]


def _listed(visit: Visit, limit: int, after: RecordId | None = None) -> RecordListing:
    words, kind, where = _asked(visit)
    if words:
        return find(visit.workspace, words, visit.today, kind=kind, where=where, limit=limit, after=after)
    return listing(visit.workspace, kind, where=where, limit=limit, on=visit.today, after=after)


def command_line(words: Sequence[str], kind: str | None, where: Sequence[str]) -> str:
    """The command that lists the same records."""
    conditions = [word for condition in where for word in ("--where", condition)]
    if words:
        return shlex.join(["smartreg", "find", *words, *(["--kind", kind] if kind else []), *conditions])
    return shlex.join(["smartreg", "list", *([kind] if kind else []), *conditions])


PAGES = (Page("/records", list_records, menu=Message("Records")),)
