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
        late = [covered for covered in _titles_by_consumer(cover, flow) if _all_later(covered[1], started)]
        if late:
            consumer, periods = late[0]
            yield _before_convention(
                flow, started, consumer, min(periods, key=lambda covered: (covered.start or date.max, covered.id))
            )


def _titles_by_consumer(cover: DataCover, flow: Record) -> Iterator[tuple[str, list[Title]]]:
    """Each consumer, with the conventions that cover what it receives, whatever their dates."""
    producer, periods = text(flow, "producer"), cover.of_flow(flow) or ()
    for party, _ in consumers(flow) if producer is not None else ():
        if party != producer:
            yield party, joined_for_data((period for period in periods if period.signed), producer or "", party)


def _all_later(periods: list[Title], started: date) -> bool:
    return bool(periods) and all(period.start is not None and period.start > started for period in periods)


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
