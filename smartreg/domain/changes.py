"""Records before and after, as change rules see them."""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Record, RecordId, value_at
from smartreg.domain.checks import Context, Fault, Snapshot
from smartreg.domain.fields import WithSchemas, text, text_list
from smartreg.schema import Kind, literal

Changes: TypeAlias = Sequence[tuple[Record | None, Record | None]]

_IDENTITIES = (  # the fields that identify a thing, whatever its record is called
    ("dev_eui",),
    ("gateway_eui",),
    ("imei",),
    ("mac_address",),
    ("manufacturer", "serial_number"),
    ("owner", "local_ref"),
)
OPEN = "…"  # a value that the user knows
_COMPARE = Message("recorded as a correction; the reviewer should compare it with the thing or its papers")


def pairs_of(changes: Changes, *kinds: str) -> Iterator[tuple[Record, Record]]:
    """The records (of these kinds; by default of all) that exist on both sides."""
    for before, after in changes:
        if before is not None and after is not None and (not kinds or before.rid.kind in kinds):
            yield before, after


def was_in_service(registry: WithSchemas, record: Record) -> bool:
    """Whether its status says that it is, or was, in service."""
    kind = registry.schemas.kinds.get(record.rid.kind)
    life = kind.lifecycle if kind else None
    return life is not None and text(record, life.field) in life.served


def removed_records(after: Snapshot, changes: Changes) -> Iterator[Record]:
    """The former records whose id no file has any more."""
    for record, now in changes:
        if record is not None and now is None and not after.files_of(record.rid):
            yield record


def find_renamed(before: Snapshot, after: Snapshot, changes: Changes) -> Mapping[RecordId, Record]:
    """The ids that disappeared, each with the new record that describes the same thing under another id."""
    lost = list(removed_records(after, changes))
    came: dict[tuple[str, ...], Record] = {}
    for old, new in changes if lost else ():
        if old is None and new is not None and not before.files_of(new.rid):
            for trait in _traits(new):
                came.setdefault(trait, new)
    found = ((old.rid, next((came[trait] for trait in _traits(old) if trait in came), None)) for old in lost)
    return {rid: new for rid, new in found if new is not None}


def new_ids(before: Snapshot, after: Snapshot, changes: Changes) -> Mapping[RecordId, str]:
    """The records whose ids disappeared, each with the id of the new record with the same content."""
    lost = list(removed_records(after, changes))
    came = {
        (new.rid.kind, _but_for_id(new)): new.rid.id
        for old, new in (changes if lost else ())
        if old is None and new is not None and not before.files_of(new.rid)
    }
    found = ((old.rid, came.get((old.rid.kind, _but_for_id(old)))) for old in lost)
    return {rid: id for rid, id in found if id is not None}


def under_new_ids(registry: WithSchemas, record: Record, ids: Mapping[RecordId, str]) -> Record:
    """The record with its references to renamed records updated."""
    kind = registry.schemas.kinds.get(record.rid.kind)
    if not ids or kind is None:
        return record
    data = copy.deepcopy(dict(record.data))
    for link in kind.links(record):
        new = next((ids[rid] for name in link.kinds if (rid := RecordId(name, link.target)) in ids), None)
        around: Any = value_at(data, link.path[:-1])
        if new is not None and around is not None:
            around[link.path[-1]] = new
    return replace(record, data=data)


def _but_for_id(record: Record) -> str:
    data = {name: value for name, value in record.data.items() if name != "id"}
    return json.dumps(data, sort_keys=True, default=str)


def is_given(value: Json) -> bool:
    """False for a field that is absent or empty."""
    return value is not None


def as_text(value: Json) -> str:
    """A text unchanged, without quotes; anything else as JSON."""
    written = literal(value)
    return written[1:-1] if isinstance(value, str) and written.endswith('"') else written


def unless_corrected(fault: Fault, context: Context, record: Record, name: str) -> Fault:
    """The fault; or a warning for the review, with the reason, if a correction of this field was recorded."""
    why = context.corrected.get((record.rid, name))
    if why is None:
        return fault
    message = fault.message
    if why:
        message = Message('{message}; corrected: "{why}"', message=message, why=why)
    return replace(fault, message=message, hint=_COMPARE, severity="warning")


def correction_hint(record: Record, name: str, value: str | None = OPEN, also: Iterable[str] = ()) -> Text:
    """How to correct a wrongly entered field, or remove it if no value is given. `also`: further words of the command,
    for what has to change with it."""
    return correction(record, (*((f"{name}={value}",) if value is not None else ("--unset", name)), *also))


def correction(record: Record, words: Iterable[str]) -> Text:
    """How to correct a wrong entry, with these words of `set`."""
    line = correction_command(record, words)
    return Message("if it was a typing error: {line}", line=line)


def day_correction(record: Record, name: str, value: str = OPEN) -> Text:
    """How to correct one of several days that contradict each other."""
    line = correction_command(record, [f"{name}={value}"])
    return Message("correct the wrong day: {line}", line=line)


def correction_command(record: Record, words: Iterable[str]) -> Text:
    """The command that corrects a record with these words of `set` and records the reason."""
    line = f"smartreg set {record.rid.id} {shell_words(words)} --correct -m"
    return Message('{line} "REASON"', line=line)


def slip_in_item(record: Record, path: str, was: Json, now: Json) -> Text:
    """How to correct an item of a list, in the first field that differs; or remove it, if it disappeared."""
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        return correction_hint(record, path, None)
    name = next(name for name in {**was, **now} if was.get(name) != now.get(name))
    return correction_hint(record, f"{path}.{name}", value_word(now[name]) if is_given(now.get(name)) else None)


def value_word(value: Json) -> str:
    """The value as a command takes it, lists with commas; a placeholder if a message has no room for it."""
    word = ",".join(text_list(value)) or as_text(value)
    return OPEN if OPEN in word else word


def shell_words(words: Iterable[str]) -> str:
    """The words quoted for a shell. A placeholder needs no quotes."""
    return " ".join(word if _is_plain(word.replace(OPEN, "")) else shlex.quote(word) for word in words)


def _is_plain(word: str) -> bool:
    return shlex.quote(word) == word


def successor(kind: Kind, record: Record) -> Text:
    """How to add the successor of a record: with the preset that fits it (`add-sensor`), else with its noun."""
    fits = (name for name, values in kind.presets.items() if values.items() <= record.data.items())
    line = f"smartreg add-{next(fits, kind.noun)} --like {record.rid.id} --replaces {record.rid.id}"
    return Message("a new device is a new record: {line}", line=line)


def _traits(record: Record) -> Iterator[tuple[str, ...]]:
    """What identifies the record: its identifiers, or else its whole content."""
    kind = record.rid.kind
    for fields in _IDENTITIES:
        values: Iterable[str | None] = [text(record, field) for field in fields]
        known = [value for value in values if value is not None]
        if len(known) == len(fields):
            yield kind, *fields, *known
    yield kind, repr(sorted((key, repr(value)) for key, value in record.data.items() if key != "id"))
