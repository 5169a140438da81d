"""Date that does not exist, or is before 1990."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import SHAPE, day_of, is_date
from smartreg.domain.texts import texts_where
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

MANUAL = """
## What it checks

Each date field written as YYYY-MM-DD names a day of the calendar, from 1990 on. Deliberations may be older. This rule
replaces SCH105 for days that do not exist; SCH105 still reports a date in another format (11/03/2024).

## Why

ISO 8601. Nothing that a registry of connected equipment records happened before 1990: programs write 1970-01-01 and
1900-01-01 for "no date", and 0024-03-11 is a year typed with two digits.

## Wrong

```yaml
installed_on: "2024-02-30"
```

## Right

```yaml
installed_on: "2024-02-29"
```

## How to fix it

Correct the date from the delivery note or the act. Leave the field out if nobody knows.

## Configure

`[severity]` in `smartreg.toml`: `LIF601 = "warning"`, for an inventory with supports or devices older than 1990.

## Waive

For a genuine old date: `# smartreg: ignore[LIF601] reason` on the line, or a `[[waiver]]` in `smartreg.toml`. Correct a
day that does not exist; do not waive it.
"""

EARLIEST = "1990-01-01"

_dates = texts_where(is_date)


def claims(record: Record, fault: SchemaFault, _source: str | None, _context: Context) -> Fault | None:
    """Name a schema fault of a date with this code instead."""
    value = fault.value
    if fault.keyword not in ("format", "not") or not isinstance(value, str) or SHAPE.fullmatch(value) is None:
        return None
    if day_of(value) is not None:
        return None
    name = path_text(fault.path)
    return Fault(
        at(record, *fault.path),
        Words(f"{name}: {value} does not exist", f"{name} : le {value} n'existe pas"),
        Words("correct the day, the month or the year", "corrigez le jour, le mois ou l'année"),
    )


@rule(
    "LIF601",
    "error",
    "record",
    Words("impossible date", "date impossible"),
    claims=claims,
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.rid.kind == "deliberation":
        return
    for path, written in _dates(record, context):
        if written < EARLIEST and day_of(written) is not None:
            name = path_text(path)
            yield Fault(
                at(record, *path),
                Words(f"{name}: {written} is before 1990", f"{name} : le {written} est antérieur à 1990"),
                Words(
                    "correct the year, or leave the field out if the date is not known",
                    "corrigez l'année, ou supprimez le champ si la date n'est pas connue",
                ),
            )
