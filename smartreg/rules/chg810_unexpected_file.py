"""Unexpected file below registry/.

## What it checks

Below `registry/` there are records (`<folder of the kind>/…/<id>.yaml`), files called README, README.md or .gitkeep,
annexes (below a folder `annexes/`), recorded mappings and keys of sheets (`imports/*.toml`, `imports/*.keys`), and
nothing else. Links and other special files are YML010.

## Why

Smartreg: a record in the wrong folder, or with another ending, is read by nobody and judged by no rule. It would look
as if it were in the registry.

## Wrong

```yaml
# registry/equipement/istres-noise-003.yaml: no kind has the folder "equipement"
id: istres-noise-003
```

## Right

```yaml
# registry/equipment/istres-noise-003.yaml
id: istres-noise-003
```

## How to mend

Move the file to the folder of its kind (`smartreg schema` lists them), rename it to `.yaml`, or take it out.

## Configure

`[severity]` in `smartreg.toml`: `CHG810 = "warning"`. There is no threshold.

## Waive

That makes no sense here: put the file elsewhere.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(__name__, "CHG810", "error", Words("unexpected file", "fichier inattendu"))
