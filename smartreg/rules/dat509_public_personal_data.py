"""Public flow that carries personal data."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.flows import is_personal
from smartreg.rules.rule import rule


@rule(
    "DAT509",
    "error",
    "record",
    Words("public flow with personal data", "flux public de données personnelles"),
    kinds=("flow",),
)
def check(record: Record, _context: Context) -> Iterator[Fault]:
    if record.data.get("access") == "public" and is_personal(record):
        yield Fault(
            at(record, "access"),
            Words(
                "this flow is public and carries personal data",
                "ce flux est public et porte des données personnelles",
            ),
            Words(
                "aggregate the data first, or set access to restricted",
                "agrégez d'abord les données, ou mettez access à restricted",
            ),
        )
