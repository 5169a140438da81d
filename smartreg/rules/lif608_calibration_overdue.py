"""Calibration overdue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from smartreg.core.messages import Message
from smartreg.core.values import Json, Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day_of, latest_installation, months_later
from smartreg.domain.fields import AT_WORK, object_list, text
from smartreg.rules.rule import rule


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
    events = [event for event in object_list(record.data.get("events")) if event.get("kind") == "calibration"]
    days = [day_of(calibration.get("last_on")), *(day_of(event.get("date")) for event in events)]
    done = [day for day in days if day is not None and day <= context.on]
    start = max(done, default=latest_installation(record))
    return months_later(start, months) if start else None
