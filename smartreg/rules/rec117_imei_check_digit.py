"""IMEI with a wrong check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.numbers import luhn
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

_IMEI = re.compile(r"[0-9]{15}")
_texts = texts_called("imei")


@rule("REC117", "error", "record", Words("IMEI with a wrong check digit", "IMEI à la clé de contrôle fausse"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, imei in _texts(record, context):
        if _IMEI.fullmatch(imei) and (not luhn(imei) or not imei.strip("0")):
            yield Fault(
                at(record, *path),
                Words(f"imei {imei} has a wrong check digit", f"l'imei {imei} a une clé de contrôle fausse"),
                Words(
                    "read the label again, or ask the modem (AT+CGSN)",
                    "relisez l'étiquette, ou interrogez le modem (AT+CGSN)",
                ),
            )
