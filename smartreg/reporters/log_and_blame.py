"""The history of records, newest first, and who last set each field: for people, and as JSON, version 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from smartreg import __version__
from smartreg.core.escape import json_text
from smartreg.core.spelling import fold
from smartreg.core.styled import Block, Grid, Row, Span, cells, line
from smartreg.core.values import Language, RecordId, Words, short_id
from smartreg.diff import Change, ItemKey, brief, place_text, veil_item
from smartreg.history import MANUAL, MERGE
from smartreg.history.blame import Blame, BlamedValue, FieldSetting
from smartreg.history.entries import LogEntry
from smartreg.reporters.changes_json import change_json
from smartreg.reporters.log_subjects import translate_subject
from smartreg.schema import Kind, literal

FIELDS = 3  # changed fields that are named; further ones are counted
LONG = 100  # characters of one line
WHY = Words("reason: ", "motif : ")
RECORDED = Words("recorded on ", "inscrit le ")
OPS = {
    "add": "ajout",
    "set": "modification",
    "correct": "rectification",
    "retire": "retrait",
    "move": "déplacement",
    "transfer": "transfert",
    "replace": "remplacement",
    "rename": "renommage",
    "remove": "suppression",
    "import": "import",
    "amend": "avenant",
    "renew": "reconduction",
    "terminate": "résiliation",
    "annex": "annexe",
    "agree": "accord",
    "withdraw": "retrait d'accord",
    "edit": "édition",
    "resolve": "règlement",
    "fix": "réparation",
    "format": "format",
    "schema": "schémas",
    "boundaries": "contours",
    "doctor": "réglage",
    "undo": "annulation",
    "init": "création",
    "manual": "manuel",
    "merge": "fusion",
}


def render_log(
    entries: Sequence[LogEntry], *, record: RecordId | None, lang: Language, kinds: Mapping[str, Kind] | None = None
) -> Iterator[Block]:
    """One grid; in a log of all records, each entry names its record. In commits of many, kinds are counted, with their
    names from `kinds`."""
    if not entries:
        yield line({"en": "No commit.", "fr": "Aucun commit."}[lang])
        return
    yield Grid(list(_rows(entries, record, kinds or {}, lang)))


def _rows(
    entries: Sequence[LogEntry], record: RecordId | None, kinds: Mapping[str, Kind], lang: Language
) -> Iterator[Row]:
    """A row for each entry, with its reason below, unless the entry above has it from the same commit."""
    above: tuple[str, str | None] = ("", None)
    for entry in entries:
        yield cells(
            Span(moment_text(entry.date, lang), "dim"),
            Span(op_word(entry.op, entry.manual, lang), "warning" if entry.manual else ""),
            entry.author,
            Span(_subject(entry, record, kinds, lang), "name"),
            _caption(entry, kinds, lang),
            Span(short_id(entry.commit), "code"),
            Span({"en": "signed", "fr": "signé"}[lang] if entry.signed else "", "added"),
        )
        if recorded := _before(entry, lang) or record_day(entry.date, entry.day, lang):
            yield cells("", "", "", "", Span(recorded, "warning"))
        if entry.reason and (entry.commit, entry.reason) != above:
            yield cells("", "", "", "", Span(f"{WHY.in_(lang)}{entry.reason}", "dim"))
        above = (entry.commit, entry.reason)


def moment_text(moment: datetime | None, lang: Language) -> str:
    """When a commit was made, by its author's clock."""
    return {"en": "no date", "fr": "sans date"}[lang] if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def record_day(authored: datetime | None, day: date | None, lang: Language) -> str:
    """The day of a commit, where it is not the author's, which anybody can write; nothing where both agree."""
    return "" if day is None or (authored is not None and day == authored.date()) else f"{RECORDED.in_(lang)}{day}"


def _before(made: LogEntry | FieldSetting, lang: Language) -> str:
    """That it was recorded earlier, as far as is known; nothing where the history is whole."""
    return (
        Words("or before: this clone is shallow", "ou avant : ce clone est superficiel").in_(lang)
        if made.or_before
        else ""
    )


def find_op(word: str) -> str:
    """The operation with this name in either language, or the only one whose French name begins so; any other word as
    it is."""
    begun = [op for op, french in OPS.items() if fold(french).startswith(fold(word))]
    exact = (op for op, french in OPS.items() if fold(word) in (op, fold(french)))
    return next(exact, begun[0] if len(begun) == 1 else word)


def op_word(op: str, manual: bool, lang: Language) -> str:
    """The name of an operation for people; work by hand is called manual, whatever it changed, except a merge."""
    word = MANUAL if manual and op != MERGE else op
    return OPS.get(word, word) if lang == "fr" else word


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
        return _cut(translate_subject(op, entry.subject, kinds, lang))
    if change.kind == "unreadable":
        return _unreadable(change, lang)
    if entry.former is not None:
        return f"{entry.former.id} → {change.rid.id}"
    if entry.op == "rename" and change.kind in ("added", "removed"):
        return {"en": "renamed", "fr": "renommé"}[lang]
    if change.kind == "added":
        return _describe_added(entry, change, lang)
    if change.kind == "removed":
        return {"en": "deleted", "fr": "supprimé"}[lang]
    parts = brief(change, lang)
    more = f", +{len(parts) - FIELDS}" if len(parts) > FIELDS else ""
    return _cut(", ".join(parts[:FIELDS])) + more


def _describe_added(entry: LogEntry, change: Change, lang: Language) -> str:
    """The convention under which it was added, or else its label; by hand, only that it was added."""
    came = {"en": "added", "fr": "ajouté"}[lang] if entry.manual else ""
    if entry.conventions and change.rid.id not in entry.conventions:
        under = Words("under ", "au titre de ").in_(lang) + ", ".join(entry.conventions)
        return _cut(" ".join(part for part in (came, under) if part))
    label = change.schema.label_of(change.after.data, lang) if change.schema and change.after else ""
    return _cut(": ".join(part for part in (came, label) if part))


def _unreadable(change: Change, lang: Language) -> str:
    """From the commit on, the file could not be read, or could be read again."""
    if change.unread[1] is not None:
        return {"en": "became unreadable", "fr": "devenu illisible"}[lang]
    return {"en": "was unreadable before", "fr": "était illisible auparavant"}[lang]


def _cut(text: str, longest: int = LONG) -> str:
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
        **_commit_json(entry),
        "record": str(entry.rid) if entry.rid else None,
        "former": str(entry.former) if entry.former else None,
        "subject": entry.subject,
        "conventions": list(entry.conventions),
        "reason": entry.reason,
        "counts": dict(entry.counts),
        "change": change_json(entry.change) if entry.change else None,
    }


def _commit_json(made: LogEntry | FieldSetting) -> dict[str, Any]:
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


LONG_VALUE = 40  # characters of a value
UNCOMMITTED = Words("not committed", "pas encore commité")
UNDER = Words("under ", "au titre de ")
SIGNED = Words("signed", "signé")


def render_blame(found: Blame, *, lang: Language) -> Iterator[Block]:
    """The record, then a grid of its fields."""
    yield line(Span(str(found.rid), "name"))
    yield Grid(list(_blame_rows(found, lang)))


def _blame_rows(found: Blame, lang: Language) -> Iterator[Row]:
    above = None
    for blamed in found.values:
        setting = blamed.setting
        if setting is None:
            yield cells(place_text(blamed.path), _value(blamed), Span(UNCOMMITTED.in_(lang), "warning"))
        else:
            yield cells(
                place_text(blamed.path),
                _value(blamed),
                Span(moment_text(setting.date, lang), "dim"),
                Span(op_word(setting.op, setting.manual, lang), "warning" if setting.manual else ""),
                setting.author,
                Span(short_id(setting.commit), "code"),
                Span(SIGNED.in_(lang) if setting.signed else "", "added"),
                Span("  ".join(_grounds(setting, lang, setting.commit != above)), "dim"),
            )
        above = setting.commit if setting else None


def _grounds(setting: FieldSetting, lang: Language, anew: bool) -> Iterator[str]:
    """When it was recorded, if the author says otherwise; under which conventions, and why: a reason shared by
    consecutive fields of one commit is shown once."""
    if recorded := _before(setting, lang) or record_day(setting.date, setting.day, lang):
        yield recorded
    if setting.conventions:
        yield UNDER.in_(lang) + ", ".join(setting.conventions)
    if setting.reason and anew:
        yield WHY.in_(lang) + setting.reason


def _value(blamed: BlamedValue) -> str:
    text = blamed.value if isinstance(blamed.value, str) and blamed.value.strip() else literal(blamed.value)
    return _cut(text, LONG_VALUE)


def render_blame_json(found: Blame) -> str:
    """The text of the object, ended by a line feed."""
    fields = [_field(blamed) for blamed in found.values]
    return json_text({"version": VERSION, "smartreg": __version__, "record": str(found.rid), "fields": fields})


def _field(blamed: BlamedValue) -> dict[str, Any]:
    """One value; `set` is null where it is not committed. An item of a list is named by its key."""
    return {
        "path": [veil_item(part).key if isinstance(part, ItemKey) else part for part in blamed.path],
        "name": place_text(blamed.path),
        "value": blamed.value,
        "set": _set(blamed.setting) if blamed.setting else None,
    }


def _set(setting: FieldSetting) -> dict[str, Any]:
    return {
        **_commit_json(setting),
        "subject": setting.subject,
        "conventions": list(setting.conventions),
        "reason": setting.reason,
    }
