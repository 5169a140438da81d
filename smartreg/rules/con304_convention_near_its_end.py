"""Convention that ends soon, or has ended within the time for removal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import KIND, parties_ever, titles
from smartreg.domain.days import days_later
from smartreg.domain.deadlines import count_records, has_successor, losing
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """A convention, and those that it may succeed. What depends on it only changes the help."""
    if record.rid.kind == KIND:
        yield record.rid
        for party in parties_ever(registry, record):
            if party != registry.config.metropole:
                yield from (other.record.rid for other in titles(registry).of_party(party))


@rule(
    "CON304",
    "warning",
    "registry",
    Words("convention near its end", "convention proche de son terme"),
    kinds=(KIND,),
    touches=_find_affected,
    dated=True,
    advises=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions, on = titles(registry), context.on
    soon = days_later(on, int(context.config.thresholds.expiry_days))
    for record in subjects:
        own = conventions.of(record)
        end, last = own.end, own.removal_by
        if not own.signed or end is None or last is None or end > soon or (own.has_ended(on) and last < on):
            continue
        if not has_successor(registry, own, end):
            after = on if own.has_ended(on) or own.last is None else days_later(own.last, 1)
            records = count_records(losing(registry, own, on, after))
            yield Fault(at(record, *own.end_field), _message(own, end, on), _advice(own, on, records))


def _message(own: Title, end: date, on: date) -> Words:
    id = own.id
    if own.has_ended(on):
        return Words(
            f"convention {id} ended on {end}; equipment has to be removed by {own.removal_by}",
            f"la convention {id} a pris fin le {end} ; les équipements doivent être déposés le {own.removal_by} au plus"
            " tard",
        )
    days = (end - on).days
    return Words(
        f"convention {id} ends on {end}, in {days} day{'s' * (days != 1)}",
        f"la convention {id} prend fin le {end}, dans {days} jour{'s' * (days > 1)}",
    )


def _advice(own: Title, on: date, dependants: Counter[str]) -> Words:
    """What to do, and what depends on it: `12 equipment, 1 network, 3 flows`."""
    go_on = _go_on(own, on)
    equipment, networks, flows = dependants["equipment"], dependants["network"], dependants["flow"]
    parts = []
    if equipment:
        parts.append(
            Words("1 equipment", "1 équipement")
            if equipment == 1
            else Words(f"{equipment} equipment", f"{equipment} équipements")
        )
    if networks:
        parts.append(
            Words("1 network", "1 réseau") if networks == 1 else Words(f"{networks} networks", f"{networks} réseaux")
        )
    if flows:
        parts.append(Words("1 flow", "1 flux") if flows == 1 else Words(f"{flows} flows", f"{flows} flux"))
    if not parts:
        return Words(
            f"if it is to go on, {go_on.en}; nothing in the registry depends on it",
            f"si elle doit durer, {go_on.fr} ; rien dans le registre n'en dépend",
        )
    listed = Words(", ".join(part.en for part in parts), ", ".join(part.fr for part in parts))
    return Words(
        f"{go_on.en}, or plan the removal; what depends on it: {listed.en}",
        f"{go_on.fr}, ou prévoyez la dépose ; ce qui en dépend : {listed.fr}",
    )


def _go_on(own: Title, on: date) -> Words:
    """What can extend it: once it has ended, only an amendment signed before; once it is terminated, nothing."""
    if own.terminated is not None:
        return Words(
            "record a new convention (smartreg add-convention)",
            "saisissez une nouvelle convention (smartreg add-convention)",
        )
    if own.has_ended(on):
        return Words(
            f"record a new convention (smartreg add-convention) or the amendment signed by {own.end} (smartreg renew"
            f" {own.id} --until DATE --signed-on DATE)",
            f"saisissez une nouvelle convention (smartreg add-convention) ou l'avenant signé le {own.end} au plus tard"
            f" (smartreg renew {own.id} --until DATE --signed-on DATE)",
        )
    return Words(f"renew it (smartreg renew {own.id})", f"renouvelez-la (smartreg renew {own.id})")
