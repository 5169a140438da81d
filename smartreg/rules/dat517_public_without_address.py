"""Public flow without the address of its data."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import in_service
from smartreg.rules.rule import rule


@rule("DAT517", "warning", "record", Message("public flow without address"), kinds=("flow",))
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.data.get("access") == "public" and "access_url" not in record.data and in_service(context, record):
        yield Fault(
            at(record, "access_url"),
            Message("this flow is public and does not say where its data are"),
            Message("add access_url (DCAT-AP requires it)"),
        )
