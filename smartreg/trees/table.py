"""A sorted list of files in one block of bytes, looked up in without being read: by path, by name, by blob.

A number of marks is kept beside the rows for each way to look up: the first 32 bits of what is looked for, and the row.
What is found by a mark is compared with what was looked for. Numbers are those of this machine, which its first bytes
tell; a checksum over everything tells damage.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha1
from itertools import accumulate
from struct import Struct
from typing import TypeAlias
from zlib import crc32

_MAGIC = b"smartreg listing 1 " + sys.byteorder.encode() + b"\n"
_HEAD = Struct("=IIIQ")  # rows, bytes of a blob id, bytes of `about`, bytes of the names
_SUM = 20
_MARK = 32
_END = b"\0"  # of a name

Row: TypeAlias = tuple[str, str]
"""Path (UTF-8 can hold it) and blob id (hexadecimal)."""


class Unreadable(Exception):
    """These bytes are no table, or are damaged."""


def stem(path: str) -> str:
    """What a file is called: its name without folder and ending."""
    return path.rpartition("/")[2].rpartition(".")[0]


def packed(rows: Sequence[Row], about: bytes) -> bytes:
    """The block of rows sorted by path, no path twice. `about` is kept beside them."""
    names = [path.encode("utf-8") for path, _ in rows]
    blobs = [bytes.fromhex(blob) for _, blob in rows]
    width = len(blobs[0]) if blobs else 0
    parts: list[bytes | array[int]] = [
        about.ljust(-(-len(about) // 8) * 8),
        array("Q", sorted(crc32(stem(path).encode("utf-8")) << _MARK | row for row, (path, _) in enumerate(rows))),
        array("Q", sorted(_blob_mark(blob) << _MARK | row for row, blob in enumerate(blobs))),
        array("I", accumulate((len(name) + 1 for name in names), initial=0)),
        b"".join(blobs),
        b"".join(name + _END for name in names),
    ]
    body = b"".join((_HEAD.pack(len(rows), width, len(about), len(parts[-1])), *parts))
    return _MAGIC + sha1(body, usedforsecurity=False).digest() + body


class Table:
    """The rows of a block. Unreadable when it is none."""

    def __init__(self, block: bytes) -> None:
        start = len(_MAGIC) + _SUM
        self.sum = block[len(_MAGIC) : start]
        body = memoryview(block)[start:]
        if not block.startswith(_MAGIC) or sha1(body, usedforsecurity=False).digest() != self.sum:
            raise Unreadable
        rows, width, said, spelled = _HEAD.unpack_from(body)
        self._width = width
        places = [_HEAD.size, -(-said // 8) * 8, 8 * rows, 8 * rows, 4 * (rows + 1), width * rows, spelled]
        ends = list(accumulate(places))
        parts = [body[ends[part] : ends[part + 1]] for part in range(len(ends) - 1)]
        self.about = bytes(parts[0][:said])
        self._by_name, self._by_blob, self._starts = parts[1].cast("Q"), parts[2].cast("Q"), parts[3].cast("I")
        self._blobs, self._names = parts[4], parts[5]

    def __len__(self) -> int:
        return len(self._by_name)

    def row(self, path: str) -> int | None:
        """Where a path stands."""
        try:
            name = path.encode("utf-8")
        except UnicodeEncodeError:
            return None
        rows = _marked(self._by_name, crc32(stem(path).encode("utf-8")))
        return next((row for row in rows if self._name(row) == name), None)

    def path(self, row: int) -> str:
        return self._name(row).decode("utf-8")

    def blob(self, row: int) -> str:
        return self._blob(row).hex()

    def below(self, folder: str) -> Iterator[str]:
        """The paths in a folder and its folders, sorted."""
        start = folder.encode("utf-8", "surrogateescape")
        return self._paths(self._from(start + b"/"), self._from(start + b"0"))  # the sign after the slash

    def inside(self, folder: bytes) -> set[bytes]:
        """The encoded paths in a folder by itself."""
        start = folder + b"/"
        first, last = self._starts[self._from(start)], self._starts[self._from(folder + b"0")]
        names = bytes(self._names[first:last])
        found = names.split(_END)[:-1]
        if names.count(b"/") > len(found) * start.count(b"/"):  # some of them in folders of the folder
            found = [name for name in found if b"/" not in name[len(start) :]]
        return set(found)

    def paths(self) -> Iterator[str]:
        return self._paths(0, len(self))

    def rows(self) -> Iterator[Row]:
        return zip(self.paths(), map(self.blob, range(len(self))), strict=True)

    def called(self, name: str) -> Iterator[str]:
        """The paths with this stem."""
        mark = crc32(name.encode("utf-8", "surrogateescape"))
        return (path for path in map(self.path, _marked(self._by_name, mark)) if stem(path) == name)

    def holding(self, end: str) -> Iterator[str]:
        """The paths whose blob ends like this; all digits but the first eight."""
        ending = bytes.fromhex(end)
        rows = _marked(self._by_blob, int.from_bytes(ending[:4], "big"))
        return (self.path(row) for row in rows if self._blob(row)[4:] == ending)

    def _paths(self, first: int, last: int) -> Iterator[str]:
        names = bytes(self._names[self._starts[first] : self._starts[last]])
        return iter(names.decode("utf-8").split("\0")[:-1])

    def _from(self, name: bytes) -> int:
        """The first row whose path is not before this one."""
        return bisect_left(range(len(self)), name, key=self._name)

    def _name(self, row: int) -> bytes:
        return bytes(self._names[self._starts[row] : self._starts[row + 1] - 1])

    def _blob(self, row: int) -> bytes:
        return bytes(self._blobs[row * self._width : (row + 1) * self._width])


def _blob_mark(blob: bytes) -> int:
    # The cache's keys have other first digits: see `entry_key`.
    return int.from_bytes(blob[4:8], "big")


def _marked(marks: Sequence[int] | memoryview[int], mark: int) -> Iterable[int]:
    """The rows that carry a mark."""
    place = bisect_left(marks, mark << _MARK)
    while place < len(marks) and marks[place] >> _MARK == mark:
        yield marks[place] & ((1 << _MARK) - 1)
        place += 1
