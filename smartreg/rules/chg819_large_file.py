"""Large file.

## What it checks

`validate --since` tells each file of the change, wherever it is, of more than `large_file_mb` megabytes, and each that
came and went within the change: a merge brings it into the history all the same. Records have a limit of their own
(YML007).

## Why

Git: what was once committed is in every clone for ever, also when it is deleted in the next commit.

## Wrong

```yaml
# registry/conventions/annexes/plan.pdf has 48 MB
annexes:
  - {kind: map, path: annexes/plan.pdf}
```

## Right

```yaml
annexes:
  - {kind: map, path: "https://example.org/plan.pdf"}
```

## How to mend

Take it out of the branch (`git rebase`, not a second commit), and give an address and a digest, or a smaller file.

## Configure

`large_file_mb` under `[thresholds]` in `smartreg.toml`. `[severity]`: `CHG819 = "error"`.

## Waive

It cannot be waived: it is there for whoever decides on the merge.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "CHG819",
    "warning",
    Words("large file", "fichier volumineux"),
    "frame",
)
