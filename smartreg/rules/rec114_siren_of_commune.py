"""SIREN of another body than the commune."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune
from smartreg.domain.fields import text
from smartreg.domain.numbers import luhn
from smartreg.domain.successions import successions
from smartreg.rules.rule import rule

_SIREN = re.compile(r"[0-9]{9}")


@rule(
    "REC114",
    "error",
    "registry",
    Words("SIREN of another body than the commune", "SIREN d'un autre organisme que la commune"),
    kinds=("party",),
    indexed=(("party", "insee_code"),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        siren, insee = text(record, "siren"), text(record, "insee_code")
        if text(record, "category") != "commune" or siren is None or insee is None:
            continue
        known = commune(insee)
        if known is None or known.siren in (None, siren) or not _SIREN.fullmatch(siren) or not luhn(siren):
            continue
        if _has_changed(registry, record, insee):
            continue
        yield Fault(
            at(record, "siren"),
            Words(
                f'the SIREN of {insee} ({known.name}) is "{known.siren}", not "{siren}"',
                f"le SIREN de {insee} ({known.name}) est « {known.siren} », pas « {siren} »",
            ),
            Words(
                "correct siren or insee_code; a body of the commune is a party of category public; of a commune"
                " nouvelle, first record the end of the former one (ended_on)",
                "corrigez siren ou insee_code ; un organisme de la commune est une partie de catégorie public ; pour"
                " une commune nouvelle, saisissez d'abord la fin de l'ancienne (ended_on)",
            ),
        )


def _has_changed(registry: Snapshot, record: Record, insee: str) -> bool:
    """Whether the legal person behind the code has changed, so that the table may give the SIREN of the other one."""
    known = successions(registry)
    if record.rid.id in known.ends or record.rid.id in known.predecessors:
        return True
    return any(other.rid.id in known.ends for other in registry.by_value("party", "insee_code", insee))
