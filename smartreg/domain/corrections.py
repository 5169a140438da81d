"""Commands by which people correct a wrong entry, for the hints of rules; faults that a recorded correction lowers to
warnings.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from smartreg.core.messages import Message, Text
from smartreg.core.values import Json, Record
from smartreg.domain.checks import Context, Fault
from smartreg.domain.fields import text_list
from smartreg.schema import Kind, literal

OPEN = "…"  # a value that the user knows
_COMPARE = Message("recorded as a correction; the reviewer should compare it with the thing or its papers")


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
    return fault._replace(message=message, hint=_COMPARE, severity="warning")


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
