"""Public partner of a signed convention without a deliberation of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import approvals, conventions_reached, deliberates
from smartreg.domain.fields import text, texts
from smartreg.rules.rule import rule


@rule(
    "CON316",
    "warning",
    "registry",
    Message("partner without deliberation"),
    kinds=("convention",),
    touches=conventions_reached,
    law="FR",
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        acts, complete = approvals(registry, record)
        if text(record, "status") != "signed" or not acts or not complete:
            continue
        bodies = {text(act, "body") for act in acts}
        lacking = [party for party in texts(record, "parties") if party not in bodies and deliberates(registry, party)]
        if lacking:
            listed = ", ".join(lacking)
            yield Fault(
                at(record, "deliberations"),
                Message("no deliberation of {named} recorded", named=listed),
                Message("record it and name it here (smartreg add-deliberation)"),
            )
