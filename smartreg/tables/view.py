"""What somebody may see of a registry, and which of its records were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from smartreg.frozen import dataclass
from smartreg.registry import RecordsById
from smartreg.schema import Schemas
from smartreg.values import Record, RecordId


class Readable(RecordsById, Protocol):
    """What tables are made of: a registry, or a view of it."""

    def of_kind(self, kind: str) -> Iterator[Record]: ...

    def ids(self, kind: str) -> Sequence[str]: ...


@dataclass(frozen=True)
class View:
    """The records that may be seen, by kind, each without what may not be seen of it; `schemas` describe what is left.
    `of_kind` gives those that `keep` holds of (None: all); `get` gives any: a sensor that was asked for stands on a
    support that was not. `withheld`: how many records may not be seen."""

    schemas: Schemas
    seen: Mapping[str, Sequence[Record]]
    withheld: int = 0
    keep: Callable[[Record], bool] | None = None

    def get(self, rid: RecordId) -> Record | None:
        return self._by_id.get(rid)

    def of_kind(self, kind: str) -> Iterator[Record]:
        return filter(self.keep, self.seen.get(kind, ())) if self.keep else iter(self.seen.get(kind, ()))

    def ids(self, kind: str) -> Sequence[str]:
        return list(dict.fromkeys(record.rid.id for record in self.seen.get(kind, ())))

    @cached_property
    def _by_id(self) -> Mapping[RecordId, Record]:
        """The first of those that claim an id, as in a registry."""
        return {record.rid: record for records in self.seen.values() for record in reversed(records)}
