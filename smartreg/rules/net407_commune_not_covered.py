"""Equipment in a commune that its network does not list as covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, record_named_by, text, text_list, texts
from smartreg.rules.rule import rule

FIELD = "coverage_insee_codes"
MOST_SHOWN = 5


@rule(
    "NET407",
    "warning",
    "registry",
    Words("commune not covered by the network", "commune non couverte par le réseau"),
    kinds=("equipment",),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        network = record_named_by(registry, record, "network", "network")
        covered = texts(network, FIELD) if network is not None else ()
        if network is None or not covered or has_ended(registry, record):
            continue
        outside = [code for code in _communes(registry, record) if code not in covered]
        if outside:
            id = network.rid.id
            codes = ", ".join(outside[:MOST_SHOWN]) + (", …" if len(outside) > MOST_SHOWN else "")
            yield Fault(
                at(record, "network"),
                Words(f"{id} does not list {codes} as covered", f"{id} n'indique pas {codes} comme couvert"),
                Words(
                    f"add it to {FIELD} of {id}, or correct network",
                    f"ajoutez-le à {FIELD} de {id}, ou corrigez network",
                ),
                (Related(at(network, FIELD), Words("what it covers", "ce qu'il couvre")),),
            )


def _communes(registry: Snapshot, record: Record) -> tuple[str, ...]:
    """The communes where the equipment is, as far as the registry says."""
    support = record_named_by(registry, record, "support", "support")
    if support is not None:
        code = text(support, "insee_code")
        return (code,) if code is not None else ()
    return text_list(value_at(record.data, ("mobile", "insee_codes")))
