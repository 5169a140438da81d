"""Convention for more than twelve years."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import path_of_term
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.domain.titles import title
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

`effective_until` is at most twelve years after `effective_from` (else `signed_on`).

## Why

Occupation of public property is temporary (CG3P, article L2122-2). No text sets a number of years for these
conventions: twelve is smartreg's limit, about the life of street equipment; a longer term is more likely a typing
error.

## Wrong

```yaml
id: smart-metropole-istres
effective_from: "2023-12-01"
effective_until: "2053-11-30"
```

## Right

```yaml
id: smart-metropole-istres
effective_from: "2023-12-01"
effective_until: "2033-11-30"
```

## How to fix it

Check the term in the act. If it is right, waive the finding and say why the term is so long.

## Configure

`[severity]` in `smartreg.toml`: `CON317 = "off"`. The number of years cannot be set.

## Waive

`# smartreg: ignore[CON317] reason` on the line of `effective_until`, or a `[[waiver]]` in `smartreg.toml`.
"""

YEARS = 12


@rule("CON317", "warning", "record", Words("very long term", "durée très longue"), kinds=(KIND,))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    own = title(record)
    if own.start is None or own.until is None:
        return
    latest = (own.start.year + YEARS, own.start.month, own.start.day)
    if (own.until.year, own.until.month, own.until.day) > latest:
        yield Fault(
            at(record, *path_of_term(record, "effective_until")),
            Words(
                f"effective_until {own.until} is more than {YEARS} years after {own.start}",
                f"effective_until {own.until} dépasse de plus de {YEARS} ans le {own.start}",
            ),
            Words(
                "occupation of public property is temporary; check the term",
                "l'occupation du domaine public est temporaire ; vérifiez le terme",
            ),
        )
