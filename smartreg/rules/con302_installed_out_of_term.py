"""Equipment installed on a day when its convention was not in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.values import KeyPath, Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import find_later_title, nearest, titles, touches_titles
from smartreg.domain.exchanges import Exchange, describe_installation, exchanges_over_time, severity_of
from smartreg.domain.fields import in_service
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

If equipment is present (installed, active, faulty, decommissioned) on another party's support, one of the conventions
that cover it was in force on `installed_on`. If it names a convention that covers it, only that one counts from its
first day on; before that, the others count. In force means: signed, `effective_from` (else `signed_on`) reached,
`effective_until` with tacit renewals not passed, not yet terminated. CON301 handles what an amendment covered only
later. If equipment moved (`placements`), or it or its support changed hands (`previous_owners`), each period is checked
separately on its first day, with the support and the owners of that day: a warning if it is over. LIF605 handles
equipment with `installed_on` after the reference date.

## Why

A title must exist before public property is occupied (CG3P, article L2122-1); the conventions of the deliberation of
2023-03-16 (IVIS-009-13539/23/BM) take effect from their signature.

## Wrong

```yaml
# smart-metropole-istres has effective_from: "2023-12-01"
id: istres-noise-003
installed_on: "2023-11-02"
convention: smart-metropole-istres
```

## Right

```yaml
id: istres-noise-003
installed_on: "2023-12-04"
convention: smart-metropole-istres
```

## How to fix it

Correct the date of installation or of the convention. If an earlier title covered the installation, record it as a
separate convention.

## Configure

`[severity]` in `smartreg.toml`: `CON302 = "warning"`. There is no threshold; `--on` sets the reference date.

## Waive

`# smartreg: ignore[CON302] reason` on the line of `installed_on`, or a `[[waiver]]` in `smartreg.toml`.
"""

FIELD = "installed_on"


@rule(
    "CON302",
    "error",
    "registry",
    Words("installed outside the term of the convention", "installation hors de la durée de la convention"),
    kinds=("equipment",),
    touches=touches_titles("support"),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        for exchange in exchanges_over_time(registry, record) if in_service(registry, record) else ():
            start = exchange.start
            if exchange.family != "installation" or start is None or start > context.on:
                continue
            found = conventions.through_time(record, exchange)
            in_time = any(one.in_force(start) for one in found) or find_later_title(found, start)
            if found and not in_time:
                yield _fault(record, exchange, start, nearest(found, start))


def _fault(record: Record, exchange: Exchange, start: date, convention: Title) -> Fault:
    standing = convention.reason_not_in_force(start)
    when = Words(f"installed on {start}", f"posé le {start}")
    if exchange.earlier or exchange.start_path != (FIELD,):
        where = describe_installation(exchange)
        when = Words(f"on {where.en}", f"sur {where.fr}")
    return Fault(
        at(record, *exchange.start_path),
        Words(
            f"{when.en}, but convention {convention.id} {standing.en}",
            f"{when.fr}, mais la convention {convention.id} {standing.fr}",
        ),
        Words(
            "correct the date, or record the earlier title as a convention",
            "corrigez la date, ou saisissez le titre antérieur comme convention",
        ),
        (Related(at(convention.record, *_reason(convention, start)), Words("the convention", "la convention")),),
        severity_of(exchange),
    )


def _reason(convention: Title, installed: date) -> KeyPath:
    """Where the record says why it was not in force."""
    if not convention.signed:
        return ("status",)
    if convention.has_ended(installed):
        return convention.end_field
    return ("effective_from",) if "effective_from" in convention.terms else ("signed_on",)
