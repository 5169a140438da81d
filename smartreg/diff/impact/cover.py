"""Conventions before and after a change: what has none in force any more, and how many devices a party hosts under
one (the last line of a comparison). Also the counts of a whole registry on a day, which are stored for commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import NamedTuple, TypeAlias

from smartreg.core.values import Record, RecordId, Words
from smartreg.diff import Change
from smartreg.diff.impact.comparison import Effect, Hosting, devices, several
from smartreg.domain.acts import ACTS, TERMS
from smartreg.domain.conventions import parties_ever, search_parties, titles
from smartreg.domain.covers import DataCover, data_parties, flows_naming
from smartreg.domain.exchanges import Exchange, exchanges_on, objects
from smartreg.domain.fields import in_service, text
from smartreg.domain.kinds import (
    CONVENTION,
    EQUIPMENT,
    NETWORK,
    PARTY,
    SUPPORT,
    is_convention,
    is_equipment,
    is_host,
    is_support,
    may_need_cover,
)
from smartreg.domain.placements import OWNERS, is_mount
from smartreg.domain.successions import successions
from smartreg.domain.titles import title_versions
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import Registry
from smartreg.trees import CommitTree

FAMILIES = {
    "installation": Words("installation", "installation"),
    "connectivity": Words("connectivity", "connectivité"),
    "data": Words("data", "données"),
}
OF_HOST = ("owner", "operator", "access", "insee_code", "convention")
OF_CONVENTION = ("status", ACTS, *TERMS)
FLOW = Words("flow", "flux")


class CoverOnBothSides:
    """Which conventions cover what on a day, on both sides. `kinds`: those of the changed records."""

    def __init__(self, before: Registry, after: Registry, on: date, kinds: Set[str]) -> None:
        self._before, self._after, self._on = before, after, on
        self._alone = kinds.isdisjoint((SUPPORT, NETWORK, CONVENTION)) and before.schemas.digest == after.schemas.digest
        self._data = {id(side): DataCover(side, on) for side in (before, after)}

    def losses(self, change: Change) -> Iterator[Effect]:
        """What a change leaves without cover, by family."""
        found: dict[str, list[Record]] = {}
        for rid in sorted(set(self._find_affected(change))):
            for family in self._losses_of(rid, change.before if is_convention(change.rid) else None):
                record = self._after.get(rid)
                if record is not None:
                    found.setdefault(family, []).append(record)
        for family, records in found.items():
            flows = several(len(records), FLOW, Words("flows", "flux"))
            who = flows if family == "data" else devices(self._after, records)
            label = FAMILIES[family]
            yield Effect(
                "cover",
                Words(
                    f"{who.en} without a convention in force for {label.en}",
                    f"{who.fr} sans convention en vigueur pour la famille « {label.fr} »",
                ),
                tuple(record.rid for record in records),
            )

    def conventions(self, record: Record) -> Iterator[str]:
        """The conventions behind the exchanges of a record on the earlier side, whatever their dates."""
        named = text(record, "convention")
        if named:
            yield named
        for exchange in exchanges_on(self._before, record, self._on):
            yield from (one.id for one in titles(self._before).find_applicable(record, exchange))

    def _find_affected(self, change: Change) -> Iterator[RecordId]:
        """The equipment and flows whose cover a change can end."""
        if change.before is None:
            return
        if may_need_cover(change.rid):
            if not self._alone or self._counts(change):
                yield change.rid
        elif is_host(change.rid) and change.after and _differs(change, OF_HOST):
            yield from (link.source for link in self._after.links_to(change.rid) if link.path == (change.rid.kind,))
        elif is_convention(change.rid) and _differs(change, OF_CONVENTION):
            yield from flows_naming(self._before, change.rid)
            yield from objects(self._before, search_parties(self._before, data_parties(self._before, change.before)))

    def _counts(self, change: Change) -> bool:
        """Whether any field of equipment or a flow that matters for its cover differs, if its host is unchanged."""
        return change.after is None or _differs(change, (*_roles(self._after, change.rid.kind), "access"))

    def _losses_of(self, rid: RecordId, convention: Record | None) -> list[str]:
        """The families in which a record lost cover; if a convention changed, only between those whom it joined before:
        what else is without cover now is due to another change."""
        before, after = self._before.get(rid), self._after.get(rid)
        if before is None or after is None:
            return []
        old, new = (
            self._exchanges_without_cover(self._before, before),
            self._exchanges_without_cover(self._after, after),
        )
        lost = [key for key in new if key not in old]
        if convention is not None:
            joined = {
                (exchange.family, exchange.partners)
                for exchange in exchanges_on(self._before, before, self._on)
                for title in title_versions(self._before, convention)
                if any(title.joins(exchange.user, partner) for partner in exchange.partners)
            }
            lost = [key for key in lost if key in joined]
        return list(dict.fromkeys(family for family, _partners in lost))

    def _exchanges_without_cover(
        self, side: Registry, record: Record
    ) -> Mapping[tuple[str, tuple[str, ...]], Exchange]:
        return {
            (exchange.family, exchange.partners): exchange
            for exchange in exchanges_on(side, record, self._on)
            if not self._is_covered(side, record, exchange)
        }

    def _is_covered(self, side: Registry, record: Record, exchange: Exchange) -> bool:
        if exchange.family == "data":
            public = text(record, "access") == "public"
            return public or all(self._data[id(side)].passes(record, partner) for partner in exchange.partners)
        if exchange.through is not None and text(exchange.through, "access") == "commercial":
            return True
        return any(one.in_force(self._on) for one in titles(side).find_applicable(record, exchange))


def _roles(side: Registry, kind: str) -> frozenset[str]:
    """The fields of a kind on which exchanges depend, and more."""
    return side.schemas.kinds[kind].roles if kind in side.schemas.kinds else frozenset()


def _differs(change: Change, names: Iterable[str]) -> bool:
    """Whether one of these fields differs; all do if a side is missing."""
    if change.before is None or change.after is None:
        return True
    old, new = change.before.data, change.after.data
    return any(old.get(name) != new.get(name) for name in names)


FAMILY = "installation"


class HostingBond(NamedTuple):
    """A convention and a party that hosts equipment under it."""

    convention: str
    host: str


Counts: TypeAlias = Counter[HostingBond]


def hosting_bonds(side: Registry, rid: RecordId, on: date) -> tuple[set[HostingBond], bool]:
    """The conventions that cover the installation of a device on a day, with its host on that day; whether it is in
    service."""
    record = side.get(rid)
    if record is None:
        return set(), False
    bearing = titles(side).find_applicable
    ways = [exchange for exchange in exchanges_on(side, record, on) if exchange.family == FAMILY]
    bonds = {HostingBond(one.id, exchange.partners[0]) for exchange in ways for one in bearing(record, exchange)}
    return bonds, in_service(side, record)


def count_hosted(side: Registry, on: date) -> Counts:
    """The number of devices in service for each convention and host."""
    found: Counts = Counter()
    for id in side.load_all().ids(EQUIPMENT):
        bonds, serves = hosting_bonds(side, RecordId(EQUIPMENT, id), on)
        if serves:
            found.update(bonds)
    return found


def recall_counts(side: Registry, on: date, bonds: Sequence[HostingBond] = ()) -> Counts | None:
    """The stored counts; with `bonds`, only for these."""
    key = _key(side, on, bonds)
    value = load_answer(side.frame.index, key) if key else None
    return None if value is None else Counter({HostingBond(*names): count for *names, count in value})


def store_counts(side: Registry, found: Counts, on: date, bonds: Sequence[HostingBond] = ()) -> Counts:
    """Store the counts if the side is a commit, and return them; with `bonds`, only for these."""
    key = _key(side, on, bonds)
    if key:
        rows = [[*bond, count] for bond, count in sorted(found.items()) if count]
        store_answer(side.frame.index, key, rows)
    return found


def _key(side: Registry, on: date, bonds: Sequence[HostingBond]) -> str:
    """The key of a side's counts in the index; empty if the side is not a commit."""
    if not isinstance(side.tree, CommitTree):
        return ""
    return question("hosted", on.isoformat(), side.tree.state, side.schemas.digest, side.config.digest, *bonds)


Sides: TypeAlias = tuple[Registry, Registry]
FEW = 8  # up to this number, bonds are counted one by one, because each concerns a small part of the registry


def hostings(sides: Sides, changes: Sequence[Change], on: date, whole: bool = True) -> tuple[Hosting, ...]:
    """One line for each convention and host of equipment, on a day, that a change may affect: notes on a device change
    nothing of where it is and whose. `whole`: these are all changes; otherwise the earlier number is computed from the
    later one without them."""
    before, after = sides
    touched = sorted({rid for change in changes for rid in _find_affected(before, after, change)})
    each = [[hosting_bonds(side, rid, on) for rid in touched] for side in (before, after)]
    asked = sorted({bond for side in each for bonds, _ in side for bond in bonds})
    if not asked:
        return ()
    olds, news = (Counter(bond for bonds, serves in side if serves for bond in bonds) for side in each)
    # Where no convention changes, all other devices are hosted as before.
    alike = before.schemas.digest == after.schemas.digest and all(not is_convention(change.rid) for change in changes)
    was, is_ = _tables(sides, (olds, news) if alike and whole else None, len(asked) > FEW, on)
    if is_ is None:
        is_ = _numbers(after, asked, on)
    if alike and (was is None or not whole):
        was = _swap(is_, news, olds)
    elif was is None:
        was = _numbers(before, asked, on)
    return tuple(Hosting(*bond, was[bond], is_[bond]) for bond in asked)


def _find_affected(before: Registry, after: Registry, change: Change) -> Iterator[RecordId]:
    """The devices that a change may put under another convention or host: itself, or those on a support."""
    if is_equipment(change.rid):
        if _differs(change, {role for side in (before, after) for role in _roles(side, change.rid.kind)}):
            yield change.rid
    elif is_support(change.rid):
        for side in (before, after):
            yield from (link.source for link in side.links_to(change.rid) if is_mount(link.path))


def _tables(
    sides: Sides, own: tuple[Counts, Counts] | None, many: bool, on: date
) -> tuple[Counts | None, Counts | None]:
    """All known counts of each side: stored, derived from the other side and the counts of the affected devices
    (`own`), or, for `many`, counted now."""
    before, after = sides
    was, is_ = recall_counts(before, on), recall_counts(after, on)
    if is_ is None and was is not None and own is not None:
        is_ = store_counts(after, _swap(was, *own), on)
    if is_ is None and many:
        is_ = store_counts(after, count_hosted(after, on), on)
    if was is None and is_ is not None and own is not None:
        was = store_counts(before, _swap(is_, *own[::-1]), on)
    if was is None and many and own is None:
        was = store_counts(before, count_hosted(before, on), on)
    return was, is_


def _swap(found: Counts, gone: Counts, come: Counts) -> Counts:
    """The numbers of the other side."""
    return Counter({bond: found[bond] - gone[bond] + come[bond] for bond in {*found, *come}})


def _numbers(side: Registry, bonds: Sequence[HostingBond], on: date) -> Counts:
    """The number of devices for each of these few."""
    stored = recall_counts(side, on, bonds)
    if stored is not None:
        return stored
    return store_counts(side, Counter({bond: _number(side, bond, on) for bond in bonds}), on, bonds)


def _number(side: Registry, bond: HostingBond, on: date) -> int:
    """The number of devices for one. The Métropole has by far the most supports, so its guests are searched instead."""
    if bond.host != side.config.metropole:
        hosts = (RecordId(PARTY, id) for id in successions(side).kin((bond.host,)))
        side.prefetch_links(link.source for host in hosts for link in side.links_to(host) if is_host(link.source))
        return _among(side, objects(side, (bond.host,)), bond, on)
    named = side.get(RecordId(CONVENTION, bond.convention))
    guests = sorted(successions(side).kin(parties_ever(side, named)) - {bond.host}) if named else ()
    links = (link for guest in guests for link in side.links_to(RecordId(PARTY, guest)))
    return _among(side, (link.source for link in links if link.path[0] in ("owner", OWNERS)), bond, on)


def _among(side: Registry, rids: Iterable[RecordId], bond: HostingBond, on: date) -> int:
    """How many of these are devices in service with that host and convention."""
    devices = sorted({rid for rid in rids if is_equipment(rid)})
    side.load_named(devices)
    return sum(serves and bond in bonds for bonds, serves in (hosting_bonds(side, rid, on) for rid in devices))
