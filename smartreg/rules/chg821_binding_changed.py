"""Change of what binds parties.

## What it checks

`validate --since` and `diff` show every change of what binds parties (CHG814 says what that is): a convention that is
newly signed, an act, a term, a duty, an owner; with the parties that it binds. Whether they agreed is for CHG814.
Another text behind a deliberation (`document.sha256`) is shown too: the agreement of a party without a key may rest on
it.

## Why

Smartreg: a duty that changes in one line of a long pull request is easily overlooked, and binds all the same.

## Wrong

```yaml
# nobody is told that the term moves
id: smart-metropole-istres
effective_until: "2030-12-31"   # was 2027-12-31
```

## Right

```yaml
# shown: this binds amp-metropole, ville-d-istres: effective_until 2027-12-31 → 2030-12-31
id: smart-metropole-istres
effective_until: "2030-12-31"
```

## How to mend

Nothing is wrong. Compare the change with the act that was signed.

## Configure

`[severity]` in `smartreg.toml`: `CHG821 = "warning"` makes it count with `--fail-on warning`.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.rules.rule import page
from smartreg.values import Words

RULE = page(
    __name__,
    "CHG821",
    "info",
    Words("change of what binds parties", "modification de ce qui engage des parties"),
    "frame",
)
