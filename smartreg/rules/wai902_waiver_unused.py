"""Waiver that waives nothing.

## What it checks

Every `[[waiver]]` of `smartreg.toml` that is not past its date waives at least one finding: one of its `code`, in the
file of its `record` (`KIND/ID`, an id, or the path of a file). Codes that the settings or the command line leave out
are not looked for, so their waivers are not judged; nor are those of change rules (CHG), which speak only between two
states.

## Why

Smartreg: the fault is mended, or the record has another name. A waiver that stays behind would hide the next fault.

## Wrong

```yaml
# as YAML only here; in smartreg.toml: [[waiver]]. There is no such record.
code: GEO704
record: equipment/istres-noise-0003
until: 2099-12-31
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

Delete the waiver, or correct the record that it names.

## Configure

`WAI902 = "error"` or `"off"` under `[severity]` in `smartreg.toml`.

## Waive

That makes no sense here: delete the waiver.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "WAI902", "warning", Words("waiver that waives nothing", "dérogation sans objet"))
