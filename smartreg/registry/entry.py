"""The content of one text, and how the index stores it."""

from __future__ import annotations

import marshal
import re
from typing import Any, NamedTuple

from smartreg.core.findings import Finding, Fix, Respell
from smartreg.core.values import Data, Json, Location, Mark, Words
from smartreg.registry.places import SPECIAL, Place
from smartreg.trees import length

_FORMAT = 4  # of marshal: every Python since 3.4 reads and writes it
_PLAINLY = 2  # the last version that writes equal values alike, shared or not

_DIFFERENT = 1024  # maximum number of shared values of a field

IGNORE = re.compile(rb"#[ \t]*smartreg:[ \t]*ignore")
"""A comment that speaks to us."""


class Entry(NamedTuple):
    """The content of a text: its data (None if unusable), the faults of reading it, its blob id, its length in bytes,
    and whether it has an ignore comment."""

    data: Data | None
    faults: tuple[Finding, ...]
    blob: str
    size: int
    remarks: bool = False


def unreadable_file(path: str) -> Finding:
    """YML010: the file could not be read."""
    return Finding(
        "YML010", "error", Words("the file could not be read", "le fichier n'a pas pu être lu"), Location(path)
    )


def other_encoding(path: str) -> Finding:
    """YML005: the file has a different encoding on disk than in Git, and differs from the commit."""
    words, command = SPECIAL["other encoding"], f"git check-attr working-tree-encoding -- {path}"
    return Finding(
        "YML005",
        "error",
        Words(f"this file is {words.en}", f"ce fichier est {words.fr}"),
        Location(path),
        Words(
            f"remove the attribute and save the file as UTF-8; {command} shows what Git sees",
            f"retirez l'attribut et enregistrez le fichier en UTF-8 ; {command} montre ce que voit Git",
        ),
    )


class SharedValues:
    """Lists and mappings that are the same in many records (what is measured, how it is powered), shared as one object:
    data never changes. Halves the memory of a registry."""

    def __init__(self) -> None:
        self._by_field: dict[str, dict[bytes, Json]] = {}  # the shared value by how marshal writes it

    def share(self, data: dict[str, Json] | None) -> dict[str, Json] | None:
        """The same data, modified in place to hold the shared values."""
        for field, value in data.items() if data is not None else ():
            if value.__class__ is dict or value.__class__ is list:
                alike = self._by_field.setdefault(field, {})
                written = marshal.dumps(value, _PLAINLY)
                same = alike.get(written)
                if same is not None:
                    data[field] = same  # type: ignore[index]
                elif len(alike) < _DIFFERENT:
                    alike[written] = value
        return data


def encode(entry: Entry) -> bytes:
    """Encode an entry for the index, without its file name, because equal texts share it.

    Marshal is read in half the time of JSON and keeps shared strings shared; a checksum protects it.
    """
    faults = [
        [
            fault.code,
            fault.severity,
            [fault.message.en, fault.message.fr],
            [fault.hint.en, fault.hint.fr] if fault.hint else None,
            list(fault.where.path),
            fault.where.on_key,
            list(fault.where.mark) if fault.where.mark else None,
            fault.fix is not None,
        ]
        for fault in entry.faults
    ]
    row: Any = (entry.data, faults, entry.size, entry.blob, entry.remarks)
    return marshal.dumps(row, _FORMAT)


def decode(value: bytes, place: Place, shared: SharedValues) -> Entry | None:
    """The entry of a file; None if it is of another blob, or if the length of the file shows that it does not hold its
    blob."""
    data, faults, size, blob, remarks = marshal.loads(value)
    if place.blob is None or blob != place.blob or (place.size is not None and length(place.size) != size):
        return None
    return Entry(shared.share(data), tuple(_finding(fault, place.file) for fault in faults), place.blob, size, remarks)


def _finding(row: list[Any], file: str) -> Finding:
    code, severity, message, hint, path, on_key, mark, respelled = row
    where = Location(file, tuple(path), on_key, Mark(*mark) if mark else None)
    fix = Fix(Respell()) if respelled else None  # faults of the text as such are fixed by no other step
    return Finding(code, severity, Words(*message), where, Words(*hint) if hint else None, fix=fix)
