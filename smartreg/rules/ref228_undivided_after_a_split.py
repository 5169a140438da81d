"""What a party had that was split, and that no record gives to one of its successors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Once a party has ended and several others have taken its place, each support and device that it owned, each network that
it operated and each flow that it produced names one of them. Until then it counts as undivided: the conventions of the
former party, which all its successors have, still cover it. What has ended itself is left out.

## Why

The act that splits a commune or an EPCI says who gets what (CGCT, articles L2112-7 and following, L5211-25-1). The
registry cannot guess that.

## Wrong

```yaml
# registry/parties/istres-fos.yaml: ended_on: "2027-01-01", successors ville-d-istres-2 and fos-2
id: istres-ep-00412
owner: istres-fos
```

## Right

```yaml
id: istres-ep-00412
owner: ville-d-istres-2
previous_owners:
  - {owner: istres-fos, until: "2026-12-31"}
```

## How to fix it

`smartreg transfer support/istres-ep-00412 ville-d-istres-2 --on 2027-01-01`; for a network or a flow, which keep no
earlier operator, `smartreg set network/lora operator=ville-d-istres-2`.

## Configure

`[severity]` in `smartreg.toml`: `REF228 = "off"`. There is no threshold.

## Waive

`# smartreg: ignore[REF228] reason` on the line of the party, or a `[[waiver]]` in `smartreg.toml`.
"""

FIELDS = {"support": "owner", "equipment": "owner", "network": "operator", "flow": "producer"}
"""Kind → the field that names who has it."""


def _named_by(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The record itself, or what a party has."""
    if record.rid.kind == "party":
        yield from (link.source for link in registry.links_to(record.rid))
    else:
        yield record.rid


@rule(
    "REF228",
    "warning",
    "registry",
    Words("undivided after a split", "indivis après une scission"),
    kinds=tuple(FIELDS),
    touches=_named_by,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    known = successions(registry)
    for record in subjects if known.ends else ():
        field = FIELDS[record.rid.kind]
        party = text(record, field) or ""
        heirs = known.parties_on(party, context.on)
        if known.has_ended(party, context.on) and len(heirs) > 1 and not has_ended(registry, record):
            yield _fault(record, field, known.ends[party].isoformat(), heirs)


def _fault(record: Record, field: str, ended: str, heirs: tuple[str, ...]) -> Fault:
    party, among = text(record, field), ", ".join(heirs)
    line = f"smartreg set {record.rid} {field}={heirs[0]}"
    if field == "owner":
        line = f"smartreg transfer {record.rid} {heirs[0]} --on {ended}"
    return Fault(
        at(record, field),
        Words(
            f"{field} is {party}, which was split on {ended}: it does not say which of {among} has it",
            f"{field} : {party}, scindée le {ended} ; il n'est pas dit qui, de {among}, en dispose",
        ),
        Words(f"say who has it, for example: {line}", f"dites qui en dispose, par exemple : {line}"),
    )
