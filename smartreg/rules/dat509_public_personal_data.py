"""Public flow that carries personal data."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.flows import is_personal
from smartreg.rules.rule import rule


@rule("DAT509", "error", "record", Message("public flow with personal data"), kinds=("flow",))
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if record.data.get("access") == "public" and is_personal(record):
        yield Fault(
            at(record, "access"),
            Message("this flow is public and carries personal data"),
            Message("aggregate the data first, or set access to restricted"),
        )
