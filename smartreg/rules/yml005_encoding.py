"""Text that is not in UTF-8 with LF line ends.

## What it checks

The file is UTF-8 text whose lines end in LF. Another encoding (Latin-1, Windows-1252, UTF-16, a compressed file) and a
carriage return alone are errors: the file is not read. A byte order mark and CR LF line ends are warnings: the file is
read all the same.

Where Git's attribute `working-tree-encoding` keeps a record in another encoding on disk, an unchanged file is read from
what Git holds, and a changed one is an error. Nothing is written there.

## Why

One character, one meaning: read as Latin-1, the é of a street name becomes two others. Mixed line ends make whole
files show as changed in Git.

## Wrong

```yaml
# saved as Windows-1252, the é is the byte 0xE9
address: 12 boulevard Paul Painlevé
```

## Right

```yaml
# saved as UTF-8, the é is the bytes 0xC3 0xA9
address: 12 boulevard Paul Painlevé
```

## How to mend

Save the file as UTF-8 with LF line ends; `smartreg validate --fix` mends the byte order mark, CR LF,
a carriage return alone, and UTF-16 that begins with its mark. Take `working-tree-encoding` out of `.gitattributes`,
`.git/info/attributes` or the file that `core.attributesFile` names.

## Configure

Nothing for errors: a file that is not read is not judged by any other rule either. `YML005 = "warning"` would hide
that.

## Waive

It cannot be waived, neither in the file nor in `smartreg.toml`: `smartreg validate --fix` mends line ends and the byte
order mark.
"""

from smartreg.core.values import Words
from smartreg.rules.rule import page

RULE = page(
    __name__,
    "YML005",
    "error",
    Words("encoding, byte order mark or line ends", "codage, marque d'ordre ou fins de ligne"),
)
