"""Support or equipment with a new owner, without the day of the change."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.changes import Changes, new_ids, pairs_of, slip, under_new_ids, unless_corrected, was_in_service
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import text
from smartreg.domain.placements import OWNERS, recorded_owners
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The owner of a support or equipment that was in service changes only together with a new item in `previous_owners`: who
owned it before, and until which day.

## Why

Supports of communes are public property, which does not change hands without a decision of both bodies; and the owner
determines which convention covers what is mounted there on each day. If the owner is merely overwritten, the former
owner is lost.

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
previous_owners:
  - owner: ville-d-istres
    until: "2025-05-11"
```

## How to fix it

`smartreg transfer ID PARTY --on DAY` writes both. If the old owner was never the owner:
`smartreg set ID owner=amp-metropole --correct -m "the deed names the Métropole"`. The correction stays visible, as a
warning.

## Configure

`[severity]` in `smartreg.toml`: `CHG806 = "warning"`. There is no threshold.

## Waive

A `[[waiver]]` in `smartreg.toml`, in an earlier, separate change: a change cannot waive its own findings.
"""

_OWNED = ("support", "equipment")


@rule("CHG806", "error", "change", Words("owner changed", "changement de propriétaire"), kinds=_OWNED)
def check(before: Snapshot, after: Snapshot, changes: Changes, context: Context) -> Iterator[Fault]:
    ids = new_ids(before, after, changes)
    for was_there, new in pairs_of(changes, *_OWNED):
        old = under_new_ids(context, was_there, ids)
        was, now = text(old, "owner"), text(new, "owner")
        if was and now and was != now and was_in_service(context, old) and not _records_end(old, new, was):
            correct, id = slip(new, "owner", now), new.rid.id
            fault = Fault(
                at(new, "owner"),
                Words(
                    f"the owner was {was} and is now {now}, but {OWNERS} does not say until when",
                    f"le propriétaire était {was} et devient {now}, mais {OWNERS} ne dit pas jusqu'à quand",
                ),
                Words(
                    f"smartreg transfer {id} {now} --on YYYY-MM-DD records a transfer; {correct.en}",
                    f"smartreg transfer {id} {now} --on AAAA-MM-JJ inscrit un transfert ; {correct.fr}",
                ),
            )
            yield unless_corrected(fault, context, new, "owner")


def _records_end(old: Record, new: Record, owner: str) -> bool:
    """Whether the new record says until when the old owner owned it."""
    known = {(one.owner, one.until) for one in recorded_owners(old)}
    return any(one.owner == owner and (one.owner, one.until) not in known for one in tuple(recorded_owners(new))[:-1])
