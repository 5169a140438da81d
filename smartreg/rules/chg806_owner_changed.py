"""Support or equipment with a new owner, without the day of the change."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.changes import Changes, new_ids, pairs_of, under_new_ids, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import correction_hint, unless_corrected
from smartreg.domain.fields import text
from smartreg.domain.placements import OWNERS, recorded_owners
from smartreg.rules.rule import rule

_OWNED = ("support", "equipment")


@rule("CHG806", "error", "change", Message("owner changed"), kinds=_OWNED)
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    ids = new_ids(before, after, changes)
    for was_there, new in pairs_of(changes, *_OWNED):
        old = under_new_ids(context, was_there, ids)
        was, now = text(old, "owner"), text(new, "owner")
        if was and now and was != now and was_in_service(context, old) and not _records_end(old, new, was):
            correct, id = correction_hint(new, "owner", now), new.rid.id
            fault = Fault(
                at(new, "owner"),
                Message(
                    "the owner was {was} and is now {now}, but {owners} does not say until when",
                    was=was,
                    now=now,
                    owners=OWNERS,
                ),
                Message(
                    "smartreg transfer {id} {now} --on YYYY-MM-DD records a transfer; {correct}",
                    id=id,
                    now=now,
                    correct=correct,
                ),
            )
            yield unless_corrected(fault, context, new, "owner")


def _records_end(old: Record, new: Record, owner: str) -> bool:
    """Whether the new record says until when the old owner owned it."""
    recorded = {(ownership.owner, ownership.until) for ownership in recorded_owners(old)}
    return any(
        ownership.owner == owner and (ownership.owner, ownership.until) not in recorded
        for ownership in tuple(recorded_owners(new))[:-1]
    )
