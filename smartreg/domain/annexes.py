"""Files that records name as annexes and documents: their paths and digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from smartreg.core.values import Json, KeyPath, Record
from smartreg.domain.acts import ACTS
from smartreg.domain.checks import Snapshot
from smartreg.domain.fields import object_list

ROOT = "registry"
WEB = ("http://", "https://")
DIGEST = "sha256"
AMENDMENT = "amendment"
MOST_DIGITS = 9
"""Of the number of an act; more are no number to count on from."""
PLACES = {
    "convention": (("annexes", "path"), ("third_parties", "document")),
    "deliberation": (("document", "path"),),
    "party": (("data_charter", "document"), ("successors", "document")),
}
"""Kind → the objects, single or in a list, and their field that names a file; the digest is in the same object."""


class Document(NamedTuple):
    """A file that a record names at `place` by `path` (or a web address), and the digest that it expects."""

    place: KeyPath
    path: str
    expected: str | None

    @property
    def on_the_web(self) -> bool:
        """Whether it is a web address."""
        return self.path.startswith(WEB)


def documents(record: Record) -> Iterator[Document]:
    """The files and web addresses that a record names."""
    for name, field in PLACES.get(record.rid.kind, ()):
        value = record.data.get(name)
        items = tuple(enumerate(value)) if isinstance(value, list) else ()
        places: list[tuple[KeyPath, Json]] = [((name, index), item) for index, item in items] or [((name,), value)]
        for place, item in places:
            path = item.get(field) if isinstance(item, Mapping) else None
            if isinstance(path, str) and path:
                expected = item.get(DIGEST)
                yield Document((*place, field), path, expected if isinstance(expected, str) else None)


def candidates(record: Record, path: str) -> list[str]:
    """The files that a path in a record can mean: one that begins with `registry/`, itself alone; any other, in the
    folder of the record or below `registry/`. Only one of them may be there."""
    if path.startswith(f"{ROOT}/"):
        return [path]
    folder = record.file.rpartition("/")[0]
    return list(
        dict.fromkeys(place for place in (f"{folder}/{path}", f"{ROOT}/{path}") if place.startswith(f"{ROOT}/"))
    )


def find_files(registry: Snapshot, record: Record, path: str) -> dict[str, str]:
    """The files of the registry that answer to a path in a record, each with its digest; more than one is a fault
    (CON313)."""
    digests = {place: registry.digest_of(place) for place in candidates(record, path)}
    return {place: digest for place, digest in digests.items() if digest is not None}


def digest_of(registry: Snapshot, record: Record, path: str) -> str | None:
    """The digest of the file that the path means; None if there is none, or more than one that differ."""
    digests = set(find_files(registry, record, path).values())
    return digests.pop() if len(digests) == 1 else None


def undigested(record: Record) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """The annexes of a convention that name a file, or a web address, without its digest: index and item."""
    annexes = record.data.get("annexes")
    for index, item in enumerate(annexes if isinstance(annexes, list) else ()):
        if isinstance(item, Mapping) and isinstance(item.get("path"), str) and item["path"] and not item.get(DIGEST):
            yield index, item


def amendments(convention: Record) -> int:
    """The number of amendments annexed to a convention."""
    return sum(annex.get("kind") == AMENDMENT for annex in object_list(convention.data.get("annexes")))


def next_number(record: Record) -> str:
    """The number of the next act: after the highest in `amendments`, and after as many as there are numbers and annexes
    of amendments that no act names."""
    items = object_list(record.data.get(ACTS))
    numbers = [str(item["number"]) for item in items if "number" in item]
    annexed = sum(isinstance(item.get("annex"), str) for item in items)
    earlier = len(set(numbers)) + max(amendments(record) - annexed, 0)
    whole = (int(number) for number in numbers if number.isdecimal() and len(number) <= MOST_DIGITS)
    return str(max([earlier, *whole]) + 1)
