"""Capacity of a support that was never checked, or too long ago."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.days import day_of, months_later
from smartreg.domain.fields import has_ended, text
from smartreg.domain.mounted import devices_on, is_up, limit, on_support, support_of, support_on
from smartreg.domain.numbers import format_number, number
from smartreg.rules.rule import rule

GOOD_FOR_MONTHS = 60
LIGHT_KG = 5


@rule("GEO713", "warning", "registry", Message("capacity not checked"), kinds=("support", "equipment"), dated=True)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for record in subjects:
        if record.rid.kind == "support":
            yield from _of_support(registry, record, context.on)
        else:
            yield from _of_equipment(registry, record, context.on)


def _of_support(registry: Snapshot, support: Record, on: date) -> Iterator[Fault]:
    checked = day_of(value_at(support.data, ("capacity", "checked_on")))
    if checked is None or months_later(checked, GOOD_FOR_MONTHS) >= on or has_ended(registry, support):
        return
    planned = (device for device in on_support(registry, support.rid) if text(device, "status") == "planned")
    if devices_on(registry, support.rid, on) or any(planned):
        yield Fault(
            at(support, "capacity", "checked_on"),
            Message("the capacity was last checked on {checked}, more than five years ago", checked=checked),
            Message("have it checked and record the date"),
        )


def _of_equipment(registry: Snapshot, device: Record, on: date) -> Iterator[Fault]:
    weight = number(device.data.get("weight_kg"))
    up = is_up(registry, device, on)
    if weight is None or weight <= LIGHT_KG or not (up or text(device, "status") == "planned"):
        return
    support = support_on(registry, device, on) if up else support_of(registry, device)
    if support is not None and limit(support, "capacity", "max_load_kg") is None and not has_ended(registry, support):
        id, heavy = support.rid.id, format_number(weight)
        yield Fault(
            at(device, "weight_kg"),
            Message("{heavy} kg on the support {id}, whose admissible load is not known", heavy=heavy, id=id),
            Message("have it checked: smartreg set {id} capacity.max_load_kg=…", id=id),
            (Related(at(support, "id"), Message("the support")),),
        )
