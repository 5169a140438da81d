"""Deleted record that was in service."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.changes import Changes, find_renamed, removed_records, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, state
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A record that was in service at the base, or had ended after service (equipment installed or later, a signed or
terminated convention, a network, flow, support or use case in service), is not deleted. Records that were planned,
drafts or cancelled may be deleted, and so may parties and deliberations that nothing names (REF201 finds what still
does). A record that reappears under another id is CHG801.

## Why

The report on the prefiguration counts what was installed and what it cost; conventions say who was responsible for what
on whose support. Git keeps the text, but exports and figures need the record.

## Wrong

```yaml
# before: registry/equipment/istres-noise-003.yaml; after: no such file
id: istres-noise-003
status: active
```

## Right

```yaml
id: istres-noise-003
status: removed
decommissioned_on: "2025-09-01"
removed_on: "2025-09-15"
```

## How to fix it

Restore the file (`git checkout BASE -- FILE`, or `smartreg undo`), then retire the record (`smartreg retire ID`).

## Configure

`[severity]` in `smartreg.toml`: `CHG802 = "warning"`. There is no threshold.

## Waive

A `[[waiver]]` in `smartreg.toml`, in an earlier, separate change: a change cannot waive its own findings.
"""


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
