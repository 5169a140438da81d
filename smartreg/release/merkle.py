"""The Merkle tree over the records of a release (RFC 9162, section 2.1, with SHA-256): one signed digest for all of
them, and a short path that shows that one record is among them.

A leaf is the line of a record in `records.jsonl`, without its line feed: canonical JSON in UTF-8, so the same record
gives the same bytes whatever wrote the tables.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from smartreg.core.escape import escape_json
from smartreg.core.values import Json, RecordId


def record_line(rid: RecordId, data: Json) -> bytes:
    """The leaf of a record."""
    return canonical({"data": data, "id": rid.id, "kind": rid.kind})


def canonical(value: Json) -> bytes:
    """JSON with sorted keys, no blanks and no line feed, in which nothing acts in a terminal."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return escape_json(text).encode()


class MerkleTree:
    """The hashes of a tree, level by level from the leaves; a hash without a neighbour goes up as it is."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [[_hash_leaf(leaf) for leaf in leaves]]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = [_hash_node(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            self._levels.append(pairs + below[len(pairs) * 2 :])

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The 32 bytes that stand for all leaves; the SHA-256 of nothing if there are none."""
        return self._levels[-1][0] if self.size else hashlib.sha256().digest()

    def path(self, index: int) -> list[bytes]:
        """The inclusion path of a leaf (from 0): the neighbours of what leads from it to the root. IndexError if there
        is no such leaf."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        path = []
        for level in self._levels[:-1]:
            if (neighbour := index ^ 1) < len(level):
                path.append(level[neighbour])
            index //= 2
        return path


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path shows that a leaf is at `index` (from 0) of the `size` leaves under a root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    value, last = _hash_leaf(leaf), size - 1
    for neighbour in path:
        if last == 0:
            return False
        if index % 2 or index == last:
            value = _hash_node(neighbour, value)
            while not index % 2 and index:
                index, last = index // 2, last // 2
        else:
            value = _hash_node(value, neighbour)
        index, last = index // 2, last // 2
    return last == 0 and value == root


def _hash_leaf(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def _hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
