"""Convention or act signed before the deliberation that approved it was executory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import KeyPath, Record, RecordId
from smartreg.domain.acts import acts
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.conventions import approvals
from smartreg.domain.days import day, day_of
from smartreg.domain.fields import numbered_objects, text
from smartreg.rules.rule import rule

STEPS = ("transmitted_on", "published_on")


@rule(
    "CON336",
    "warning",
    "registry",
    Message("signed before the deliberation was executory"),
    kinds=("convention",),
    law="FR",
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for record in subjects:
        approved, _complete = approvals(registry, record)
        yield from _check(record, ("signed_on",), day(record, "signed_on"), approved, _signatures(record))
        for act in acts(record):
            ids = (RecordId("deliberation", id) for id in act.deliberations)
            decided = [found for rid in ids if (found := registry.get(rid)) is not None]
            yield from _check(record, (*act.path, "signed_on"), act.signed, decided, {})


def _signatures(record: Record) -> dict[str, date]:
    """The day on which each party signed, where the convention says it."""
    given = (item for _place, item in numbered_objects(record.data.get("signatures")))
    days = ((item.get("party"), day_of(item.get("signed_on"))) for item in given)
    return {party: on for party, on in days if isinstance(party, str) and on is not None}


def _check(
    record: Record, path: KeyPath, signed: date | None, approved: Sequence[Record], signatures: dict[str, date]
) -> Iterator[Fault]:
    for deliberation in approved:
        on = signatures.get(text(deliberation, "body") or "", signed)
        step, latest = max(
            ((name, found) for name in STEPS if (found := day(deliberation, name))), key=_second, default=(None, None)
        )
        if on is not None and latest is not None and on < latest:
            yield Fault(
                at(record, *path),
                Message(
                    "signed on {on}, but deliberation {deliberation} was executory only from {latest}",
                    on=on,
                    deliberation=text(deliberation, "number") or deliberation.rid.id,
                    latest=latest,
                ),
                Message("correct the days; if they are right, have the signature confirmed by a new act"),
                (Related(at(deliberation, step or "date"), Message("the deliberation")),),
            )


def _second(pair: tuple[str, date]) -> date:
    return pair[1]
