"""SIREN of another body than the commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune
from smartreg.domain.fields import text
from smartreg.domain.numbers import SIREN, luhn
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule


@rule(
    "REC114",
    "error",
    "registry",
    Message("SIREN of another body than the commune"),
    kinds=("party",),
    indexed=(("party", "insee_code"),),
    law="FR",
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        siren, insee = text(record, "siren"), text(record, "insee_code")
        if text(record, "category") != "commune" or siren is None or insee is None:
            continue
        official = commune(insee)
        if official is None or official.siren in (None, siren) or not SIREN.fullmatch(siren) or not luhn(siren):
            continue
        if _has_changed(registry, record, insee):
            continue
        yield Fault(
            at(record, "siren"),
            Message(
                'the SIREN of {insee} ({name}) is "{siren}", not "{siren2}"',
                insee=insee,
                name=official.name,
                siren=official.siren,
                siren2=siren,
            ),
            Message(
                "correct siren or insee_code; a body of the commune is a party of category public; of a commune "
                "nouvelle, first record the end of the former one (ended_on)"
            ),
        )


def _has_changed(registry: Snapshot, record: Record, insee: str) -> bool:
    """Whether the legal person behind the code has changed, so that the table may give the SIREN of the other one."""
    lineage = successions(registry)
    if record.rid.id in lineage.ends or record.rid.id in lineage.predecessors:
        return True
    return any(other.rid.id in lineage.ends for other in registry.by_value("party", "insee_code", insee))
