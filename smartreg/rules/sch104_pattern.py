"""Text that does not have the form required.

## What it checks

A text with a form has it: ids in lower case with hyphens, SIREN of nine digits, INSEE codes of five characters, EUI of
sixteen upper-case hexadecimal digits, web addresses with https:// or http://.

## Why

The schema of the kind; INSEE for SIREN and commune codes, IEEE for EUI-64. Forms are read in linear time (no
backtracking), alike in all tools.

## Wrong

```yaml
dev_eui: "70-B3-D5-7E-D0-06-12-34"
```

## Right

```yaml
dev_eui: "70B3D57ED0061234"
```

## How to mend

Write it like the example in the message. `smartreg validate --fix` does it where only case and separators differ.

## Configure

`[severity]` in `smartreg.toml`: `SCH104 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH104] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH104", "error", Words("wrong form", "forme incorrecte"))
