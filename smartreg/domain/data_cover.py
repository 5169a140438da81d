"""Which parties may pass data to each other, under the conventions that are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

from smartreg.core.values import Record, RecordId
from smartreg.domain.acts import ever, parties_ever
from smartreg.domain.checks import Snapshot
from smartreg.domain.conventions import KIND, search_parties, titles
from smartreg.domain.fields import text
from smartreg.domain.flows import flows_with
from smartreg.domain.titles import Title

FAMILY = "data"


class DataCover:
    """The periods of conventions with the family "data" that are in force on a day (all for None), read on first
    use."""

    def __init__(self, registry: Snapshot, on: date | None) -> None:
        self._registry, self._on = registry, on

    @cached_property
    def _all(self) -> tuple[Title, ...]:
        return tuple(one for convention in self._registry.of_kind(KIND) for one in self._find_titles(convention))

    @cached_property
    def _by_party(self) -> Mapping[str, list[Title]]:
        found: dict[str, list[Title]] = {}
        for one in self._all:
            for party in {*one.parties, *one.admitted}:
                found.setdefault(party, []).append(one)
        return found

    def _find_titles(self, convention: Record) -> tuple[Title, ...]:
        found = (one for one in titles(self._registry).versions(convention) if FAMILY in one.families)
        return tuple(one for one in found if self._on is None or one.in_force(self._on))

    def between(self, one: str, other: str) -> bool:
        """Whether some convention lets data pass between the two."""
        return any(True for _ in self.titles_between(one, other))

    def titles_between(self, one: str, other: str) -> Iterator[Title]:
        """The periods in which a convention lets data pass between the two."""
        ways = (self._by_party.get(one, ()), self._by_party.get(other, ()))
        return (title for title in min(ways, key=len) if title.joins(one, other))

    def of_flow(self, flow: Record) -> tuple[Title, ...] | None:
        """The periods that count for a flow: those of the convention that it names, or all if it names none. None if it
        names one that cannot be read, which is a separate fault."""
        if text(flow, KIND) is None:
            return self._all
        named = self._registry.get(RecordId(KIND, text(flow, KIND) or ""))
        return None if named is None else self._find_titles(named)

    def passes(self, flow: Record, consumer: str) -> bool:
        """Whether the data of the flow may pass to the consumer."""
        producer = text(flow, "producer")
        if producer is None:
            return True
        if text(flow, KIND) is None:
            return self.between(producer, consumer)
        found = self.of_flow(flow)
        return found is None or any(one.joins(producer, consumer) for one in found)


def data_parties(convention: Record) -> dict[str, None]:
    """The parties to the convention and the third parties that it admits to data, at any time, each once."""
    return dict.fromkeys((*parties_ever(convention), *ever(convention, "third_parties")))


def has_data(convention: Record) -> bool:
    """Whether the convention ever covers data."""
    return FAMILY in ever(convention, "families")


def flows_concerned(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The flows that name a convention, and those of its parties if it covers data."""
    if record.rid.kind != KIND:
        return
    yield from flows_naming(registry, record.rid)
    if has_data(record):
        for party in search_parties(registry, data_parties(record)):
            yield from flows_with(registry, RecordId("party", party))


def flows_naming(registry: Snapshot, convention: RecordId) -> Iterator[RecordId]:
    """The flows that name this convention."""
    return (link.source for link in registry.links_to(convention) if link.source.kind == "flow")
