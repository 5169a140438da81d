"""Name that not every computer can hold.

## What it checks

Below `registry/` and `schemas/`: names of devices (`con`, `aux`, `nul`, `com1` …, with any ending), `< > : " | ? * \\`,
a dot or space at the end, control and other invisible signs, accents that are not composed, paths of more than 200
characters.

## Why

Windows: a file of such a name cannot be made, and Git stops in the middle of a checkout. Invisible signs make two names
look alike in a review.

## Wrong

```yaml
# registry/parties/aux.yaml
id: aux
```

## Right

```yaml
# registry/parties/aux-marseille.yaml
id: aux-marseille
```

## How to mend

`smartreg rename OLD NEW` for a record, `git mv` for any other file.

## Configure

`[severity]` in `smartreg.toml`: `YML011 = "warning"` where nobody works on Windows.

## Waive

It cannot be waived: rename the file.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "YML011",
    "error",
    Words("name that not every computer can hold", "nom impossible sur certains postes"),
)
