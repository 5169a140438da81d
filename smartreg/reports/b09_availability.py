"""B9: for which part of its time in service equipment was active, as the registry has it; and, from a file of
deliveries, which part of the expected messages came.

Days active: by the commits that changed the status. Before the first one about a device, nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, value_at
from smartreg.domain.fields import texts
from smartreg.domain.numbers import number
from smartreg.history import Turn
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Measure, Value, share, yes
from smartreg.reports.material import Delivery, Material
from smartreg.reports.wording import number_words

TITLE = Message("Availability")
DEFINITION = Message(
    "Share of the days in place on which the devices were working, all devices added together; days before the "
    "history of the registry begins are left out."
)
NO_SERVICE = Message("no device was in place in the period")
NOTHING_EXPECTED = Message("no message was expected")
NO_AIM = Message("no device whose messages are known feeds a flow that promises a share of them")
ACTIVE = "active"
ACTIVE_SHARE = Message("days working, of the known days in place")
BEYOND = Message("messages beyond those expected")
KNOWN_SHARE = Message("days in place on which the state is known")
OBSERVED = Message("days that the history of the registry shows")
RECEIVED = Message("messages received, of those expected")
KEPT = Message("devices that sent the promised share")


def figure(material: Material) -> Figure:
    services = [service for device in material.of("equipment") if (service := _measure_service(material, device))]
    ranked = sorted(
        services, key=lambda service: (service.availability is None, service.availability or 0, -service.known)
    )
    deliveries = material.evidence.deliveries
    measures = (*_availability(material, services), *_measure_received(material, deliveries))
    rows = tuple(_row(material, service) for service in ranked)
    return Figure(9, TITLE, measures, (_devices(rows), _deliveries(material, deliveries)),
                  (*_notes(material, services), *_surplus(deliveries)))  # fmt: skip


class ServiceDays(NamedTuple):
    """A device and its days in service within the period. `known_from`: the day from which the history of Git shows its
    state, None where it never does; `known`: the days since then; `active`: those of them on which it was active."""

    device: Record
    days: int
    known_from: date | None
    known: int
    active: int

    @property
    def availability(self) -> float | None:
        """The share of the known days on which it was active; None without any."""
        return self.active / self.known if self.known else None


def _measure_service(material: Material, device: Record) -> ServiceDays | None:
    """None where it was not in service in the period."""
    span, states = material.service(device), material.evidence.states
    if span is None:
        return None
    turns = () if isinstance(states, Text) else states.get(device.rid.id, ())
    days = (span[1] - span[0]).days
    if not turns:
        return ServiceDays(device, days, None, 0, 0)
    start = max(span[0], turns[0].day)
    return ServiceDays(device, days, turns[0].day, max(0, (span[1] - start).days), _active(turns, (start, span[1])))


def _active(turns: Sequence[Turn], span: tuple[date, date]) -> int:
    """The days of a span on which the state was active."""
    total = 0
    for turn, after in zip_longest(turns, turns[1:]):
        since, until = max(turn.day, span[0]), min(after.day if after else span[1], span[1])
        if turn.state == ACTIVE and since < until:
            total += (until - since).days
    return total


def _availability(material: Material, services: Sequence[ServiceDays]) -> Sequence[Measure]:
    """The share of the known days, and how much of the period they are: a share of one day is no availability."""
    if isinstance(material.evidence.states, Text):
        return [Measure("active", ACTIVE_SHARE, "share", None, material.evidence.states)]
    nothing, known_from = NO_SERVICE, material.known_from
    if services and known_from:
        nothing = Message("unknown before {known_from}, when the history of the registry begins", known_from=known_from)
    known = sum(service.known for service in services)
    active = share("active", ACTIVE_SHARE, sum(service.active for service in services), known, nothing)
    if not known or known_from is None:
        return [active]
    first = max(known_from, material.period.start or known_from)
    return [
        active,
        share("known", KNOWN_SHARE, known, sum(service.days for service in services), nothing),
        Measure("observed", OBSERVED, "days", (material.as_of - first).days + 1),
    ]


def _notes(material: Material, services: Sequence[ServiceDays]) -> tuple[Text, ...]:
    """The part of the time in service that no commit covers."""
    days = sum(service.days - service.known for service in services)
    if isinstance(material.evidence.states, Text) or not days:
        return ()
    if days == 1:
        note = Message("1 day in place, before the device was recorded in the registry, is not counted.")
    else:
        note = Message("{days} days in place, before the devices were recorded in the registry, are not counted.")
    return (note.fill(days=number_words(days)),)


def _row(material: Material, service: ServiceDays) -> tuple[Value, ...]:
    since = service.known_from.isoformat() if service.known_from and service.known < service.days else None
    return (
        material.label("equipment", service.device.rid.id),
        material.word("equipment", "status", service.device.data.get("status")),
        service.days,
        since,
        service.active if service.known_from else None,
        service.availability,
    )


def _devices(rows: tuple[tuple[Value, ...], ...]) -> FigureTable:
    columns = (
        FigureColumn("equipment", Message("device"), "label"),
        FigureColumn("status", Message("status"), "label"),
        FigureColumn("days", Message("days in place in the period"), "days"),
        FigureColumn("unknown_before", Message("unknown before"), "date"),
        FigureColumn("active_days", Message("days working"), "days"),
        FigureColumn("availability", Message("availability"), "share"),
    )
    why = None if rows else NO_SERVICE
    return FigureTable("equipment", Message("By device"), columns, rows, why_not=why)


def _measure_received(material: Material, deliveries: Mapping[str, Delivery] | Text) -> Sequence[Measure]:
    if isinstance(deliveries, Text):
        return [Measure("received", RECEIVED, "share", None, deliveries)]
    expected = sum(delivery.expected for delivery in deliveries.values())
    received = sum(min(delivery.received, delivery.expected) for delivery in deliveries.values())
    beyond = sum(map(_beyond, deliveries.values()))
    aims = _aims(material)
    kept_promises = [
        _part(delivery) >= aims[id] for id, delivery in deliveries.items() if id in aims and delivery.expected
    ]
    return [
        share("received", RECEIVED, received, expected, NOTHING_EXPECTED),
        *([Measure("beyond", BEYOND, "count", beyond)] if beyond else []),
        share("as_promised", KEPT, sum(kept_promises), len(kept_promises), NO_AIM),
    ]


def _aims(material: Material) -> Mapping[str, float]:
    """The completeness that flows promise, by equipment; the highest where it feeds several."""
    aims: dict[str, float] = {}
    for flow in material.of("flow"):
        aim = number(value_at(flow.data, ("quality", "completeness")))
        for id in texts(flow, "equipment") if aim is not None and material.present(flow) else ():
            aims[id] = max(aims.get(id, 0), aim or 0)
    return aims


def _part(delivery: Delivery) -> float:
    """The part of the expected messages that came; what came beyond them is no part of it."""
    return min(delivery.received, delivery.expected) / delivery.expected if delivery.expected else 0


def _beyond(delivery: Delivery) -> int:
    return max(0, delivery.received - delivery.expected)


def _surplus(deliveries: Mapping[str, Delivery] | Text) -> tuple[Text, ...]:
    """A warning about devices that sent more messages than expected: what was expected of them is doubtful."""
    devices = 0 if isinstance(deliveries, Text) else sum(_beyond(delivery) > 0 for delivery in deliveries.values())
    if not devices:
        return ()
    if devices == 1:
        warning = Message("1 device sent more messages than expected: check how many were expected.")
    else:
        warning = Message("{devices} devices sent more messages than expected: check how many were expected.")
    return (warning.fill(devices=number_words(devices)),)


def _deliveries(material: Material, deliveries: Mapping[str, Delivery] | Text) -> FigureTable:
    columns = (
        FigureColumn("equipment", Message("device"), "label"),
        FigureColumn("expected", Message("messages expected")),
        FigureColumn("received", Message("messages received")),
        FigureColumn("beyond", Message("received beyond")),
        FigureColumn("completeness", Message("share received"), "share"),
        FigureColumn("promised", Message("share promised"), "share"),
        FigureColumn("kept", Message("promise kept"), "label"),
    )
    title = Message("Messages by device")
    if isinstance(deliveries, Text):
        return FigureTable("deliveries", title, columns, (), why_not=deliveries)
    aims = _aims(material)
    rows: list[tuple[Value, ...]] = []
    for id, delivery in sorted(deliveries.items(), key=lambda item: (not item[1].expected, _part(item[1]), item[0])):
        part, aim = _part(delivery) if delivery.expected else None, aims.get(id)
        kept = yes(part >= aim) if part is not None and aim is not None else None
        rows.append(
            (material.label("equipment", id), delivery.expected, delivery.received, _beyond(delivery), part, aim, kept)
        )
    return FigureTable("deliveries", title, columns, tuple(rows))
