"""SIREN with a wrong check digit."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.codes import commune
from smartreg.domain.numbers import SIREN, luhn
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

_texts = texts_called("siren")


@rule(
    "REC110",
    "error",
    "record",
    Message("SIREN with a wrong check digit"),
    kinds=("party",),
    law="FR",
    asks=_texts.fields,
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, siren in _texts(record, context):
        if SIREN.fullmatch(siren) and not luhn(siren):
            yield Fault(
                at(record, *path),
                Message("siren {siren} has a wrong check digit", siren=siren),
                _hint(record),
            )


def _hint(record: Record) -> Text:
    insee = record.data.get("insee_code")
    official = commune(insee) if isinstance(insee, str) and record.data.get("category") == "commune" else None
    if official is not None and official.siren is not None:
        return Message('the official codes give "{siren}" for {name}', siren=official.siren, name=official.name)
    return Message("check it on annuaire-entreprises.data.gouv.fr")
