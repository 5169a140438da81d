"""Public partner of a signed convention without a deliberation of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import KIND, approvals, conventions_decided_by, deliberates
from smartreg.domain.fields import text, texts
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

Each party of a signed convention that is a commune or another public body (category `commune` or `public`) is the
`body` of one of the deliberations that the convention names. CON308 checks the Métropole. The rule is silent if a
deliberation cannot be read (REF201 reports that), and for a convention that names none (the schema reports that).
Parapublic bodies decide by their board, private ones by their statutes: their acts are not deliberations.

## Why

A mayor signs on the authority of the council (CGCT, articles L2121-29 and L2122-21); without its deliberation the
signature can be challenged.

## Wrong

```yaml
# deliberation ivis-009-13539-23-bm has body: amp-metropole
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
status: signed
deliberations: [ivis-009-13539-23-bm]
```

## Right

```yaml
# deliberation istres-2023-112 has body: ville-d-istres
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
status: signed
deliberations: [ivis-009-13539-23-bm, istres-2023-112]
```

## How to fix it

Ask the partner for its deliberation and record it (`smartreg add-deliberation`).

## Configure

`[severity]` in `smartreg.toml`: `CON316 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[CON316] reason` on the line of `deliberations`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "CON316",
    "warning",
    "registry",
    Words("partner without deliberation", "partenaire sans délibération"),
    kinds=(KIND,),
    touches=conventions_decided_by,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        acts, complete = approvals(registry, record)
        if text(record, "status") != "signed" or not acts or not complete:
            continue
        bodies = {text(act, "body") for act in acts}
        lacking = [party for party in texts(record, "parties") if party not in bodies and deliberates(registry, party)]
        if lacking:
            named = ", ".join(lacking)
            yield Fault(
                at(record, "deliberations"),
                Words(f"no deliberation of {named} recorded", f"aucune délibération de {named} n'est enregistrée"),
                Words(
                    "record it and name it here (smartreg add-deliberation)",
                    "enregistrez-la et citez-la ici (smartreg add-deliberation)",
                ),
            )
