"""DCAT-AP 3: a catalogue of the public and restricted flows, as JSON-LD. Other flows are never in the catalogue, for
any audience, nor are flows that have never been in service, unless a condition selects their state: portals offer what
they harvest. A flow that has ended stays, with the day. Texts of the registry are in its language; our
own sentences are in English, for French registries in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import quote

from smartreg.core.errors import UsageFault
from smartreg.core.escape import encodable, inert_json
from smartreg.core.messages import Message, Text
from smartreg.core.spelling import slug
from smartreg.core.values import Json, Record, RecordId
from smartreg.exporters import Chosen, Format, Written
from smartreg.exporters.catalogue import (
    ACCESS,
    AUTHORITY,
    FILE_TYPES,
    LICENCES,
    MEDIA_TYPES,
    PUBLISHED,
    Flow,
    frequency,
)
from smartreg.exporters.chosen import Around, text_of, value_of
from smartreg.exporters.mapped_fields import day, values
from smartreg.exporters.origin import origin_in_standard
from smartreg.schema.countries import FRANCE, LANGUAGES, country_named

Node: TypeAlias = dict[str, Any]

MAIN = "catalogue.jsonld"
SUBJECT = "flow"
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "smartreg": "urn:smartreg:",
}
_PREFIX = "smartreg:"
_THEME = re.compile("[A-Z]{4}")
_WEEKS = re.compile("P([0-9]{1,9})W")
_DURATION = re.compile(r"P([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?")
_IANA = "https://www.iana.org/assignments/media-types/"
_ABOUT = Message("Data flows of the registry")


def export(chosen: Chosen) -> Iterator[Written]:
    """One file; the origin is in the catalogue, as `smartreg:commit` … UsageFault when no flow was requested."""
    selected = [kind.name for kind in chosen.kinds]
    if SUBJECT not in selected or (chosen.source.get("kinds") and selected != [SUBJECT]):
        kinds = ", ".join(name for name in selected if name != SUBJECT)
        raise UsageFault(
            Message("a DCAT catalogue is about flows, not {kinds}", kinds=kinds),
            Message("name no other kind than {subject}", subject=SUBJECT),
        )
    around = Around(chosen)
    records, without = _select_flows(chosen)
    graph = _graph(around, [Flow(around, record) for record in records])
    silent = sum(node["@type"] == "dcat:Dataset" and "dcat:contactPoint" not in node for node in graph)
    without = (*without, *_explain_silent(silent))
    yield Written(MAIN, jsonld(PREFIXES, graph), len(records), Message("DCAT-AP 3, JSON-LD"), True, without)


def jsonld(prefixes: Mapping[str, str], graph: Sequence[Node]) -> bytes:
    """A document of JSON-LD: a node a line."""
    lines = ",\n".join(map(inert_json, graph))
    return f'{{"@context": {inert_json(prefixes)},\n"@graph": [\n{lines}\n]}}\n'.encode()


def _select_flows(chosen: Chosen) -> tuple[list[Record], tuple[Text, ...]]:
    """The flows of the catalogue, and how many are left out, for which reason."""
    every = list(chosen.view.of_kind(SUBJECT))
    open_ = [record for record in every if value_of(record, "access") in PUBLISHED]
    life = chosen.view.schemas.kinds[SUBJECT].lifecycle
    if life is None or _is_requested(chosen, life.field):
        return open_, tuple(_explain_closed(len(every) - len(open_)))
    begun = [record for record in open_ if value_of(record, life.field) in life.served]
    never = ", ".join(f"--where {life.field}={state}" for state in sorted(life.transitions.keys() - life.served))
    return begun, (*_explain_closed(len(every) - len(open_)), *_not_begun(len(open_) - len(begun), never))


def _is_requested(chosen: Chosen, field: str) -> bool:
    """Whether a condition says which value this field has (`status=planned`, not `status!=ended`)."""
    where = chosen.source.get("where")
    return any(str(text).startswith(f"{field}=") for text in (where if isinstance(where, list) else ()))


def _explain_closed(number: int) -> Iterator[Text]:
    if number == 1:
        yield Message("left out: 1 flow neither public nor restricted")
    elif number:
        yield Message("left out: {number} flows neither public nor restricted", number=number)


def _explain_silent(number: int) -> Iterator[Text]:
    if number == 1:
        yield Message("1 flow has no contact point: record contact_email of the producer, or of the Métropole")
    elif number:
        yield Message(
            "{number} flows have no contact point: record contact_email of the producer, or of the Métropole",
            number=number,
        )


def _not_begun(number: int, how: str) -> Iterator[Text]:
    if number == 1:
        yield Message("left out: 1 flow never in service; {how} exports it", how=how)
    elif number:
        yield Message("left out: {number} flows never in service; {how} exports them", number=number, how=how)


def _graph(around: Around, flows: list[Flow]) -> list[Node]:
    """The catalogue, the parties, then each flow with its distributions and services."""
    agents: dict[RecordId, Record] = {}
    for flow in flows:
        producer = around.find(flow.record, "producer")
        if producer is not None:
            agents.setdefault(producer.rid, producer)
    publisher = around.chosen.view.get(RecordId("party", around.chosen.publisher or ""))
    if publisher is not None:
        agents.setdefault(publisher.rid, publisher)
    parties = [_agent(around, agents[rid]) for rid in sorted(agents, key=str)]
    services = list(_services(flows))
    datasets = [node for flow in flows for node in _dataset(flow)]
    return [_catalogue(around, flows, services, publisher), *parties, *datasets, *services]


def _iri(around: Around, *parts: str) -> str:
    """The name of a node: a URN, the same in every export; it says of which registry."""
    registry = slug(str(around.chosen.source.get("registry") or "")) or "registry"
    return ":".join(("urn:smartreg", registry, *(quote(encodable(part), safe="") for part in parts)))


def _catalogue(around: Around, flows: list[Flow], services: list[Node], publisher: Record | None) -> Node:
    chosen = around.chosen
    country = country_named(chosen.view.country)
    name = str(chosen.source.get("registry") or "smartreg")
    words = Message("{about} {name}", about=_ABOUT, name=name)
    origin = {f"smartreg:{key}": value for key, value in chosen.origin.items() if value is not None}
    return {
        "@id": _iri(around, "catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": texts(words, around.chosen.view.country),
        "dct:description": texts(words, around.chosen.view.country),
        "dct:publisher": _ref(around, publisher) if publisher else {"@type": "foaf:Agent", "foaf:name": name},
        **_contact(around, publisher),
        "dct:license": link(LICENCES[country.open_licence]),
        "dct:language": link(f"{AUTHORITY}/language/{LANGUAGES[_language(around)]}"),
        "dcat:themeTaxonomy": link(f"{AUTHORITY}/data-theme"),
        **date_literal("dct:modified", chosen.source.get("reference_date")),
        "dcat:dataset": [_ref(around, flow.record) for flow in flows],
        **({"dcat:service": [{"@id": node["@id"]} for node in services]} if services else {}),
        **origin,
    }


def _agent(around: Around, record: Record) -> Node:
    """A party: its fields have their names in the schema."""
    mapped = values(around.chosen.view.schemas.kinds[record.rid.kind], record, "dcat")
    page = mapped.get("foaf:homepage")
    return {
        **_ref(around, record),
        "@type": "foaf:Agent",
        "foaf:name": mapped.get("foaf:name") or record.rid.id,
        **{name: mapped[name] for name in ("dct:identifier",) if name in mapped},
        **({"foaf:homepage": link(page)} if isinstance(page, str) else {}),
    }


def _dataset(flow: Flow) -> Iterator[Node]:
    around, record, chosen = flow.around, flow.record, flow.around.chosen
    mapped = values(flow.kind, record, "dcat")
    producer = around.find(record, "producer")
    theme, duration = mapped.get("dcat:theme"), _duration(mapped.get("dct:accrualPeriodicity"))
    address, distribution = _address(flow), _iri(around, "distribution", record.rid.id)
    yield {
        **_ref(around, record),
        "@type": "dcat:Dataset",
        "dct:identifier": record.rid.id,
        "dct:title": _text(around, flow.title),
        "dct:description": _text(around, flow.description),
        **({"dct:publisher": _ref(around, producer), "dct:creator": _ref(around, producer)} if producer else {}),
        **_contact(around, producer),
        **({"dcat:theme": link(f"{AUTHORITY}/data-theme/{theme}")} if _THEME.fullmatch(str(theme)) else {}),
        **({"dcat:keyword": [_text(around, word) for word in flow.keywords]} if flow.keywords else {}),
        **_spatial(flow),
        **_temporal(mapped.get("dcat:startDate"), mapped.get("dcat:endDate")),
        **date_literal("dct:issued", chosen.created(record)),
        **date_literal("dct:modified", chosen.modified(record)),
        "dct:accessRights": link(ACCESS[str(value_of(record, "access"))]),
        "dct:accrualPeriodicity": link(frequency(record)),
        **({"dcat:temporalResolution": {"@value": duration, "@type": "xsd:duration"}} if duration else {}),
        **_provenance(flow),
        **({"dcat:distribution": {"@id": distribution}} if address else {}),
    }
    if address:
        yield {"@id": distribution, **_distribution(flow, address)}


def _distribution(flow: Flow, address: str) -> Node:
    around, record, word = flow.around, flow.record, str(value_of(flow.record, "format"))
    licence = LICENCES.get(str(value_of(record, "licence")))
    service = _service(flow)
    return {
        "@type": "dcat:Distribution",
        "dct:title": _text(around, flow.title),
        "dcat:accessURL": link(address),
        **({"dct:format": link(FILE_TYPES[word])} if word in FILE_TYPES else {}),
        **({"dcat:mediaType": link(f"{_IANA}{MEDIA_TYPES[word]}")} if word in MEDIA_TYPES else {}),
        **({"dct:license": link(licence)} if licence else {}),
        **({"dcat:accessService": {"@id": service}} if service else {}),
    }


def _address(flow: Flow) -> str | None:
    address = values(flow.kind, flow.record, "dcat").get("dcat:accessURL")
    return address if isinstance(address, str) else None


def _service(flow: Flow) -> str | None:
    """The name of the service that gives a flow: that of a platform at an address."""
    platform, address = text_of(flow.record, "platform", "name"), _address(flow)
    return _iri(flow.around, "service", platform, address) if platform and address else None


def _services(flows: Sequence[Flow]) -> Iterator[Node]:
    """The data services of the flows: each platform, at each of its addresses, once."""
    served: dict[str, list[Flow]] = {}
    for flow in flows:
        id = _service(flow)
        if id:
            served.setdefault(id, []).append(flow)
    for id, given in served.items():
        record, protocol = given[0].record, text_of(given[0].record, "protocol")
        yield {
            "@id": id,
            "@type": "dcat:DataService",
            "dct:title": _text(given[0].around, text_of(record, "platform", "name") or ""),
            **({"dct:description": _text(given[0].around, protocol)} if protocol else {}),
            **_contact(given[0].around, given[0].around.find(record, "producer")),
            "dcat:endpointURL": link(_address(given[0]) or ""),
            "dcat:servesDataset": [_ref(flow.around, flow.record) for flow in given],
        }


def _contact(around: Around, producer: Record | None) -> Node:
    """Whom to write to, as DCAT-AP recommends: the functional mailbox of the producer, else of the Métropole; without
    either, the website of one of them."""
    kinds = around.chosen.view.schemas.kinds
    parties = [(party, values(kinds[party.rid.kind], party, "dcat")) for party in around.keepers(producer)]
    for name, field, scheme in (("dcat:contactPoint", "hasEmail", "mailto:"), ("foaf:homepage", "hasURL", "")):
        for party, mapped in parties:
            address = mapped.get(name)
            if isinstance(address, str):
                card = {"@type": "vcard:Kind", "vcard:fn": mapped.get("foaf:name") or party.rid.id}
                return {"dcat:contactPoint": {**card, f"vcard:{field}": link(f"{scheme}{address}")}}
    return {}


def _spatial(flow: Flow) -> Node:
    places = [
        {"@type": "dct:Location", "dct:identifier": code, "skos:prefLabel": _text(flow.around, name)}
        for code, name in flow.communes.items()
    ]
    return {"dct:spatial": places} if places else {}


def _temporal(start: Json, end: Json) -> Node:
    period = {**date_literal("dcat:startDate", start), **date_literal("dcat:endDate", end)}
    return {"dct:temporal": {"@type": "dct:PeriodOfTime", **period}} if period else {}


def _provenance(flow: Flow) -> Node:
    words = flow.provenance
    if words is None:
        return {}
    label = texts(words, flow.around.chosen.view.country)
    return {"dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": label}}


def _ref(around: Around, record: Record) -> Node:
    return {"@id": _iri(around, record.rid.kind, record.rid.id)}


def link(address: str) -> Node:
    """A reference by IRI; characters that no IRI may hold are percent-encoded."""
    return {"@id": quote(encodable(address), safe=":/?#[]@!$&'()*+,;=%-._~")}


def _text(around: Around, text: str) -> Node:
    return {"@value": text, "@language": _language(around)}


def _language(around: Around) -> str:
    """The language of what records say."""
    view = around.chosen.view
    return view.language or country_named(view.country).language


def texts(words: Text, country: str) -> list[Node]:
    """A sentence in the languages of a catalogue of this country."""
    languages = ("en", "fr") if country == FRANCE else ("en",)
    return [{"@value": words.in_(lang), "@language": lang} for lang in languages]


def date_literal(name: str, value: Json) -> Node:
    """A day as a typed literal; None if it is no day."""
    iso = day(value)
    return {name: {"@value": iso, "@type": "xsd:date"}} if iso else {}


def _duration(value: Json) -> str | None:
    """A duration as in XML Schema, which has no weeks; None if it is none."""
    if not isinstance(value, str) or value[-1:] in ("P", "T"):
        return None
    weeks = _WEEKS.fullmatch(value)
    if weeks:
        return f"P{int(weeks[1]) * 7}D"
    return value if _DURATION.fullmatch(value) else None


def _origin(document: Any) -> Json:
    nodes = [node for node in document["@graph"] if node["@type"] == "dcat:Catalog"]
    unknown: dict[str, Any] = {"commit": None}  # what is unknown is left out
    return unknown | {name.removeprefix(_PREFIX): value for name, value in nodes[0].items() if name.startswith(_PREFIX)}


FORMAT = Format(
    "dcat",
    export,
    ".jsonld",
    single=True,
    also=(".json",),
    columns=False,
    recognizes=lambda _file, content: content.startswith(b'{"@context": {"dcat"'),
    origin=partial(origin_in_standard, _origin),
    json=True,
)
