"""Support or equipment with another owner.

## What it checks

The owner of a support or of equipment that was in service changes only together with `notes`, which should quote the
act of the transfer.

## Why

Supports of communes are public property, which does not change hands without a decision of both bodies; and the owner
decides which convention covers what hangs there. A changed owner without a word is a slip more often than a transfer.

## Wrong

```yaml
# before: owner: ville-d-istres
id: istres-ep-00412
owner: amp-metropole
```

## Right

```yaml
id: istres-ep-00412
owner: amp-metropole
notes: Transféré à la Métropole par délibération du 12 mai 2025.
```

## How to mend

Quote the act in `notes`, or set the owner back.

## Configure

`[severity]` in `smartreg.toml`: `CHG806 = "error"`. There is no threshold.

## Waive

Not needed: a note that quotes the act is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.rules._changes import Changes, altered, was_in_service
from smartreg.rules._fields import text
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Words

_OWNED = ("support", "equipment")


@rule("CHG806", "warning", "change", Words("owner changed", "changement de propriétaire"), kinds=_OWNED)
def check(_before: Snapshot, _after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    for old, new in altered(changes, *_OWNED):
        was, now = text(old, "owner"), text(new, "owner")
        told = text(new, "notes") not in (None, text(old, "notes"))
        if was and now and was != now and not told and was_in_service(context, old):
            yield Fault(
                at(new, "owner"),
                Words(f"the owner was {was} and is now {now}", f"le propriétaire était {was} et devient {now}"),
                Words(
                    "quote the act of the transfer in notes, or set the owner back",
                    "citez l'acte de transfert dans notes, ou rétablissez le propriétaire",
                ),
            )
