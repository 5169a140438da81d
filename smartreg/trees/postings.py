"""Posting lists in bytes: which blobs carry a term. No reading of them can be wrong unnoticed.

Terms fall into `BUCKETS` by their digest. Each write adds one *segment* to every bucket that it touches, and a
*directory* keeps, for each bucket, the exclusive-or of the checksums of its segments. A lost, stale or damaged segment
no longer fits the directory, so an empty answer means "no blob", never "something is missing".

A segment: one byte with the width of a blob id, then for each term its digest (16), how many blobs (4), their ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from hashlib import blake2b

BUCKETS = 1024
SUM = 8
EMPTY_DIRECTORY = bytes(BUCKETS * SUM)
_TERM = 16
_HEAD = _TERM + 4


def checksum(*parts: bytes) -> bytes:
    """`SUM` bytes over the parts and their lengths."""
    lengths = ",".join(str(len(part)) for part in parts).encode()
    return blake2b(b"".join((lengths, *parts)), digest_size=SUM).digest()


def digest(term: str) -> bytes:
    """What stands for a term."""
    return blake2b(term.encode("utf-8", "surrogatepass"), digest_size=_TERM).digest()


def bucket_of(term: bytes) -> int:
    """The bucket of a term's digest."""
    return int.from_bytes(term[:2], "big") % BUCKETS


def segments(rows: Iterable[tuple[bytes, tuple[str, ...]]]) -> dict[int, bytes]:
    """Segments by bucket for (blob id, its terms). ValueError when the blob ids are not equally long."""
    postings: defaultdict[str, list[bytes]] = defaultdict(list)
    widths = set()
    for blob, terms in rows:
        widths.add(len(blob))
        for term in terms:
            postings[term].append(blob)
    if len(widths) > 1:
        raise ValueError("blob ids of two object formats")
    first = bytes(widths)
    parts: defaultdict[int, list[bytes]] = defaultdict(lambda: [first])
    for term, blobs in postings.items():
        key = digest(term)
        parts[bucket_of(key)] += (key, len(blobs).to_bytes(4, "big"), *blobs)
    return {bucket: b"".join(pieces) for bucket, pieces in parts.items()}


def blobs_in(segment: bytes, wanted: Iterable[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """The blob ids that an intact segment holds for each term whose digest is wanted."""
    width = segment[0]
    for key in wanted:
        at = segment.find(key, 1)  # nobody makes blobs whose ids have these sixteen bytes in them
        if at > 0:
            start = at + _HEAD
            end = start + width * int.from_bytes(segment[at + _TERM : start], "big")
            yield key, [segment[place : place + width] for place in range(start, end, width)]


def added(directory: bytes, sums: Iterable[tuple[int, bytes]]) -> bytes:
    """The directory after segments with these (bucket, checksum) came in."""
    entries = bytearray(directory)
    for bucket, value in sums:
        place = slice(bucket * SUM, (bucket + 1) * SUM)
        entries[place] = _xor(bytes(entries[place]), value)
    return bytes(entries)


def tally(directory: bytes, bucket: int, sums: Iterable[bytes]) -> bool:
    """Whether the checksums of a bucket's segments are what the directory says: none lost, none changed."""
    return reduce(_xor, sums, bytes(SUM)) == directory[bucket * SUM : (bucket + 1) * SUM]


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(SUM, "big")
