"""Signed convention changed without an amendment."""

from __future__ import annotations

import json
from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Json, Record
from smartreg.domain.acts import TERMS, Act, acts, at_path
from smartreg.domain.changes import Changes, pairs_of, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import (
    OPEN,
    as_text,
    correction,
    correction_hint,
    is_given,
    shell_words,
    unless_corrected,
    value_word,
)
from smartreg.domain.fields import text_list
from smartreg.domain.renewal import ENDED
from smartreg.rules.rule import rule

_OVER = "terminated"
_NEVER_AMENDED = ("signed_on", "effective_from")
_OTHERWISE = {
    ENDED: ("terminate", "--on DATE --deliberation ID"),
    "third_parties": ("annex", "FILE --kind interface_clause --party PARTY --on DATE"),
}
"""Fields that acts change by another command than `amend`, and its further words."""
_LISTS = ("parties", "families")


@rule("CHG805", "error", "change", Message("convention changed without amendment"), kinds=("convention",))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, "convention"):
        if not was_in_service(context, old):
            continue
        by_nobody = new.data.get("status") == _OVER != old.data.get("status") and not any(map(_ends, acts(new)))
        if by_nobody:
            yield unless_corrected(_no_act(new), context, new, "status")
        for name in [name for name in TERMS if name != ENDED or not by_nobody]:
            was, now = old.data.get(name), new.data.get(name)
            if _bare(was, name) != _bare(now, name):
                over = old.data.get("status") == _OVER
                yield unless_corrected(_unamended_change(new, name, (was, now), over), context, new, name)


def _ends(act: Act) -> bool:
    return ENDED in act.part("sets")


def _bare(value: Json, name: str) -> str:
    """A value without meaningless differences: the order of a list of names."""
    return json.dumps(sorted(text_list(value)) if name in _LISTS else value, sort_keys=True, default=str)


def _no_act(record: Record) -> Fault:
    ended = record.data.get(ENDED)
    correct = correction_hint(record, "status", _OVER, [f"{ENDED}={ended if is_given(ended) else OPEN}"])
    return Fault(
        at(record, "status"),
        Message("a signed convention is terminated, and no act says so"),
        Message(
            "record the act that ended it: smartreg terminate {record}; {correct}",
            record=record.rid.id,
            correct=correct,
        ),
    )


def _unamended_change(record: Record, name: str, sides: tuple[Json, Json], over: bool) -> Fault:
    """`over`: no act changes a convention that is terminated."""
    was, now = sides
    changed = list(_amend_words(name, was, now)) or [f"{name}={OPEN}"]
    hint = correct = correction(record, changed)
    if name not in _NEVER_AMENDED and not over:
        command, words = _OTHERWISE.get(name) or ("amend", f"{shell_words(changed)} --deliberation ID")
        line = f"smartreg {command} {record.rid.id} {words}"
        hint = Message("record the act: {line}; {correct}", line=line, correct=correct)
    old, new = (_format(value) for value in (was, now))
    return Fault(
        at(record, name) if name in record.data else at(record, "id"),
        Message(
            "{name} of a signed convention changed without an amendment: {old} → {new}", name=name, old=old, new=new
        ),
        hint,
    )


def _format(value: Json) -> str:
    texts = text_list(value)
    return ", ".join(texts) if texts else "–" if value is None else as_text(value)


def _amend_words(name: str, was: Json, now: Json) -> Iterator[str]:
    """The words for `amend` and `set` that result in the new value."""
    paths = [name]
    if isinstance(was, dict) and isinstance(now, dict):
        paths = [f"{name}.{key}" for key in {**was, **now} if was.get(key) != now.get(key)]
    for path in paths:
        yield from _words(path, at_path({name: was}, path), at_path({name: now}, path))


def _words(path: str, was: Json, now: Json) -> Iterator[str]:
    if now is None:
        yield from ("--unset", path)
    elif isinstance(was, list) and isinstance(now, list):
        yield from (f"{path}+={item}" for item in text_list(now) if item not in was)
        yield from (f"{path}-={item}" for item in text_list(was) if item not in now)
    else:
        yield f"{path}={value_word(now)}"
