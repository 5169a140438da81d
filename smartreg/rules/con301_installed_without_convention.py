"""Equipment on a support of another party, without a convention on installation.

## What it checks

Equipment that is planned or present (installed, active, faulty, decommissioned: still on its support) and whose owner
is not the owner of its support. There must be a convention to which both are parties, whose `families` hold
installation and whose `scope`, where it has one, takes in the support. Its dates and status are not looked at here:
CON302 and CON303 do that. Where the equipment names a convention between the two, CON310 judges that one instead.

It works in both directions: equipment of the Métropole on a support of a commune, and the reverse.

## Why

The deliberation of 2023-03-16 (IVIS-009-13539/23/BM) has conventions allow the reciprocal installation of equipment on
supports of the Métropole or of its partners. And nobody may occupy public domain without a title (CG3P, article
L2122-1).

## Wrong

```yaml
# support istres-ep-00412 belongs to ville-d-istres; no convention names both
id: istres-noise-003
owner: amp-metropole
support: istres-ep-00412
status: active
```

## Right

```yaml
# registry/conventions/smart-metropole-istres.yaml
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
families: [installation]
```

## How to mend

Record the convention (`smartreg add-convention`), or correct the owner of the equipment or of the support. Where a
signed convention between the two leaves it out, record the amendment that takes it in:
`smartreg amend CONVENTION families+=installation --signed-on DATE --deliberation ID` (or `scope.supports+=SUPPORT`). It
covers from its day on; what was installed before stays a finding (CON302).

## Configure

`[severity]` in `smartreg.toml`: `CON301 = "warning"`. There is no threshold.

## Waive

`# smartreg: ignore[CON301] reason` on the line of `support`, or a `[[waiver]]` in `smartreg.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.findings import Related
from smartreg.rules._conventions import borne, titles
from smartreg.rules._days import day
from smartreg.rules._exchanges import Exchange, exchanges
from smartreg.rules._fields import in_service, text
from smartreg.rules._left_out import gap_of
from smartreg.rules.rule import Context, Fault, Snapshot, at, rule
from smartreg.values import Record, Words


@rule(
    "CON301",
    "error",
    "registry",
    Words("installed without convention", "installation sans convention"),
    kinds=("equipment",),
    touches=borne("support"),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    conventions = titles(registry)
    for record in subjects:
        for exchange in exchanges(registry, record):
            if exchange.family != "installation" or conventions.bearing(record, exchange):
                continue
            if not _is_about_named(registry, record, exchange):
                yield _fault(registry, record, exchange)


def _fault(registry: Snapshot, record: Record, exchange: Exchange) -> Fault:
    id, owner, (host,) = record.rid.id, exchange.user, exchange.partners
    stands, pose = ("stands", "est posé") if in_service(registry, record) else ("is to stand", "est à poser")
    related: tuple[Related, ...] = ()
    if exchange.through is not None:
        related = (Related(at(exchange.through, "owner"), Words("its owner", "son propriétaire")),)
    gap = gap_of(registry, exchange, day(record, "installed_on"))
    if gap is not None:
        why, hint = gap.why, gap.hint
        related += (Related(at(gap.title.record, "families"), Words("the convention", "la convention")),)
    else:
        why = Words(
            'no convention between them covers "installation"',
            "aucune convention entre eux ne couvre l'installation (installation)",
        )
        hint = Words(
            "record the convention (smartreg add-convention), or correct the owner",
            "saisissez la convention (smartreg add-convention), ou corrigez le propriétaire",
        )
    return Fault(
        at(record, "support"),
        Words(
            f"{id} (owner {owner}) {stands} on a support of {host}, and {why.en}",
            f"{id} (propriétaire : {owner}) {pose} sur un support de {host}, et {why.fr}",
        ),
        hint,
        related,
    )


def _is_about_named(registry: Snapshot, record: Record, exchange: Exchange) -> bool:
    """Whether CON310 speaks of it: the record names a convention between the two that covers nothing of it."""
    conventions = titles(registry)
    named = conventions.named(text(record, "convention"))
    if named is None:
        return False
    versions = conventions.versions(named.record)
    covered = any(one.covers(other) for one in versions for other in exchanges(registry, record))
    return not covered and any(one.binds(exchange) for one in versions)
