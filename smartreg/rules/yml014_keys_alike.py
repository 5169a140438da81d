r"""Keys that differ only in how accents are composed.

## What it checks

Two keys of one mapping that are the same once accents are composed (Unicode NFC): `é` as one sign, and as `e` followed
by an accent. Told at the second one. That file names are composed, YML011 and YML012 see to.

## Why

Smartreg: nobody sees that there are two, and a program that composes what it reads keeps only one of the values. macOS
and some keyboards write the other form.

## Wrong

```yaml
extra:
  "clé": A
  "cl\u0065\u0301": B
```

## Right

```yaml
extra:
  "clé": A
```

## How to mend

Keep one of the two, typed anew.

## Configure

`[severity]` in `smartreg.toml`: `YML014 = "error"`. There is no threshold.

## Waive

It cannot be waived: delete one of the keys.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "YML014",
    "warning",
    Words(
        "keys that differ only in how accents are composed", "clés qui ne diffèrent que par la composition des accents"
    ),
)
