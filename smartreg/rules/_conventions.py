"""Conventions as titles: whom they bind, for what, where, and from which day to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from smartreg.frozen import dataclass
from smartreg.rules._days import day, days_later
from smartreg.rules._exchanges import Exchange, objects
from smartreg.rules._fields import listed, text, texts
from smartreg.rules._kept import kept
from smartreg.rules.rule import Snapshot, Touches
from smartreg.values import Record, RecordId, Words

KIND, ACTS = "convention", "deliberations"
SIGNED = frozenset({"signed", "terminated"})
TERMS = (
    *("parties", "families", "signed_on", "effective_from", "effective_until", "terminated_on", "reciprocal"),
    *("consideration", "removal_days", "notice_days", "scope", "third_parties", "renewal", "termination"),
)
"""The fields of a convention that say what its parties agreed."""
BINDING = (*TERMS, "amendments")
"""The fields that bind the parties of a signed convention: what they agreed, and the acts that changed it."""
REMOVAL_DAYS = 90
"""Days that equipment may stay after the end, where the convention says nothing (default of the schema)."""


@dataclass(frozen=True)
class Title:
    """A convention, read once. `start` is the first day in force, `until` the last one, `terminated` the first day on
    which it no longer is; None where it says nothing."""

    record: Record
    parties: frozenset[str]
    families: tuple[str, ...]
    scope: Mapping[str, frozenset[str]]
    signed: bool
    start: date | None
    until: date | None
    terminated: date | None

    @property
    def id(self) -> str:
        return self.record.rid.id

    def binds(self, exchange: Exchange) -> bool:
        """Whether both sides are parties to it."""
        return exchange.user in self.parties and any(partner in self.parties for partner in exchange.partners)

    def reaches(self, exchange: Exchange) -> bool:
        """Whether its scope takes in the support or network. The communes of a scope are those of the supports."""
        through = exchange.through
        if not self.scope or through is None:
            return True
        own: dict[str, str | None] = {f"{through.rid.kind}s": through.rid.id}
        if through.rid.kind == "support":
            own["insee_codes"] = text(through, "insee_code")
        return all(name in self.scope[field] for field, name in own.items() if field in self.scope)

    def spans(self, other: Title) -> bool:
        """Whether its scope takes in that of the other: whatever it is limited to, the other is, and to no more."""
        return all(field in other.scope and other.scope[field] <= names for field, names in self.scope.items())

    def covers(self, exchange: Exchange) -> bool:
        """True when it is about it: both parties, the family, the scope. Dates are not looked at."""
        return exchange.family in self.families and self.binds(exchange) and self.reaches(exchange)

    def in_force(self, on: date) -> bool:
        return self.signed and (self.start is None or self.start <= on) and not self.ended(on)

    def ended(self, on: date) -> bool:
        """Whether it was in force and no longer is."""
        return self.signed and (
            (self.until is not None and on > self.until) or (self.terminated is not None and on >= self.terminated)
        )

    @property
    def end(self) -> date | None:
        """The day that people name as its end: the term, or the termination where that comes first."""
        ends = [end for end in (self.terminated, self.until) if end is not None]
        return min(ends, default=None)

    @property
    def last(self) -> date | None:
        """The last day in force; None without a known end."""
        before = days_later(self.terminated, -1) if self.terminated is not None else None
        return min((day for day in (before, self.until) if day is not None), default=None)

    def distance(self, on: date) -> int:
        """How many days lie between a day and the time that it is in force; more than any number if it never is."""
        edge = self.end if self.ended(on) else self.start
        return abs((on - edge).days) if self.signed and edge is not None else date.max.toordinal()

    @property
    def end_field(self) -> str:
        return "terminated_on" if self.terminated is not None and self.end == self.terminated else "effective_until"

    @property
    def removal_days(self) -> int:
        """How many days equipment may stay after its end."""
        days = self.record.data.get("removal_days")
        return days if isinstance(days, int) and not isinstance(days, bool) and days >= 0 else REMOVAL_DAYS

    @property
    def removal_by(self) -> date | None:
        """The day by which equipment must be gone; None without a known end."""
        return None if self.end is None else days_later(self.end, self.removal_days)

    def standing(self, on: date) -> Words:
        """Why it is not in force on a day."""
        if not self.signed:
            return Words("is not signed", "n'est pas signée")
        if self.ended(on):
            return Words(f"ended on {self.end}", f"a pris fin le {self.end}")
        return Words(f"starts on {self.start}", f"ne commence que le {self.start}")


def title(record: Record) -> Title:
    scope = record.data.get("scope")
    narrowed = scope if isinstance(scope, Mapping) else {}
    return Title(
        record,
        frozenset(texts(record, "parties")),
        texts(record, "families"),
        {field: frozenset(listed(value)) for field, value in narrowed.items()},
        text(record, "status") in SIGNED,
        day(record, "effective_from") or day(record, "signed_on"),
        day(record, "effective_until"),
        day(record, "terminated_on"),
    )


def covers(convention: Record, exchange: Exchange) -> bool:
    """True when the convention is about it: both parties, the family, the scope. Dates are not looked at."""
    return title(convention).covers(exchange)


class Titles:
    """The conventions of a registry. One that a record names is read alone, all of them when none is named."""

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._read: dict[str, Title] = {}

    def named(self, id: str | None) -> Title | None:
        record = self._registry.get(RecordId(KIND, id)) if id else None
        return self.of(record) if record else None

    def naming(self, party: str) -> Sequence[Title]:
        """Those to which it is a party, ids sorted."""
        return self._by_party.get(party, ())

    def covering(self, exchange: Exchange) -> list[Title]:
        """Those that are about it, whatever their dates."""
        partners = exchange.partners
        near = [found for partner in partners for found in self.naming(partner)] if len(partners) == 1 else ()
        far = self.naming(exchange.user)
        fewer = near if len(partners) == 1 and len(near) < len(far) else far
        return [found for found in fewer if found.covers(exchange)]

    def bearing(self, record: Record, exchange: Exchange) -> list[Title]:
        """Those that count for it: the one that the record (or the network) names, if it covers it; else all."""
        for bearer in (record, exchange.through):
            named = self.named(text(bearer, KIND)) if bearer is not None else None
            if named is not None and named.covers(exchange):
                return [named]
        return self.covering(exchange)

    def of(self, record: Record) -> Title:
        if record.file not in self._read:
            self._read[record.file] = title(record)
        return self._read[record.file]

    @cached_property
    def _by_party(self) -> Mapping[str, list[Title]]:
        found: dict[str, list[Title]] = {}
        for record in self._registry.of_kind(KIND):
            one = self.of(record)
            for party in one.parties:
                found.setdefault(party, []).append(one)
        return found


def titles(registry: Snapshot) -> Titles:
    return kept(registry, Titles)


def nearest(found: Sequence[Title], on: date) -> Title:
    """Of several that are not in force, the one to speak of: the one that ended last or starts first."""
    return min(found, key=lambda one: one.distance(on))


def searched(registry: Snapshot, parties: Iterable[str]) -> list[str]:
    """The parties by which every exchange between them is found. It has two sides, so one may be left out: the
    Métropole, which is named by far the most."""
    sides = list(dict.fromkeys(parties))
    metropole = registry.config.metropole
    left_out = metropole if metropole in sides else next(iter(sides), None)
    return [party for party in sides if party != left_out]


def borne(*hosts: str) -> Touches:
    """The equipment and flows whose title a change can alter: the record itself, the equipment on a support or network
    (`hosts`), what passes between the parties of a convention."""

    def touched(registry: Snapshot, record: Record) -> Iterator[RecordId]:
        kind = record.rid.kind
        if kind in hosts:
            yield from (link.source for link in registry.links_to(record.rid) if link.path == (kind,))
        elif kind == KIND:
            yield from objects(registry, searched(registry, texts(record, "parties")))
        else:
            yield record.rid

    return touched


def approvals(registry: Snapshot, convention: Record) -> tuple[list[Record], bool]:
    """The deliberations that it names, and whether all of them can be read."""
    named = texts(convention, ACTS)
    found = [registry.get(RecordId("deliberation", id)) for id in named]
    return [act for act in found if act is not None], None not in found


def approved_by(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The conventions whose approval a change can alter: the record itself, and what names a deliberation."""
    if record.rid.kind == KIND:
        yield record.rid
    elif record.rid.kind == "deliberation":
        yield from (link.source for link in registry.links_to(record.rid) if link.source.kind == KIND)
