"""Status contradicted by a date."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import BEFORE, INSTALLED
from smartreg.domain.fields import state, text
from smartreg.rules.rule import rule
from smartreg.schema import Lifecycle


@rule("LIF604", "error", "record", Message("status contradicts date"))
def check(record: Record, context: Context) -> Iterator[Fault]:
    life = context.schemas.kinds[record.rid.kind].lifecycle
    status = text(record, life.field) if life else None
    if life is None or status is None:
        return
    for name in unreached_dates(life, status):
        if record.data.get(name) is not None:
            words = state(context, record)
            yield Fault(
                at(record, name),
                Message('{name} is set but the status is "{words}"', name=name, words=words),
                Message("correct the status, or take {name} out", name=name),
                (Related(at(record, life.field), Message("the status")),),
            )


def unreached_dates(life: Lifecycle, status: str) -> tuple[str, ...]:
    """The dates of statuses that a record with this status cannot have reached."""
    dates = _unreached_statuses(tuple(life.transitions.items()), tuple(life.dates.items()), status)
    return (*dates, BEFORE) if INSTALLED in dates else dates


@lru_cache(maxsize=256)
def _unreached_statuses(
    transitions: tuple[tuple[str, tuple[str, ...]], ...], dates: tuple[tuple[str, str], ...], status: str
) -> tuple[str, ...]:
    states = {state for before, after in transitions for state in (before, *after)}
    if status not in states:
        return ()
    passed = {status}
    while more := {before for before, after in transitions if not passed.isdisjoint(after)} - passed:
        passed |= more
    return tuple(sorted({name for _, name in dates} - {name for state, name in dates if state in passed}))
