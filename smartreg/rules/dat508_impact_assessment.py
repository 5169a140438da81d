"""Camera or other capturing device in a flow of personal data without an impact assessment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Json, Record, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.flows import captures, devices, is_personal
from smartreg.rules.rule import rule

DPIA = ("personal_data", "dpia")


@rule("DAT508", "error", "registry", Message("impact assessment not done"), kinds=("flow",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        status = value_at(flow.data, (*DPIA, "status"))
        if is_personal(flow) and not has_ended(registry, flow) and _lacks(flow, status):
            watching = next((device for _, device in devices(registry, flow) if _watches(device)), None)
            if watching is not None:
                yield _no_assessment(flow, watching, status)


def _watches(device: Record) -> bool:
    return text(device, "type") == "camera" or bool(captures(device))


def _lacks(flow: Record, status: Json) -> bool:
    if status == "pending":
        return text(flow, "status") != "planned"
    return status == "not_required" and not value_at(flow.data, (*DPIA, "reference"))


def _no_assessment(flow: Record, device: Record, status: Json) -> Fault:
    id = device.rid.id
    if status == "pending":
        message = Message(
            "{id} can capture people, this flow carries personal data, and the impact assessment is not done", id=id
        )
    else:
        message = Message(
            "{id} can capture people, this flow carries personal data, and no reason is given why no impact "
            "assessment is required",
            id=id,
        )
    return Fault(
        at(flow, *DPIA, "status"),
        message,
        Message(
            "set dpia.status to done with its reference, or to not_required with the reason in dpia.reference (GDPR "
            "article 35(3)(c))"
        ),
        (Related(at(device, "captures" if captures(device) else "type"), Message("this device")),),
    )
