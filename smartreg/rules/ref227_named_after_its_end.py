"""Party that a record names from a day on which the party no longer existed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, path_text
from smartreg.domain.acts import acts
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day, latest_installation
from smartreg.domain.fields import numbered_texts, text_list
from smartreg.domain.placements import recorded_owners
from smartreg.domain.successions import Successions, successions
from smartreg.rules.rule import rule


class _Naming(NamedTuple):
    """A party that a record names at a path for what begins on a day."""

    party: str
    path: KeyPath
    start: date


_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "flow": ("started_on", ("producer", "consumers")),
    "network": ("started_on", ("operator", "owner", "shared_with")),
    "use_case": ("started_on", ("owner",)),
    "convention": ("signed_on", ("parties",)),
    "deliberation": ("date", ("body",)),
}
"""Kind → the day on which it begins, and the fields that name parties."""


@rule("REF227", "warning", "registry", Message("party named after its end"), kinds=("equipment", "support", *_FIELDS))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    lineage = successions(registry)
    for record in subjects if lineage.ends else ():
        for naming in _namings(record):
            if lineage.has_ended(naming.party, naming.start):
                yield _ended_party(lineage, record, naming)


def _namings(record: Record) -> Iterator[_Naming]:
    kind = record.rid.kind
    if kind in ("equipment", "support"):
        installed = latest_installation(record)
        for ownership in recorded_owners(record):
            start = ownership.start or installed
            if start is not None:
                yield _Naming(ownership.owner, ownership.path, start)
        return
    name, fields = _FIELDS[kind]
    start = day(record, name)
    if start is not None:
        for field in fields:
            value = record.data.get(field)
            if isinstance(value, str):
                yield _Naming(value, (field,), start)
            for index, item in numbered_texts(value):
                yield _Naming(item, (field, index), start)
    for act in acts(record) if kind == "convention" else ():
        for index, item in enumerate(text_list(act.part("adds").get("parties"))):
            yield _Naming(item, (*act.path, "adds", "parties", index), act.start)


def _ended_party(lineage: Successions, record: Record, naming: _Naming) -> Fault:
    party, ended = naming.party, lineage.ends[naming.party]
    heirs = ", ".join(id for id in lineage.parties_on(party, naming.start) if id != party)
    hint = Message("correct the day, or say who has it")
    if heirs:
        hint = Message("name who took its place ({heirs}), or correct the day", heirs=heirs)
    return Fault(
        at(record, *naming.path),
        Message(
            "{party} ended on {ended}, but {path} names it from {start} on",
            party=party,
            ended=ended,
            path=path_text(naming.path),
            start=naming.start,
        ),
        hint,
    )
