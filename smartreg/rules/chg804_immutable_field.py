"""Changed field that identifies the thing."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.changes import (
    Changes,
    as_text,
    is_given,
    pairs_of,
    slip,
    successor,
    unless_corrected,
    was_in_service,
)
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import rule

_FIXED = {
    "equipment": ("type", "manufacturer", "serial_number", "dev_eui", "gateway_eui"),
    "support": ("type",),
    "party": ("siren",),
}
_OTHERS = {
    "support": Words("another support is a new record", "un autre support est une nouvelle fiche"),
    "party": Words("another legal person is a new record", "une autre personne morale est une nouvelle fiche"),
}


@rule("CHG804", "error", "change", Words("fixed field changed", "champ immuable modifié"), kinds=tuple(_FIXED))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, *_FIXED):
        if old.rid.kind == "party" or was_in_service(context, old):
            other = _OTHERS.get(old.rid.kind) or successor(context.schemas.kinds[old.rid.kind], new)
            for name in _FIXED[old.rid.kind]:
                was = old.data.get(name)
                if is_given(was) and new.data.get(name) != was:
                    yield unless_corrected(_fault(other, old, new, name), context, new, name)


def _fault(other: Words, old: Record, new: Record, name: str) -> Fault:
    was, now = as_text(old.data[name]), new.data.get(name)
    if is_given(now):
        message = Words(f"{name} was {was} and is now {as_text(now)}", f"{name} était {was} et devient {as_text(now)}")
    else:
        message = Words(f"{name} was {was} and is gone", f"{name} était {was} et a disparu")
    correct = slip(new, name, as_text(now) if is_given(now) else None)
    return Fault(
        at(new, name) if name in new.data else at(new, "id"),
        message,
        Words(f"{other.en}; {correct.en}", f"{other.fr} ; {correct.fr}"),
    )
