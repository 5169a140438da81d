"""Support that hosts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.references import in_use
from smartreg.rules.rule import rule

USERS = {"equipment": "support"}


@rule("REF210", "info", "registry", Message("support without equipment"), kinds=("support",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        if not has_ended(registry, record) and not in_use(registry, record.rid, USERS):
            id = record.rid.id
            yield Fault(at(record, "id"), Message("support {id} hosts nothing", id=id))
