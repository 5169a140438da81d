"""Deliberation number that two records of one body carry.

## What it checks

No two deliberations of the same `body` have the same `number`.

## Why

The number is the key under which a body publishes and finds its acts (SCDL Délibérations `DELIB_ID`). Two records of
one act: a convention may rest on one of them and an amendment on the other, with dates that differ.

## Wrong

```yaml
# deliberation ivis-009-13539-23-bm of amp-metropole has the same number
id: convention-istres
body: amp-metropole
number: IVIS-009-13539/23/BM
```

## Right

```yaml
id: convention-istres
body: amp-metropole
number: IVIS-004-14022/23/BM
```

## How to mend

Correct the number or the body of one of them. If both are the same act, name one of them wherever the other is named
(`smartreg show ID --refs`), and delete the other (`smartreg remove ID`).

## Configure

`[severity]` in `smartreg.toml`: `REF219 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[REF219] reason` on the line of `number`, or a `[[waiver]]` in `smartreg.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.rules._clashes import clashes, sharing
from smartreg.rules._fields import text
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Record, Words

KIND, FIELD = "deliberation", "number"


@rule(
    "REF219",
    "error",
    "registry",
    Words("deliberation number twice", "numéro de délibération en double"),
    kinds=(KIND,),
    touches=sharing(KIND, FIELD),
    indexed=((KIND, FIELD),),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for clash in clashes(registry, subjects, FIELD, lambda record: text(record, "body")):
        other, body = clash.others[0].rid, text(clash.record, "body")
        yield Fault(
            at(clash.record, FIELD),
            Words(
                f"{clash.shown} of {body} is already {other}{clash.and_more.en}",
                f"{clash.shown} ({body}) est déjà {other}{clash.and_more.fr}",
            ),
            Words(
                f"correct the number or the body, or delete one if they are the same act (smartreg show {other} --refs"
                " shows what names it)",
                f"corrigez le numéro ou l'assemblée, ou supprimez-en une si c'est le même acte (smartreg show {other}"
                " --refs montre ce qui la cite)",
            ),
            clash.related,
        )
