"""Data passed on without a convention that covers them.

## What it checks

A flow that is not public, and active or suspended, goes only to consumers with whom its producer has a convention of
the family "data" in force on the reference date (`--on`). Both are parties to it, or one is and the other is listed in
its `third_parties`. If the flow names a `convention`, only that one counts. The `scope` of a convention narrows places
and networks, not data. A flow that is only planned may still wait for its convention.

## Why

Deliberation IVIS-009-13539/23/BM: the exchange of data is one of the three families of the convention. The law on open
data frees what is published (CRPA L321-1 and following); what is not published passes from one body to another only
under terms that both accepted. A public flow needs no convention: its licence is enough (DAT505).

## Wrong

```yaml
# no convention between amp-metropole and ville-d-istres covers "data"
id: istres-noise-levels
producer: amp-metropole
consumers: [ville-d-istres]
access: restricted
```

## Right

```yaml
# registry/conventions/smart-metropole-istres.yaml
parties: [amp-metropole, ville-d-istres]
families: [installation, data]
status: signed
```

## How to mend

Add the family "data" to the convention (by an amendment, if it is signed), record the convention, or publish the flow
under a licence (`access: public`).

## Configure

`[severity]` in `smartreg.toml`: `DAT501 = "warning"`. There is no threshold; `--on DATE` sets the day.

## Waive

`# smartreg: ignore[DAT501] reason` on the line of the consumer, or a `[[waiver]]` in `smartreg.toml` until the day of
signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.rules._conventions import searched
from smartreg.rules._data_cover import FAMILY, DataCover, bound, naming
from smartreg.rules._fields import in_service, text, texts
from smartreg.rules._flows import Participant, consumers, flows_with
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Record, RecordId, Words


def _touched(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The flows that name a convention, and those of its parties."""
    if record.rid.kind != "convention":
        return
    yield from naming(registry, record.rid)
    if FAMILY in texts(record, "families"):
        for party in searched(registry, bound(record)):
            yield from flows_with(registry, RecordId("party", party))


@rule(
    "DAT501",
    "error",
    "registry",
    Words("data without a convention", "données sans convention"),
    kinds=("flow",),
    touches=_touched,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    cover = DataCover(registry, context.on)
    for flow in subjects:
        if in_service(registry, flow) and text(flow, "access") != "public":
            for consumer in consumers(flow):
                if consumer.party != text(flow, "producer") and not cover.passes(flow, consumer.party):
                    yield _fault(flow, consumer, context)


def _fault(flow: Record, consumer: Participant, context: Context) -> Fault:
    producer, named = text(flow, "producer"), text(flow, "convention")
    if named is None:
        lacking = Words(
            f'no convention between them covers "data" on {context.on}',
            f"aucune convention entre elles ne couvre « data » au {context.on}",
        )
        hint = Words(
            'add the family "data" to their convention, or publish the flow under a licence (access: public)',
            "ajoutez la famille « data » à leur convention, ou publiez le flux sous licence (access: public)",
        )
    else:
        lacking = Words(
            f'the convention {named}, which the flow names, does not cover "data" between them on {context.on}',
            f"la convention {named}, que cite le flux, ne couvre pas « data » entre elles au {context.on}",
        )
        hint = Words(
            'check its parties, its families and its dates, name another one, or leave "convention" out',
            "vérifiez ses parties, ses familles et ses dates, citez-en une autre, ou supprimez « convention »",
        )
    return Fault(
        at(flow, *consumer.path),
        Words(
            f"{consumer.party} receives {flow.rid.id} from {producer}, and {lacking.en}",
            f"{consumer.party} reçoit {flow.rid.id} de {producer}, et {lacking.fr}",
        ),
        hint,
    )
