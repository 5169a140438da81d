"""Changed id of a record that was in service."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Words
from smartreg.domain.changes import Changes, find_renamed, removed_records, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A record that was in service at the base (equipment installed or later, a signed convention, a support in service …)
keeps its id. The rule reports a record that has disappeared while a new one of the same kind has its identifiers
(DevEUI, gateway EUI, IMEI, MAC address, manufacturer and serial number, owner and local reference), or equals it in all
fields.

Records that were planned, drafts or cancelled may be renamed.

## Why

Smartreg: exports, platforms, maps and other registries know a thing by its id, and so does its history in Git.

## Wrong

```yaml
# before: registry/equipment/istres-noise-003.yaml, active; after: registry/equipment/noise-istres-3.yaml
id: noise-istres-3
serial_number: SN-2401-0087
```

## Right

```yaml
# a new device at the same place is a new record; the old one stays, with status removed
id: istres-noise-017
replaces: istres-noise-003
```

## How to fix it

Restore the record's old id. If it is a different device, keep the record of the old one (`smartreg retire`) and add a
new one that names it in `replaces`.

## Configure

`[severity]` in `smartreg.toml`: `CHG801 = "warning"`. There is no threshold.

## Waive

A `[[waiver]]` in `smartreg.toml`, in an earlier, separate change: a change cannot waive its own findings.
"""


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
