"""Changed id of a record that was in service."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Words
from smartreg.domain.changes import Changes, find_renamed, removed_records, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import rule


@rule("CHG801", "error", "change", Words("id changed", "identifiant changé"))
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    names = find_renamed(before, after, changes)
    for old in removed_records(after, changes):
        new = names.get(old.rid)
        if new is not None and was_in_service(context, old):
            yield Fault(
                at(new, "id"),
                Words(
                    f"{old.rid} was in service and is now called {new.rid.id}: an id never changes",
                    f"{old.rid} était en service et s'appelle maintenant {new.rid.id} : un identifiant ne change pas",
                ),
                Words(
                    f"give it the id {old.rid.id} back; another thing is a new record",
                    f"rendez-lui l'identifiant {old.rid.id} ; un autre objet est une nouvelle fiche",
                ),
            )
