"""Ignore comment that waives nothing.

## What it checks

Every `# smartreg: ignore[CODE] reason` waives at least one finding of each of its codes (several:
`ignore[CODE, CODE]`): on its own line; where nothing else stands there, on the next line with content; above the first
key, anywhere in the record. Codes that the settings or the command line leave out are not judged, nor are change rules
(CHG).

## Why

Smartreg: the fault is mended, or the comment has moved away from it. A comment that stays behind would hide the next
one.

## Wrong

```yaml
id: istres-noise-003
manufacturer: Kerlink  # smartreg: ignore[REC119] property of one experiment
measures:
  - property: tremor
```

## Right

```yaml
id: istres-noise-003
manufacturer: Kerlink
measures:
  - property: tremor  # smartreg: ignore[REC119] property of one experiment
```

## How to mend

Delete the comment, or move it to the line of the value that is meant.

## Configure

`WAI903 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

That makes no sense here: delete the comment.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "WAI903", "warning", Words("ignore comment that waives nothing", "commentaire ignore sans objet"))
