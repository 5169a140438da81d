"""Active sensor, meter or camera that feeds no flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import state, text
from smartreg.domain.references import in_use
from smartreg.rules.rule import rule

OBSERVERS = frozenset({"sensor", "meter", "camera"})
USERS = {"flow": "equipment"}


@rule("REF212", "warning", "registry", Message("active equipment without flow"), kinds=("equipment",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if text(record, "type") not in OBSERVERS or text(record, "status") != "active":
            continue
        if not in_use(registry, record.rid, USERS):
            id, status = record.rid.id, state(registry, record)
            yield Fault(
                at(record, "status"),
                Message("{id} is {status} but feeds no flow", id=id, status=status),
                Message("add it to the equipment of a flow"),
            )
