"""Which parties may pass data to each other, under the conventions that are in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property

from smartreg.rules._conventions import KIND, searched, titles
from smartreg.rules._fields import text, texts
from smartreg.rules._flows import flows_with
from smartreg.rules.rule import Snapshot
from smartreg.values import Json, Record, RecordId

FAMILY = "data"


class DataCover:
    """The conventions of the family "data" that are in force on a day (all of them for None), read when first asked
    for."""

    def __init__(self, registry: Snapshot, on: date | None) -> None:
        self._registry, self._on = registry, on

    @cached_property
    def _all(self) -> tuple[Record, ...]:
        return tuple(convention for convention in self._registry.of_kind(KIND) if self._holds(convention))

    @cached_property
    def _by_party(self) -> Mapping[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for convention in self._all:
            for party in bound(convention):
                found.setdefault(party, []).append(convention)
        return found

    def _holds(self, convention: Record) -> bool:
        one = titles(self._registry).of(convention)
        return FAMILY in one.families and (self._on is None or one.in_force(self._on))

    def between(self, one: str, other: str) -> bool:
        """Whether some convention lets data pass between the two."""
        return any(True for _ in self.joining(one, other))

    def joining(self, one: str, other: str) -> Iterator[Record]:
        """The conventions that let data pass between the two."""
        ways = (self._by_party.get(one, ()), self._by_party.get(other, ()))
        return (convention for convention in min(ways, key=len) if joins(convention, one, other))

    def of_flow(self, flow: Record) -> tuple[Record, ...] | None:
        """The conventions that count for a flow: the one that it names if it holds, all where it names none. None when
        it names one that cannot be read: that is a fault of its own."""
        if text(flow, KIND) is None:
            return self._all
        named = self._registry.get(RecordId(KIND, text(flow, KIND) or ""))
        if named is None:
            return None
        return (named,) if self._holds(named) else ()

    def passes(self, flow: Record, consumer: str) -> bool:
        """Whether the data of the flow may pass to the consumer."""
        producer = text(flow, "producer")
        if producer is None:
            return True
        if text(flow, KIND) is None:
            return self.between(producer, consumer)
        conventions = self.of_flow(flow)
        return conventions is None or any(joins(convention, producer, consumer) for convention in conventions)


def bound(convention: Record) -> dict[str, None]:
    """The parties to the convention and the third parties that it admits to data, each once."""
    return dict.fromkeys((*texts(convention, "parties"), *(party for party, _ in admitted(convention))))


def admitted(convention: Record) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """The third parties that the convention admits to data, with what it says of each."""
    items = convention.data.get("third_parties")
    for item in items if isinstance(items, list) else ():
        party = item.get("party") if isinstance(item, Mapping) else None
        if isinstance(party, str) and party:
            yield party, item


def joins(convention: Record, one: str, other: str) -> bool:
    """Whether both are bound by the convention, at least one of them as a party to it."""
    return {one, other} <= set(bound(convention)) and not {one, other}.isdisjoint(texts(convention, "parties"))


def flows_concerned(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The flows that name a convention, and those of its parties where it is about data."""
    if record.rid.kind != KIND:
        return
    yield from naming(registry, record.rid)
    if FAMILY in texts(record, "families"):
        for party in searched(registry, bound(record)):
            yield from flows_with(registry, RecordId("party", party))


def naming(registry: Snapshot, convention: RecordId) -> Iterator[RecordId]:
    """The flows that name this convention."""
    return (link.source for link in registry.links_to(convention) if link.source.kind == "flow")
