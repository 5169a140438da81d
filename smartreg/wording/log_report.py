"""The history of records, newest first: for people, and as JSON, version 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.messages import SOURCE, Language, Message, languages, message_in
from smartreg.core.spelling import fold
from smartreg.core.styled import Block, Grid, GridRow, Line, Span, cells, line
from smartreg.core.values import RecordId, short_id
from smartreg.diff import Change, brief
from smartreg.history import MANUAL, MERGE
from smartreg.history.blame import FieldSetting
from smartreg.history.entries import LogEntry
from smartreg.schema import Kind
from smartreg.wording.changes_json import change_json
from smartreg.wording.log_subjects import translate_subject

FIELDS = 3  # changed fields that are named; further ones are counted
LONG = 100  # characters of one line
WHY = Message("reason: ")
RECORDED = Message("recorded on ")
OPS = {
    text.in_(SOURCE): text
    for text in (
        message_in("operation", "add"),
        message_in("operation", "set"),
        message_in("operation", "correct"),
        message_in("operation", "retire"),
        message_in("operation", "move"),
        message_in("operation", "transfer"),
        message_in("operation", "replace"),
        message_in("operation", "rename"),
        message_in("operation", "remove"),
        message_in("operation", "import"),
        message_in("operation", "export"),
        message_in("operation", "amend"),
        message_in("operation", "renew"),
        message_in("operation", "terminate"),
        message_in("operation", "annex"),
        message_in("operation", "agree"),
        message_in("operation", "withdraw"),
        message_in("operation", "edit"),
        message_in("operation", "resolve"),
        message_in("operation", "fix"),
        message_in("operation", "format"),
        message_in("operation", "schema"),
        message_in("operation", "boundaries"),
        message_in("operation", "source"),
        message_in("operation", "doctor"),
        message_in("operation", "undo"),
        message_in("operation", "init"),
        message_in("operation", "manual"),
        message_in("operation", "merge"),
    )
}


def render_log(
    entries: Sequence[LogEntry],
    *,
    record: RecordId | None,
    lang: Language,
    zone: tzinfo,
    kinds: Mapping[str, Kind] | None = None,
) -> Iterator[Block]:
    """One grid; in a log of all records, each entry names its record. In commits of many, kinds are counted, with their
    names from `kinds`. `zone`: that of the registry, in which times are told, whatever the clocks of their authors."""
    if not entries:
        yield line(Message("No commit.").in_(lang))
        return
    yield Grid(list(_rows(entries, record, kinds or {}, lang, zone)))
    yield zone_line(zone, lang)


def _rows(
    entries: Sequence[LogEntry],
    record: RecordId | None,
    kinds: Mapping[str, Kind],
    lang: Language,
    zone: tzinfo,
) -> Iterator[GridRow]:
    """A row for each entry, with its reason below, unless the entry above has it from the same commit."""
    above: tuple[str, str | None] = ("", None)
    for entry in entries:
        yield cells(
            Span(moment_text(entry.date, lang, zone), "dim"),
            Span(op_word(entry.op, entry.manual, lang), "warning" if entry.manual else ""),
            entry.author,
            Span(_subject(entry, record, kinds, lang), "name"),
            _caption(entry, kinds, lang),
            Span(short_id(entry.commit), "code"),
            Span(Message("signed").in_(lang) if entry.signed else "", "added"),
        )
        if recorded := recorded_before(entry, lang) or record_day(entry.date, entry.day, lang, zone):
            yield cells("", "", "", "", Span(recorded, "warning"))
        if entry.reason and (entry.commit, entry.reason) != above:
            yield cells("", "", "", "", Span(f"{WHY.in_(lang)}{entry.reason}", "dim"))
        if entry.on_behalf_of and entry.commit != above[0]:
            yield cells("", "", "", "", Span(according_to(entry.on_behalf_of, lang), "dim"))
        above = (entry.commit, entry.reason)


def according_to(who: str, lang: Language) -> str:
    """From whom the values come, as the author of the commit claims."""
    return Message("according to {who}", who=who).in_(lang)


def zone_line(zone: tzinfo, lang: Language) -> Line:
    """Whose times those above are."""
    return line(Span(Message("Times: {zone}, the time zone of the registry.", zone=str(zone)).in_(lang), "dim"))


def moment_text(moment: datetime | None, lang: Language, zone: tzinfo) -> str:
    """When a commit was made, as its author says, in the time zone of the registry (`zone_line` names it)."""
    if moment is None:
        return Message("no date").in_(lang)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def record_day(authored: datetime | None, day: date | None, lang: Language, zone: tzinfo) -> str:
    """The day of a commit, where it is not the author's, which anybody can write, or another in the time zone of the
    registry; nothing where both agree."""
    told = authored.astimezone(zone).date() if authored is not None else None
    return "" if day is None or day == told else f"{RECORDED.in_(lang)}{day}"


def recorded_before(made: LogEntry | FieldSetting, lang: Language) -> str:
    """That it was recorded earlier, as far as is known; nothing where the history is whole."""
    return Message("or before: this clone is shallow").in_(lang) if made.or_before else ""


def find_op(word: str) -> str:
    """The operation with this name in any language, or the only one whose name begins so; any other word as it is."""
    names = [(fold(text.in_(lang)), op) for lang in languages() for op, text in OPS.items()]
    exact = (op for name, op in names if name == fold(word))
    begun = {op for name, op in names if name.startswith(fold(word))}
    return next(exact, begun.pop() if len(begun) == 1 else word)


def op_word(op: str, manual: bool, lang: Language) -> str:
    """The name of an operation for people; work by hand is called manual, whatever it changed, except a merge."""
    word = MANUAL if manual and op != MERGE else op
    return OPS[word].in_(lang) if word in OPS else word


def _subject(entry: LogEntry, record: RecordId | None, kinds: Mapping[str, Kind], lang: Language) -> str:
    """The record, unless it is the requested one; for a commit of many, kinds and numbers."""
    if entry.rid is None:
        return ", ".join(f"{number} {_kinds(kinds.get(kind), kind, number, lang)}" for kind, number in entry.counts)
    return "" if entry.rid == record else str(entry.rid)


def _kinds(kind: Kind | None, name: str, number: int, lang: Language) -> str:
    """The name for one or several records of a kind; for a removed kind, its name in the schema."""
    if kind is None:
        return name
    words = (kind.title if number == 1 else kind.plural).in_(lang)
    return words[:1].lower() + words[1:]


def _caption(entry: LogEntry, kinds: Mapping[str, Kind], lang: Language) -> str:
    change = entry.change
    if change is None:
        op = "" if entry.manual else entry.op
        return shorten(translate_subject(op, entry.subject, kinds, lang))
    if change.kind == "unreadable":
        return _unreadable(change, lang)
    if entry.former is not None:
        return f"{entry.former.id} → {change.rid.id}"
    if entry.op == "rename" and change.kind in ("added", "removed"):
        return Message("renamed").in_(lang)
    if change.kind == "added":
        return _describe_added(entry, change, lang)
    if change.kind == "removed":
        return Message("deleted").in_(lang)
    parts = brief(change, lang)
    more = f", +{len(parts) - FIELDS}" if len(parts) > FIELDS else ""
    return shorten(", ".join(parts[:FIELDS])) + more


def _describe_added(entry: LogEntry, change: Change, lang: Language) -> str:
    """The convention under which it was added, or else its label; by hand, only that it was added."""
    came = Message("added").in_(lang) if entry.manual else ""
    if entry.conventions and change.rid.id not in entry.conventions:
        under = Message("under ").in_(lang) + ", ".join(entry.conventions)
        return shorten(" ".join(part for part in (came, under) if part))
    label = change.schema.label_of(change.after.data, lang) if change.schema and change.after else ""
    return shorten(Message(": ").in_(lang).join(part for part in (came, label) if part))


def _unreadable(change: Change, lang: Language) -> str:
    """From the commit on, the file could not be read, or could be read again."""
    if change.unread[1] is not None:
        return Message("became unreadable").in_(lang)
    return Message("was unreadable before").in_(lang)


def shorten(text: str, longest: int = LONG) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


VERSION = 1


def render_log_json(entries: Sequence[LogEntry], *, record: RecordId | None, lang: Language) -> str:
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
        **commit_json(entry),
        "record": str(entry.rid) if entry.rid else None,
        "former": str(entry.former) if entry.former else None,
        "subject": entry.subject,
        "conventions": list(entry.conventions),
        "reason": entry.reason,
        "on_behalf_of": entry.on_behalf_of,
        "counts": dict(entry.counts),
        "change": change_json(entry.change) if entry.change else None,
    }


def commit_json(made: LogEntry | FieldSetting) -> dict[str, Any]:
    """Which commit, when, by whom and how."""
    return {
        "commit": made.commit,
        "date": made.date.isoformat() if made.date else None,
        "day": made.day.isoformat() if made.day else None,
        "author": {"name": made.author, "email": made.email},
        "op": made.op,
        "manual": made.manual,
        "signed": made.signed,
        **({"or_before": True} if made.or_before else {}),
    }
