"""Public flow without a licence."""

from __future__ import annotations

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

MANUAL = """
## What it checks

A flow with `access: public` names its `licence`. This rule replaces SCH101 here.

## Why

Code des relations entre le public et l'administration (CRPA), articles L323-1 and L323-2: a licence says on which terms
public information may be reused. Data without one can be read, but nobody knows how they may be used.

## Wrong

```yaml
access: public
```

## Right

```yaml
access: public
licence: etalab-2.0
```

## How to fix it

Choose `etalab-2.0` (Licence Ouverte, the usual choice of public bodies) or `ODbL-1.0`; see DAT506 for others.

## Configure

`[severity]` in `smartreg.toml`: `DAT505 = "warning"`; with `"off"`, the schema's own finding SCH101 remains.

## Waive

A `[[waiver]]` in `smartreg.toml` while the licence is being decided. In the file: `# smartreg: ignore[DAT505] reason`
above the first key; the missing field has no line.
"""


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
