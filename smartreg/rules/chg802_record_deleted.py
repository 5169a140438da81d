"""Deleted record that was in service."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.changes import Changes, find_renamed, removed_records, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, state
from smartreg.rules.rule import rule


@rule("CHG802", "error", "change", Message("record deleted"))
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    names = find_renamed(before, after, changes)
    for old in removed_records(after, changes):
        if old.rid not in names and was_in_service(context, old):
            status = state(context, old)
            yield Fault(
                at(old),
                Message(
                    "{old} is deleted, and its status was {status}: exports and figures need the record",
                    old=old.rid,
                    status=status,
                ),
                _hint(old, has_ended(context, old)),
            )


def _hint(record: Record, ended: bool) -> Text:
    if ended:
        return Message("put the file back")
    return Message("put the file back; then, to end its life: smartreg retire {record}", record=record.rid.id)
