"""The records of a registry a page at a time: what is made of a page holds until one of its texts changes, or one that
lies around it.

A page is a run of records of one kind, by their ids. It begins where an id says so: a record that comes or goes
changes one page, not all that follow.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias
from zlib import crc32

from smartreg.config import Config
from smartreg.named import NamedTuple
from smartreg.registry import Registry
from smartreg.schema import Schemas
from smartreg.values import Record, RecordId

LENGTH = 256  # records of a page, on average
_NOT_THERE = "-"


Name: TypeAlias = tuple[str, str]
"""Of a page: its kind, and the id that it begins with, empty for the first of the kind."""


class Page(NamedTuple):
    """`digest`: of its ids and texts."""

    name: Name
    files: tuple[str, ...]
    digest: str


Around = Mapping[str, Sequence[str]]
"""Ids by kind."""


class Pages:
    """The pages of a registry, without reading what is known of their texts."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._states: dict[str, list[tuple[str, str, str]]] = {kind: [] for kind in registry.schemas.kinds}
        for file, state in registry.state().items():
            rid = registry.by_file[file]
            self._states[rid.kind].append((rid.id, file, state))
        for found in self._states.values():
            found.sort()

    def of(self, kind: str) -> list[Page]:
        """The pages of a kind, in order."""
        states = self._states[kind]
        starts = [0] if states else []
        starts += [at for at, (id, _, _) in enumerate(states) if at and _begins(id) and states[at - 1][0] != id]
        return [
            _page(kind, states[start][0] if start else "", states[start:end])
            for start, end in pairwise((*starts, len(states)))
        ]

    def told(self, page: Page, around: Around) -> str:
        """What tells the texts of a page, and those around it, from any others."""
        found = hashlib.sha1(page.digest.encode(), usedforsecurity=False)
        for kind, ids in around.items():
            known = self._by_id[kind]
            found.update(" ".join([known.get(id, _NOT_THERE) for id in ids]).encode())
        return found.hexdigest()

    def around(self, page: Page) -> Around:
        """The records of which rows of a page may tell something: those that its own name, those that these name, and
        on what each of them hangs, however far."""
        every: set[RecordId] = set()
        fresh = {self._registry.by_file[file] for file in page.files}
        depth = 0
        while fresh:
            self._registry.load(file for rid in fresh for file in self._registry.files_of(rid))
            fresh = {rid for other in fresh for rid in self._named(other, hosts=depth > 1)} - every
            every |= fresh
            depth += 1
        found: defaultdict[str, list[str]] = defaultdict(list)
        for rid in sorted(every):
            found[rid.kind].append(rid.id)
        return dict(found)

    def _named(self, rid: RecordId, hosts: bool) -> Iterator[RecordId]:
        """What a record names; of `hosts` alone what it hangs on."""
        kinds = self._registry.schemas.kinds
        for link in self._registry.links_from(rid):
            if not hosts or link.path[0] in kinds[rid.kind].position:
                yield from (RecordId(kind, link.target) for kind in link.kinds if kind in kinds)

    @cached_property
    def _by_id(self) -> Mapping[str, Mapping[str, str]]:
        """The states of the texts of each id, by kind."""
        found: dict[str, dict[str, str]] = {}
        for kind, states in self._states.items():
            known = found[kind] = {id: state for id, _, state in states}
            if len(known) < len(states):  # an id that several files claim
                for (one, _, _), (other, _, state) in pairwise(states):
                    if one == other:
                        known[one] = f"{known[one]}+{state}"
        return found


class Part:
    """Some records of a registry, as if there were no others."""

    def __init__(self, registry: Registry, rids: Iterable[RecordId]) -> None:
        self._registry = registry
        self._ids: dict[str, dict[str, None]] = {kind: {} for kind in registry.schemas.kinds}
        for rid in sorted(rids):
            self._ids[rid.kind][rid.id] = None

    @property
    def schemas(self) -> Schemas:
        return self._registry.schemas

    @property
    def config(self) -> Config:
        return self._registry.config

    def get(self, rid: RecordId) -> Record | None:
        return self._registry.get(rid) if rid.id in self._ids.get(rid.kind, ()) else None

    def of_kind(self, kind: str) -> Iterator[Record]:
        for id in self._ids[kind]:
            for file in self._registry.files_of(RecordId(kind, id)):
                record = self._registry.at(file)
                if record is not None:
                    yield record

    def ids(self, kind: str) -> Sequence[str]:
        return list(self._ids[kind])


def _begins(id: str) -> bool:
    return crc32(id.encode("utf-8", "surrogatepass")) % LENGTH == 0


def _page(kind: str, start: str, states: Sequence[tuple[str, str, str]]) -> Page:
    told = hashlib.sha1("\n".join([f"{id} {state}" for id, _, state in states]).encode("utf-8", "surrogatepass"))
    return Page((kind, start), tuple([file for _, file, _ in states]), told.hexdigest())
