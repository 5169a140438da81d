"""Waiver past its date.

## What it checks

Every `[[waiver]]` of `smartreg.toml` counts up to the day of its `until`, that day included. After it, the finding
that it waived is reported again, and so is the waiver. The day is that of `--on`; without it, today in the registry's
time zone.

## Why

Smartreg: an exception without an end becomes the rule. Whoever decided it decides again.

## Wrong

```yaml
# as YAML only here; in smartreg.toml: [[waiver]]
code: GEO704
record: equipment/istres-noise-003
until: 2024-12-31
reason: mast under repair
decided_by: service numérique
```

## Right

```yaml
code: GEO704
record: equipment/istres-noise-003
until: 2099-12-31
reason: mast under repair
decided_by: service numérique
```

## How to mend

Mend the fault that was waived and delete the waiver; or have it decided again and write the new date.

## Configure

`WAI901 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

That makes no sense here: write a later `until`.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "WAI901", "warning", Words("waiver past its date", "dérogation échue"))
