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
from smartreg.domain.fields import text_list
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
    known = successions(registry)
    for record in subjects if known.ends else ():
        for named in _namings(record):
            if known.has_ended(named.party, named.start):
                yield _ended_party(known, record, named)


def _namings(record: Record) -> Iterator[_Naming]:
    kind = record.rid.kind
    if kind in ("equipment", "support"):
        installed = latest_installation(record)
        for one in recorded_owners(record):
            start = one.start or installed
            if start is not None:
                yield _Naming(one.owner, one.path, start)
        return
    name, fields = _FIELDS[kind]
    start = day(record, name)
    if start is not None:
        for field in fields:
            value = record.data.get(field)
            if isinstance(value, str):
                yield _Naming(value, (field,), start)
            for index, item in enumerate(value if isinstance(value, list) else ()):
                if isinstance(item, str):
                    yield _Naming(item, (field, index), start)
    for act in acts(record) if kind == "convention" else ():
        for index, item in enumerate(text_list(act.part("adds").get("parties"))):
            yield _Naming(item, (*act.path, "adds", "parties", index), act.start)


def _ended_party(known: Successions, record: Record, named: _Naming) -> Fault:
    party, ended = named.party, known.ends[named.party]
    heirs = ", ".join(id for id in known.parties_on(party, named.start) if id != party)
    hint = Message("correct the day, or say who has it")
    if heirs:
        hint = Message("name who took its place ({heirs}), or correct the day", heirs=heirs)
    return Fault(
        at(record, *named.path),
        Message(
            "{party} ended on {ended}, but {path} names it from {start} on",
            party=party,
            ended=ended,
            path=path_text(named.path),
            start=named.start,
        ),
        hint,
    )
