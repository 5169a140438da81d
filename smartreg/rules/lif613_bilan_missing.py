"""Use case without assessment or indicator value at the end of the programme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import in_service, object_list
from smartreg.rules.rule import rule


@rule("LIF613", "warning", "registry", Message("bilan missing"), kinds=("use_case",), dated=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    until = context.config.programme.until
    if until is None or context.on <= until:
        return
    for record in subjects:
        message = _missing_part(record, until) if in_service(registry, record) else None
        if message is not None:
            yield Fault(
                at(record, "id"),
                message,
                Message("fill indicators[].value and assessments, or stop the use case"),
            )


def _missing_part(record: Record, until: date) -> Text | None:
    id = record.rid.id
    value = any(item.get("value") is not None for item in object_list(record.data.get("indicators")))
    assessment = bool(object_list(record.data.get("assessments")))
    if value and assessment:
        return None
    if value:
        return Message("the programme ended on {until}; the bilan of {id} needs an assessment", until=until, id=id)
    if assessment:
        return Message(
            "the programme ended on {until}; the bilan of {id} needs the value of an indicator", until=until, id=id
        )
    return Message(
        "the programme ended on {until}; the bilan of {id} needs the value of an indicator and an assessment",
        until=until,
        id=id,
    )
