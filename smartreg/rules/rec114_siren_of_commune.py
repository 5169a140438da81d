"""SIREN of another body than the commune."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.codes import commune
from smartreg.domain.numbers import luhn
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A party of category `commune` has the SIREN that the official codes give for its `insee_code`. Nothing is reported if
the table has no SIREN (some overseas territories), if the INSEE code is unknown (REC113), or if the SIREN has a wrong
check digit (REC110).

## Why

The two codes must name the same commune: exports join on either. INSEE and DGCL publish both; the table and its
date are in `smartreg/domain/codes/SOURCE.md`.

## Wrong

```yaml
category: commune
insee_code: "13047"
siren: "211300017"
```

## Right

```yaml
category: commune
insee_code: "13047"
siren: "211300470"
```

## How to fix it

Use the SIREN from the message, or correct the INSEE code. A body of the commune (CCAS, régie) is a party of category
`public` with its own SIREN.

## Configure

`REC114 = "warning"` under `[severity]` in `smartreg.toml` changes the severity.

## Waive

For a commune that changed after the date of the table (a merger): a `[[waiver]]` in `smartreg.toml`, or
`# smartreg: ignore[REC114] reason` on the line.
"""

_SIREN = re.compile(r"[0-9]{9}")


@rule(
    "REC114",
    "error",
    "record",
    Words("SIREN of another body than the commune", "SIREN d'un autre organisme que la commune"),
    kinds=("party",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    siren, insee = record.data.get("siren"), record.data.get("insee_code")
    if record.data.get("category") != "commune" or not isinstance(siren, str) or not isinstance(insee, str):
        return
    known = commune(insee)
    if known is None or known.siren in (None, siren) or not _SIREN.fullmatch(siren) or not luhn(siren):
        return
    yield Fault(
        at(record, "siren"),
        Words(
            f'the SIREN of {insee} ({known.name}) is "{known.siren}", not "{siren}"',
            f"le SIREN de {insee} ({known.name}) est « {known.siren} », pas « {siren} »",
        ),
        Words(
            "correct siren or insee_code; a body of the commune is a party of category public",
            "corrigez siren ou insee_code ; un organisme de la commune est une partie de catégorie public",
        ),
    )
