"""IMEI with a wrong check digit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.numbers import luhn
from smartreg.domain.texts import texts_called
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

The last of the fifteen digits of an `imei` follows from the others by the Luhn formula, and they are not all zero.
The schema reports anything other than fifteen digits (SCH104).

## Why

3GPP TS 23.003, annex B: the check digit protects numbers that people read from a label and type.

## Wrong

```yaml
imei: "490154203237519"
```

## Right

```yaml
imei: "490154203237518"
```

## How to fix it

Read the label again, or ask the modem (`*#06#`, `AT+CGSN`). An IMEISV has sixteen digits and no check digit: take the
IMEI.

## Configure

`REC117 = "warning"` under `[severity]` in `smartreg.toml` changes the severity.

## Waive

For a device that really reports such a number: a `[[waiver]]` in `smartreg.toml`, or
`# smartreg: ignore[REC117] reason` on the line.
"""

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
