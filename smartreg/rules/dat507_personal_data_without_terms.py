"""Personal data without controller, purpose, legal basis, retention or impact assessment."""

from __future__ import annotations

from smartreg.core.values import KeyPath, Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

TERMS: dict[KeyPath, Words] = {
    ("controller",): Words("name the party that is the controller", "citez la partie responsable du traitement"),
    ("purpose",): Words("say what the data are for", "dites à quoi servent les données"),
    ("legal_basis",): Words(
        "choose one of consent, contract, legal_obligation, vital_interests, public_task, legitimate_interests",
        "choisissez consent, contract, legal_obligation, vital_interests, public_task ou legitimate_interests",
    ),
    ("retention",): Words(
        "write an ISO 8601 duration, such as P30D (30 days)", "écrivez une durée ISO 8601, comme P30D (30 jours)"
    ),
    ("dpia",): Words(
        "add dpia with a status: done, pending or not_required",
        "ajoutez dpia avec un status : done, pending ou not_required",
    ),
    ("dpia", "status"): Words("write done, pending or not_required", "écrivez done, pending ou not_required"),
}


@rule(
    "DAT507",
    "error",
    "schema",
    Words("personal data without terms", "données personnelles sans leurs conditions"),
    kinds=("flow",),
)
def check(record: Record, fault: SchemaFault, _source: str | None, _context: Context) -> Fault | None:
    if fault.code != "SCH101" or fault.path[:1] != ("personal_data",):
        return None
    hint = TERMS.get(fault.path[1:])
    if hint is None:
        return None
    name = path_text(fault.path)
    return Fault(
        at(record, *fault.path),
        Words(
            f"this flow carries personal data and {name} is missing",
            f"ce flux porte des données personnelles et {name} manque",
        ),
        hint,
    )
