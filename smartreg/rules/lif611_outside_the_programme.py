"""Equipment of the programme installed outside its period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import BEFORE, INSTALLED, day, days_later
from smartreg.domain.fields import text
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

Equipment that belongs to the Métropole or has a `cost_eur` (what the programme paid for) was installed within the
period of the programme: `from` and `until` under `[programme]` in `smartreg.toml`. Equipment that gives only
`installed_before` is reported if that day is not after the start of the programme. LIF605 reports a date after the
reference date. Equipment that other parties paid for themselves may be older, and is not reported.

## Why

Deliberation IVIS-009-13539/23/BM: a prefiguration from 2022 to 2025, with a limited budget. Anything installed before
or after is not part of its bilan, or else the programme was extended and `smartreg.toml` does not say so.

## Wrong

```yaml
# [programme] from = 2022-01-01, until = 2025-12-31
owner: amp-metropole
installed_on: "2021-05-04"
```

## Right

```yaml
owner: amp-metropole
installed_on: "2024-03-11"
```

## How to fix it

Correct the date; or set the period in `smartreg.toml` to what was voted (quote the deliberation there in a comment).

## Configure

`[programme]` in `smartreg.toml`: `from`, `until`; without them this rule is silent. `[severity]`: `LIF611 = "off"`.

## Waive

`# smartreg: ignore[LIF611] reason` on the line of `installed_on`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "LIF611",
    "warning",
    "registry",
    Words("installed outside the programme", "installé hors du programme"),
    kinds=("equipment",),
    touches=nothing,
    dated=True,
)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    programme = context.config.programme
    start, until = programme.start, programme.until
    for record in subjects:
        installed, before = day(record, INSTALLED), day(record, BEFORE)
        if installed is None and before is not None:
            installed = days_later(before, -1)  # on that day at the latest
        if installed is None or installed > context.on or not _is_paid(record, context):
            continue
        if start is not None and installed < start:
            yield _fault(
                record, f"before the programme, which begins on {start}", f"avant le programme, qui débute le {start}"
            )
        elif until is not None and installed > until and INSTALLED in record.data:
            yield _fault(
                record, f"after the programme, which ends on {until}", f"après le programme, qui s'achève le {until}"
            )


def _is_paid(record: Record, context: Context) -> bool:
    metropole = context.config.metropole
    return (metropole is not None and text(record, "owner") == metropole) or bool(record.data.get("cost_eur"))


def _fault(record: Record, en: str, fr: str) -> Fault:
    name = INSTALLED if INSTALLED in record.data else BEFORE
    word = Words("on", "le") if name == INSTALLED else Words("before", "avant le")
    installed = text(record, name)
    return Fault(
        at(record, name),
        Words(f"installed {word.en} {installed}, {en}", f"installé {word.fr} {installed}, {fr}"),
        Words(
            "correct the date, or set the period of the programme in smartreg.toml",
            "corrigez la date, ou la période du programme dans smartreg.toml",
        ),
    )
