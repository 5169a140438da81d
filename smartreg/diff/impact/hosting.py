"""How many devices a party hosts under a convention, before and after a change (the last line of a comparison). The
counts of a whole registry on a day are stored for commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from smartreg.core.values import RecordId
from smartreg.diff import Change
from smartreg.diff.impact.comparison import Hosting
from smartreg.diff.impact.cover import differs, roles_of
from smartreg.domain.conventions import parties_ever, titles
from smartreg.domain.exchanges import exchanges_on, objects
from smartreg.domain.fields import in_service
from smartreg.domain.kinds import (
    CONVENTION,
    EQUIPMENT,
    PARTY,
    is_convention,
    is_equipment,
    is_host,
    is_support,
)
from smartreg.domain.placements import OWNERS, is_mount
from smartreg.domain.successions import successions
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import Registry
from smartreg.trees import CommitTree

FAMILY = "installation"


class HostingBond(NamedTuple):
    """A convention and a party that hosts equipment under it."""

    convention: str
    host: str


HostingCounts: TypeAlias = Counter[HostingBond]


def hosting_bonds(side: Registry, rid: RecordId, on: date) -> tuple[set[HostingBond], bool]:
    """The conventions that cover the installation of a device on a day, with its host on that day; whether it is in
    service."""
    record = side.get(rid)
    if record is None:
        return set(), False
    bearing = titles(side).find_applicable
    ways = [exchange for exchange in exchanges_on(side, record, on) if exchange.family == FAMILY]
    bonds = {HostingBond(title.id, exchange.partners[0]) for exchange in ways for title in bearing(record, exchange)}
    return bonds, in_service(side, record)


def count_hosted(side: Registry, on: date) -> HostingCounts:
    """The number of devices in service for each convention and host."""
    counts: HostingCounts = Counter()
    for id in side.load_all().ids(EQUIPMENT):
        bonds, serves = hosting_bonds(side, RecordId(EQUIPMENT, id), on)
        if serves:
            counts.update(bonds)
    return counts


def recall_counts(side: Registry, on: date, bonds: Sequence[HostingBond] = ()) -> HostingCounts | None:
    """The stored counts; with `bonds`, only for these."""
    key = _key(side, on, bonds)
    value = load_answer(side.frame.index, key) if key else None
    return None if value is None else Counter({HostingBond(*names): count for *names, count in value})


def store_counts(side: Registry, counts: HostingCounts, on: date, bonds: Sequence[HostingBond] = ()) -> HostingCounts:
    """Store the counts if the side is a commit, and return them; with `bonds`, only for these."""
    key = _key(side, on, bonds)
    if key:
        rows = [[*bond, count] for bond, count in sorted(counts.items()) if count]
        store_answer(side.frame.index, key, rows)
    return counts


def _key(side: Registry, on: date, bonds: Sequence[HostingBond]) -> str:
    """The key of a side's counts in the index; empty if the side is not a commit."""
    if not isinstance(side.tree, CommitTree):
        return ""
    return question("hosted", on.isoformat(), side.tree.state, side.schemas.digest, side.config.digest, *bonds)


RegistryPair: TypeAlias = tuple[Registry, Registry]
FEW = 8  # up to this number, bonds are counted one by one, because each concerns a small part of the registry


def hostings(sides: RegistryPair, changes: Sequence[Change], on: date, whole: bool = True) -> tuple[Hosting, ...]:
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
        if differs(change, {role for side in (before, after) for role in roles_of(side, change.rid.kind)}):
            yield change.rid
    elif is_support(change.rid):
        for side in (before, after):
            yield from (link.source for link in side.links_to(change.rid) if is_mount(link.path))


def _tables(
    sides: RegistryPair, own: tuple[HostingCounts, HostingCounts] | None, many: bool, on: date
) -> tuple[HostingCounts | None, HostingCounts | None]:
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


def _swap(counts: HostingCounts, gone: HostingCounts, come: HostingCounts) -> HostingCounts:
    """The numbers of the other side."""
    return Counter({bond: counts[bond] - gone[bond] + come[bond] for bond in {*counts, *come}})


def _numbers(side: Registry, bonds: Sequence[HostingBond], on: date) -> HostingCounts:
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
    convention = side.get(RecordId(CONVENTION, bond.convention))
    guests = sorted(successions(side).kin(parties_ever(side, convention)) - {bond.host}) if convention else ()
    links = (link for guest in guests for link in side.links_to(RecordId(PARTY, guest)))
    return _among(side, (link.source for link in links if link.path[0] in ("owner", OWNERS)), bond, on)


def _among(side: Registry, rids: Iterable[RecordId], bond: HostingBond, on: date) -> int:
    """How many of these are devices in service with that host and convention."""
    devices = sorted({rid for rid in rids if is_equipment(rid)})
    side.load_named(devices)
    return sum(serves and bond in bonds for bonds, serves in (hosting_bonds(side, rid, on) for rid in devices))
