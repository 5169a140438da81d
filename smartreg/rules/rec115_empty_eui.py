"""EUI of only zeros or Fs."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.texts import name_of, texts_where
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A `dev_eui`, `join_eui` or other `…_eui` is not `0000000000000000` or `FFFFFFFFFFFFFFFF`. For a JoinEUI of zeros this is
a warning. The schema reports anything other than sixteen upper-case hexadecimal digits (SCH104).

## Why

A device shows such a value before it is set up, or somebody typed it to fill the field. An EUI-64 has no check digit
(IEEE guidelines for EUI), so the number itself reveals little else. Networks accept a JoinEUI of zeros, which says that
there is none.

## Wrong

```yaml
dev_eui: "0000000000000000"
```

## Right

```yaml
dev_eui: "70B3D57ED0061234"
```

## How to fix it

Copy the EUI from the label of the device or from the network server, without separators and in quotes; or leave the
field out until it is known.

## Configure

`REC115 = "warning"` under `[severity]` in `smartreg.toml` changes the severity.

## Waive

Not useful: leave the field out.
"""

_BLANKS = ("0" * 16, "F" * 16)

_texts = texts_where(lambda field: field.kind == "string" and name_of(field.path).endswith("_eui"))


@rule("REC115", "error", "record", Words("EUI of only zeros or Fs", "EUI fait de zéros ou de F"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    for path, eui in _texts(record, context):
        if eui in _BLANKS:
            name = path_text(path)
            yield Fault(
                at(record, *path),
                Words(f'{name} "{eui}" identifies nothing', f"{name} « {eui} » n'identifie rien"),
                Words(
                    f"copy it from the label or the network server, or leave {name} out",
                    f"recopiez-le de l'étiquette ou du serveur de réseau, ou retirez {name}",
                ),
                severity="warning" if name == "join_eui" and eui == _BLANKS[0] else None,
            )
