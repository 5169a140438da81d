"""B13: what is shared, and what could be: devices of two parties that measure the same nearby (GEO712), equipment of
several use cases, flows with several consumers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smartreg.core.findings import Finding
from smartreg.core.values import Record, RecordId, Words, value_at
from smartreg.domain.fields import text, texts
from smartreg.reports.figure import Figure, FigureColumn, FigureTable, Value, share
from smartreg.reports.material import Material
from smartreg.reports.names import property_label

CODE = "GEO712"
TITLE = Words("Sharing of devices and data", "Mutualisation")
DEFINITION = Words(
    "Devices that serve several use cases, flows that several parties receive, and devices of two parties "
    "that measure the same thing close to each other.",
    "Équipements qui servent plusieurs cas d'usage, flux que reçoivent plusieurs parties, et équipements "
    "de deux parties qui mesurent la même chose à proximité.",
)
NO_EQUIPMENT = Words("no device is in place", "aucun équipement n'est en place")
NO_FLOW = Words("the registry has no flow in service", "le registre n'a aucun flux en service")
NO_PAIR = Words(
    "no two parties measure the same thing close to each other",
    "aucune partie ne mesure à proximité ce qu'une autre mesure déjà",
)
NO_SHARED_FLOW = Words("no flow has several recipients yet", "aucun flux n'a encore plusieurs destinataires")
SWITCHED_OFF = Words("this check is switched off in the registry", "ce contrôle est désactivé dans le registre")


def figure(material: Material) -> Figure:
    devices = material.equipment_there
    flows = [flow for flow in material.of("flow") if material.present(flow)]
    several = [device for device in devices if len(set(texts(device, "use_cases"))) > 1]
    received = [flow for flow in flows if len(set(texts(flow, "consumers"))) > 1]
    words = Words("devices that serve two use cases or more", "équipements servant deux cas d'usage ou plus")
    read = Words("flows received by two parties or more", "flux que reçoivent deux parties ou plus")
    measures = (
        share("several_use_cases", words, len(several), len(devices), NO_EQUIPMENT),
        share("several_consumers", read, len(received), len(flows), NO_FLOW),
    )
    return Figure(13, TITLE, measures, (_pairs(material), _flows(material, received)))


def _pairs(material: Material) -> FigureTable:
    columns = (
        FigureColumn("equipment", Words("device", "équipement"), "label"),
        FigureColumn("owner", Words("owner", "propriétaire"), "label"),
        FigureColumn("other", Words("the other device", "l'autre équipement"), "label"),
        FigureColumn("other_owner", Words("its owner", "son propriétaire"), "label"),
        FigureColumn("property", Words("both measure", "ce que tous deux mesurent"), "label"),
    )
    title = Words("Two parties measure the same thing nearby", "Deux parties mesurent la même chose à proximité")
    findings = SWITCHED_OFF if material.is_off(CODE) else material.evidence.findings
    if isinstance(findings, Words):
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
        FigureColumn("flow", Words("flow", "flux"), "label"),
        FigureColumn("producer", Words("producer", "producteur"), "label"),
        FigureColumn("consumers", Words("number of recipients", "nombre de destinataires")),
    )
    rows = tuple(
        (
            material.label("flow", flow.rid.id),
            material.label("party", producer) if (producer := text(flow, "producer")) else None,
            len(set(texts(flow, "consumers"))),
        )
        for flow in flows
    )
    title = Words("Flows with several recipients", "Flux à plusieurs destinataires")
    return FigureTable("flows", title, columns, rows, why_not=None if rows else NO_SHARED_FLOW)
