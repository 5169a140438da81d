"""Date of a past event that is in the future."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import FACTS, day_of, facts
from smartreg.domain.fields import text
from smartreg.rules.rule import rule

NOT_BEGUN = frozenset({"planned", "idea", "draft"})


@rule("LIF605", "error", "record", Message("date in the future"), dated=True, asks=FACTS.fields)
def check(record: Record, context: Context) -> Iterator[Fault]:
    on = str(context.on)
    for path, written in facts(record, context):
        if written > on and day_of(written) is not None and not _may_lie_ahead(record, path):
            yield _future_date(record, path, written, on)


def _may_lie_ahead(record: Record, path: KeyPath) -> bool:
    if record.rid.kind == "party":  # an act of the State says beforehand when a commune ends
        return path == ("ended_on",)
    return path == ("started_on",) and text(record, "status") in NOT_BEGUN


def _future_date(record: Record, path: KeyPath, written: str, on: str) -> Fault:
    name = path_text(path)
    hint = Message("correct the date")
    if name == "installed_on":
        hint = Message("correct the date, or set the status to planned and leave the date out until then")
    return Fault(
        at(record, *path),
        Message("{name} {written} is in the future (reference date: {on})", name=name, written=written, on=on),
        hint,
    )
