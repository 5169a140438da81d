"""Network that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service
from smartreg.domain.references import in_use
from smartreg.rules.rule import rule

USERS = {"equipment": "network", "flow": "network"}


@rule("REF211", "warning", "registry", Message("network without use"), kinds=("network",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if in_service(registry, record) and not in_use(registry, record.rid, USERS):
            id = record.rid.id
            yield Fault(
                at(record, "id"),
                Message("network {id} is used by nothing", id=id),
                Message("name it in the equipment that uses it, or correct its status"),
            )
