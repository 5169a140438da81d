"""Data passed on without a convention that covers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import KIND, nearest, titles
from smartreg.domain.covers import DataCover, flows_reached, joined_for_data
from smartreg.domain.fields import in_service, text
from smartreg.domain.flows import Participant, consumers, is_personal
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "DAT501",
    "error",
    "registry",
    Words("data without a convention", "données sans convention"),
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
                    yield _fault(registry, flow, consumer, context.on)


def _fault(registry: Snapshot, flow: Record, consumer: Participant, on: date) -> Fault:
    producer = text(flow, "producer") or ""
    named = titles(registry).find(text(flow, KIND))
    id = flow.rid.id
    if named is None:
        message = Words(
            f'{consumer.party} receives {id} from {producer}, and no convention between them covers "data" on {on}',
            f"{consumer.party} reçoit {id} de {producer}, et aucune convention entre elles ne couvre « data » au {on}",
        )
        hint = _or_else(flow, _between(registry, producer, consumer.party, on))
    else:
        message = Words(
            f"{consumer.party} receives {id} from {producer}, and the convention {named.id}, which the flow names, "
            f'does not cover "data" between them on {on}',
            f"{consumer.party} reçoit {id} de {producer}, et la convention {named.id}, que cite le flux, ne couvre pas "
            f"« data » entre elles au {on}",
        )
        hint = _instead_of(flow, named, on)
    return Fault(
        at(flow, *consumer.path),
        message,
        hint,
    )


def _between(registry: Snapshot, producer: str, consumer: str, on: date) -> Words:
    """How the two get a convention, based on the one that they have, if any."""
    read = titles(registry)
    between = DataCover(registry, None).titles_between(producer, consumer)
    about_data = joined_for_data(between, producer, consumer)
    if about_data:
        near = nearest(about_data, on)
        why = near.reason_not_in_force(on)
        return Words(
            f"{near.id} {why.en}: record the convention that holds on that day",
            f"{near.id} {why.fr} : saisissez la convention qui vaut ce jour-là",
        )
    others = [one for one in read.of_party(producer) if consumer in one.bound and one.in_force(on)]
    if others:
        id = others[0].id
        return Words(
            f'add the family "data" by an amendment: smartreg amend {id} families+=data --deliberation ID',
            f"ajoutez la famille « data » par un avenant : smartreg amend {id} families+=data --deliberation ID",
        )
    return Words(
        "record their convention (smartreg add-convention)", "saisissez leur convention (smartreg add-convention)"
    )


def _or_else(flow: Record, way: Words) -> Words:
    """The alternative to a convention: the flow ends, or becomes public if it carries no personal data (DAT509)."""
    id = flow.rid.id
    if is_personal(flow):
        return Words(
            f"{way.en}, or end the flow (smartreg retire {id})",
            f"{way.fr}, ou mettez fin au flux (smartreg retire {id})",
        )
    return Words(
        f"{way.en}, end the flow (smartreg retire {id}), or publish it under a licence (access: public)",
        f"{way.fr}, mettez fin au flux (smartreg retire {id}), ou publiez-le sous licence (access: public)",
    )


def _instead_of(flow: Record, named: Title, on: date) -> Words:
    id = flow.rid.id
    if not named.in_force(on):
        why = named.reason_not_in_force(on)
        return Words(
            f"it {why.en}: name the one that holds on that day (smartreg set {id} convention=…), or end the flow"
            f" (smartreg retire {id})",
            f"elle {why.fr} : citez celle qui vaut ce jour-là (smartreg set {id} convention=…), ou mettez fin au flux"
            f" (smartreg retire {id})",
        )
    return Words(
        'check its parties and its families, name another one, or leave "convention" out',
        "vérifiez ses parties et ses familles, citez-en une autre, ou supprimez « convention »",
    )
