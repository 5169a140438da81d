"""SIREN with a wrong check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.codes import commune
from smartreg.domain.numbers import luhn
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

_SIREN = re.compile(r"[0-9]{9}")
_texts = texts_called("siren")


@rule(
    "REC110",
    "error",
    "record",
    Words("SIREN with a wrong check digit", "SIREN à la clé de contrôle fausse"),
    kinds=("party",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, siren in _texts(record, context):
        if _SIREN.fullmatch(siren) and not luhn(siren):
            yield Fault(
                at(record, *path),
                Words(f"siren {siren} has a wrong check digit", f"le siren {siren} a une clé de contrôle fausse"),
                _hint(record),
            )


def _hint(record: Record) -> Words:
    insee = record.data.get("insee_code")
    known = commune(insee) if isinstance(insee, str) and record.data.get("category") == "commune" else None
    if known is not None and known.siren is not None:
        return Words(
            f'the official codes give "{known.siren}" for {known.name}',
            f"les codes officiels donnent « {known.siren} » pour {known.name}",
        )
    return Words("check it on annuaire-entreprises.data.gouv.fr", "vérifiez-le sur annuaire-entreprises.data.gouv.fr")
