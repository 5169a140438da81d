"""B9: for which part of its time in service equipment was active, as the registry has it; and, from a file of
deliveries, which part of the expected messages came.

Days active: by the commits that changed the status; what Git knew first counts from the installation on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from smartreg.history import Turn
from smartreg.reports.figure import Column, Figure, Measure, Table, Value, share, yes
from smartreg.reports.material import Delivery, Material
from smartreg.rules._fields import text, texts
from smartreg.rules._numbers import number
from smartreg.values import Record, Words, value_at

TITLE = Words("Availability", "Disponibilité")
NO_SERVICE = Words("no equipment was in place in the period", "aucun équipement n'était en place sur la période")
NOTHING_EXPECTED = Words("the file expects no message", "le fichier n'attend aucun message")
NO_AIM = Words(
    "no flow with a quality.completeness has equipment in the file",
    "aucun flux ayant un quality.completeness n'a d'équipement dans le fichier",
)
ACTIVE = "active"
ACTIVE_SHARE = Words("days active, of days since installation", "jours en service, sur les jours depuis l'installation")
RECEIVED = Words("messages received, of those expected", "messages reçus, sur les messages attendus")
KEPT = Words("devices as complete as their flow promises", "équipements aussi complets que leur flux le promet")


def figure(material: Material) -> Figure:
    spans = {device.rid.id: found for device in material.of("equipment") if (found := material.service(device))}
    devices = [device for device in material.of("equipment") if device.rid.id in spans]
    states, deliveries = material.evidence.states, material.evidence.deliveries
    measures: list[Measure] = []
    active: dict[str, int] = {}
    if isinstance(states, Words):
        measures.append(Measure("active", ACTIVE_SHARE, "share", None, states))
    else:
        active = {id: _active(states.get(id, ()), span) for id, span in spans.items()}
        whole = sum((stop - start).days for start, stop in spans.values())
        measures.append(share("active", ACTIVE_SHARE, sum(active.values()), whole, NO_SERVICE))
    measures.extend(_received(material, deliveries))
    worst = sorted(devices, key=lambda device: _part_active(spans[device.rid.id], active.get(device.rid.id, 0)))
    rows = [_row(material, device, spans[device.rid.id], active) for device in worst]
    return Figure(9, TITLE, tuple(measures), (_devices(tuple(rows)), _deliveries(material, deliveries)))


def _active(turns: Sequence[Turn], span: tuple[date, date]) -> int:
    """The days of a span on which the state was active."""
    start, stop = span
    total = 0
    for index, turn in enumerate(turns):
        since = max(turn.day, start) if index else start
        until = min(turns[index + 1].day, stop) if index + 1 < len(turns) else stop
        if turn.state == ACTIVE and since < until:
            total += (until - since).days
    return total


def _part_active(span: tuple[date, date], days: int) -> float:
    return days / (span[1] - span[0]).days


def _row(material: Material, device: Record, span: tuple[date, date], active: Mapping[str, int]) -> tuple[Value, ...]:
    id, days = device.rid.id, (span[1] - span[0]).days
    known = active.get(id)
    return (
        material.label("equipment", id),
        material.word("equipment", "status", text(device, "status")),
        days,
        known,
        _part_active(span, known) if known is not None else None,
    )


def _devices(rows: tuple[tuple[Value, ...], ...]) -> Table:
    columns = (
        Column("equipment", Words("equipment", "équipement"), "label"),
        Column("status", Words("status", "statut"), "label"),
        Column("days", Words("days since installation", "jours depuis l'installation"), "days"),
        Column("active_days", Words("days active", "jours en service"), "days"),
        Column("availability", Words("availability", "disponibilité"), "share"),
    )
    why = None if rows else NO_SERVICE
    return Table("equipment", Words("By equipment", "Par équipement"), columns, rows, why_not=why)


def _received(material: Material, deliveries: Mapping[str, Delivery] | Words) -> Sequence[Measure]:
    if isinstance(deliveries, Words):
        return [Measure("received", RECEIVED, "share", None, deliveries)]
    expected = sum(found.expected for found in deliveries.values())
    received = sum(found.received for found in deliveries.values())
    aims = _aims(material)
    judged = [_part(found) >= aims[id] for id, found in deliveries.items() if id in aims and found.expected]
    return [
        share("received", RECEIVED, received, expected, NOTHING_EXPECTED),
        share("as_promised", KEPT, sum(judged), len(judged), NO_AIM),
    ]


def _aims(material: Material) -> Mapping[str, float]:
    """The completeness that flows promise, by equipment; the highest where it feeds several."""
    found: dict[str, float] = {}
    for flow in material.of("flow"):
        aim = number(value_at(flow.data, ("quality", "completeness")))
        for id in texts(flow, "equipment") if aim is not None and material.present(flow) else ():
            found[id] = max(found.get(id, 0), aim or 0)
    return found


def _part(found: Delivery) -> float:
    return found.received / found.expected if found.expected else 0


def _deliveries(material: Material, deliveries: Mapping[str, Delivery] | Words) -> Table:
    columns = (
        Column("equipment", Words("equipment", "équipement"), "label"),
        Column("expected", Words("expected", "attendus")),
        Column("received", Words("received", "reçus")),
        Column("completeness", Words("completeness", "complétude"), "share"),
        Column("promised", Words("promised", "promise"), "share"),
        Column("kept", Words("kept", "tenue"), "label"),
    )
    title = Words("Messages by equipment", "Messages par équipement")
    if isinstance(deliveries, Words):
        return Table("deliveries", title, columns, (), why_not=deliveries)
    aims = _aims(material)
    rows: list[tuple[Value, ...]] = []
    for id, found in sorted(deliveries.items()):
        part, aim = _part(found) if found.expected else None, aims.get(id)
        kept = yes(part >= aim) if part is not None and aim is not None else None
        rows.append((material.label("equipment", id), found.expected, found.received, part, aim, kept))
    return Table("deliveries", title, columns, tuple(rows))
