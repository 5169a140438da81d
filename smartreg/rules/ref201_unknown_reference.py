"""Reference to a record that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words, path_text
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import Suggestions, bearers, find_unresolved
from smartreg.rules.rule import nothing, rule
from smartreg.schema import literal

MANUAL = """
## What it checks

Every field that names another record (owner, support, use_cases, parties …) names one that exists. A record whose file
cannot be read counts as existing.

## Why

Smartreg: a reference that leads nowhere says nothing about who owns, carries or receives what. The schemas say what a
field may name (`x-ref`).

## Wrong

```yaml
# registry/supports/13047/istres-ep-00412.yaml exists
support: istres-ep-0412
```

## Right

```yaml
support: istres-ep-00412
```

## How to fix it

Correct the id, or create the record that it names: `smartreg add-support`. If that record was renamed by hand, use
`smartreg rename`, which rewrites the references. `smartreg validate --fix` corrects case and separators, and with
`--unsafe` takes the only similar id.

## Configure

`[severity]` in `smartreg.toml`: `REF201 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[REF201] reason` on the line, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "REF201",
    "error",
    "registry",
    Words("unknown reference", "référence inconnue"),
    touches=nothing,
    touches_existence=bearers,
    advises=True,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    suggestions = Suggestions(registry)
    for record, link in find_unresolved(registry, subjects):
        if registry.with_id(link.target):
            continue
        name, target = path_text(link.path), literal(link.target)
        near = suggestions.nearest(link)
        adding = " / ".join(f"smartreg add-{registry.schemas.kinds[kind].noun}" for kind in link.kinds)
        yield Fault(
            at(record, *link.path),
            Words(f"{name} {target} does not exist", f"{name} {target} n'existe pas"),
            Words(f"{near.en} Or create it: {adding}", f"{near.fr} Ou créez-le : {adding}")
            if near
            else Words(f"correct the id, or create it: {adding}", f"corrigez l'identifiant, ou créez-le : {adding}"),
            fix=suggestions.fix(link),
        )
