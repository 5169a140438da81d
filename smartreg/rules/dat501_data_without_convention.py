"""Data passed on without a convention that covers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import nearest, titles
from smartreg.domain.data_cover import DataCover, flows_reached, joined_for_data
from smartreg.domain.fields import in_service, text
from smartreg.domain.flows import Participant, consumers
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "DAT501",
    "error",
    "registry",
    Message("data without a convention"),
    kinds=("flow",),
    touches=flows_reached,
    dated=True,
    advises=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    cover = DataCover(registry, context.on)
    for flow in subjects:
        if in_service(registry, flow) and text(flow, "access") != "public":
            for consumer in consumers(flow):
                if consumer.party != text(flow, "producer") and not cover.passes(flow, consumer.party):
                    yield _uncovered_consumer(registry, flow, consumer, context.on)


def _uncovered_consumer(registry: Snapshot, flow: Record, consumer: Participant, on: date) -> Fault:
    producer = text(flow, "producer") or ""
    convention = titles(registry).find(text(flow, "convention"))
    id = flow.rid.id
    if convention is None:
        message = Message(
            '{party} receives {id} from {producer}, and no convention between them covers "data" on {on}',
            party=consumer.party,
            id=id,
            producer=producer,
            on=on,
        )
        hint = _or_else(flow, _between(registry, producer, consumer.party, on))
    else:
        message = Message(
            "{party} receives {id} from {producer}, and the convention {named}, which the flow names, does not cover "
            '"data" between them on {on}',
            party=consumer.party,
            id=id,
            producer=producer,
            named=convention.id,
            on=on,
        )
        hint = _instead_of(flow, convention, on)
    return Fault(
        at(flow, *consumer.path),
        message,
        hint,
    )


def _between(registry: Snapshot, producer: str, consumer: str, on: date) -> Text:
    """The way of the two to a convention, based on the one that they have, if any."""
    conventions = titles(registry)
    between = DataCover(registry, None).titles_between(producer, consumer)
    about_data = joined_for_data(between, producer, consumer)
    if about_data:
        near = nearest(about_data, on)
        why = near.reason_not_in_force(on)
        return Message("{near} {why}: record the convention that holds on that day", near=near.id, why=why)
    others = [
        version for version in conventions.of_party(producer) if consumer in version.bound and version.in_force(on)
    ]
    if others:
        id = others[0].id
        return Message(
            'add the family "data" by an amendment: smartreg amend {id} families+=data --deliberation ID', id=id
        )
    return Message("record their convention (smartreg add-convention)")


def _or_else(flow: Record, way: Text) -> Text:
    """The alternative to a convention: the flow ends. To make it public is for whose data it is, and no way out."""
    id = flow.rid.id
    return Message("{way}, or end the flow (smartreg retire {id})", way=way, id=id)


def _instead_of(flow: Record, convention: Title, on: date) -> Text:
    id = flow.rid.id
    if not convention.in_force(on):
        why = convention.reason_not_in_force(on)
        return Message(
            "it {why}: name the one that holds on that day (smartreg set {id} convention=…), or end the flow "
            "(smartreg retire {id})",
            why=why,
            id=id,
        )
    return Message('check its parties and its families, name another one, or leave "convention" out')
