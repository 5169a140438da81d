"""Who hosts how many devices in a whole registry. What was counted in a commit is kept, and never counted again."""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple, TypeAlias

from smartreg.core.values import RecordId
from smartreg.domain.conventions import titles
from smartreg.domain.exchanges import exchanges
from smartreg.domain.fields import in_service
from smartreg.index import load_answer, question, store_answer
from smartreg.registry import Registry
from smartreg.trees import CommitTree

FAMILY, EQUIPMENT = "installation", "equipment"


class HostingBond(NamedTuple):
    """A convention and a party that hosts equipment under it."""

    convention: str
    host: str


Counts: TypeAlias = Counter[HostingBond]


def borne(side: Registry, rid: RecordId) -> tuple[set[HostingBond], bool]:
    """The conventions that bear the installation of a device, with its host; whether it is in service."""
    record = side.get(rid)
    if record is None:
        return set(), False
    bearing = titles(side).bearing
    ways = [exchange for exchange in exchanges(side, record) if exchange.family == FAMILY]
    bonds = {HostingBond(one.id, exchange.partners[0]) for exchange in ways for one in bearing(record, exchange)}
    return bonds, in_service(side, record)


def counted(side: Registry) -> Counts:
    """How many devices in service there are for each convention and host."""
    found: Counts = Counter()
    for id in side.load_all().ids(EQUIPMENT):
        bonds, serves = borne(side, RecordId(EQUIPMENT, id))
        if serves:
            found.update(bonds)
    return found


def recalled(side: Registry) -> Counts | None:
    """What was counted there before."""
    key = _key(side)
    value = load_answer(side.frame.index, key) if key else None
    return None if value is None else Counter({HostingBond(*names): count for *names, count in json.loads(value)})


def kept(side: Registry, found: Counts) -> Counts:
    """The same, kept where the side is a commit."""
    key = _key(side)
    if key:
        rows = [[*bond, count] for bond, count in sorted(found.items()) if count]
        store_answer(side.frame.index, key, json.dumps(rows).encode())
    return found


def _key(side: Registry) -> str:
    """Where the index keeps what is counted on a side; empty for one that is no commit."""
    if not isinstance(side.tree, CommitTree):
        return ""
    return question("hosted", side.tree.state, side.schemas.digest, side.config.digest)
