"""Date that the status requires is missing."""

from __future__ import annotations

from smartreg.core.values import Record, Words
from smartreg.domain.checks import Context, Fault, at
from smartreg.domain.days import BEFORE, INSTALLED
from smartreg.domain.fields import state
from smartreg.rules.rule import rule
from smartreg.schema import SchemaFault

MANUAL = """
## What it checks

A record whose status says that something happened gives its date: equipment that is installed or later gives
`installed_on` (or, if nobody knows it, `installed_before`: a day on which it was there), if decommissioned or removed
`decommissioned_on`, if removed `removed_on`; an ended flow and a stopped use case give `ended_on`; a signed convention
gives `signed_on`, a terminated one `terminated_on`. The schemas say which; this rule replaces SCH101 here.

## Why

Smartreg: only the dates show what a convention covered on a given day, and how long equipment was in use. The status
alone describes the present.

## Wrong

```yaml
status: removed
installed_on: "2024-03-11"
decommissioned_on: "2025-09-01"
```

## Right

```yaml
status: removed
installed_on: "2024-03-11"
decommissioned_on: "2025-09-01"
removed_on: "2025-09-15"
```

## How to fix it

Add the date. `smartreg retire` and `smartreg set` ask for it when they change the status. The dates of a convention
bind its parties: `smartreg set ID signed_on=2024-03-18 --correct -m "as the act says"`.

## Configure

`[severity]` in `smartreg.toml`: `LIF603 = "warning"`; with `"off"`, the schema's own finding SCH101 remains.

## Waive

A `[[waiver]]` in `smartreg.toml` until somebody finds the date. In the file: `# smartreg: ignore[LIF603] reason`
above the first key; the missing field has no line.
"""


@rule(
    "LIF603",
    "error",
    "schema",
    Words("date of the status missing", "date du statut manquante"),
)
def check(record: Record, fault: SchemaFault, _source: str | None, context: Context) -> Fault | None:
    kind = context.schemas.kinds[record.rid.kind]
    field = kind.field_at(fault.path) if len(fault.path) == 1 else None
    if fault.code != "SCH101" or kind.lifecycle is None or field is None or field.required:
        return None
    name, status = field.path[0], state(context, record)
    if name not in kind.lifecycle.dates.values() or not status.en:
        return None
    unknown = Words("", "")
    if name == INSTALLED and (BEFORE,) in kind.by_path:
        unknown = Words(
            f"; where nobody knows it: {BEFORE}=YYYY-MM-DD, a day on which it was there",
            f" ; si personne ne la connaît : {BEFORE}=AAAA-MM-JJ, un jour où il était là",
        )
    return Fault(
        at(record, name),
        Words(f'status "{status.en}" needs {name}', f"le statut « {status.fr} » exige {name}"),
        _hint(record, name, unknown),
    )


def _hint(record: Record, name: str, unknown: Words) -> Words:
    line = f"smartreg set {record.rid.id} {name}"
    if record.rid.kind == "convention":  # what binds the parties can only be corrected (CHG805)
        return Words(
            f'take the date from the act: {line}=YYYY-MM-DD --correct -m "as the act says"',
            f"reprenez la date de l'acte : {line}=AAAA-MM-JJ --correct -m \"selon l'acte\"",
        )
    return Words(f"add the date: {line}=YYYY-MM-DD{unknown.en}", f"ajoutez la date : {line}=AAAA-MM-JJ{unknown.fr}")
