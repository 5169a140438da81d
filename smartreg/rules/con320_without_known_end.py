"""Signed convention without a known end."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.acts import current
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import text
from smartreg.domain.renewal import UNTIL
from smartreg.rules.rule import rule


@rule("CON320", "warning", "record", Message("convention without known end"), kinds=("convention",), law="FR")
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if text(record, "status") == "signed" and UNTIL not in current(record):
        yield Fault(
            at(record, "status"),
            Message("signed, but in force without a known end: effective_until is missing"),
            Message(
                'take it from the act: smartreg set {record} effective_until=YYYY-MM-DD --correct -m "as the act says"',
                record=record.rid.id,
            ),
        )
