"""Property of a party that was split, which no record gives to one of its successors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule

FIELDS = {"support": "owner", "equipment": "owner", "network": "operator", "flow": "producer"}
"""Kind → the field that names who has it."""


@rule("REF228", "warning", "registry", Message("undivided after a split"), kinds=tuple(FIELDS), dated=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    lineage = successions(registry)
    for record in subjects if lineage.ends else ():
        field = FIELDS[record.rid.kind]
        party = text(record, field) or ""
        heirs = lineage.parties_on(party, context.on)
        if lineage.has_ended(party, context.on) and len(heirs) > 1 and not has_ended(registry, record):
            yield _undivided(record, field, lineage.ends[party].isoformat(), heirs)


def _undivided(record: Record, field: str, ended: str, heirs: tuple[str, ...]) -> Fault:
    party, among = text(record, field), ", ".join(heirs)
    line = f"smartreg set {record.rid} {field}={heirs[0]}"
    if field == "owner":
        line = f"smartreg transfer {record.rid} {heirs[0]} --on {ended}"
    return Fault(
        at(record, field),
        Message(
            "{field} is {party}, which was split on {ended}: name one of {among}",
            field=field,
            party=party,
            ended=ended,
            among=among,
        ),
        Message("say who has it, for example: {line}", line=line),
    )
