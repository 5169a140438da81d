"""Statuses that a write gives a record: that of a new one, and those that lead to the end of its life cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from smartreg.core.errors import Refused
from smartreg.core.messages import Message, joined, verbatim
from smartreg.core.values import Json, KeyPath, Record
from smartreg.schema import Kind, Lifecycle


def with_status(kind: Kind, data: Mapping[str, Json]) -> dict[str, Json]:
    """`data` with the status that its last date implies, or the first of the life cycle, when none was given."""
    life = kind.lifecycle
    if life is None or life.field in data:
        return dict(data)
    dates = [name for name in dict.fromkeys(life.dates.values()) if name in data]
    implied = [status for status, name in life.dates.items() if dates and name == dates[-1]]
    return {**data, life.field: implied[0] if implied else next(iter(life.transitions))}


def end_of_life(kind: Kind, life: Lifecycle, record: Record, on: date) -> list[tuple[KeyPath, Json]]:
    """The changes that lead from the record's status to an end of its life cycle, dates included where absent."""
    rid, status = record.rid, str(record.data.get(life.field))
    label = kind.state(status)
    if status in life.ends:
        raise Refused(Message("{rid} is {status} already", rid=rid, status=status, label=label))
    way = life.route(status, life.ends)
    if way is None:
        states = [verbatim(state) for state in sorted(life.ends)]
        ends = joined(states, Message(" or "))
        raise Refused(
            Message(
                "{rid} is {status} and cannot become {ends}",
                rid=rid,
                status=status,
                ends=ends,
                label=label,
            )
        )
    _refuse_invention(kind, life, record, way)
    needed = [life.dates[state] for state in way if state in life.dates]
    dates = [name for name in dict.fromkeys(needed) if record.data.get(name) is None]
    return [((life.field,), way[-1]), *(((name,), on.isoformat()) for name in dates)]


def _refuse_invention(kind: Kind, life: Lifecycle, record: Record, way: Sequence[str]) -> None:
    """Refuse a day of service for what was never in service: a draft convention was never signed."""
    status = str(record.data.get(life.field))
    passed = [state for state in way[:-1] if state in life.in_service and state in life.dates]
    lacking = [life.dates[state] for state in passed if record.data.get(life.dates[state]) is None]
    if status in life.served or not lacking:
        return
    names = " ".join(lacking)
    raise Refused(
        Message(
            "{record} is {status2} and was never in service: there is nothing to end",
            record=record.rid,
            status2=status,
            status=kind.state(status),
        ),
        Message(
            "smartreg remove {record} takes it out; if it was in service, set {names} first",
            record=record.rid,
            names=names,
        ),
    )
