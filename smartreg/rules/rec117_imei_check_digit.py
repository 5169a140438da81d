"""IMEI with a wrong check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.numbers import luhn
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

_IMEI = re.compile(r"[0-9]{15}")
_texts = texts_called("imei")


@rule("REC117", "error", "record", Message("IMEI with a wrong check digit"), asks=_texts.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, imei in _texts(record, context):
        if _IMEI.fullmatch(imei) and (not luhn(imei) or not imei.strip("0")):
            yield Fault(
                at(record, *path),
                Message("imei {imei} has a wrong check digit", imei=imei),
                Message("read the label again, or ask the modem (AT+CGSN)"),
            )
