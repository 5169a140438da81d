"""SIRET of another SIREN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule

_DIGITS = re.compile(r"[0-9]+")


@rule("REC112", "error", "record", Words("SIRET of another SIREN", "SIRET d'un autre SIREN"), kinds=("party",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    siren, siret = record.data.get("siren"), record.data.get("siret")
    if _has_digits(siren, 9) and _has_digits(siret, 14) and not str(siret).startswith(str(siren)):
        yield Fault(
            at(record, "siret"),
            Words(
                f"siret {siret} does not start with siren {siren}",
                f"le siret {siret} ne commence pas par le siren {siren}",
            ),
            Words(
                "correct the one that is not this body's (annuaire-entreprises.data.gouv.fr)",
                "corrigez celui qui n'est pas de cet organisme (annuaire-entreprises.data.gouv.fr)",
            ),
        )


def _has_digits(value: object, count: int) -> bool:
    return isinstance(value, str) and len(value) == count and _DIGITS.fullmatch(value) is not None
