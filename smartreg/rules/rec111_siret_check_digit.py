"""SIRET with a wrong check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The last of the fourteen digits of every `siret` of a party follows from the others by the Luhn formula, and so does the
ninth from the eight before it: these nine are the SIREN. The establishments of La Poste (356000000…), except its head
office, have their own rule: the sum of their digits is a multiple of 5. The schema reports anything other than fourteen
digits (SCH104).

## Why

INSEE computes the SIRET so that a mistyped digit can be detected (Sirene directory); the exception of La Poste is
INSEE's too.

## Wrong

```yaml
siren: "211300470"
siret: "21130047000014"
```

## Right

```yaml
siren: "211300470"
siret: "21130047000013"
```

## How to fix it

Look the establishment up on annuaire-entreprises.data.gouv.fr, or leave the field out.

## Configure

`REC111 = "warning"` under `[severity]` in `smartreg.toml` changes the severity.

## Waive

Not useful: no establishment has such a number.
"""

_SIRET = re.compile(r"[0-9]{14}")
_texts = texts_called("siret")


@rule(
    "REC111",
    "error",
    "record",
    Words("SIRET with a wrong check digit", "SIRET à la clé de contrôle fausse"),
    kinds=("party",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, siret in _texts(record, context):
        if _SIRET.fullmatch(siret) and not _is_valid(siret):
            yield Fault(
                at(record, *path),
                Words(f"siret {siret} has a wrong check digit", f"le siret {siret} a une clé de contrôle fausse"),
                Words(
                    "check it on annuaire-entreprises.data.gouv.fr", "vérifiez-le sur annuaire-entreprises.data.gouv.fr"
                ),
            )


def _is_valid(siret: str) -> bool:
    from stdnum.fr.siret import is_valid

    return is_valid(siret)
