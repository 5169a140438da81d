"""SIRET of another SIREN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import one_of, rule

_DIGITS = re.compile(r"[0-9]+")


@rule("REC112", "error", "record", Message("SIRET of another SIREN"), kinds=("party",), law="FR", asks=one_of("siren"))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    siren, siret = record.data.get("siren"), record.data.get("siret")
    if _has_digits(siren, 9) and _has_digits(siret, 14) and not str(siret).startswith(str(siren)):
        yield Fault(
            at(record, "siret"),
            Message("siret {siret} does not start with siren {siren}", siret=siret, siren=siren),
            Message("correct the one that is not this body's (annuaire-entreprises.data.gouv.fr)"),
        )


def _has_digits(value: object, count: int) -> bool:
    return isinstance(value, str) and len(value) == count and _DIGITS.fullmatch(value) is not None
