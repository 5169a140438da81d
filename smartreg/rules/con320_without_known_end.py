"""Signed convention without a known end."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import UNTIL, current
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A signed convention has `effective_until`. Without it, smartreg treats the convention as in force without a known end.

## Why

Occupation of public property is temporary (CG3P, article L2122-2): the act has a term, and nobody watches a term that
is not recorded.

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

## How to fix it

Take `effective_until` from the act:
`smartreg set ID effective_until=2027-12-31 --correct -m "as the act says"`. If the parties set no end:
`smartreg renew ID --until DATE`.

## Configure

`[severity]` in `smartreg.toml`: `CON320 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[CON320] reason` on the line of `status`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "CON320", "warning", "record", Words("convention without known end", "convention sans terme connu"), kinds=(KIND,)
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if text(record, "status") == "signed" and UNTIL not in current(record):
        yield Fault(
            at(record, "status"),
            Words(
                "signed, but in force without a known end: effective_until is missing",
                "signée, mais en vigueur sans terme connu : effective_until manque",
            ),
            Words(
                f"take it from the act: smartreg set {record.rid.id} effective_until=YYYY-MM-DD --correct"
                ' -m "as the act says"',
                f"reprenez-le de l'acte : smartreg set {record.rid.id} effective_until=AAAA-MM-JJ --correct"
                ' -m "selon l\'acte"',
            ),
        )
