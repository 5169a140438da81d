"""Amending act rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.core.messages import Message
from smartreg.core.values import Json, Record
from smartreg.domain.acts import ACTS
from smartreg.domain.changes import Changes, pairs_of
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import slip_in_item, unless_corrected
from smartreg.rules.rule import rule


@rule("CHG820", "error", "change", Message("act rewritten"), kinds=("convention",))
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in pairs_of(changes, "convention"):
        now = _items(new)
        for place, act in enumerate(_items(old)):
            if place >= len(now) or now[place] != act:
                fault = _rewritten_act(new, place, act, now[place] if place < len(now) else None)
                yield unless_corrected(fault, context, new, ACTS)


def _items(record: Record) -> list[Json]:
    items = record.data.get(ACTS)
    return items if isinstance(items, list) else []


def _rewritten_act(record: Record, place: int, act: Json, now: Json) -> Fault:
    """`now`: what replaces it; None if nothing does."""
    number = act.get("number") if isinstance(act, Mapping) else None
    number, id = number or place + 1, record.rid.id
    correct = slip_in_item(record, f"{ACTS}[{place}]", act, now)
    there = now is not None
    return Fault(
        at(record, ACTS, place) if there else at(record, ACTS) if ACTS in record.data else at(record, "id"),
        Message("amendment {number} of {id} was rewritten", number=number, id=id)
        if there
        else Message("amendment {number} of {id} is gone", number=number, id=id),
        Message(
            "put it back, and record what changed since as another act (smartreg amend); {correct}", correct=correct
        ),
    )
