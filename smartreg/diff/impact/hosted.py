"""Who hosts how many devices in a whole registry on a day. Counts of a commit are stored for that day."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import NamedTuple, TypeAlias

from smartreg.core.values import RecordId
from smartreg.domain.conventions import titles
from smartreg.domain.exchanges import exchanges_on
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


def hosting_bonds(side: Registry, rid: RecordId, on: date) -> tuple[set[HostingBond], bool]:
    """The conventions that bear the installation of a device on a day, with its host of that day; whether it is in
    service."""
    record = side.get(rid)
    if record is None:
        return set(), False
    bearing = titles(side).find_applicable
    ways = [exchange for exchange in exchanges_on(side, record, on) if exchange.family == FAMILY]
    bonds = {HostingBond(one.id, exchange.partners[0]) for exchange in ways for one in bearing(record, exchange)}
    return bonds, in_service(side, record)


def count_hosted(side: Registry, on: date) -> Counts:
    """How many devices in service there are for each convention and host."""
    found: Counts = Counter()
    for id in side.load_all().ids(EQUIPMENT):
        bonds, serves = hosting_bonds(side, RecordId(EQUIPMENT, id), on)
        if serves:
            found.update(bonds)
    return found


def recall_counts(side: Registry, on: date) -> Counts | None:
    """What was counted there before."""
    key = _key(side, on)
    value = load_answer(side.frame.index, key) if key else None
    return None if value is None else Counter({HostingBond(*names): count for *names, count in json.loads(value)})


def store_counts(side: Registry, found: Counts, on: date) -> Counts:
    """The same counts, stored where the side is a commit."""
    key = _key(side, on)
    if key:
        rows = [[*bond, count] for bond, count in sorted(found.items()) if count]
        store_answer(side.frame.index, key, json.dumps(rows).encode())
    return found


def _key(side: Registry, on: date) -> str:
    """The key of a side's counts in the index; empty for a side that is no commit."""
    if not isinstance(side.tree, CommitTree):
        return ""
    return question("hosted", on.isoformat(), side.tree.state, side.schemas.digest, side.config.digest)
