"""Device that can capture people, in flows that say they carry no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, Words, value_at
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended
from smartreg.domain.flows import captures, flows_fed_by, personal
from smartreg.rules.rule import rule

MOST_RELATED = 5
REASON = ("personal_data", "dpia", "reference")


@rule(
    "DAT510",
    "warning",
    "registry",
    Words("capture without personal data", "captation sans données personnelles"),
    kinds=("equipment",),
)
def check(registry: Snapshot, subjects: Iterable[Record], context: Context) -> Iterator[Fault]:
    for device in subjects:
        if captures(device) and not has_ended(registry, device):
            flows = sorted(_flows(registry, device), key=lambda flow: flow.file)
            denied = all(personal(flow).get("involved") is False for flow in flows)
            if flows and denied and not any(value_at(flow.data, REASON) for flow in flows):
                yield _fault(device, flows, context)


def _flows(registry: Snapshot, device: Record) -> Iterator[Record]:
    for rid in dict.fromkeys(flows_fed_by(registry, device.rid)):
        flow = registry.get(rid)
        if flow is not None and not has_ended(registry, flow):
            yield flow


def _fault(device: Record, flows: list[Record], context: Context) -> Fault:
    field = context.schemas.kinds["equipment"].by_path.get(("captures",))
    labels = field.labels if field else {}
    words = [labels.get(item, Words(item, item)) for item in captures(device)]
    people = Words(", ".join(word.en for word in words), ", ".join(word.fr for word in words))
    note = Words("says that no personal data are involved", "déclare qu'il n'y a pas de données personnelles")
    return Fault(
        at(device, "captures"),
        Words(
            f"the device can capture people ({people.en}); all its flows say that no personal data are involved",
            f"l'équipement peut capter des personnes ({people.fr}) ; tous ses flux déclarent n'avoir aucune donnée"
            " personnelle",
        ),
        Words(
            "explain in personal_data.dpia.reference of the flow (counting on the device …), or correct involved",
            "expliquez-le dans personal_data.dpia.reference du flux (comptage sur l'appareil …), ou corrigez involved",
        ),
        tuple(Related(at(flow, "personal_data", "involved"), note) for flow in flows[:MOST_RELATED]),
    )
