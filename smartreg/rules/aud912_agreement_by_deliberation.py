"""Agreement in the history that rests on a deliberation.

## What it checks

`smartreg audit` names each change of what binds parties for which a deliberation stood in for a signature, because the
party listed no key then, or replaced its keys (CHG822).

## Why

Smartreg: who reads the history as evidence should know which agreements are signed, and which rest on a record that
others wrote.

## Wrong

```yaml
# merged in 2026: ville-d-istres had no key, and its deliberation has no text here
number: 2026-41
body: ville-d-istres
```

## Right

```yaml
number: 2026-41
body: ville-d-istres
document:
  path: annexes/istres-2026-41.pdf
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
```

## How to mend

Nothing has to be mended. The text of the deliberation, with its digest, is the evidence: keep it.

## Configure

`AUD912 = "warning"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

It cannot be waived: what happened to the history has happened. A seal after it lets later audits begin there.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "AUD912",
    "info",
    Words("Agreement by deliberation in the history", "Accord par délibération dans l'historique"),
    "history",
)
