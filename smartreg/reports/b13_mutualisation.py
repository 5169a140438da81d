"""B13: what is shared, and what could be: devices of two parties that measure the same nearby (GEO712), equipment of
several use cases, flows with several consumers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Record, RecordId, value_at
from smartreg.domain.fields import text, texts
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Value, share
from smartreg.reports.material import Material
from smartreg.reports.names import property_label

CODE = "GEO712"
TITLE = Message("Sharing of devices and data")
DEFINITION = Message(
    "Devices that serve several use cases, flows that several parties receive, and devices of two parties that "
    "measure the same thing close to each other."
)
NO_EQUIPMENT = Message("no device is in place")
NO_FLOW = Message("the registry has no flow in service")
NO_PAIR = Message("no two parties measure the same thing close to each other")
NO_SHARED_FLOW = Message("no flow has several recipients yet")
SWITCHED_OFF = Message("this check is switched off in the registry")


def figure(material: Material) -> Figure:
    devices = material.equipment_there
    flows = [flow for flow in material.of("flow") if material.present(flow)]
    several = [device for device in devices if len(set(texts(device, "use_cases"))) > 1]
    received = [flow for flow in flows if len(set(texts(flow, "consumers"))) > 1]
    words = Message("devices that serve two use cases or more")
    read = Message("flows received by two parties or more")
    measures = (
        share("several_use_cases", words, len(several), len(devices), NO_EQUIPMENT),
        share("several_consumers", read, len(received), len(flows), NO_FLOW),
    )
    return Figure(13, TITLE, measures, (_pairs(material), _flows(material, received)))


def _pairs(material: Material) -> FigureTable:
    columns = (
        FigureColumn("equipment", Message("device"), "label"),
        FigureColumn("owner", Message("owner"), "label"),
        FigureColumn("other", Message("the other device"), "label"),
        FigureColumn("other_owner", Message("its owner"), "label"),
        FigureColumn("property", Message("both measure"), "label"),
    )
    title = Message("Two parties measure the same thing nearby")
    findings = SWITCHED_OFF if material.is_off(CODE) else material.evidence.findings
    if isinstance(findings, Text):
        return FigureTable("pairs", title, columns, (), why_not=findings)
    rows = tuple(_rows(material, findings))
    return FigureTable("pairs", title, columns, rows, why_not=None if rows else NO_PAIR)


def _rows(material: Material, findings: Sequence[Finding]) -> Iterator[tuple[Value, ...]]:
    """Each pair once for each property; the rule reports both sides."""
    by_file = {device.file: device for device in material.equipment_there}
    counted: set[tuple[frozenset[RecordId], str]] = set()
    for finding in findings:
        device = by_file.get(finding.where.file)
        other = by_file.get(finding.related[0].where.file) if finding.related else None
        if finding.code != CODE or device is None or other is None:
            continue
        name = value_at(device.data, finding.where.path)
        key = (frozenset({device.rid, other.rid}), str(name))
        if key not in counted:
            counted.add(key)
            yield (*_who(material, device), *_who(material, other), property_label(material.view, str(name)))


def _who(material: Material, device: Record) -> tuple[Value, Value]:
    owner = material.owner_of(device)
    return material.label("equipment", device.rid.id), material.label("party", owner) if owner else None


def _flows(material: Material, flows: Sequence[Record]) -> FigureTable:
    columns = (
        FigureColumn("flow", Message("flow"), "label"),
        FigureColumn("producer", Message("producer"), "label"),
        FigureColumn("consumers", Message("number of recipients")),
    )
    rows = tuple(
        (
            material.label("flow", flow.rid.id),
            material.label("party", producer) if (producer := text(flow, "producer")) else None,
            len(set(texts(flow, "consumers"))),
        )
        for flow in flows
    )
    title = Message("Flows with several recipients")
    return FigureTable("flows", title, columns, rows, why_not=None if rows else NO_SHARED_FLOW)
