"""Equipment in a commune that its network does not list as covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message, first_few
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import code_of, codes_in, covered_by, has_ended, record_named_by
from smartreg.rules.rule import one_of, rule

MOST_SHOWN = 5


@rule(
    "NET407",
    "warning",
    "registry",
    Message("commune not covered by the network"),
    kinds=("equipment",),
    asks=one_of("network"),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        network = record_named_by(registry, record, "network", "network")
        field, covered = covered_by(network) if network is not None else ("", ())
        if network is None or not covered or has_ended(registry, record):
            continue
        outside = [code for code in _communes(registry, record) if code not in covered]
        if outside:
            id = network.rid.id
            codes = first_few(outside, MOST_SHOWN)
            yield Fault(
                at(record, "network"),
                Message("{id} does not list {codes} as covered", id=id, codes=codes),
                Message("add it to {field} of {id}, or correct network", field=field, id=id),
                (Related(at(network, field), Message("what it covers")),),
            )


def _communes(registry: Snapshot, record: Record) -> tuple[str, ...]:
    """The communes where the equipment is, as far as the registry says."""
    support = record_named_by(registry, record, "support", "support")
    if support is not None:
        code = code_of(support)
        return (code,) if code is not None else ()
    return codes_in(record.data.get("mobile"))
