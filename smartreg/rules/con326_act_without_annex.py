"""Amending act that names no annex of the convention.

## What it checks

What an act names as its `annex` is the `id` of one item of `annexes`.

## Why

The document with its digest is what whoever doubts the act can read.

## Wrong

```yaml
amendments:
  - number: "1"
    signed_on: "2026-06-01"
    annex: avenant-1
annexes:
  - kind: amendment
    title: Avenant n° 1
```

## Right

```yaml
amendments:
  - number: "1"
    signed_on: "2026-06-01"
    annex: avenant-1
annexes:
  - id: avenant-1
    kind: amendment
    title: Avenant n° 1
```

## How to mend

Give the annex its `id` (`smartreg set ID annexes[0].id=avenant-1`), or correct the name in the act.

## Configure

`[severity]` in `smartreg.toml`: `CON326 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[CON326] reason` on the line of the act, or a `[[waiver]]` in `smartreg.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartreg.rules._acts import acts
from smartreg.rules._conventions import KIND
from smartreg.rules.rule import Context, Fault, at, rule
from smartreg.values import Record, Words


@rule("CON326", "error", "record", Words("annex of an act unknown", "annexe d'un acte inconnue"), kinds=(KIND,))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    annexes = record.data.get("annexes")
    ids = [item.get("id") for item in (annexes if isinstance(annexes, list) else ()) if isinstance(item, Mapping)]
    for act in acts(record):
        name = act.data.get("annex")
        if isinstance(name, str) and ids.count(name) != 1:
            yield Fault(
                at(record, *act.path, "annex"),
                Words(
                    f'amendment {act.number} names the annex "{name}", and {ids.count(name)} of annexes have this id',
                    f"l'avenant {act.number} cite l'annexe « {name} » ; annexes portant cet id : {ids.count(name)}",
                ),
                Words(
                    f"give the annex this id (smartreg set {record.rid.id} annexes[0].id={name}), or correct the name",
                    f"donnez cet id à l'annexe (smartreg set {record.rid.id} annexes[0].id={name}), ou corrigez le nom",
                ),
            )
