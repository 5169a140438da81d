"""The conventions of a registry, and which of them count for an exchange between parties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.domain.checks import Snapshot, derive
from smartreg.domain.days import days_later
from smartreg.domain.exchanges import Exchange, objects
from smartreg.domain.fields import MUNICIPAL, text, texts
from smartreg.domain.kinds import CONVENTION, PARTY
from smartreg.domain.placements import is_mount
from smartreg.domain.reach import linked, shared
from smartreg.domain.successions import is_metropole
from smartreg.domain.titles import SIGNED, Title, join_titles, title_versions, whole

__all__ = ["SIGNED", "Titles", "titles"]

DELIBERATING = frozenset({*MUNICIPAL, "public"})


class Titles:
    """The conventions of a registry. If a record names one, only that one is read, otherwise all."""

    KINDS = (CONVENTION, PARTY)  # registries that differ in none of these share them

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._versions: dict[str, tuple[Title, ...]] = {}

    def find(self, id: str | None) -> Title | None:
        """The convention with this id, as it reads after all acts."""
        record = self._registry.get(RecordId("convention", id)) if id else None
        return self.of(record) if record else None

    def of_party(self, party: str) -> Sequence[Title]:
        """The versions to which it is a party, ids sorted."""
        return self._by_party.get(party, ())

    def find_covering(self, exchange: Exchange) -> list[Title]:
        """The periods of conventions that cover it, whatever the day."""
        partners = exchange.partners
        near = [version for partner in partners for version in self.of_party(partner)] if len(partners) == 1 else ()
        far = self.of_party(exchange.user)
        fewer = near if len(partners) == 1 and len(near) < len(far) else far
        return join_titles(fewer, lambda version: version.covers(exchange))

    def find_applicable(self, record: Record, exchange: Exchange) -> list[Title]:
        """The periods that count for it: those of the convention that the record (or the network) names, if it ever
        covers it; otherwise all."""
        for bearer in (record, exchange.through):
            id = text(bearer, "convention") if bearer is not None else None
            convention = self._registry.get(RecordId("convention", id)) if id else None
            periods = self.stretches(convention, exchange) if convention is not None else []
            if periods:
                return periods
        return self.find_covering(exchange)

    def through_time(self, record: Record, exchange: Exchange) -> list[Title]:
        """The periods that count for it, day by day: those of other conventions before the named one began."""
        periods = self.find_applicable(record, exchange)
        start = periods[0].start if periods else None
        if start is None or text(record, "convention") != periods[0].id:
            return periods
        before = days_later(start, -1)
        others = (period for period in self.find_covering(exchange) if period.id != periods[0].id)
        earlier = (period for period in others if period.start is not None and period.start <= before)
        return [*(replace(period, cut=min(period.cut or before, before)) for period in earlier), *periods]

    def stretches(self, convention: Record, exchange: Exchange) -> list[Title]:
        """The periods of a convention that cover it."""
        return join_titles(self.versions(convention), lambda version: version.covers(exchange))

    def of(self, record: Record) -> Title:
        """A convention from its first day to its last, as it reads after all acts."""
        return whole(self.versions(record))

    def versions(self, record: Record) -> tuple[Title, ...]:
        """The versions of a convention, in chronological order."""
        if record.file not in self._versions:
            self._versions[record.file] = title_versions(self._registry, record)
        return self._versions[record.file]

    @cached_property
    def _by_party(self) -> Mapping[str, list[Title]]:
        by_party: dict[str, list[Title]] = {}
        for record in self._registry.of_kind("convention"):
            for version in self.versions(record):
                for party in version.bound:
                    by_party.setdefault(party, []).append(version)
        return by_party


def titles(registry: Snapshot) -> Titles:
    """The conventions of a registry, computed once."""
    return derive(registry, Titles)


def parties_ever(registry: Snapshot, convention: Record) -> tuple[str, ...]:
    """Everybody who was ever a party to the convention, also in the place of another."""
    return tuple(
        dict.fromkeys(party for version in titles(registry).versions(convention) for party in sorted(version.bound))
    )


def nearest(periods: Sequence[Title], on: date) -> Title:
    """Of several that are not in force, the one to mention: the one that ended last or starts first."""
    return min(periods, key=lambda period: period.distance(on))


def find_later_title(periods: Sequence[Title], on: date) -> Title | None:
    """The period to mention, if none of these is in force on a day and an amendment began one afterwards."""
    if not periods or any(period.in_force(on) for period in periods):
        return None
    near = nearest(periods, on)
    return near if near.signed and near.act is not None and near.act.start > on else None


def search_parties(registry: Snapshot, parties: Iterable[str]) -> list[str]:
    """The parties to search in order to find every exchange between them. An exchange has two sides, so one party may
    be left out: the Métropole, which is named by far the most."""
    sides = list(dict.fromkeys(parties))
    metropole = registry.config.metropole
    left_out = metropole if metropole in sides else next(iter(sides), None)
    return [party for party in sides if party != left_out]


@shared
def exchanges_reached(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The equipment and flows whose convention a change can alter: those linked, and the exchanges between the parties
    of a convention."""
    yield from linked(registry, record)
    if record.rid.kind == "convention":
        yield from objects(registry, search_parties(registry, parties_ever(registry, record)))


@shared
def conventions_reached(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    """The conventions that a change of their parties or deliberations can alter: those linked, and those of a party, in
    the place of another, too."""
    yield from linked(registry, record)
    if record.rid.kind == "party":
        yield from (version.record.rid for version in titles(registry).of_party(record.rid.id))


def is_use(kind: str, path: KeyPath) -> bool:
    """Whether a reference to a support or network comes from equipment that uses it, or was on the support."""
    return is_mount(path) if kind == "support" else path == (kind,)


def approvals(registry: Snapshot, convention: Record) -> tuple[list[Record], bool]:
    """The deliberations that it names, and whether all of them can be read."""
    ids = texts(convention, "deliberations")
    deliberations = [registry.get(RecordId("deliberation", id)) for id in ids]
    return [act for act in deliberations if act is not None], None not in deliberations


def deliberates(registry: Snapshot, id: str) -> bool:
    """Whether a partner of the Métropole decides by deliberation."""
    party = registry.get(RecordId("party", id))
    return not is_metropole(registry, id) and party is not None and text(party, "category") in DELIBERATING
