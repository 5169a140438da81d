"""Public flow without a licence."""

from __future__ import annotations

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault
from smartreg.schema.countries import FRANCE, country_named


@rule("DAT505", "error", "schema", Message("public flow without licence"), kinds=("flow",))
def check(record: Record, fault: SchemaFault, _source: str | None, context: Context) -> Fault | None:
    if (fault.code, fault.path) != ("SCH101", ("licence",)):
        return None
    hint = Message("choose one: etalab-2.0 (usual for public bodies) or ODbL-1.0")
    if context.config.country != FRANCE:
        licences = country_named(context.config.country).licences
        hint = Message("choose one: {licences}", licences=", ".join(licences))
    return Fault(at(record, "licence"), Message("this flow is public and has no licence"), hint)
