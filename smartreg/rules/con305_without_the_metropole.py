"""Convention to which the Métropole is not a party."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.values import Record, Words
from smartreg.domain.acts import current
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import text_list
from smartreg.domain.successions import is_metropole
from smartreg.rules.rule import nothing, rule

MANUAL = """
## What it checks

The party that `metropole` in `smartreg.toml` names (or one whose place it took) is among the `parties` of every
convention. Without that setting the rule is silent.

## Why

The deliberation of 2023-03-16 (IVIS-009-13539/23/BM) authorises conventions of the Métropole with its partners; it is
no basis for one between two partners.

## Wrong

```yaml
# smartreg.toml: metropole = "amp-metropole"
id: istres-fos
parties: [ville-d-istres, ville-de-fos-sur-mer]
```

## Right

```yaml
id: smart-metropole-istres
parties: [amp-metropole, ville-d-istres]
```

## How to fix it

Add the Métropole to `parties` if it signs; otherwise keep the convention out of this registry, or waive the finding.

## Configure

`metropole` in `smartreg.toml` names the party; `[severity]`: `CON305 = "error"`. There is no threshold.

## Waive

`# smartreg: ignore[CON305] reason` on the line of `parties`, or a `[[waiver]]` in `smartreg.toml`.
"""


@rule(
    "CON305",
    "warning",
    "registry",
    Words("convention without the Métropole", "convention sans la Métropole"),
    kinds=("convention",),
    touches=nothing,
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    metropole = context.config.metropole
    for record in subjects:
        parties = text_list(current(record).get("parties"))
        if metropole is not None and parties and not any(is_metropole(registry, party) for party in parties):
            yield Fault(
                at(record, "parties"),
                Words(
                    f"{metropole} is not a party to this convention",
                    f"{metropole} n'est pas partie à cette convention",
                ),
                Words("add it if it signs", "ajoutez-la si elle signe"),
            )
