"""Equipment still on another party's support after its convention ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import Titles, nearest, titles, touches_titles
from smartreg.domain.exchanges import PAST, Exchange, describe_installation, exchanges_over_time, severity_of
from smartreg.domain.fields import in_service, text
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Equipment is no longer present (installed, active, faulty, decommissioned) on another party's support if none of the
conventions that cover it is in force on the reference date, and the time allowed for removal (`removal_days`, 90 if the
convention says nothing) has passed for all that ended. If it names a convention that covers it, only that one counts:
after a renewal, name the new one.

If equipment moved (`placements`), or it or its support changed hands (`previous_owners`), each earlier period is
checked separately on its last day, with the support and the owners of that time: a warning.

## Why

Occupation of public property is temporary (CG3P, article L2122-2), and without a title it is unlawful (L2122-1). The
number of days comes from the convention; the default of 90 is smartreg's.

## Wrong

```yaml
# smart-metropole-istres has effective_until: "2025-09-30", removal_days: 90; today is 2026-01-15
id: istres-noise-003
status: active
convention: smart-metropole-istres
```

## Right

```yaml
id: istres-noise-003
status: removed
decommissioned_on: "2025-10-06"
removed_on: "2025-10-14"
convention: smart-metropole-istres
```

## How to fix it

Record the new convention; if the equipment names the old one, name the new one: `smartreg set ID convention=NEW`.
Equipment installed under the old one stays covered by it for its term. Once a convention has ended, only an amendment
signed before its end can extend it: `smartreg renew ID --until DATE --signed-on DATE`. Or remove the equipment and
record that (`smartreg retire`).

## Configure

`[severity]` in `smartreg.toml`: `CON303 = "warning"`. `removal_days` is in the convention; `--on` sets the reference
date.

## Waive

`# smartreg: ignore[CON303] reason` on the line of `support`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "CON303",
    "error",
    "registry",
    Words("still in place after the convention", "toujours en place après la convention"),
    kinds=("equipment",),
    touches=touches_titles("support"),
    dated=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        for exchange in exchanges_over_time(registry, record) if in_service(registry, record) else ():
            if exchange.family != "installation" or (exchange.start is not None and exchange.start > context.on):
                continue
            last = min(exchange.until or context.on, context.on)
            found = _titles_counted(conventions, record, exchange, last)
            if any(one.in_force(last) for one in found):
                continue
            ended = [one for one in found if one.has_ended(last)]
            if ended and all(one.removal_by is not None and one.removal_by < last for one in ended):
                current = [one for one in conventions.find_covering(exchange) if one.in_force(last)]
                yield _fault(record, exchange, nearest(ended, last), current[0].id if current else None, last)


def _titles_counted(conventions: Titles, record: Record, exchange: Exchange, on: date) -> list[Title]:
    """The conventions that count; for days before the one named today began, those of that time."""
    found = conventions.find_applicable(record, exchange)
    if exchange.earlier and all(one.start is not None and one.start > on for one in found):
        return conventions.through_time(record, exchange)
    return found


def _fault(record: Record, exchange: Exchange, convention: Title, current: str | None, on: date) -> Fault:
    standing, where = convention.reason_not_in_force(on), Words("", "")
    if exchange.earlier or exchange.start_path != ("installed_on",):
        stood = describe_installation(exchange)
        where = Words(f"on {stood.en}: ", f"sur {stood.fr} : ")
    return Fault(
        at(record, *exchange.path),
        Words(
            f"{where.en}convention {convention.id} {standing.en};"
            f" the equipment should have been removed by {convention.removal_by}",
            f"{where.fr}la convention {convention.id} {standing.fr} ;"
            f" l'équipement aurait dû être déposé le {convention.removal_by} au plus tard",
        ),
        PAST if exchange.earlier else _advice(record, convention, current),
        (Related(at(convention.record, *convention.end_field), Words("its end", "sa fin")),),
        severity_of(exchange),
    )


def _advice(record: Record, convention: Title, current: str | None) -> Words:
    id = record.rid.id
    retire = Words(f"retire the equipment (smartreg retire {id})", f"retirez l'équipement (smartreg retire {id})")
    way = Words(
        "record the convention that follows (smartreg add-convention)",
        "saisissez la convention qui suit (smartreg add-convention)",
    )
    if current is not None:
        line = f"smartreg set {id} convention={current}"
        way = Words(f"name {current}, which covers it: {line}", f"citez {current}, qui le couvre : {line}")
    elif text(record, "convention") == convention.id:
        line = f"smartreg set {id} convention=ID"
        way = Words(f"{way.en} and name it ({line})", f"{way.fr} et citez-la ({line})")
    return Words(f"{way.en}, or {retire.en}", f"{way.fr}, ou {retire.fr}")
