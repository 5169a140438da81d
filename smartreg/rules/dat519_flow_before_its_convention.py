"""Flow that started before the convention that covers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.corrections import correction_command
from smartreg.domain.data_cover import DataCover, flows_reached, joined_for_data
from smartreg.domain.days import day
from smartreg.domain.fields import text
from smartreg.domain.flows import consumers
from smartreg.domain.titles import Title
from smartreg.rules.rule import rule


@rule(
    "DAT519",
    "warning",
    "registry",
    Message("flow older than its convention"),
    kinds=("flow",),
    touches=flows_reached,
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    cover = DataCover(registry, None)
    for flow in subjects:
        started = day(flow, "started_on")
        if started is None or text(flow, "access") == "public" or text(flow, "status") == "planned":
            continue
        late = [one for one in _titles_by_consumer(cover, flow) if _all_later(one[1], started)]
        if late:
            consumer, found = late[0]
            yield _before_convention(
                flow, started, consumer, min(found, key=lambda one: (one.start or date.max, one.id))
            )


def _titles_by_consumer(cover: DataCover, flow: Record) -> Iterator[tuple[str, list[Title]]]:
    """Each consumer, with the conventions that cover what it receives, whatever their dates."""
    producer, found = text(flow, "producer"), cover.of_flow(flow) or ()
    for party, _ in consumers(flow) if producer is not None else ():
        if party != producer:
            yield party, joined_for_data((one for one in found if one.signed), producer or "", party)


def _all_later(found: list[Title], started: date) -> bool:
    return bool(found) and all(one.start is not None and one.start > started for one in found)


def _before_convention(flow: Record, started: date, consumer: str, first: Title) -> Fault:
    line = correction_command(flow, [f"started_on={first.start}"])
    return Fault(
        at(flow, "started_on"),
        Message(
            "the flow started on {started}, but convention {first} covers what {consumer} receives only from {start} "
            "on",
            started=started,
            first=first.id,
            consumer=consumer,
            start=first.start,
        ),
        Message(
            "correct the date ({line}); if it is right, record the convention of that time (smartreg "
            "add-convention), or give {consumer}, which came later, a flow of its own (smartreg add-flow)",
            line=line,
            consumer=consumer,
        ),
        (Related(at(first.record, "id"), Message("the convention")),),
    )
