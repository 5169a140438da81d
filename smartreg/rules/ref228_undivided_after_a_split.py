"""What a party had that was split, and that no record gives to one of its successors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule

FIELDS = {"support": "owner", "equipment": "owner", "network": "operator", "flow": "producer"}
"""Kind → the field that names who has it."""


@rule(
    "REF228",
    "warning",
    "registry",
    Words("undivided after a split", "indivis après une scission"),
    kinds=tuple(FIELDS),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    known = successions(registry)
    for record in subjects if known.ends else ():
        field = FIELDS[record.rid.kind]
        party = text(record, field) or ""
        heirs = known.parties_on(party, context.on)
        if known.has_ended(party, context.on) and len(heirs) > 1 and not has_ended(registry, record):
            yield _fault(record, field, known.ends[party].isoformat(), heirs)


def _fault(record: Record, field: str, ended: str, heirs: tuple[str, ...]) -> Fault:
    party, among = text(record, field), ", ".join(heirs)
    line = f"smartreg set {record.rid} {field}={heirs[0]}"
    if field == "owner":
        line = f"smartreg transfer {record.rid} {heirs[0]} --on {ended}"
    return Fault(
        at(record, field),
        Words(
            f"{field} is {party}, which was split on {ended}: it does not say which of {among} has it",
            f"{field} : {party}, scindée le {ended} ; il n'est pas dit qui, de {among}, en dispose",
        ),
        Words(f"say who has it, for example: {line}", f"dites qui en dispose, par exemple : {line}"),
    )
