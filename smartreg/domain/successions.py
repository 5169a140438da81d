"""Who a party is on a day. Parties end, and others take their place: a merger (one successor of several parties), a
split (several successors of one), another legal person under another name. Each party names its successors;
predecessors follow from that.

A commune nouvelle takes the place of the former communes in all their deliberations, acts, rights and obligations;
contracts go on unchanged (CGCT, article L2113-5; L5211-41-3 for the merger of EPCI). So an id means who it meant when
it was written, and what names a party belongs to its successors from the day of the succession.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple, Protocol, cast

from smartreg.core.values import KeyPath, Record
from smartreg.domain.acts import Act, succession
from smartreg.domain.checks import Snapshot
from smartreg.domain.days import day, day_of, days_later
from smartreg.domain.fields import code_of, is_municipality, numbered_objects
from smartreg.registry import Abroad

PARTY, ENDED, SUCCESSORS = "party", "ended_on", "successors"


class PartySource(Protocol):
    """A registry, or what an audience may see of it."""

    @property
    def derived(self) -> dict[Callable[[Any], Any], Any]: ...

    @property
    def abroad(self) -> Abroad: ...

    def of_kind(self, kind: str) -> Iterable[Record]: ...


class Succession(NamedTuple):
    """`heir` takes the place of `party` from the day `start`; `path`: the item that says so, in the record of
    `party`."""

    party: str
    heir: str
    start: date
    path: KeyPath


class Holding(NamedTuple):
    """Who holds what a party held, from `start` (None: from the beginning) until `until` (None: still)."""

    party: str
    start: date | None
    until: date | None


class Successions:
    """The ends and successions of the parties of a registry, and the INSEE codes of the communes among them. An item
    without a readable day counts for nothing (SCH101, SCH105, REF226). `here`: the parties of other registries that are
    one of these, by the id with which references name them (`cd13:istres`)."""

    KINDS = (PARTY,)  # registries that differ in no party share them

    def __init__(self, parties: Iterable[Record], here: Mapping[str, str] | None = None) -> None:
        self.here = here or {}
        self.ends: dict[str, date] = {}
        self.heirs: dict[str, tuple[Succession, ...]] = {}
        self.predecessors: dict[str, tuple[Succession, ...]] = {}
        self.codes: dict[str, str] = {}
        for record in parties:
            ended, id = day(record, ENDED), record.rid.id
            if ended is not None:
                self.ends[id] = ended
            code = code_of(record)
            if code is not None and is_municipality(record):
                self.codes[id] = code
            heirs = tuple(of_party(record))
            if heirs:
                self.heirs[id] = heirs
            for handover in heirs:
                self.predecessors[handover.heir] = (*self.predecessors.get(handover.heir, ()), handover)
        self.acts = tuple(self._acts())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Successions) and (self.ends, self.heirs, self.here) == (
            other.ends,
            other.heirs,
            other.here,
        )

    __hash__ = None  # type: ignore[assignment]

    def has_ended(self, party: str, on: date) -> bool:
        """Whether the party no longer exists on the day."""
        ended = self.ends.get(party)
        return ended is not None and ended <= on

    def parties_on(self, party: str, on: date) -> tuple[str, ...]:
        """Who has the rights of the party on the day: itself while it exists, and whoever had taken its place by then.
        A party that ended without a successor stands for itself: its convention is not settled by silence (CON334)."""
        party = self.here.get(party, party)
        return tuple(dict.fromkeys(self._walk(party, on, set()))) or (party,)

    def _walk(self, party: str, on: date, seen: set[str]) -> Iterator[str]:
        seen.add(party)
        begun = [handover.heir for handover in self.heirs.get(party, ()) if handover.start <= on]
        if not begun or not self.has_ended(party, on):
            yield party
        for heir in begun:
            if heir not in seen:
                yield from self._walk(heir, on, seen)

    def holdings(self, party: str, start: date | None = None, until: date | None = None) -> Iterator[Holding]:
        """Who holds, over time, what a record says that the party holds from one day to another: its only successor
        once it has ended. After a split nobody else holds it until a record says who (REF228)."""
        party = self.here.get(party, party)
        if party not in self.ends:  # as nearly all
            yield Holding(party, start, until)
            return
        seen = {party}
        while (step := self._only_heir(party)) is not None and step[0] not in seen:
            heir, first = step
            if until is not None and first > until:
                break
            if start is None or start < first:
                yield Holding(party, start, days_later(first, -1))
                start = first
            party = heir
            seen.add(heir)
        yield Holding(party, start, until)

    def _only_heir(self, party: str) -> tuple[str, date] | None:
        """The only successor of a party that has ended, and its first day."""
        ended, heirs = self.ends.get(party), self.heirs.get(party, ())
        if ended is None or len({handover.heir for handover in heirs}) != 1:
            return None
        return heirs[0].heir, max(ended, min(handover.start for handover in heirs))

    def exists(self, party: str, on: date) -> bool:
        """Whether the party exists on the day, as far as successions tell: it has not ended, nor takes the place of
        others only later."""
        came = self.predecessors.get(party, ())
        return not self.has_ended(party, on) and not (came and all(handover.start > on for handover in came))

    def commune_on(self, code: str, on: date) -> str:
        """The INSEE code that counts on a day for the commune with this code: that of its successor once it has ended,
        that of its predecessor before it began; the code itself where that is not one commune."""
        parties = [party for party, held in self.codes.items() if held == code]
        if any(self.exists(party, on) for party in parties):
            return code
        near = (id for party in parties for id in self.signing(party, on))
        codes = {held for id in near if (held := self.codes.get(id)) is not None}
        return codes.pop() if len(codes) == 1 else code

    def signing(self, party: str, on: date) -> tuple[str, ...]:
        """Who signed on a day for a party that a text names: the party, those who had taken its place, or those whose
        place it had not taken yet."""
        came = self.predecessors.get(party, ())
        if came and all(handover.start > on for handover in came):
            return tuple(dict.fromkeys(id for handover in came for id in self.signing(handover.party, on)))
        return self.parties_on(party, on)

    def line(self, party: str) -> frozenset[str]:
        """A party, those whose place it took and those who took its, over any number of successions."""
        return self.descendants(party) | self.ancestors(party)

    def descendants(self, party: str) -> frozenset[str]:
        """A party, and those who took its place, over any number of successions."""
        return _reach(party, self._heirs_of)

    def ancestors(self, party: str) -> frozenset[str]:
        """A party, and those whose place it took, over any number of successions."""
        return _reach(party, self._predecessors_of)

    def kin(self, parties: Iterable[str]) -> frozenset[str]:
        """These parties, all whose place they took or who took theirs, and so on: everybody whose things may be
        theirs."""
        reached: frozenset[str] = frozenset()
        for party in parties:
            if party not in reached:
                reached |= _reach(party, lambda id: [*self._heirs_of(id), *self._predecessors_of(id)])
        return reached.union(abroad for abroad, id in self.here.items() if id in reached)

    def _heirs_of(self, party: str) -> list[str]:
        return [handover.heir for handover in self.heirs.get(party, ())]

    def _predecessors_of(self, party: str) -> list[str]:
        return [handover.party for handover in self.predecessors.get(party, ())]

    def begun(self, on: date) -> tuple[Act, ...]:
        """The successions up to a day, as acts."""
        return tuple(act for act in self.acts if act.start <= on)

    def _acts(self) -> Iterator[Act]:
        """The successions of each day, as an act that changes the parties of conventions."""
        days: dict[date, dict[str, tuple[str, ...]]] = {}
        for party, handovers in self.heirs.items():
            ended = self.ends.get(party)
            for start in {handover.start for handover in handovers} | ({ended} if ended is not None else set()):
                heirs = tuple(dict.fromkeys(handover.heir for handover in handovers if handover.start <= start))
                if heirs:
                    days.setdefault(start, {})[party] = heirs if self.has_ended(party, start) else (party, *heirs)
        for start, places in sorted(days.items()):
            yield succession(start, places)


def of_party(record: Record) -> Iterator[Succession]:
    """The successions that the record of a party says."""
    for index, item in numbered_objects(record.data.get(SUCCESSORS)):
        heir, start = item.get(PARTY), day_of(item.get("from")) or day(record, ENDED)
        if isinstance(heir, str) and heir and start is not None:
            yield Succession(record.rid.id, heir, start, (SUCCESSORS, index))


def _reach(party: str, near: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """A party and all that `near` leads to, from one to the next."""
    reached, queue = {party}, [party]
    while queue:
        new = [id for id in near(queue.pop()) if id not in reached]
        reached.update(new)
        queue += new
    return frozenset(reached)


def successions(registry: PartySource) -> Successions:
    """The successions of a registry, or of what an audience may see of it, computed once."""
    if Successions not in registry.derived:
        registry.derived[Successions] = Successions(registry.of_kind(PARTY), registry.abroad.here)
    return cast(Successions, registry.derived[Successions])


def parties_on(registry: PartySource, party: str, on: date) -> tuple[str, ...]:
    """Who this party is on that day (`Successions.parties_on`)."""
    return successions(registry).parties_on(party, on)


def is_metropole(registry: Snapshot, party: str) -> bool:
    """Whether this is the Métropole of the settings, or was it, or will be, under another name."""
    metropole = registry.config.metropole
    return metropole is not None and (party == metropole or party in successions(registry).line(metropole))
