"""Input of every check, a snapshot of a registry and its context, and its output: faults. Values derived from
a snapshot are computed once and shared by rules: a snapshot never changes, so neither do they.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from smartreg.core.findings import Fix, Related, Severity
from smartreg.core.messages import Text
from smartreg.core.values import KeyPath, Link, Location, Record, RecordId
from smartreg.registry import Abroad
from smartreg.schema import Schemas
from smartreg.schema.settings import Config


class Fault(NamedTuple):
    """The output of a check: where, what is wrong, what to do, an automatic fix. `severity` only if the rule grades its
    own cases."""

    where: Location
    message: Text
    hint: Text | None = None
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    fix: Fix | None = None


class Snapshot(Protocol):
    """The part of a registry that rules read."""

    schemas: Schemas
    config: Config
    derived: dict[Callable[..., Any], Any]
    """Values derived from the registry, by the function that derives them (`domain/checks.py`)."""

    @property
    def abroad(self) -> Abroad:
        """The records of other registries that references here name."""

    def get(self, rid: RecordId) -> Record | None:
        """The record with this id, here or abroad; None if there is none. If several files claim it, the first."""

    def of_kind(self, kind: str) -> Iterable[Record]:
        """The records of a kind, sorted by id."""

    def ids(self, kind: str) -> Sequence[str]:
        """The ids of a kind, sorted."""

    def with_id(self, id: str) -> Sequence[RecordId]:
        """Every record with this id, whatever its kind."""

    def links_from(self, rid: RecordId) -> Sequence[Link]:
        """The references in a record."""

    def links_to(self, rid: RecordId) -> Iterator[Link]:
        """The references to a record, sources sorted by file, those of records abroad last."""

    def some_links_to(self, rid: RecordId) -> Iterator[Link]:
        """Like `links_to`, unordered: faster for a first check."""

    def prefetch_some_links(self, rids: Iterable[RecordId]) -> None:
        """Prefetch what `some_links_to` finds first for each of these records."""

    def links_to_id(self, target: str) -> Iterator[Link]:
        """The references to an id, whatever kinds are allowed there."""

    def by_value(self, kind: str, field: str, value: str) -> Iterator[Record]:
        """The records of a kind with this value in a field that the rule declares as `indexed`."""

    def files_of(self, rid: RecordId) -> Sequence[str]:
        """The files that claim an id; more than one is a fault (REF203)."""

    def digest_of(self, path: str) -> str | None:
        """The SHA-256 of a file of the tree; None if there is none."""

    def text_of(self, path: str, limit: int = ...) -> bytes | None:
        """The bytes of a file of the tree, at most so many; None if there is none."""


Corrected: TypeAlias = Mapping[tuple[RecordId, str], str]
"""Record and top-level field → why the former value was wrong."""


def _no_history(_record: Record) -> date | None:
    return None


@dataclass(frozen=True)
class Context:
    """The input of every check besides the records: schemas, settings, and the reference date.

    `corrected`: top-level fields with a recorded correction, each with its reason. `entered`: the records being entered
    now. `decimals`: number of decimals of a position typed now. `last_touched`: the day of a record's last commit, if
    any.
    """

    schemas: Schemas
    config: Config
    on: date
    corrected: Corrected = field(default_factory=dict)
    entered: frozenset[RecordId] = frozenset()
    decimals: Mapping[RecordId, int] = field(default_factory=dict)
    last_touched: Callable[[Record], date | None] = field(default=_no_history, compare=False)


Touches: TypeAlias = Callable[[Snapshot, Record], Iterable[RecordId]]


def at(record: Record, *path: str | int, on_key: bool = False) -> Location:
    """The place of a field of a record."""
    key_path: KeyPath = path
    return Location(record.file, key_path, on_key)


T = TypeVar("T")
K = TypeVar("K")


def derive(registry: Snapshot, make: Callable[[Snapshot], T]) -> T:
    """The result of `make` for the registry, computed once. It may refer to the registry, which then stays in memory
    until `forget`."""
    if make not in registry.derived:
        registry.derived[make] = make(registry)
    result: T = registry.derived[make]
    return result


def derive_for(registry: Snapshot, key: K, make: Callable[[Snapshot, K], T]) -> T:
    """The result of `make` for the registry and a key, computed once."""
    by_key = registry.derived.setdefault(make, {})
    if key not in by_key:
        by_key[key] = make(registry, key)
    result: T = by_key[key]
    return result


def forget(registry: Snapshot) -> None:
    """Drop what was derived from a registry that will not be checked again, to save memory if one run checks
    thousands."""
    registry.derived.clear()
