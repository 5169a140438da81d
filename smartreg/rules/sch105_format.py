"""Text that is not a date, duration or address.

## What it checks

Dates are written YYYY-MM-DD (a day that does not exist, such as 30 February, is LIF601's); durations are ISO 8601
(`PT15M`, `P1Y`); web and e-mail addresses are complete.

## Why

JSON Schema formats, asserted: RFC 3339 (dates), ISO 8601 (durations), RFC 3986 (addresses).

## Wrong

```yaml
installed_on: "11/03/2024"
```

## Right

```yaml
installed_on: "2024-03-11"
```

## How to mend

Correct the date. Write durations as `PT15M` (minutes), `PT1H` (hours), `P1D` (days), `P1Y` (years).
`smartreg validate --fix` rewrites a date whose year comes first or whose day is above 12, with `--unsafe` any other
day.

## Configure

`[severity]` in `smartreg.toml`: `SCH105 = "warning"`. What is allowed stands in `schemas/`, which a registry may bring
along and change.

## Waive

`# smartreg: ignore[SCH105] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "SCH105", "error", Words("wrong format", "format incorrect"))
