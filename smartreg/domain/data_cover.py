"""Parties that may pass data to each other: conventions with the family "data", and the flows that they concern."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property

from smartreg.core.values import Record, RecordId
from smartreg.domain.acts import ever
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import parties_ever, titles
from smartreg.domain.fields import text
from smartreg.domain.kinds import PARTY
from smartreg.domain.reach import linked, shared
from smartreg.domain.successions import parties_on, successions
from smartreg.domain.titles import Title, join_titles

FAMILY = "data"


class DataCover:
    """The periods of conventions with the family "data" that are in force on a day (all for None), read on first
    use."""

    def __init__(self, registry: Snapshot, on: date | None) -> None:
        self._registry, self._on = registry, on

    @cached_property
    def _all(self) -> tuple[Title, ...]:
        return tuple(
            version for convention in self._registry.of_kind("convention") for version in self._find_titles(convention)
        )

    @cached_property
    def _by_party(self) -> Mapping[str, list[Title]]:
        by_party: dict[str, list[Title]] = {}
        for period in self._all:
            for party in {*period.bound, *period.admitted}:
                by_party.setdefault(party, []).append(period)
        return by_party

    def _find_titles(self, convention: Record) -> tuple[Title, ...]:
        versions = (version for version in titles(self._registry).versions(convention) if FAMILY in version.families)
        return tuple(version for version in versions if self._on is None or version.in_force(self._on))

    def between(self, one: str, other: str) -> bool:
        """Whether some convention lets data pass between the two, or they are the same party on the day."""
        one, other = self._holder(one), self._holder(other)
        return one == other or any(True for _ in self.titles_between(one, other))

    def _holder(self, party: str) -> str:
        """Who has the place of a party on the day; the party itself if several share it."""
        holders = parties_on(self._registry, party, self._on) if self._on is not None else ()
        return holders[0] if len(holders) == 1 else party

    def titles_between(self, one: str, other: str) -> Iterator[Title]:
        """The periods in which a convention lets data pass between the two."""
        ways = (self._by_party.get(one, ()), self._by_party.get(other, ()))
        return (title for title in min(ways, key=len) if title.joins(one, other))

    def of_flow(self, flow: Record) -> tuple[Title, ...] | None:
        """The periods that count for a flow: those of the convention that it names, or all if it names none. None if it
        names one that cannot be read, which is a separate fault."""
        if text(flow, "convention") is None:
            return self._all
        convention = self._registry.get(RecordId("convention", text(flow, "convention") or ""))
        return None if convention is None else self._find_titles(convention)

    def passes(self, flow: Record, consumer: str) -> bool:
        """Whether the data of the flow may pass to the consumer."""
        producer = text(flow, "producer")
        if producer is None:
            return True
        if text(flow, "convention") is None:
            return self.between(producer, consumer)
        periods, sides = self.of_flow(flow), (self._holder(producer), self._holder(consumer))
        return periods is None or sides[0] == sides[1] or any(period.joins(*sides) for period in periods)


def joined_for_data(versions: Iterable[Title], one: str, other: str) -> list[Title]:
    """Of these, the periods in which a convention lets data pass between the two, without gaps as one."""
    return join_titles(versions, lambda title: FAMILY in title.families and title.joins(one, other))


def data_parties(registry: Snapshot, convention: Record) -> dict[str, None]:
    """The parties to the convention and the third parties that it admits to data, at any time, each once."""
    third_parties = successions(registry).kin(ever(convention, "third_parties"))
    return dict.fromkeys((*parties_ever(registry, convention), *sorted(third_parties)))


def has_data(convention: Record) -> bool:
    """Whether the convention ever covers data."""
    return FAMILY in ever(convention, "families")


@shared
def flows_reached(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The flows that a change can affect: those linked, and those of the parties of a convention that covers data; of a
    party, those of its predecessors and successors, too."""
    yield from linked(registry, record)
    parties: Iterable[str] = (record.rid.id,) if record.rid.kind == PARTY else ()
    if record.rid.kind == "convention" and has_data(record):
        # A third party is judged alone. The Métropole is none, and is found by the other side.
        parties = [party for party in data_parties(registry, record) if party != registry.config.metropole]
    for party in successions(registry).kin(parties):
        if party != record.rid.id:
            links = registry.links_to(RecordId(PARTY, party))
            yield from (link.source for link in links if link.source.kind == "flow")


def flows_naming(registry: Snapshot, convention: RecordId) -> Iterator[RecordId]:
    """The flows that name this convention."""
    return (link.source for link in registry.links_to(convention) if link.source.kind == "flow")
