"""What an audience may see of a registry, and which of its records were requested."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from smartreg.core.values import Record, RecordId
from smartreg.registry import RecordsById, Registry
from smartreg.schema import Schemas
from smartreg.tables.current import tables_of
from smartreg.tables.database import Tables
from smartreg.tables.layout import Layout


class Readable(RecordsById, Protocol):
    """What tables are made of: a registry, or a view of it."""

    def of_kind(self, kind: str) -> Iterator[Record]: ...

    def ids(self, kind: str) -> Sequence[str]: ...

    def with_id(self, id: str) -> Sequence[RecordId]: ...


FEW = 1000
"""Largest kind that is read alone, as conventions are for the table of their versions. To read all kinds one by one
takes half as long again as to read everything at once."""


@dataclass(frozen=True)
class View:
    """The visible records by kind, each without what is withheld; `schemas` describe what is left. `of_kind` gives
    those for which `keep` is true (None: all); `get` gives any: a requested sensor may be on a support that was not
    requested. `withheld`: the number of records that are not visible; `contacts`: the records of which contacts of
    people are withheld, with the number of values. `whole`: the registry, if everything is visible."""

    schemas: Schemas
    seen: Mapping[str, Sequence[Record]]
    withheld: int = 0
    keep: Callable[[Record], bool] | None = None
    whole: Registry | None = None
    contacts: Mapping[RecordId, int] = field(default_factory=dict)

    def get(self, rid: RecordId) -> Record | None:
        """The visible part of a record, requested or not; None if it is not visible."""
        return self._by_id.get(rid)

    def of_kind(self, kind: str) -> Iterator[Record]:
        """The requested visible records of a kind, sorted by id."""
        return filter(self.keep, self.seen.get(kind, ())) if self.keep else iter(self.seen.get(kind, ()))

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of the requested visible records of a kind."""
        return list(dict.fromkeys(record.rid.id for record in self.seen.get(kind, ())))

    def with_id(self, id: str) -> Sequence[RecordId]:
        """Every record with this id, whatever its kind."""
        return [RecordId(kind, id) for kind in self.schemas.kinds if RecordId(kind, id) in self._by_id]

    @cached_property
    def tables(self) -> Tables:
        """The tables of all visible records."""
        if self.whole is not None:
            return tables_of(self.whole)
        return Tables(Layout(self.schemas), lambda kind: ((each.file, "", each) for each in self.seen.get(kind, ())))

    @cached_property
    def _by_id(self) -> Mapping[RecordId, Record]:
        """The first of the records that claim an id, as in a registry."""
        return {record.rid: record for records in self.seen.values() for record in reversed(records)}


class Everything(Mapping[str, Sequence[Record]]):
    """The records of a registry by kind; all kinds are read when one with more than a few records is needed."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._read: dict[str, Sequence[Record]] = {}

    def __getitem__(self, kind: str) -> Sequence[Record]:
        if kind not in self._read and len(self._registry.ids(kind)) <= FEW:
            self._read[kind] = tuple(self._registry.of_kind(kind))
        elif kind not in self._read:
            self._registry.load_all()
            self._read |= {name: tuple(self._registry.of_kind(name)) for name in self}
        return self._read[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry.schemas.kinds)

    def __len__(self) -> int:
        return len(self._registry.schemas.kinds)
