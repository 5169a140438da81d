"""Deleted record that was in service."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.changes import Changes, find_renamed, removed_records, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, state
from smartreg.rules.rule import rule


@rule("CHG802", "error", "change", Words("record deleted", "fiche supprimée"))
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    names = find_renamed(before, after, changes)
    for old in removed_records(after, changes):
        if old.rid not in names and was_in_service(context, old):
            status = state(context, old)
            yield Fault(
                at(old),
                Words(
                    f"{old.rid} is deleted, and its status was {status.en}: exports and figures need the record",
                    f"{old.rid} est supprimé (statut : « {status.fr} ») : les exports et le bilan en ont besoin",
                ),
                _hint(old, has_ended(context, old)),
            )


def _hint(record: Record, ended: bool) -> Words:
    if ended:
        return Words("the file has to stay", "le fichier doit rester")
    return Words(
        f"the file has to stay; to end its life: smartreg retire {record.rid.id}",
        f"le fichier doit rester ; pour mettre fin à sa vie : smartreg retire {record.rid.id}",
    )
