"""Device that can capture people, in flows that say they carry no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message, joined, verbatim
from smartreg.core.values import Record, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.flows import captures, flows_fed_by, personal
from smartreg.rules.rule import rule

MOST_RELATED = 5
REASON = ("personal_data", "dpia", "reference")


@rule("DAT510", "warning", "registry", Message("capture without personal data"), kinds=("equipment",))
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for device in subjects:
        if captures(device) and not has_ended(registry, device):
            flows = sorted(_flows(registry, device), key=lambda flow: flow.file)
            denied = all(personal(flow).get("involved") is False for flow in flows)
            if flows and denied and not any(value_at(flow.data, REASON) for flow in flows):
                yield _denied_capture(device, flows, context)


def _flows(registry: Snapshot, device: Record) -> Iterator[Record]:
    for rid in dict.fromkeys(flows_fed_by(registry, device.rid)):
        flow = registry.get(rid)
        if flow is not None and not has_ended(registry, flow):
            yield flow


def _denied_capture(device: Record, flows: list[Record], context: Context) -> Fault:
    field = context.schemas.kinds["equipment"].by_path.get(("captures",))
    labels = field.labels if field else {}
    words = [labels.get(item, verbatim(item)) for item in captures(device)]
    people = joined(words)
    note = Message("says that no personal data are involved")
    return Fault(
        at(device, "captures"),
        Message(
            "the device can capture people ({people}); all its flows say that no personal data are involved",
            people=people,
        ),
        Message("explain in personal_data.dpia.reference of the flow (counting on the device …), or correct involved"),
        tuple(Related(at(flow, "personal_data", "involved"), note) for flow in flows[:MOST_RELATED]),
    )
