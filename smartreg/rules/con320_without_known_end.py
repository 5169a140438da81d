"""Signed convention without a known end.

## What it checks

A convention that is signed has `effective_until`. Without it smartreg holds it to be in force without a known end.

## Why

Occupation of public domain is temporary (CG3P, article L2122-2): the act has a term, and what nobody recorded nobody
watches.

## Wrong

```yaml
id: smart-metropole-istres
status: signed
signed_on: "2023-12-01"
```

## Right

```yaml
id: smart-metropole-istres
status: signed
signed_on: "2023-12-01"
effective_until: "2025-12-31"
```

## How to mend

Take `effective_until` from the act.

## Configure

`[severity]` in `smartreg.toml`: `CON320 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[CON320] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.rules._conventions import KIND
from smartreg.rules._fields import text
from smartreg.rules.rule import Context, Fault, at, rule
from smartreg.values import Record, Words


@rule(
    "CON320", "warning", "record", Words("convention without known end", "convention sans terme connu"), kinds=(KIND,)
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if text(record, "status") == "signed" and "effective_until" not in record.data:
        yield Fault(
            at(record, "status"),
            Words(
                "signed, but in force without a known end: effective_until is missing",
                "signée, mais en vigueur sans terme connu : effective_until manque",
            ),
            Words(
                "take effective_until from the act: occupation of public domain is temporary",
                "reprenez effective_until de l'acte : l'occupation du domaine public est temporaire",
            ),
        )
