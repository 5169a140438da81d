"""Equipment of the programme installed outside its period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import BEFORE, INSTALLED, day, days_later
from smartreg.domain.fields import text
from smartreg.rules.rule import rule


@rule(
    "LIF611",
    "warning",
    "registry",
    Words("installed outside the programme", "installé hors du programme"),
    kinds=("equipment",),
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
            if INSTALLED in record.data:
                message = Words(
                    f"installed on {installed}, before the programme, which begins on {start}",
                    f"installé le {installed}, avant le programme, qui débute le {start}",
                )
            else:
                message = Words(
                    f"installed before {before}, before the programme, which begins on {start}",
                    f"installé avant le {before}, avant le programme, qui débute le {start}",
                )
            yield _fault(record, message)
        elif until is not None and installed > until and INSTALLED in record.data:
            yield _fault(
                record,
                Words(
                    f"installed on {installed}, after the programme, which ends on {until}",
                    f"installé le {installed}, après le programme, qui s'achève le {until}",
                ),
            )


def _is_paid(record: Record, context: Context) -> bool:
    metropole = context.config.metropole
    return (metropole is not None and text(record, "owner") == metropole) or bool(record.data.get("cost_eur"))


def _fault(record: Record, message: Words) -> Fault:
    return Fault(
        at(record, INSTALLED if INSTALLED in record.data else BEFORE),
        message,
        Words(
            "correct the date, or set the period of the programme in smartreg.toml",
            "corrigez la date, ou la période du programme dans smartreg.toml",
        ),
    )
