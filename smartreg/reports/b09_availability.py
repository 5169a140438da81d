"""B9: for which part of its time in service equipment was active, as the registry has it; and, from a file of
deliveries, which part of the expected messages came.

Days active: by the commits that changed the status. Before the first one about a device, nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from smartreg.core.values import Record, Words, value_at
from smartreg.domain.fields import texts
from smartreg.domain.numbers import number
from smartreg.history import Turn
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Measure, Value, share, yes
from smartreg.reports.material import Delivery, Material
from smartreg.reports.wording import number_words

TITLE = Words("Availability", "Disponibilité")
DEFINITION = Words(
    "Share of the days in place on which the devices were working, all devices added together; days before "
    "the history of the registry begins are left out.",
    "Part des jours en place où les équipements fonctionnaient, tous équipements additionnés ; les jours qui "
    "précèdent l'historique du registre ne comptent pas.",
)
NO_SERVICE = Words("no device was in place in the period", "aucun équipement n'était en place sur la période")
NOTHING_EXPECTED = Words("no message was expected", "aucun message n'était attendu")
NO_AIM = Words(
    "no device whose messages are known feeds a flow that promises a share of them",
    "aucun équipement dont les messages sont connus n'alimente un flux qui en promet une part",
)
ACTIVE = "active"
ACTIVE_SHARE = Words(
    "days working, of the known days in place", "jours de fonctionnement, sur les jours en place connus"
)
BEYOND = Words("messages beyond those expected", "messages en plus de ceux attendus")
KNOWN_SHARE = Words("days in place on which the state is known", "jours en place où l'état est connu")
OBSERVED = Words("days that the history of the registry shows", "jours que montre l'historique du registre")
RECEIVED = Words("messages received, of those expected", "messages reçus, sur les messages attendus")
KEPT = Words("devices that sent the promised share", "équipements ayant envoyé la part promise")


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
    turns = () if isinstance(states, Words) else states.get(device.rid.id, ())
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
    if isinstance(material.evidence.states, Words):
        return [Measure("active", ACTIVE_SHARE, "share", None, material.evidence.states)]
    nothing, known_from = NO_SERVICE, material.known_from
    if services and known_from:
        nothing = Words(
            f"unknown before {known_from}, when the history of the registry begins",
            f"inconnu avant le {known_from}, début de l'historique du registre",
        )
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


def _notes(material: Material, services: Sequence[ServiceDays]) -> tuple[Words, ...]:
    """The part of the time in service that no commit covers."""
    days = sum(service.days - service.known for service in services)
    if isinstance(material.evidence.states, Words) or not days:
        return ()
    if days == 1:
        note = Words(
            "1 day in place, before the device was recorded in the registry, is not counted.",
            "1 jour en place, antérieur à l'inscription de l'équipement au registre, n'est pas compté.",
        )
    else:
        note = Words(
            "{days} days in place, before the devices were recorded in the registry, are not counted.",
            "{days} jours en place, antérieurs à l'inscription des équipements au registre, ne sont pas comptés.",
        )
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
        FigureColumn("equipment", Words("device", "équipement"), "label"),
        FigureColumn("status", Words("status", "statut"), "label"),
        FigureColumn("days", Words("days in place in the period", "jours en place sur la période"), "days"),
        FigureColumn("unknown_before", Words("unknown before", "inconnu avant"), "date"),
        FigureColumn("active_days", Words("days working", "jours de fonctionnement"), "days"),
        FigureColumn("availability", Words("availability", "disponibilité"), "share"),
    )
    why = None if rows else NO_SERVICE
    return FigureTable("equipment", Words("By device", "Par équipement"), columns, rows, why_not=why)


def _measure_received(material: Material, deliveries: Mapping[str, Delivery] | Words) -> Sequence[Measure]:
    if isinstance(deliveries, Words):
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


def _surplus(deliveries: Mapping[str, Delivery] | Words) -> tuple[Words, ...]:
    """A warning about devices that sent more messages than expected: what was expected of them is doubtful."""
    devices = 0 if isinstance(deliveries, Words) else sum(_beyond(delivery) > 0 for delivery in deliveries.values())
    if not devices:
        return ()
    if devices == 1:
        warning = Words(
            "1 device sent more messages than expected: check how many were expected.",
            "1 équipement a envoyé plus de messages qu'attendu : vérifier le nombre attendu.",
        )
    else:
        warning = Words(
            "{devices} devices sent more messages than expected: check how many were expected.",
            "{devices} équipements ont envoyé plus de messages qu'attendu : vérifier le nombre attendu.",
        )
    return (warning.fill(devices=number_words(devices)),)


def _deliveries(material: Material, deliveries: Mapping[str, Delivery] | Words) -> FigureTable:
    columns = (
        FigureColumn("equipment", Words("device", "équipement"), "label"),
        FigureColumn("expected", Words("messages expected", "messages attendus")),
        FigureColumn("received", Words("messages received", "messages reçus")),
        FigureColumn("beyond", Words("received beyond", "reçus en plus")),
        FigureColumn("completeness", Words("share received", "part reçue"), "share"),
        FigureColumn("promised", Words("share promised", "part promise"), "share"),
        FigureColumn("kept", Words("promise kept", "promesse tenue"), "label"),
    )
    title = Words("Messages by device", "Messages par équipement")
    if isinstance(deliveries, Words):
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
