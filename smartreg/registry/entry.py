"""What one text says, and how the cache keeps it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from smartreg.findings import Finding
from smartreg.registry.places import Place
from smartreg.trees import length
from smartreg.values import Data, Location, Mark, Words


class Entry(NamedTuple):
    """What a text says: its data (None when it cannot be used), the faults of its reading, its blob id."""

    data: Data | None
    faults: tuple[Finding, ...]
    blob: str
    size: int


def gone(path: str) -> Finding:
    return Finding(
        "YML010", "error", Words("the file could not be read", "le fichier n'a pas pu être lu"), Location(path)
    )


def entry_key(kind: str, blob: str) -> str:
    """The cache's key of a text as a record of `kind`: which terms it has depends on both."""
    return hashlib.sha1(f"{kind}:{blob}".encode(), usedforsecurity=False).hexdigest()


def encode(entry: Entry) -> bytes:
    """An entry as the cache keeps it: without its file name, since equal texts share it."""
    faults = [
        [
            fault.code,
            fault.severity,
            [fault.message.en, fault.message.fr],
            [fault.hint.en, fault.hint.fr] if fault.hint else None,
            list(fault.where.path),
            fault.where.on_key,
            list(fault.where.mark) if fault.where.mark else None,
        ]
        for fault in entry.faults
    ]
    text = json.dumps([entry.data, faults, entry.size], ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def decode(value: bytes, place: Place) -> Entry | None:
    """The entry of a file; None when the file cannot be what its blob says, since its length is another."""
    data, faults, size = json.loads(value)
    if place.size is not None and length(place.size) != size:
        return None
    return Entry(data, tuple(_finding(fault, place.file) for fault in faults), place.blob or "", size)


def _finding(row: list[Any], file: str) -> Finding:
    code, severity, message, hint, path, on_key, mark = row
    where = Location(file, tuple(path), on_key, Mark(*mark) if mark else None)
    return Finding(code, severity, Words(*message), where, Words(*hint) if hint else None)
