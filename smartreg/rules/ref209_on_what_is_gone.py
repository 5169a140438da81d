"""Equipment on a removed support, or on a retired network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, in_service, record_named_by, state, text
from smartreg.rules.rule import one_of, rule


@rule(
    "REF209",
    "error",
    "registry",
    Message("equipment on something removed"),
    kinds=("equipment",),
    asks=one_of("support", "network"),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if not in_service(registry, record):
            continue
        support = record_named_by(registry, record, "support", "support")
        if support is not None and has_ended(registry, support):
            yield _removed_host(registry, record, support)
        network = record_named_by(registry, record, "network", "network")
        if network is not None and text(record, "status") == "active" and has_ended(registry, network):
            yield _removed_host(registry, record, network)


def _removed_host(registry: Snapshot, record: Record, host: Record) -> Fault:
    kind, id, own, its = host.rid.kind, host.rid.id, state(registry, record), state(registry, host)
    return Fault(
        at(record, kind),
        Message(
            "{kind} {id} is {its}, and this equipment is {own}",
            kind=registry.schemas.kinds[kind].title.lower(),
            id=id,
            its=its,
            own=own,
        ),
        Message("move the equipment or retire it (smartreg retire)"),
        (Related(at(host, "status"), Message("its status")),),
    )
