"""Convention that ends soon, or has ended within the time for removal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.messages import Message, Text, joined, plural
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import parties_ever, titles
from smartreg.domain.days import days_later
from smartreg.domain.deadlines import count_records, has_successor, losing
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """A convention, and those that it may succeed. What depends on it only changes the help."""
    if record.rid.kind == "convention":
        yield record.rid
        for party in parties_ever(registry, record):
            if party != registry.config.metropole:
                yield from (other.record.rid for other in titles(registry).of_party(party))


@rule(
    "CON304",
    "warning",
    "registry",
    Message("convention near its end"),
    kinds=("convention",),
    touches=_find_affected,
    dated=True,
    advises=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions, on = titles(registry), context.on
    soon = days_later(on, int(context.config.thresholds.expiry_days))
    for record in subjects:
        convention = conventions.of(record)
        end, last = convention.last, convention.overdue_after
        if (
            not convention.signed
            or convention.is_void(on)
            or end is None
            or last is None
            or end > soon
            or (convention.has_ended(on) and last < on)
        ):
            continue
        if not has_successor(registry, convention, end):
            after = on if convention.has_ended(on) or convention.last is None else days_later(convention.last, 1)
            records = count_records(losing(registry, convention, on, after))
            yield Fault(
                at(record, *convention.end_field), _message(convention, end, on), _advice(convention, on, records)
            )


def _message(convention: Title, end: date, on: date) -> Text:
    id = convention.id
    if convention.has_ended(on) and convention.removal_by is None:
        return Message(
            "convention {id} ended on {end} and gives no time for removal: equipment under it has no title any more",
            id=id,
            end=end,
        )
    if convention.has_ended(on):
        return Message(
            "convention {id} ended on {end}; equipment has to be removed by {removal_by}",
            id=id,
            end=end,
            removal_by=convention.removal_by,
        )
    days = (end - on).days
    return plural(
        "convention {id} ends on {end}, in {n} day",
        "convention {id} ends on {end}, in {n} days",
        n=days,
        id=id,
        end=end,
    )


def _advice(convention: Title, on: date, dependants: Counter[str]) -> Text:
    """Advice, and the number of records that depend on it: `12 equipment, 1 network, 3 flows`."""
    go_on = _go_on(convention, on)
    equipment, networks, flows = dependants["equipment"], dependants["network"], dependants["flow"]
    parts = []
    if equipment:
        parts.append(
            Message("1 equipment") if equipment == 1 else Message("{equipment} equipment", equipment=equipment)
        )
    if networks:
        parts.append(Message("1 network") if networks == 1 else Message("{networks} networks", networks=networks))
    if flows:
        parts.append(Message("1 flow") if flows == 1 else Message("{flows} flows", flows=flows))
    if not parts:
        return Message("if it is to go on, {go_on}; nothing in the registry depends on it", go_on=go_on)
    listed = joined(parts)
    return Message("{go_on}, or plan the removal; what depends on it: {listed}", go_on=go_on, listed=listed)


def _go_on(convention: Title, on: date) -> Text:
    """The act that can extend it: once it has ended, only an amendment signed before; once it is terminated,
    nothing."""
    if convention.terminated is not None:
        return Message("record a new convention (smartreg add-convention)")
    if convention.has_ended(on):
        return Message(
            "record a new convention (smartreg add-convention) or the amendment signed by {end} (smartreg renew {id} "
            "--until DATE --signed-on DATE)",
            end=convention.last,
            id=convention.id,
        )
    return Message("renew it (smartreg renew {id})", id=convention.id)
