"""Public flow without a licence."""

from __future__ import annotations

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault


@rule(
    "DAT505",
    "error",
    "schema",
    Words("public flow without licence", "flux public sans licence"),
    kinds=("flow",),
)
def check(record: Record, fault: SchemaFault, _source: str | None, _context: Context) -> Fault | None:
    if (fault.code, fault.path) != ("SCH101", ("licence",)):
        return None
    return Fault(
        at(record, "licence"),
        Words("this flow is public and has no licence", "ce flux est public et n'a pas de licence"),
        Words(
            "choose one: etalab-2.0 (usual for public bodies) or ODbL-1.0",
            "choisissez-en une : etalab-2.0 (d'usage pour les organismes publics) ou ODbL-1.0",
        ),
    )
