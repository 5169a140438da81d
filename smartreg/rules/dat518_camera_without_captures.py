"""Camera that does not say what it could capture about people."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A device of `type: camera` (not removed or cancelled) has `captures`; an empty list says that it captures nothing about
people.

## Why

GDPR article 4(1): pictures, voices and number plates are personal data if they identify a person. As long as a camera
does not say what it captures, DAT510 cannot question flows that claim to carry no personal data.

## Wrong

```yaml
type: camera
status: active
```

## Right

```yaml
type: camera
status: active
captures: [image, plates]
```

## How to fix it

Say what it could capture: `smartreg set RECORD captures=image,plates`; `captures=[]` if nothing that it sees is about
people, such as the level of a river.

## Configure

`[severity]` in `smartreg.toml`: `DAT518 = "off"`. There is no threshold.

## Waive

`# smartreg: ignore[DAT518] reason` on the line of `type`, or a `[[waiver]]` in `smartreg.toml`; an empty list is
better.
"""


@rule(
    "DAT518",
    "warning",
    "record",
    Words("camera without captures", "caméra sans captations"),
    kinds=("equipment",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.data.get("type") == "camera" and "captures" not in record.data and not has_ended(context, record):
        yield Fault(
            at(record, "type"),
            Words(
                "the camera does not say what it could capture about people",
                "la caméra ne dit pas ce qu'elle peut capter des personnes",
            ),
            Words(
                "add captures: image, audio, plates …; an empty list when it is nothing",
                "ajoutez captures : image, audio, plates … ; une liste vide si ce n'est rien",
            ),
        )
