"""Personal data without controller, purpose, legal basis, retention or impact assessment."""

from __future__ import annotations

from smartreg.core.messages import Message, Text
from smartreg.core.values import KeyPath, Record, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

TERMS: dict[KeyPath, Text] = {
    ("controller",): Message("name the party that is the controller"),
    ("purpose",): Message("say what the data are for"),
    ("legal_basis",): Message(
        "choose one of consent, contract, legal_obligation, vital_interests, public_task, legitimate_interests"
    ),
    ("retention",): Message("write an ISO 8601 duration, such as P30D (30 days)"),
    ("dpia",): Message("add dpia with a status: done, pending or not_required"),
    ("dpia", "status"): Message("write done, pending or not_required"),
}


@rule("DAT507", "error", "schema", Message("personal data without terms"), kinds=("flow",))
def check(record: Record, fault: SchemaFault, _source: str | None, _context: Context) -> Fault | None:
    if fault.code != "SCH101" or fault.path[:1] != ("personal_data",):
        return None
    hint = TERMS.get(fault.path[1:])
    if hint is None:
        return None
    name = path_text(fault.path)
    return Fault(
        at(record, *fault.path),
        Message("this flow carries personal data and {name} is missing", name=name),
        hint,
    )
