"""Anchor, alias, merge key, tag, directive or second document.

## What it checks

A record uses none of what YAML has beyond plain data: no anchor (`&x`), alias (`*x`), merge key (`<<`), tag (`!x`) or
directive (a line that begins with `%`), and no second document after a line `---`.

## Why

An alias changes a second field when the first is edited, and a few kilobytes of them unfold to gigabytes; a tag can
make other readers run code; merge keys are not YAML 1.2. A record says what it says, once, in one place.

## Wrong

```yaml
owner: &city ville-d-istres
manager: *city
```

## Right

```yaml
owner: ville-d-istres
manager: ville-d-istres
```

## How to mend

Write the value itself. If a text begins with `*`, `&`, `!` or `%`, put it in quotes. Put a second record in a file of
its own.

## Configure

Nothing: leave it at error. A file that is not read is not judged by any other rule either.

## Waive

That makes no sense here: nothing in a file that is not read can be trusted, not even a comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "YML003",
    "error",
    Words("anchor, alias, merge key, tag or directive", "ancre, alias, clé de fusion, étiquette ou directive"),
)
