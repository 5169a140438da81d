"""Public flow without the address of its data."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.fields import in_service
from smartreg.rules.rule import rule


@rule(
    "DAT517",
    "warning",
    "record",
    Words("public flow without address", "flux public sans adresse"),
    kinds=("flow",),
)
def check(record: Record, context: Context) -> Iterator[Fault]:
    if record.data.get("access") == "public" and "access_url" not in record.data and in_service(context, record):
        yield Fault(
            at(record, "access_url"),
            Words(
                "this flow is public and does not say where its data are",
                "ce flux est public et ne dit pas où sont ses données",
            ),
            Words("add access_url (DCAT-AP requires it)", "ajoutez access_url (DCAT-AP l'exige)"),
        )
