"""Transfer of data outside the European Union without a recorded safeguard."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.flows import is_personal, personal
from smartreg.rules.rule import rule


@rule("DAT512", "warning", "record", Message("transfer outside the EU"), kinds=("flow",))
def check(record: Record, context: Context) -> Iterator[Fault]:
    if not is_personal(record) or has_ended(context, record):
        return
    if personal(record).get("outside_eu") is True and text(record, "notes") is None:
        yield Fault(
            at(record, "personal_data", "outside_eu"),
            Message("data leave the European Union, and no safeguard is recorded"),
            Message("record in notes the adequacy decision or the contractual clauses"),
        )
