"""Data made by the equipment of a party that has no data convention with the producer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import search_parties
from smartreg.domain.data_cover import DataCover, data_parties, has_data
from smartreg.domain.fields import in_service, text
from smartreg.domain.flows import flows_fed_by, of_others
from smartreg.domain.placements import OWNERS
from smartreg.domain.reach import linked
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The records linked; for a convention, the flows that its parties produce or that their equipment feeds."""
    yield from linked(registry, record)
    if record.rid.kind == "convention" and has_data(record):
        for party in successions(registry).kin(search_parties(registry, data_parties(registry, record))):
            for link in registry.links_to(RecordId("party", party)):
                if link.source.kind == "flow":
                    yield link.source
                elif link.source.kind == "equipment" and link.path[0] in ("owner", OWNERS):
                    yield from flows_fed_by(registry, link.source)


@rule(
    "DAT504",
    "error",
    "registry",
    Message("data from another party's equipment"),
    kinds=("flow",),
    touches=_find_affected,
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    cover = DataCover(registry, context.on)
    for flow in subjects:
        producer = text(flow, "producer")
        if producer is not None and in_service(registry, flow):
            for owner, places in of_others(registry, flow, producer, context.on).items():
                if not cover.between(producer, owner):
                    yield _foreign_equipment(flow, owner, places)


def _foreign_equipment(flow: Record, owner: str, places: list[tuple[KeyPath, Record]]) -> Fault:
    path, device = places[0]
    id, producer, more = device.rid.id, text(flow, "producer"), len(places) - 1
    if more:
        message = Message(
            '{owner} owns {id} and {more} more, and no convention with the producer {producer} covers "data"',
            owner=owner,
            id=id,
            more=more,
            producer=producer,
        )
    else:
        message = Message(
            '{owner} owns {id}, and no convention with the producer {producer} covers "data"',
            owner=owner,
            id=id,
            producer=producer,
        )
    return Fault(
        at(flow, *path),
        message,
        Message('correct the producer or the owner, or record a convention between them with the family "data"'),
        (Related(at(device, "owner"), Message("its owner")),),
    )
