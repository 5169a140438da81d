"""Annex that is missing, or has changed since it was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record
from smartreg.domain.annexes import DIGEST, ROOT, candidates, documents, find_files
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.rules.rule import rule
from smartreg.schema import literal


def _read(record: Record) -> Iterator[str]:
    """Every file that the record's verdict depends on."""
    for document in documents(record):
        yield from candidates(record, document.path)


@rule(
    "CON313",
    "error",
    "registry",
    Message("annex missing or changed"),
    kinds=("convention", "deliberation", "party"),
    reads=_read,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        for document in documents(record):
            if document.on_the_web:
                continue
            found = find_files(registry, record, document.path)
            if not found:
                yield _missing_fault(record, document.place, document.path)
            elif len(found) > 1:
                yield _several_fault(record, document.place, document.path, list(found))
            elif document.expected is not None and document.expected not in found.values():
                yield _changed_fault(record, document.place, document.path)


def _missing_fault(record: Record, place: KeyPath, path: str) -> Fault:
    folder = record.file.rpartition("/")[0]
    return Fault(
        at(record, *place),
        Message("there is no file {path} in {folder}/ or {root}/", path=literal(path), folder=folder, root=ROOT),
        Message("put it in {folder}/annexes/ and write the path from {folder}/", folder=folder),
    )


def _several_fault(record: Record, place: KeyPath, path: str, files: Sequence[str]) -> Fault:
    return Fault(
        at(record, *place),
        Message(
            "{path} can be {first} or {second}", path=literal(path), first=literal(files[0]), second=literal(files[1])
        ),
        Message("write the whole path of the one that is meant, from {root}/ on, or remove the other", root=ROOT),
    )


def _changed_fault(record: Record, place: KeyPath, path: str) -> Fault:
    return Fault(
        at(record, *place[:-1], DIGEST),
        Message("{path} changed since it was recorded", path=literal(path)),
        Message("add an amendment, or update sha256 in a reviewed pull request"),
    )
