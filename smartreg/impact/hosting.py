"""How many devices a party hosts under a convention, before and after: the line that closes a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from smartreg.diff import Change
from smartreg.impact.comparison import Hosting
from smartreg.registry import Registry
from smartreg.rules._conventions import titles
from smartreg.rules._exchanges import exchanges, objects
from smartreg.rules._fields import in_service
from smartreg.values import RecordId

FAMILY, CONVENTION, SUPPORT = "installation", "convention", "support"


class Bond(NamedTuple):
    """A convention and a party that hosts equipment under it."""

    convention: str
    host: str


def hostings(before: Registry, after: Registry, changes: Sequence[Change]) -> tuple[Hosting, ...]:
    """One line for each convention and host of equipment that a change touches."""
    touched = sorted({rid for change in changes for rid in _touched(before, after, change)})
    bonds = sorted({bond for rid in touched for side in (before, after) for bond in _bonds(side, rid)})
    if any(change.rid.kind == CONVENTION for change in changes):
        found = [Hosting(*bond, _number(before, bond), _number(after, bond)) for bond in bonds]
    else:  # all others are hosted as they were: one side is counted
        found = []
        for bond in bonds:
            now = _number(after, bond)
            found.append(Hosting(*bond, now - _among(after, touched, bond) + _among(before, touched, bond), now))
    return tuple(found)


def _touched(before: Registry, after: Registry, change: Change) -> Iterator[RecordId]:
    """The devices that a change may put under another convention or host: itself, or those on a support."""
    if change.rid.kind == "equipment":
        yield change.rid
    elif change.rid.kind == SUPPORT:
        for side in (before, after):
            yield from (link.source for link in side.links_to(change.rid) if link.path == (SUPPORT,))


def _bonds(side: Registry, rid: RecordId) -> Iterator[Bond]:
    """The conventions that bear the installation of a device, with its host."""
    record = side.get(rid)
    for exchange in exchanges(side, record) if record is not None else ():
        if exchange.family == FAMILY and record is not None:
            yield from (Bond(one.id, exchange.partners[0]) for one in titles(side).bearing(record, exchange))


def _among(side: Registry, rids: Iterable[RecordId], bond: Bond) -> int:
    """How many of these devices are in service and hosted so."""
    found = (rid for rid in rids if (record := side.get(rid)) is not None and in_service(side, record))
    return sum(bond in _bonds(side, rid) for rid in found)


def _number(side: Registry, bond: Bond) -> int:
    """How many devices are. The Métropole has by far the most supports, so its guests are looked for."""
    if bond.host != side.config.metropole:
        return _among(side, _equipment(objects(side, (bond.host,))), bond)
    named = titles(side).named(bond.convention)
    guests = sorted(named.parties - {bond.host}) if named else ()
    links = (link for guest in guests for link in side.links_to(RecordId("party", guest)))
    return _among(side, _equipment(link.source for link in links if link.path == ("owner",)), bond)


def _equipment(rids: Iterable[RecordId]) -> list[RecordId]:
    return sorted({rid for rid in rids if rid.kind == "equipment"})
