"""Changes to what binds parties, for the reviewer (CHG821, CHG823)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from smartreg.core.findings import Finding
from smartreg.core.messages import LANGUAGES, Language, Localized, Message, Text, joined, number, verbatim
from smartreg.core.values import Json, Location, RecordId, value_at
from smartreg.diff import records_in
from smartreg.domain.annexes import DIGEST
from smartreg.domain.binding import BindingChange, Bond, Notice, bonds, naming, notices
from smartreg.domain.corrections import as_text
from smartreg.domain.kinds import is_deliberation
from smartreg.registry import FOLDER, Registry, record_at
from smartreg.schema import ITEM, Kind
from smartreg.trees import find_differing

BINDING, RIGHTS = "CHG821", "CHG823"
_NAMED = 8  # fields that a message names
_KEYS = "writers.keys"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}|[0-9A-F]{40}|[0-9A-F]{64}")


def find_changed_bonds(before: Registry, after: Registry, on: date) -> list[Bond]:
    """The changes to what binds parties from one state to another, by record. `before` gives schemas and settings."""
    return list(bonds(before, after, _changed_records(before, after), on))


def _changed_records(before: Registry, after: Registry) -> list[RecordId]:
    """The records that differ, or whose annexes and documents do."""
    files = find_differing(before.tree.files(), after.tree.files())
    rids = {*records_in(files, before, after)}
    documents = frozenset(
        file for file in files if file.startswith(f"{FOLDER}/") and record_at(file, before.schemas) is None
    )
    if documents:
        rids.update(naming(before, documents), naming(after, documents))
    return sorted(rids)


def report_binding(before: Registry, after: Registry, on: date) -> Iterator[Finding]:
    """CHG823 for each change to the keys and domains of a party, CHG821 for each change to anything else that binds
    parties, with the schemas' titles and the names of parties and records."""
    for bond in sorted(find_changed_bonds(before, after, on), key=lambda bond: not bond.rights):
        if bond.rights:
            keys = any(step.name == _KEYS for step in bond.steps)
            hint = Message(
                "verify by other means that this is the party's own key: once merged, it signs for the party"
            )
            rights = list(_rights(bond, _label(bond.rid, before, after)))
            message = joined(rights, Message("; "))
            yield Finding(RIGHTS, "warning" if keys else "info", message, bond.where, hint if keys else None)
        else:
            names = [_label(party, before, after) for party in sorted(bond.parties)]
            parties = joined(names)
            what, steps = _label(bond.rid, before, after), steps_text(bond, before.schemas.kinds.get(bond.rid.kind))
            message = Message("{what}, which binds {parties}: {steps}", what=what, parties=parties, steps=steps)
            yield Finding(BINDING, "info", message, bond.where)
    yield from _told(before, after, on)
    yield from _other_texts(before, after)


def _told(before: Registry, after: Registry, on: date) -> Iterator[Finding]:
    """CHG821 for what parties are told, though they need not agree; changes of one field for the same parties once."""
    alike: dict[tuple[str, str, frozenset[RecordId]], list[Notice]] = {}
    for notice in notices(before, after, _changed_records(before, after), on):
        alike.setdefault((notice.rid.kind, notice.step.name, notice.parties), []).append(notice)
    for (kind, name, whom), some in alike.items():
        schema, first = before.schemas.kinds.get(kind), some[0]
        parties = joined([_label(party, before, after) for party in sorted(whom)])
        what = _label(first.rid, before, after)
        step = Localized.of(en=_step(first.step, schema, "en"), fr=_step(first.step, schema, "fr"))
        if len(some) > 1:
            more = number(str(len(some) - 1))
            title = Localized.of(en=_title(schema, (name,), "en"), fr=_title(schema, (name,), "fr"))
            message = Message(
                "{what} and {more} more, which concern {parties}: {title}",
                what=what,
                more=more,
                parties=parties,
                title=title,
            )
        else:
            message = Message("{what}, which concerns {parties}: {step}", what=what, parties=parties, step=step)
        hint = Message("they need not agree; tell them")
        yield Finding(BINDING, "info", message, first.where, hint)


def _other_texts(before: Registry, after: Registry) -> Iterator[Finding]:
    """CHG821 for each deliberation whose text, by its digest, has changed: agreements may be based on it."""
    for file in sorted(find_differing(before.tree.files(), after.tree.files())):
        rid = before.by_file.get(file)
        if rid is None or not is_deliberation(rid):
            continue
        was, now = before.at(file), after.get(rid)
        if was is None or now is None:
            continue
        old, new = (value_at(record.data, ("document", DIGEST)) for record in (was, now))
        if old and old != new:
            new = new or "–"
            sentence = Message(
                "the text of {rid} is another: document.{digest} {old} → {new}",
                rid=rid,
                digest=DIGEST,
                old=old,
                new=new,
            )
            hint = Message("compare both files with the act: an agreement may rest on it")
            yield Finding(BINDING, "info", sentence, Location(now.file), hint)


def _label(rid: RecordId, before: Registry, after: Registry) -> Text:
    """The name of a record, or its id."""
    record, kind = after.get(rid) or before.get(rid), before.schemas.kinds.get(rid.kind)
    if record is None or kind is None:
        return verbatim(rid.id)
    return Localized.of(en=kind.label_of(record.data, "en") or rid.id, fr=kind.label_of(record.data, "fr") or rid.id)


def _rights(bond: Bond, who: Text) -> Iterator[Text]:
    """Who may write for a party from now on, and who no longer."""
    for step in bond.steps:
        sentences = _RIGHTS.get(step.name)
        if sentences is None:
            yield Message("{who}: {step}", who=who, step=_step(step))
            continue
        for sentence, items in zip(sentences, _came_and_went(step), strict=True):
            if items:
                yield sentence.fill(who=who, what=", ".join(map(_value, items)))


_RIGHTS = {
    _KEYS: (
        Message("{who}: new signing key {what}"),
        Message("{who}: signing key withdrawn {what}"),
    ),
    "writers.domains": (
        Message("{who}: new writers, with addresses at {what}"),
        Message("{who}: no longer writers, addresses at {what}"),
    ),
}


def steps_text(bond: Bond, kind: Kind | None = None) -> Text:
    """The changes, field by field, in one line; for a new or newly signed convention, only that fact. Fields are named
    as in records, or, with a `kind`, by the schema's titles."""
    if bond.signs:
        return Message("a convention is signed")
    if bond.gone:
        return Message("what bound them is gone")
    more = " …" if len(bond.steps) > _NAMED else ""
    en, fr = ([_step(step, kind, lang) for step in bond.steps[:_NAMED]] for lang in LANGUAGES)
    return Localized.of(en="; ".join(en) + more, fr=" ; ".join(fr) + more)


def _step(step: BindingChange, kind: Kind | None = None, lang: Language = "en") -> str:
    path = tuple(step.name.split("."))
    name = step.name if kind is None else " – ".join(_title(kind, path[: end + 1], lang) for end in range(len(path)))
    if not isinstance(step.before, list) and not isinstance(step.after, list):
        was, now = (_value(value, kind, path, lang) for value in (step.before, step.after))
        return f"{name} {was} → {now}"
    came, went = _came_and_went(step)
    signed = [("+", item) for item in came] + [("−", item) for item in went]
    return f"{name} {'; '.join(f'{sign} {_value(item, kind, (*path, ITEM), lang)}' for sign, item in signed)}"


def _came_and_went(step: BindingChange) -> tuple[list[Json], list[Json]]:
    old, new = (
        side if isinstance(side, list) else [] if side is None else [side] for side in (step.before, step.after)
    )
    return [item for item in new if item not in old], [item for item in old if item not in new]


def _title(kind: Kind | None, path: tuple[str, ...], lang: Language) -> str:
    field = kind.by_path.get(path) if kind else None
    return field.title.in_(lang) if field else path[-1]


def _value(value: Json, kind: Kind | None = None, path: tuple[str, ...] = (), lang: Language = "en") -> str:
    """A value in one line, for people. The fingerprint of a key is not a secret."""
    if isinstance(value, Mapping):
        inner = (
            (_title(kind, (*path, name), lang), _value(item, kind, (*path, name), lang)) for name, item in value.items()
        )
        return ", ".join(f"{name} {text}" for name, text in inner)
    if isinstance(value, list):
        return f"[{'; '.join(_value(item, kind, (*path, ITEM), lang) for item in value)}]"
    if value is None:
        return "–"
    field = kind.by_path.get(path) if kind else None
    if field and isinstance(value, str) and value in field.labels:
        return field.labels[value].in_(lang)
    return value if isinstance(value, str) and _FINGERPRINT.fullmatch(value) else as_text(value)
