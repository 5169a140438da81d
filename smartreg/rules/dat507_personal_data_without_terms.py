"""Personal data without controller, purpose, legal basis, retention or impact assessment."""

from __future__ import annotations

from smartreg.core.values import KeyPath, Record, Words, path_text
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

MANUAL = """
## What it checks

A flow whose `personal_data.involved` is true says who the controller is, the purpose, the legal basis, how long the
data are kept, and the status of the impact assessment. This rule replaces SCH101 here.

## Why

GDPR article 30(1): the record of processing activities holds controller, purpose, categories and time limits; article
6(1): each processing has a legal basis; article 35: the impact assessment (AIPD in French).

## Wrong

```yaml
personal_data:
  involved: true
  controller: ville-d-istres
  purpose: Compter les passages de vélos
  legal_basis: public_task
  dpia:
    status: done
```

## Right

```yaml
personal_data:
  involved: true
  controller: ville-d-istres
  purpose: Compter les passages de vélos
  legal_basis: public_task
  retention: P30D
  dpia:
    status: done
```

## How to fix it

Fill in the field; the controller's data protection officer knows the answers, which are in its record of processing.

## Configure

`[severity]` in `smartreg.toml`: `DAT507 = "warning"`; with `"off"`, the schema's own finding SCH101 remains.

## Waive

A `[[waiver]]` in `smartreg.toml` while the officer is being asked, or `# smartreg: ignore[DAT507] reason` on the line
of `personal_data` (of `dpia`, for its status).
"""

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
