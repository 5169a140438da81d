"""Cover of one exchange between parties: the periods of conventions that count for it, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot, derive
from smartreg.domain.conventions import search_parties, titles
from smartreg.domain.data_cover import DataCover, data_parties, joined_for_data
from smartreg.domain.days import day
from smartreg.domain.exchanges import Exchange, exchanges_over_time, objects
from smartreg.domain.fields import AT_WORK, has_ended, in_service, lifecycle_of, text, texts
from smartreg.domain.flows import of_others
from smartreg.domain.titles import Title

STARTS = ("installed_on", "started_on")
AFTER_USE = frozenset({"decommissioned", "removed", "ended"})
"""States that come after use; before their date the thing was still used."""

SOURCE = "equipment"
"""The field of a flow by which data come to its producer from the equipment of others."""

State: TypeAlias = Literal["covered", "uncovered", "unknown", "not_needed"]
Ground: TypeAlias = Literal["named", "network", "parties", "third_party"]
Free: TypeAlias = Literal["commercial", "not_in_use", "public"]


class Cover(NamedTuple):
    """An exchange between parties through a record, and the periods of conventions that count for it, whatever the day;
    None if it names one that cannot be read. `free`: why no convention is needed on the day; None if one is."""

    record: Record
    exchange: Exchange
    titles: tuple[Title, ...] | None
    free: Free | None

    def by(self, on: date) -> tuple[Title, ...]:
        """The conventions in force on the day, the one that lasts longest first."""
        in_force = [title for title in self.titles or () if title.in_force(on)]
        return tuple(sorted(in_force, key=lambda title: (title.last or date.max, title.id), reverse=True))

    def state(self, on: date) -> State:
        """Whether it is covered on the day, according to the rules."""
        if self.free is not None:
            return "not_needed"
        if self.titles is None:
            return "unknown"
        return "covered" if self.by(on) else "uncovered"

    def rests_on(self, title: Title, on: date) -> bool:
        """Whether this convention alone covers it on the day, or alone covered it until it ended."""
        if self.free is not None or self.titles is None:
            return False
        others = [other for other in self.titles if other.id != title.id]
        return len(others) < len(self.titles) and not any(other.in_force(on) for other in others)

    def remove_by(self, on: date) -> date | None:
        """The day by which the parties agreed that equipment on a support must be gone, if everything that covered it
        has ended; None where nothing that ended says so."""
        if self.exchange.family != "installation" or self.state(on) != "uncovered":
            return None
        days = [title.removal_by for title in self.titles or () if title.has_ended(on)]
        return max((last for last in days if last is not None), default=None)


def there(registry: Snapshot, record: Record, on: date) -> bool:
    """Whether the thing was there on the day, or is planned: not before its first day, nor from the day of its end."""
    if any(first > on for name in STARTS if (first := day(record, name)) is not None):
        return False
    return not has_ended(registry, record) or _not_yet(registry, record, on)


def covers_of(registry: Snapshot, record: Record, on: date) -> Iterator[Cover]:
    """The exchanges through equipment or a flow that is there on the day, with that day's support and owners; nothing
    for any other record."""
    if record.rid.kind in ("equipment", "flow") and there(registry, record, on):
        over_time = (*exchanges_over_time(registry, record), *_sources(registry, record, on))
        for exchange in (each for each in over_time if each.holds(on)):
            counting = _find_titles(registry, record, exchange)
            yield Cover(record, exchange, counting, _free(registry, record, exchange, on))


def read_in(registry: Snapshot, cover: Cover) -> Cover:
    """The same exchange under the conventions of another state of the registry."""
    return cover._replace(titles=_find_titles(registry, cover.record, cover.exchange))


def of_convention(registry: Snapshot, title: Title, on: date) -> list[Cover]:
    """Everything on the day for which this convention counts, whether or not it is in force, sorted by record."""
    near = {
        *_records_naming(registry, title.record.rid),
        *objects(registry, search_parties(registry, data_parties(registry, title.record))),
    }
    near |= set(flows_fed_by_any(registry, near))
    records = (registry.get(rid) for rid in sorted(near))
    covers = (cover for record in records if record is not None for cover in covers_of(registry, record, on))
    return [cover for cover in covers if any(period.id == title.id for period in cover.titles or ())]


def flows_fed_by_any(registry: Snapshot, near: Collection[RecordId]) -> Iterator[RecordId]:
    """The flows that at least one of these devices feeds."""
    fed = derive(registry, _flows_by_device)
    return (flow for rid in near if rid.kind == "equipment" for flow in fed.get(rid.id, ()))


def _flows_by_device(registry: Snapshot) -> Mapping[str, list[RecordId]]:
    """The flows by the devices that feed them; all are read once, because there are fewer flows than devices."""
    by_device: dict[str, list[RecordId]] = {}
    for flow in registry.of_kind("flow"):
        for device in texts(flow, "equipment"):
            by_device.setdefault(device, []).append(flow.rid)
    return by_device


def _records_naming(registry: Snapshot, convention: RecordId) -> Iterator[RecordId]:
    """The records that name the convention, and the equipment on a network that does."""
    for link in registry.links_to(convention):
        if link.path == ("convention",):
            yield link.source
            if link.source.kind == "network":
                yield from (use.source for use in registry.links_to(link.source) if use.path == ("network",))


def _sources(registry: Snapshot, record: Record, on: date) -> Iterator[Exchange]:
    """From whose equipment, on the day, the data of a flow come to its producer (DAT504)."""
    producer = text(record, "producer") if record.rid.kind == "flow" else None
    if producer is not None:
        for owner in of_others(registry, record, producer, on):
            yield Exchange("data", SOURCE, owner, (producer,))


def could_cover(registry: Snapshot, exchange: Exchange) -> list[Title]:
    """The periods of every convention that covers it, whichever the record names."""
    if exchange.family != "data":
        return titles(registry).find_covering(exchange)
    user, partner = exchange.user, exchange.partners[0]
    return joined_for_data(derive(registry, _data).titles_between(user, partner), user, partner)


def ground_of(cover: Cover, title: Title) -> Ground:
    """The reason why the convention counts for it."""
    through = cover.exchange.through
    if text(cover.record, "convention") == title.id and cover.exchange.field != SOURCE:
        return "named"
    if through is not None and text(through, "convention") == title.id:
        return "network"
    return "parties" if title.binds(cover.exchange) else "third_party"


def _find_titles(registry: Snapshot, record: Record, exchange: Exchange) -> tuple[Title, ...] | None:
    if exchange.family != "data":
        return tuple(titles(registry).through_time(record, exchange))
    if text(record, "convention") is None or exchange.field == SOURCE:  # what a flow names is about its consumers
        return tuple(could_cover(registry, exchange))
    versions = derive(registry, _data).of_flow(record)
    return None if versions is None else tuple(joined_for_data(versions, exchange.user, exchange.partners[0]))


def _data(registry: Snapshot) -> DataCover:
    return DataCover(registry, None)


def _free(registry: Snapshot, record: Record, exchange: Exchange, on: date) -> Free | None:
    used_then = _not_yet(registry, record, on)
    if exchange.family == "connectivity":
        if exchange.through is not None and text(exchange.through, "access") == "commercial":
            return "commercial"
        return None if used_then or text(record, "status") in AT_WORK else "not_in_use"
    if exchange.family == "data":
        if text(record, "access") == "public" and exchange.field != SOURCE:
            return "public"
        return None if used_then or in_service(registry, record) else "not_in_use"
    return None


def _not_yet(registry: Snapshot, record: Record, on: date) -> bool:
    """Whether its status ends its use, on a day that was still in the future on that day."""
    life, status = lifecycle_of(registry, record), text(record, "status")
    if life is None or status not in AFTER_USE:
        return False
    reached = day(record, life.dates.get(status, ""))
    return reached is not None and on < reached
