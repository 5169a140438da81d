"""Convention signed before it was approved, without an act of the Métropole, or that ends before it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import current, path_of_term
from smartreg.domain.annexes import amendments
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import approvals, titles
from smartreg.domain.days import day, day_of
from smartreg.domain.fields import text
from smartreg.domain.successions import is_metropole
from smartreg.rules.rule import rule


@rule("CON308", "error", "registry", Message("acts out of order"), kinds=("convention",))
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    metropole = context.config.metropole or ""
    for record in subjects:
        convention = titles(registry).of(record)
        acts, complete = approvals(registry, record)
        yield from _check_signatures(record, acts)
        signs = any(is_metropole(registry, party) for party in convention.bound)
        bodies = [text(act, "body") or "" for act in acts]
        if (
            convention.signed
            and signs
            and acts
            and complete
            and not any(is_metropole(registry, body) for body in bodies)
        ):
            yield _not_approved(record, metropole)
        if convention.start is not None and convention.until is not None and convention.until < convention.start:
            yield _ends_before_it_starts(record)


def _check_signatures(record: Record, acts: Iterable[Record]) -> Iterator[Fault]:
    signed = day(record, "signed_on")
    dated = [(date, act) for act in acts if (date := day(act, "date")) is not None]
    date, act = max(dated, key=lambda pair: pair[0], default=(None, None))
    if _has_later_decision(record) and signed is not None and any(date <= signed for date, _ in dated):
        return
    if signed is not None and date is not None and act is not None and signed < date:
        yield Fault(
            at(record, "signed_on"),
            Message("signed_on {signed} is before the deliberation of {date}", signed=signed, date=date),
            Message("correct one of the two dates"),
            (Related(at(act, "date"), Message("the deliberation")),),
        )


def _has_later_decision(record: Record) -> bool:
    """Whether something was decided after the signature: an amendment, or the end."""
    return amendments(record) > 0 or text(record, "status") == "terminated"


def _not_approved(record: Record, metropole: str) -> Fault:
    return Fault(
        at(record, "deliberations"),
        Message("signed without a deliberation of {metropole}", metropole=metropole),
        Message("add the one that approved it (smartreg add-deliberation)"),
    )


def _ends_before_it_starts(record: Record) -> Fault:
    start = "effective_from" if day(record, "effective_from") else "signed_on"
    first, last = day(record, start), day_of(current(record).get("effective_until"))
    return Fault(
        at(record, *path_of_term(record, "effective_until")),
        Message("effective_until {last} is before {start} {first}", last=last, start=start, first=first),
        Message("correct one of the two dates"),
    )
