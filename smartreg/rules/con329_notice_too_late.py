"""Notice against renewal that came too late for the term that was running."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import apply_act, steps, too_late
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import day_of, days_later
from smartreg.domain.renewal import UNTIL, missed_term
from smartreg.rules.rule import rule


@rule("CON329", "warning", "record", Message("notice too late"), kinds=("convention",), dated=True)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for act, before in steps(record):
        missed = missed_term(before, act.signed) if act.ends_renewal and act.signed is not None else None
        until = day_of(apply_act(before, act).get(UNTIL))
        if missed is None or until is None or until < context.on or too_late(act, before):
            continue
        end, latest = missed
        yield Fault(
            at(record, *act.path, "notice"),
            Message(
                "the notice of {signed} is too late for the term that ends on {end} (last day: {latest}); the "
                "convention runs until {until}",
                signed=act.signed,
                end=end,
                latest=latest,
                until=until,
            ),
            Message(
                "plan for that end; if all agree to an earlier one: smartreg terminate {record} --on {end}",
                record=record.rid.id,
                end=days_later(end, 1),
            ),
        )
