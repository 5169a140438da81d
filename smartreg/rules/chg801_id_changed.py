"""Changed id of a record that was in service."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.domain.changes import Changes, find_renamed, removed_records, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import rule


@rule("CHG801", "error", "change", Message("id changed"))
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    names = find_renamed(before, after, changes)
    for old in removed_records(after, changes):
        new = names.get(old.rid)
        if new is not None and was_in_service(context, old):
            yield Fault(
                at(new, "id"),
                Message(
                    "{old} was in service and is now called {new}: an id never changes", old=old.rid, new=new.rid.id
                ),
                Message(
                    "git mv {file} {old_file}, and write `id: {old}` in it again; another thing is a new record",
                    old=old.rid.id,
                    file=new.file,
                    old_file=old.file,
                ),
            )
