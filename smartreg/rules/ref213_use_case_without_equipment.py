"""Use case in pilot or production that no equipment serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service, state
from smartreg.domain.references import in_use
from smartreg.rules.rule import rule

USERS = {"equipment": "use_cases"}


@rule("REF213", "warning", "registry", Message("use case without equipment"), kinds=("use_case",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if in_service(registry, record) and not in_use(registry, record.rid, USERS):
            id, status = record.rid.id, state(registry, record)
            yield Fault(
                at(record, "status"),
                Message("use case {id} is in {status} but has no equipment", id=id, status=status),
                Message("add it to the use_cases of the equipment that serves it, or correct its status"),
            )
