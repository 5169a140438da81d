"""NGSI-LD: the entities of the Smart Data Models, as a context broker takes them in one batch.

One JSON array of normalized entities, each with its `@context`; the first, `Registry`, holds the origin. Equipment
becomes Device and DeviceModel, supports Streetlight, Building or Support, parties Organization, flows Dataset,
Distribution and PrivacyObject. Other kinds have no model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from smartreg.core.errors import UsageFault
from smartreg.core.escape import inert_json
from smartreg.core.messages import Message
from smartreg.core.values import Json, Record
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.catalogue import ACCESS, LICENCES, MEDIA_TYPES, Flow, frequency
from smartreg.exporters.chosen import Around, text_of, value_of
from smartreg.exporters.mapped_fields import map_fields, values
from smartreg.exporters.ngsi_devices import device, models
from smartreg.exporters.ngsi_forms import Entity, attribute, entity, moment, plain, relation, urn
from smartreg.exporters.ngsi_supports import support
from smartreg.exporters.origin import origin_in_standard

MAIN = "entities.jsonld"


def export(chosen: Chosen) -> Iterator[Written]:
    """One file. UsageFault when no model describes a requested kind."""
    around = Around(chosen)
    _refuse_others(chosen)
    entities = [_registry(chosen)]
    for kind in chosen.kinds:
        if kind.name in _ENTITIES:
            entities.extend(_ENTITIES[kind.name](around, list(chosen.view.of_kind(kind.name))))
    content = ("[\n" + ",\n".join(map(inert_json, entities)) + "\n]\n").encode()
    note = Message("entities of the Smart Data Models")
    yield Written(MAIN, content, len(entities) - 1, note, main=True)


def _refuse_others(chosen: Chosen) -> None:
    others = [kind.name for kind in chosen.kinds if kind.name not in _ENTITIES]
    if others and (chosen.source.get("kinds") or len(others) == len(chosen.kinds)):
        refused, mapped = ", ".join(others), ", ".join(_ENTITIES)
        raise UsageFault(
            Message("no Smart Data Model describes {refused}", refused=refused),
            Message("there are models of {mapped}", mapped=mapped),
        )


def _registry(chosen: Chosen) -> Entity:
    """The origin of the entities, as one of them."""
    origin = {name: plain(value) for name, value in chosen.origin.items()}
    return entity("Registry", urn("Registry", str(chosen.source.get("registry") or "smartreg")), {}, origin)


def _devices(around: Around, records: Sequence[Record]) -> Iterator[Entity]:
    yield from (device(around, record) for record in records)
    yield from models(around, records)


def _organizations(around: Around, records: Sequence[Record]) -> Iterator[Entity]:
    chosen = around.chosen
    for record in records:
        kind = chosen.view.schemas.kinds[record.rid.kind]
        direct = {
            name: attribute(field, value) for name, field, value in map_fields(kind, record, "ngsi-ld") if name != "id"
        }
        days = {"dateCreated": chosen.created(record), "dateModified": chosen.modified(record)}
        dated = {name: moment(day) for name, day in days.items()}
        yield entity("Organization", urn("Organization", record.rid.id), {**direct, **dated})


def _flows(around: Around, records: Sequence[Record]) -> Iterator[Entity]:
    for record in records:
        yield from _dataset(Flow(around, record))
        if value_of(record, "personal_data", "involved") is True:
            yield from _privacy(around, record)


def _dataset(flow: Flow) -> Iterator[Entity]:
    """A flow, and how to get its data where an address is known."""
    record, chosen = flow.record, flow.around.chosen
    mapped = values(flow.kind, record, "ngsi-ld")
    producer, address = flow.around.find(record, "producer"), mapped.get("accessURL")
    distribution = urn("Distribution", record.rid.id) if address else None
    attributes = {
        "title": plain([flow.title]),
        "description": plain([flow.description]),
        "identifier": plain([urn("Dataset", record.rid.id)]),
        "publisher": plain(urn("Organization", producer.rid.id) if producer else None),
        "contactPoint": plain([mailbox] if (mailbox := _mailbox(flow.around, producer)) else None),
        "keyword": plain(flow.keywords),
        "accessRights": plain(ACCESS.get(str(value_of(record, "access")))),
        "accrualPeriodicity": plain(frequency(record)),
        "theme": plain([theme] if (theme := text_of(record, "theme")) else None),
        "distribution": relation([distribution] if distribution else None),
        "issued": moment(chosen.created(record)),
        "modified": moment(chosen.modified(record)),
    }
    yield entity("Dataset", urn("Dataset", record.rid.id), attributes)
    if distribution:
        properties = {
            "accessURL": plain([address]),
            "format": plain(text_of(record, "format")),
            "mediaType": plain(MEDIA_TYPES.get(str(value_of(record, "format")))),
            "license": plain(LICENCES.get(str(value_of(record, "licence")))),
        }
        yield entity("Distribution", distribution, properties)


def _mailbox(around: Around, producer: Record | None) -> str | None:
    """The functional mailbox of the producer, else of the Métropole."""
    kinds = around.chosen.view.schemas.kinds
    mailboxes = (
        values(kinds[party.rid.kind], party, "dcat").get("dcat:contactPoint") for party in around.keepers(producer)
    )
    return next((mailbox for mailbox in mailboxes if isinstance(mailbox, str)), None)


def _privacy(around: Around, record: Record) -> Iterator[Entity]:
    """Privacy entities of a flow with personal data, one per device, as the model requires. The legal
    basis (GDPR article 6) is in an attribute of ours: the model has `legitimateInterest`, the aim pursued, which no
    record gives apart from the purpose."""
    mapped = values(around.chosen.view.schemas.kinds[record.rid.kind], record, "ngsi-ld")
    outside, basis = mapped.get("crossborderTransfer"), text_of(record, "personal_data", "legal_basis")
    recipients = [urn("Organization", item.rid.id) for item in around.all_named(record, "consumers")]
    properties = {
        **{name: plain(mapped.get(name)) for name in ("isPersonalData", "purpose", "retentionPeriod")},
        "crossborderTransfer": plain(None if outside is None else json.dumps(outside)),  # a text in the model
        "recipientList": plain(recipients),
    }
    for item in around.all_named(record, "equipment"):
        id = urn("PrivacyObject", record.rid.id, item.rid.id)
        device = {"refDevice": plain(urn("Device", item.rid.id))}
        yield entity("PrivacyObject", id, {**device, **properties}, {"legalBasis": plain(basis)})


Entities: TypeAlias = Callable[[Around, Sequence[Record]], Iterator[Entity]]
_ENTITIES: Mapping[str, Entities] = {
    "party": _organizations,
    "support": lambda around, records: (support(around, record) for record in records),
    "equipment": _devices,
    "flow": _flows,
}


def _origin(document: Any) -> Json:
    return {name: item["value"] for name, item in document[0].items() if isinstance(item, Mapping)}


FORMAT = Format(
    "ngsi-ld",
    export,
    ".jsonld",
    single=True,
    also=(".json",),
    columns=False,
    recognizes=lambda _file, content: content.startswith(b'[\n{"id": "urn:ngsi-ld:Registry:'),
    origin=partial(origin_in_standard, _origin),
    json=True,
)
