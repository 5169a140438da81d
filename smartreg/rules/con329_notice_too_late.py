"""Notice against renewal that came too late for the term that was running."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import UNTIL, apply_act, missed_term, steps, too_late
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.conventions import KIND
from smartreg.domain.days import day_of, days_later
from smartreg.rules.rule import rule


@rule("CON329", "warning", "record", Words("notice too late", "préavis tardif"), kinds=(KIND,), dated=True)
def check(record: Record, context: Context) -> Iterator[Fault]:
    for act, before in steps(record):
        missed = missed_term(before, act.signed) if act.ends_renewal and act.signed is not None else None
        until = day_of(apply_act(before, act).get(UNTIL))
        if missed is None or until is None or until < context.on or too_late(act, before):
            continue
        end, latest = missed
        yield Fault(
            at(record, *act.path, "notice"),
            Words(
                f"the notice of {act.signed} is too late for the term that ends on {end} (last day: {latest}); the"
                f" convention runs until {until}",
                f"le préavis du {act.signed} est trop tardif pour le terme du {end} (dernier jour : {latest}) ; la"
                f" convention court jusqu'au {until}",
            ),
            Words(
                f"plan for that end; if all agree to an earlier one: smartreg terminate {record.rid.id} --on"
                f" {days_later(end, 1)}",
                f"prévoyez ce terme ; si toutes conviennent d'une fin anticipée : smartreg terminate {record.rid.id}"
                f" --on {days_later(end, 1)}",
            ),
        )
