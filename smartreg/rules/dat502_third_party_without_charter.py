"""Third party in a flow that has not signed the data charter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, RecordId, Words, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day_of
from smartreg.domain.fields import in_service
from smartreg.domain.flows import Participant, flows_with, participants, third
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Each third party that takes part in a flow (active or suspended) has signed the data charter on or before the reference
date (`--on`): `data_charter.signed_on` in its own file. The producer, the consumers and the operator of the platform
take part; for a public flow, consumers do not count, because anybody may be one. A third party is a party other than
the Métropole whose category is in `third_party_categories`.

## Why

Deliberation IVIS-009-13539/23/BM: third parties that use the data sign the data charter and an interface clause. The
charter was adopted on 30 June 2022. The deliberation does not define "third party": the list of categories is
smartreg's reading. Communes are left out because they sign the convention itself.

## Wrong

```yaml
# registry/parties/bureau-etudes-air.yaml, a consumer of a flow
id: bureau-etudes-air
category: private
```

## Right

```yaml
id: bureau-etudes-air
category: private
data_charter:
  signed_on: "2024-01-15"
```

## How to fix it

Have the charter signed and record the date, or remove the party from the flow.

## Configure

`third_party_categories = ["private"]` in `smartreg.toml` says which categories count. `[severity]`:
`DAT502 = "warning"`.

## Waive

`# smartreg: ignore[DAT502] reason` on the line of the party in the flow, or a `[[waiver]]` in `smartreg.toml`.
"""

SIGNED = ("data_charter", "signed_on")


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    if record.rid.kind == "party" and third(registry, record.rid.id) is not None:
        yield from flows_with(registry, record.rid)


@rule(
    "DAT502",
    "error",
    "registry",
    Words("third party without data charter", "tiers sans charte de la donnée"),
    kinds=("flow",),
    touches=_find_affected,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for flow in subjects:
        if in_service(registry, flow):
            for participant in participants(flow):
                party = third(registry, participant.party)
                signed = day_of(value_at(party.data, SIGNED)) if party else None
                if party is not None and (signed is None or signed > context.on):
                    yield _fault(flow, participant, party, context)


def _fault(flow: Record, participant: Participant, party: Record, context: Context) -> Fault:
    id = participant.party
    return Fault(
        at(flow, *participant.path),
        Words(
            f"{id} is a third party and has not signed the data charter by {context.on}",
            f"{id} est un tiers et n'a pas signé la charte de la donnée au {context.on}",
        ),
        Words(
            f"record the date: smartreg set {id} data_charter.signed_on=YYYY-MM-DD",
            f"inscrivez la date : smartreg set {id} data_charter.signed_on=AAAA-MM-JJ",
        ),
        (Related(at(party, "category"), Words("its category", "sa catégorie")),),
    )
