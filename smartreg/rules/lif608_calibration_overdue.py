"""Calibration overdue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from smartreg.core.messages import Message
from smartreg.core.values import Json, Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day_of, latest_installation, months_later
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

AT_WORK = frozenset({"installed", "active", "faulty"})


@rule("LIF608", "warning", "registry", Message("calibration overdue"), kinds=("equipment",), dated=True)
def check(_registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        calibration = record.data.get("calibration")
        if isinstance(calibration, Mapping) and text(record, "status") in AT_WORK:
            due = _due(record, calibration, context)
            if due is not None and due < context.on:
                yield Fault(
                    at(record, "calibration"),
                    Message("calibration is due since {due}", due=due),
                    Message(
                        "enter the last one: smartreg set {record} calibration.last_on=YYYY-MM-DD", record=record.rid.id
                    ),
                )


def _due(record: Record, calibration: Mapping[str, Json], context: Context) -> date | None:
    """The day on which the next calibration is due; None if no period or no date is known."""
    months = calibration.get("period_months")
    if not isinstance(months, int) or isinstance(months, bool) or months < 1:
        return None
    done = [day_of(calibration.get("last_on")), *_events(record)]
    known = [found for found in done if found is not None and found <= context.on]
    start = max(known, default=latest_installation(record))
    return months_later(start, months) if start else None


def _events(record: Record) -> Iterator[date | None]:
    events = record.data.get("events")
    for event in events if isinstance(events, list) else ():
        if isinstance(event, Mapping) and event.get("kind") == "calibration":
            yield day_of(event.get("date"))
