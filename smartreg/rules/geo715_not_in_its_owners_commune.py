"""Support of a commune in another commune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.boundaries import name_commune
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import has_ended, record_named_by, text
from smartreg.domain.placements import OWNERS, owners_of
from smartreg.rules.rule import rule

MANUAL = """
## What it checks

A support whose owner is a party of category commune has the `insee_code` of that commune; a municipal arrondissement
counts as its commune. Removed supports are left out, and so are those that were transferred (`previous_owners`) from a
party of that commune, whose record shows that the code is right. REC104 checks that the file is in the folder of its
`insee_code`, GEO703 that the point is in that commune.

## Why

The commune determines which convention covers the support, and in whose territory the report counts it. A commune
rarely owns a mast in another one: usually the code or the owner was copied from the line above.

## Wrong

```yaml
# party ville-d-istres has insee_code: "13047"
owner: ville-d-istres
insee_code: "13063"
```

## Right

```yaml
owner: ville-d-istres
insee_code: "13047"
```

## How to fix it

Correct the code (`smartreg set ID insee_code=…`) or the owner.

## Configure

`[severity]` in `smartreg.toml`: `GEO715 = "error"`. There is no threshold.

## Waive

For a mast that the commune does own elsewhere: `# smartreg: ignore[GEO715] reason` on the line of `insee_code`, or a
`[[waiver]]` in `smartreg.toml`.
"""


def _find_affected(registry: Snapshot, record: Record) -> Iterator[RecordId]:
    if record.rid.kind == "party":
        links = registry.links_to(record.rid)
        yield from (
            link.source for link in links if link.source.kind == "support" and link.path[0] in ("owner", OWNERS)
        )


@rule(
    "GEO715",
    "warning",
    "registry",
    Words("not in the commune of its owner", "hors de la commune de son propriétaire"),
    kinds=("support",),
    touches=_find_affected,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        code, owner = text(record, "insee_code"), record_named_by(registry, record, "owner", "party")
        if code is None or owner is None or text(owner, "category") != "commune" or has_ended(registry, record):
            continue
        own = text(owner, "insee_code")
        if own is not None and commune_of(own) != commune_of(code) and not _was_of(registry, record, code):
            here, theirs = name_commune(commune_of(code)), name_commune(commune_of(own))
            yield Fault(
                at(record, "insee_code"),
                Words(
                    f"the support is in commune {here}, but its owner {owner.rid.id} is commune {theirs}",
                    f"le support est dans la commune {here}, mais son propriétaire {owner.rid.id} est la commune"
                    f" {theirs}",
                ),
                Words(
                    f"correct the code (smartreg set {record.rid} insee_code={own}), or the owner",
                    f"corrigez le code (smartreg set {record.rid} insee_code={own}), ou le propriétaire",
                ),
                (Related(at(owner, "insee_code"), Words("its commune", "sa commune")),),
            )


def _was_of(registry: Snapshot, support: Record, code: str) -> bool:
    """Whether an earlier owner of the support is the commune in which it is."""
    earlier = (registry.get(RecordId("party", one.owner)) for one in owners_of(registry, support)[:-1])
    codes = (text(party, "insee_code") for party in earlier if party is not None)
    return any(own is not None and commune_of(own) == commune_of(code) for own in codes)
