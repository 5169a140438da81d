"""Values that only one record may have."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Snapshot, at
from smartreg.domain.fields import text
from smartreg.schema import literal

MOST_RELATED = 5

Group = Callable[[Record], Hashable | None]


class Clash(NamedTuple):
    """`record` has `value` in `field`, like `others` (the first few) and perhaps `more`."""

    record: Record
    field: str
    value: str
    others: tuple[Record, ...]
    more: int

    @property
    def shown(self) -> str:
        return literal(self.value)

    @property
    def related(self) -> tuple[Related, ...]:
        """The other records as related places."""
        note = Message("{field} is the same here", field=self.field)
        return tuple(Related(at(other, self.field), note) for other in self.others)


def clashes(registry: Snapshot, subjects: Iterable[Record], field: str, group: Group) -> Iterator[Clash]:
    """The subjects whose `field` another record of the same group has, too. `group` returns what has to be equal
    besides the value, or None for records that do not count. Linear, however many records share one value."""
    holders: dict[tuple[str, str], dict[Hashable, dict[RecordId, Record]]] = {}
    for record in subjects:
        value = text(record, field)
        if value is None:
            continue
        sought = (record.rid.kind, value)
        if sought not in holders:
            carrying = list(registry.by_value(record.rid.kind, field, value))
            if len(carrying) == 1 and carrying[0].rid == record.rid:
                continue  # nearly every one
            holders[sought] = _group(sorted(carrying, key=lambda one: (one.rid, one.file)), group)
        same = holders[sought].get(group(record), {})  # nobody counts in the group None
        others = [other for rid, other in islice(same.items(), MOST_RELATED + 1) if rid != record.rid]
        if others:
            yield Clash(record, field, value, tuple(others[:MOST_RELATED]), len(same) - (record.rid in same) - 1)


def _group(records: Iterable[Record], group: Group) -> dict[Hashable, dict[RecordId, Record]]:
    groups: dict[Hashable, dict[RecordId, Record]] = {}
    for record in records:
        own_group = group(record)
        if own_group is not None:
            groups.setdefault(own_group, {}).setdefault(record.rid, record)
    return groups
