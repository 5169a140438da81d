"""Who hosts how many devices in a whole registry. What was counted in a commit is kept, and never counted again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from smartreg.program import program
from smartreg.registry import Registry
from smartreg.rules._conventions import titles
from smartreg.rules._exchanges import exchanges
from smartreg.rules._fields import in_service
from smartreg.trees import CommitTree
from smartreg.values import RecordId

FAMILY, EQUIPMENT = "installation", "equipment"


class Bond(NamedTuple):
    """A convention and a party that hosts equipment under it."""

    convention: str
    host: str


Counts: TypeAlias = Counter[Bond]


def bonds(side: Registry, rid: RecordId) -> Iterator[Bond]:
    """The conventions that bear the installation of a device, with its host."""
    record = side.get(rid)
    for exchange in exchanges(side, record) if record is not None else ():
        if exchange.family == FAMILY and record is not None:
            yield from (Bond(one.id, exchange.partners[0]) for one in titles(side).bearing(record, exchange))


def serving(side: Registry, rid: RecordId) -> set[Bond]:
    """Those of a device in service; none of any other."""
    record = side.get(rid)
    return set(bonds(side, rid)) if record is not None and in_service(side, record) else set()


def counted(side: Registry) -> Counts:
    """How many devices in service there are for each convention and host."""
    found: Counts = Counter()
    for id in side.load_all().ids(EQUIPMENT):
        found.update(serving(side, RecordId(EQUIPMENT, id)))
    return found


def recalled(side: Registry) -> Counts | None:
    """What was counted there before."""
    key = _key(side)
    value = side.frame.cache.get_many((key,)).get(key) if key else None
    return None if value is None else Counter({Bond(*names): count for *names, count in json.loads(value)})


def kept(side: Registry, found: Counts) -> Counts:
    """The same, kept where the side is a commit."""
    key = _key(side)
    if key:
        rows = [[*bond, count] for bond, count in sorted(found.items()) if count]
        side.frame.cache.put_many(((key, json.dumps(rows).encode(), ()),))
    return found


def _key(side: Registry) -> str:
    """Where the cache keeps what is counted on a side; empty for one that is no commit."""
    if not isinstance(side.tree, CommitTree):
        return ""
    asked = ("hosted", program(), side.tree.state, side.schemas.digest, side.config.digest)
    return hashlib.sha1(json.dumps(asked).encode(), usedforsecurity=False).hexdigest()
