"""SIRET with a wrong check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

_SIRET = re.compile(r"[0-9]{14}")
_texts = texts_called("siret")


@rule(
    "REC111",
    "error",
    "record",
    Message("SIRET with a wrong check digit"),
    kinds=("party",),
    law="FR",
    asks=_texts.fields,
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, siret in _texts(record, context):
        if _SIRET.fullmatch(siret) and not _is_valid(siret):
            yield Fault(
                at(record, *path),
                Message("siret {siret} has a wrong check digit", siret=siret),
                Message("check it on annuaire-entreprises.data.gouv.fr"),
            )


def _is_valid(siret: str) -> bool:
    from stdnum.fr.siret import is_valid

    return is_valid(siret)
