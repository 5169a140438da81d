"""Questions about cover: which exchanges concern a party, support, equipment, network, flow or convention on a day, and
under which conventions others may use what it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from smartreg.core.messages import Message, Text, joined, message_in
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import is_use, titles
from smartreg.domain.covers import (
    Cover,
    covers_of,
    flows_fed_by_any,
    of_convention,
)
from smartreg.domain.exchanges import Exchange, exchanges_over_time, objects, providers
from smartreg.domain.fields import record_named_by
from smartreg.domain.flows import flows_fed_by
from smartreg.domain.mounted import support_on
from smartreg.domain.placements import owner_on
from smartreg.domain.titles import Title, join_titles

FREE: Mapping[str, Text] = {
    "commercial": Message("paid subscription: no convention is needed"),
    "public": Message("public under its licence: no convention is needed"),
    "not_in_use": Message("not in use: no convention is needed yet"),
}
REASONS: Mapping[str, Text] = {
    **FREE,
    "unreadable": Message("the convention that it names cannot be read (smartreg validate says why)"),
    "no_convention": Message("no convention is about it"),
    "not_signed": Message("the convention is not signed"),
    "not_yet": Message("the convention does not cover it yet"),
    "amended": Message("the convention no longer covers it, by an amendment"),
    "ended": Message("the convention has ended"),
    "annulled": Message("the convention was annulled by a court"),
    "not_in_force": Message("no convention about it is in force"),
}
"""Why no convention covers an exchange, or has to, by its code."""
STATES: Mapping[str, Text] = {
    "covered": message_in("of an exchange", "covered"),
    "uncovered": message_in("of an exchange", "not covered"),
    "unknown": message_in("of an exchange", "unknown"),
    "not_needed": message_in("of an exchange", "no convention needed"),
}
KINDS = ("party", "support", "equipment", "network", "flow", "convention")
FAMILIES = {"support": "installation", "network": "connectivity"}


class Own(NamedTuple):
    """A family for which equipment needs no convention on a day, because the support or network is its owner's."""

    family: str
    through: Record


def title_of(registry: Snapshot, convention: Record) -> Title:
    """A convention from its first day to its last, as it reads after all acts."""
    return titles(registry).of(convention)


def covers_about(registry: Snapshot, record: Record, on: date) -> list[Cover]:
    """The exchanges by the record, or from, to or through it, on the day, sorted by record; for a convention, those
    that it covers; for equipment, also those of the flows that it feeds."""
    if record.rid.kind == "convention":
        return of_convention(registry, titles(registry).of(record), on)
    near = (registry.get(rid) for rid in _near(registry, record))
    covers = (cover for other in near if other is not None for cover in covers_of(registry, other, on))
    return [cover for cover in covers if _concerns(cover, record)]


def covers_on(registry: Snapshot, on: date) -> Iterator[Cover]:
    """The exchanges by all equipment and flows that are there on the day, sorted by record."""
    for kind in ("equipment", "flow"):
        for record in registry.of_kind(kind):
            yield from covers_of(registry, record, on)


def why_not_covered(cover: Cover, on: date) -> Text | None:
    """Why no convention covers it on the day, or has to; None if one does."""
    code = reason_code(cover, on)
    if code is None:
        return None
    if cover.free is not None or not cover.titles:
        return REASONS[code]
    return joined(
        [joined((title.id, title.reason_not_in_force(on)), " ") for title in cover.titles],
        Message("; "),
    )


def reason_code(cover: Cover, on: date) -> str | None:
    """Why no convention covers it on the day, or has to, as one of `REASONS`; None if one does."""
    if cover.free is not None:
        return cover.free
    if cover.titles is None:
        return "unreadable"
    if cover.by(on):
        return None
    states = {title.out_of_force(on) for title in cover.titles}
    return "no_convention" if not states else states.pop() if len(states) == 1 else "not_in_force"


def titles_opened_by(registry: Snapshot, record: Record, on: date) -> list[Title]:
    """The periods of conventions, whatever their days, under which others may use a support or network of its owners on
    the day; for a party, those to which it is a party."""
    conventions = titles(registry)
    if record.rid.kind == "party":
        return join_titles(conventions.of_party(record.rid.id), lambda version: record.rid.id in version.parties)
    family = FAMILIES.get(record.rid.kind)
    if family is None:
        return []
    hosts = providers(record) if family == "connectivity" else tuple(filter(None, (owner_on(registry, record, on),)))
    exchange = Exchange(family, record.rid.kind, "", hosts, record)
    near = {title.id: title.record for host in hosts for title in conventions.of_party(host)}

    def opens(version: Title) -> bool:
        return family in version.families and not version.bound.isdisjoint(hosts) and version.reaches(exchange)

    return join_titles(
        (version for _, record in sorted(near.items()) for version in conventions.versions(record)), opens
    )


def own(registry: Snapshot, record: Record, on: date) -> list[Own]:
    """For equipment: its support and network of the day that are its owner's on that day."""
    if record.rid.kind != "equipment":
        return []
    crossing = {exchange.family for exchange in exchanges_over_time(registry, record) if exchange.holds(on)}
    hosts = (support_on(registry, record, on), record_named_by(registry, record, "network", "network"))
    hosts_by_family = zip(FAMILIES.values(), hosts, strict=True)
    return [Own(family, host) for family, host in hosts_by_family if host is not None and family not in crossing]


def _near(registry: Snapshot, record: Record) -> Iterable[RecordId]:
    """The equipment and flows that may form an exchange."""
    rid = record.rid
    if rid.kind == "party":
        near = set(objects(registry, (rid.id,)))
        return sorted({*near, *flows_fed_by_any(registry, near)})
    if rid.kind in FAMILIES:
        return sorted({link.source for link in registry.links_to(rid) if is_use(rid.kind, link.path)})
    return (rid, *sorted(set(flows_fed_by(registry, rid)))) if rid.kind == "equipment" else (rid,)


def _concerns(cover: Cover, record: Record) -> bool:
    kind, exchange = record.rid.kind, cover.exchange
    if kind == "party":
        return record.rid.id in (exchange.user, *exchange.partners)
    if kind in FAMILIES:
        return exchange.through is not None and exchange.through.rid == record.rid
    return True
