"""Changed field that identifies the thing."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.changes import Changes, pairs_of, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import as_text, correction_hint, is_given, successor, unless_corrected
from smartreg.rules.rule import rule

_FIXED = {
    "equipment": ("type", "manufacturer", "serial_number", "dev_eui", "gateway_eui"),
    "support": ("type",),
    "party": ("siren", "register_code"),
}
_OTHERS = {
    "support": Message("another support is a new record"),
    "party": Message("another legal person is a new record"),
}


@rule("CHG804", "error", "change", Message("fixed field changed"), kinds=tuple(_FIXED))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, *_FIXED):
        if old.rid.kind == "party" or was_in_service(context, old):
            for name in _FIXED[old.rid.kind]:
                was = old.data.get(name)
                if is_given(was) and new.data.get(name) != was:
                    other = _OTHERS.get(old.rid.kind) or successor(context.schemas.kinds[old.rid.kind], new)
                    yield unless_corrected(_changed_field(other, old, new, name), context, new, name)


def _changed_field(other: Text, old: Record, new: Record, name: str) -> Fault:
    was, now = as_text(old.data[name]), new.data.get(name)
    if is_given(now):
        message = Message("{name} was {was} and is now {now}", name=name, was=was, now=as_text(now))
    else:
        message = Message("{name} was {was} and is gone", name=name, was=was)
    correct = correction_hint(new, name, as_text(now) if is_given(now) else None)
    return Fault(
        at(new, name) if name in new.data else at(new, "id"),
        message,
        Message("{other}; {correct}", other=other, correct=correct),
    )
