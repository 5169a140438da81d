"""Convention that is not reciprocal."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import current, path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

`reciprocal` of a convention is not `false`. If it is absent, the convention is reciprocal.

## Why

The deliberation of 2023-03-16 (IVIS-009-13539/23/BM) provides for reciprocal installation: on supports of the Métropole
and on those of its partners.

## Wrong

```yaml
id: smart-metropole-istres
reciprocal: false
```

## Right

```yaml
id: smart-metropole-istres
reciprocal: true
```

## How to fix it

Correct `reciprocal` if the act is reciprocal. If it was signed as one-sided, waive the finding and say why.

## Configure

`[severity]` in `smartreg.toml`: `CON311 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[CON311] reason` on the line of `reciprocal`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "CON311",
    "warning",
    "record",
    Words("convention that is not reciprocal", "convention non réciproque"),
    kinds=("convention",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if current(record).get("reciprocal") is False:
        yield Fault(
            at(record, *path_of_term(record, "reciprocal")),
            Words(
                "the deliberation provides for reciprocal installation",
                "la délibération prévoit une installation réciproque",
            ),
            Words("correct it if the act is reciprocal", "corrigez si l'acte est réciproque"),
        )
