"""Ignore comment that does not count.

## What it checks

A comment `# smartreg: ignore…` names one or more codes between brackets and gives a reason behind them. The codes are
those of rules that there are, and that can be waived: texts that cannot be read (YML), faults of waivers themselves
(WAI), sheets (IMP), what a review is to see of a change and of its authors (CHG811 to CHG819) and what happened to the
history (AUD) cannot.

## Why

Smartreg: who reads the record in three years wants to know why. Of a text that cannot be read nobody knows what it
says, so there is nothing to accept.

## Wrong

```yaml
id: istres-noise-003
measures:
  - property: tremor  # smartreg: ignore[REC119]
```

## Right

```yaml
id: istres-noise-003
measures:
  - property: tremor  # smartreg: ignore[REC119] property of one experiment
```

## How to mend

Write `# smartreg: ignore[CODE] reason`, with the code as the finding shows it.

## Configure

`WAI904 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

That makes no sense here: complete the comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "WAI904", "warning", Words("ignore comment that does not count", "commentaire ignore sans effet"))
