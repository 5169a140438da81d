"""What was once worked out from a blob, kept beside the Git repository; never believed.

A *partition* names everything but the blob that a value depends on (schemas, version of the reader): value and terms
must follow from partition and blob alone, and rows of other partitions cannot be seen. Every row carries a checksum;
what does not fit is a miss. Whatever goes wrong with the database, answers come from memory instead, or are misses.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from smartreg.named import NamedTuple
from smartreg.trees.database import Damaged, Database, Unusable

Row: TypeAlias = tuple[str, bytes, tuple[str, ...]]

FILE = "cache-v1.db"
# Values of about 1.5 kB: room for some 300 000 records.
LIMIT = 512 * 1024 * 1024


def key_of(*asked: object) -> str:
    """Where a cache keeps the answer to what was asked, in plain values: a key in the form of a blob id."""
    return sha1(repr(asked).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


class Stats(NamedTuple):
    """`path` is None when the cache lives in memory; `bytes` on disk, `rows` of this partition, all `partitions`."""

    path: Path | None
    bytes: int
    rows: int
    partitions: int


class Cache:
    """Values and posting terms by blob id (40 or 64 hex digits), for one partition.

    Not for several threads. In a forked child it knows nothing and keeps what it is told in memory: the database stays
    with the process that opened it.
    """

    def __init__(self, database: Database | None) -> None:
        self._opened = database
        self._owner = os.getpid()
        self._memory: dict[str, bytes] = {}
        self._carriers: defaultdict[str, set[str]] = defaultdict(set)
        # Set when a database that has already answered went away: rows it told of may be gone.
        self._lost = False

    @classmethod
    def open(cls, directory: Path | None, partition: str, limit: int = LIMIT) -> Cache:
        """The cache kept in `directory` (made when absent), of about `limit` bytes at most; in memory without one."""
        if directory is None:
            return cls(None)
        for _ in range(2):
            try:
                return cls(Database(directory / FILE, partition, limit))
            except Damaged as damage:
                if not damage.removed:
                    break
            except Unusable:
                break
        return cls(None)

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database; the cache may be used on, from memory."""
        if self._database is not None:
            self._lose()

    @property
    def _database(self) -> Database | None:
        return self._opened if os.getpid() == self._owner else None

    def get_many(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """The values that are there and intact."""
        wanted = list(blobs)
        found: dict[str, bytes] = {}
        if self._database is not None:
            try:
                found = self._database.values(wanted)
            except Unusable:
                self._lose()
        if self._memory:
            found |= {blob: self._memory[blob] for blob in wanted if blob in self._memory}
        return found

    def unknown(self, blobs: Iterable[str]) -> set[str]:
        """The blobs that have no row; unlike `get_many`, without looking whether the value is intact."""
        wanted = set(blobs) - self._memory.keys()
        if self._database is not None:
            try:
                return self._database.absent(wanted)
            except Unusable:
                self._lose()
        return wanted

    @property
    def keeps(self) -> bool:
        """Whether everything that was put is on the disk, where others find it."""
        return self._database is not None and not self._memory

    def put_many(self, rows: Iterable[Row]) -> None:
        """Keep values and terms. ValueError for a blob id that is none."""
        kept = list(rows)
        if kept and not self._stored(kept):
            self._remember(kept)

    def find(self, term: str) -> frozenset[str] | None:
        """The blobs that carry `term`, among all that are known; None when that cannot be told: work it out anew."""
        found = self.find_many((term,))
        return None if found is None else found[term]

    def find_many(self, terms: Iterable[str]) -> dict[str, frozenset[str]] | None:
        """`find` for several terms at one moment; every term is a key of the answer."""
        wanted = list(dict.fromkeys(terms))
        found: Mapping[str, Iterable[str]] = {}
        if self._database is not None:
            try:
                found = self._database.postings(wanted)
            except Unusable:
                self._lose()
        if self._lost or self._opened is not self._database:
            return None
        return {term: frozenset(found.get(term, ())) | self._carriers.get(term, frozenset()) for term in wanted}

    def clear(self) -> None:
        """Forget everything, of all partitions."""
        self._memory.clear()
        self._carriers.clear()
        if self._database is not None:
            try:
                self._database.clear()
            except Unusable:
                self._lose()

    def stats(self) -> Stats:
        """How much is kept."""
        if self._database is not None:
            try:
                size, rows, partitions = self._database.counts()
                return Stats(self._database.path, size, rows + len(self._memory), partitions)
            except Unusable:
                self._lose()
        return Stats(None, 0, len(self._memory), 1 if self._memory else 0)

    def _stored(self, rows: Sequence[Row]) -> bool:
        packed = [(bytes.fromhex(blob), value, terms) for blob, value, terms in rows]
        if self._database is None:
            return False
        try:
            self._database.store(packed)
        except Damaged:
            self._lose()
            return False
        except Unusable:
            # Locked by others for long, or the disk is full: what is there can still be read.
            return False
        return True

    def _remember(self, rows: Iterable[Row]) -> None:
        for blob, value, terms in rows:
            self._memory[blob] = value
            for term in terms:
                self._carriers[term].add(blob)

    def _lose(self) -> None:
        if self._database is not None:
            self._database.close()
        self._opened = None
        self._lost = True
