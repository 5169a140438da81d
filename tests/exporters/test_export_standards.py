"""Exports that follow a standard, held against the standard by tools that are not ours: NGSI-LD and the Smart Data
Models, SensorThings 1.1, DCAT-AP 3, SCDL.

`pytest --update` rewrites the golden files; the digest of the rules in them is taken out.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Git
from exports import contents, make_export, smartreg
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib import namespace as ns  # the namespaces themselves warn when pytest looks at them
from registries import registry_and_edit

from smartreg.core.errors import UsageFault
from smartreg.exporters import Chosen, dcat, ngsi_ld, scdl, sensorthings
from smartreg.registry import open_registry
from smartreg.schema import bundled_files
from smartreg.tables import tables
from smartreg.tables.view import view
from smartreg.trees import MemoryTree

GOLDEN = Path(__file__).parents[1] / "golden" / "standards"
SCHEMAS = Path(__file__).parents[1] / "schemas"
FILES = {
    "ngsi-ld": "entities.jsonld",
    "sensorthings": "batch.json",
    "dcat": "catalogue.jsonld",
    "scdl": "scdl-deliberations.csv",
}
OWN = Namespace("urn:smartreg:")
NAME = "urn:smartreg:etang-de-berre"


@pytest.fixture
def registry(git_repo: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The registry of the golden files, in two commits: a flow came a day later."""
    shutil.copytree(GOLDEN / "registry", git_repo, dirs_exist_ok=True)
    for day, path in (("2024-06-01", ("--all", ":!registry/flows/bikes.yaml")), ("2024-06-02", ("--all",))):
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            monkeypatch.setenv(name, f"{day}T23:30:00+02:00")
        git("add", *path)
        git("commit", "--quiet", f"--message={day}")
    return git_repo


def export_main(root: Path, form: str, *kinds: str, **wanted: Any) -> Any:
    """The main file of an export: JSON, or text."""
    content = contents(make_export(root, *kinds, form=form, **wanted))[FILES[form]]
    return content.decode() if form == "scdl" else json.loads(content)


def checker(name: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / name).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(validator: Draft202012Validator, item: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(item)]


@pytest.mark.parametrize("form", FILES)
def test_golden(registry: Path, form: str, request: pytest.FixtureRequest) -> None:
    rules = json.loads(contents(make_export(registry, form="json"))["registry.json"])["source"]["rules"]
    text = contents(make_export(registry, form=form))[FILES[form]].decode().replace(rules, "<rules>")
    if request.config.getoption("--update"):
        (GOLDEN / FILES[form]).write_text(text, "utf-8", newline="")
    assert text == (GOLDEN / FILES[form]).read_text("utf-8")


@pytest.mark.parametrize("form", FILES)
def test_the_origin_is_stated(registry: Path, form: str) -> None:
    source = json.loads(contents(make_export(registry, form="json"))["registry.json"])["source"]
    origin = {name: source[name] for name in ("registry", "commit", "reference_date", "rules", "audience")}
    if form == "scdl":
        package = json.loads(contents(make_export(registry, form=form))["datapackage.json"])
        found = package["smartreg"]
        assert package["resources"][0]["hash"].startswith("sha256:")
    elif form == "ngsi-ld":
        entity = export_main(registry, form)[0]
        found = {name: item["value"] for name, item in entity.items() if isinstance(item, dict)}
        assert (entity["type"], found["digest"]) == ("Registry", source["digest"])
    elif form == "sensorthings":
        found = things(export_main(registry, form))[0]["properties"]["smartreg"]
        assert found["digest"] == source["digest"]
    else:
        node = export_main(registry, form)["@graph"][0]
        found = {name.removeprefix("smartreg:"): value for name, value in node.items()}
        assert found["digest"] == source["digest"]
    assert {name: found[name] for name in origin} == origin


# -- NGSI-LD -----------------------------------------------------------------------------------------------------


def key_values(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity as NGSI-LD simplifies it: of a Property the value, of a Relationship what it names."""
    shown = {name: item for name, item in entity.items() if name != "@context"}
    return {
        name: item.get("value", item.get("object")) if isinstance(item, dict) else item for name, item in shown.items()
    }


def by_id(entities: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {entity["id"].removeprefix("urn:ngsi-ld:"): key_values(entity) for entity in entities}
    assert len(found) == len(entities)
    return found


@pytest.mark.parametrize("audience", ["internal", "partners", "public"])
def test_the_entities_are_those_of_the_models(registry: Path, audience: str) -> None:
    normalized, models = checker("ngsi-ld-entity.schema.json"), checker("smart-data-models.schema.json")
    entities = export_main(registry, "ngsi-ld", audience=audience)
    own = {"Registry", "Support"}
    for entity in entities:
        assert faults(normalized, entity) == [], entity["id"]
        if entity["type"] not in own:  # attributes of ours are said to be, by the entity's context
            ours = {name for part in entity["@context"] if isinstance(part, dict) for name in part}
            modelled = {name: value for name, value in entity.items() if name not in ours}
            assert faults(models, key_values(modelled)) == [], entity["id"]
        subject = [item for item in entity["@context"] if "smart-data-models" in str(item)]
        assert bool(subject) == (entity["type"] not in own)
    assert {entity["type"] for entity in entities} >= {"Device", "Streetlight", "Building", "Dataset", "PrivacyObject"}


def test_what_a_relationship_names_is_there(registry: Path) -> None:
    entities = export_main(registry, "ngsi-ld")
    ids = {entity["id"] for entity in entities}
    for entity in entities:
        for item in entity.values():
            named = item.get("object", []) if isinstance(item, dict) else []
            assert set([named] if isinstance(named, str) else named) <= ids


def test_devices_and_their_models(registry: Path) -> None:
    found = by_id(export_main(registry, "ngsi-ld"))
    device = found["Device:noise-1"]
    assert device == {
        "id": "urn:ngsi-ld:Device:noise-1",
        "type": "Device",
        "deviceCategory": ["sensor"],
        "controlledProperty": ["noiseLevel", "batterySupply"],
        "supportedProtocol": ["lora", "mqtt"],
        "owner": ["urn:ngsi-ld:Organization:metropole"],
        "provider": "urn:ngsi-ld:Organization:istres",
        "controlledAsset": ["urn:ngsi-ld:Streetlight:ep-1"],
        "refDeviceModel": "urn:ngsi-ld:DeviceModel:Acme:SoundNode%202",
        "location": {"type": "Point", "coordinates": [4.987471, 43.51345]},
        "deviceState": "active",
        "dateInstalled": {"@type": "DateTime", "@value": "2024-03-11T00:00:00Z"},
        "dateLastCalibration": {"@type": "DateTime", "@value": "2024-03-01T00:00:00Z"},
        "serialNumber": "SN-2401-0087",
        "macAddress": "70:B3:D5:7E:D0:06",
        "dateCreated": {"@type": "DateTime", "@value": "2024-06-01T00:00:00Z"},
        "dateModified": {"@type": "DateTime", "@value": "2024-06-01T00:00:00Z"},
    }
    assert (found["Device:gateway"]["deviceCategory"], found["Device:gateway"]["controlledProperty"]) == (
        ["network"],
        [],
    )
    assert "location" not in found["Device:bikes"]
    assert (found["Device:bikes"]["controlledProperty"], found["Device:bikes"]["observedProperty"]) == (
        ["trafficFlow"],
        ["ownThing"],  # no word of the model, which enumerates them: in an attribute of ours
    )
    model = found["DeviceModel:Acme:SoundNode%202"]
    assert (model["category"], model["documentation"]) == (["sensor"], "https://www.example.org/soundnode-2.pdf")


def test_supports_are_of_the_type_that_fits(registry: Path) -> None:
    found = by_id(export_main(registry, "ngsi-ld", "support"))
    lights = {id: item["status"] for id, item in found.items() if item["type"] == "Streetlight"}
    assert lights == {"Streetlight:ep-1": "ok", "Streetlight:ep-2": "columnIssue"}
    assert found["Streetlight:ep-1"]["refDevice"] == ["urn:ngsi-ld:Device:noise-1"]
    assert found["Streetlight:ep-1"]["streetPoleNum"] == "EP-0412"
    address = {"streetAddress": "Place de l'Hôtel de ville", "addressLocality": "Istres", "addressCountry": "FR"}
    assert found["Building:mairie"]["address"] == address
    assert (found["Support:ep-3"]["support_type"], found["Support:ep-3"]["status"]) == ("street_light", "planned")
    assert (found["Support:mat-1"]["height_m"], found["Support:mat-1"]["local_ref"]) == (12, "M-1")


def test_flows_become_datasets_that_mention_personal_data(registry: Path) -> None:
    found = by_id(export_main(registry, "ngsi-ld", "flow"))
    assert [id for id in found if id.startswith("PrivacyObject")] == ["PrivacyObject:bikes:bikes"]
    privacy = found["PrivacyObject:bikes:bikes"]
    assert (privacy["refDevice"], privacy["crossborderTransfer"]) == ("urn:ngsi-ld:Device:bikes", "false")
    assert privacy["recipientList"] == ["urn:ngsi-ld:Organization:metropole"]
    assert (privacy["legalBasis"], "legitimateInterest" in privacy) == ("public_task", False)
    noise = found["Dataset:noise"]
    assert (noise["title"], noise["description"]) == (["Niveaux sonores"], ["Suivre le bruit routier"])
    assert found["Distribution:noise"]["license"] == "https://spdx.org/licenses/etalab-2.0.html"
    assert "distribution" not in found["Dataset:bikes"]


VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")


def test_whom_to_ask_about_a_flow(registry: Path) -> None:
    """The producer, else the Métropole; without a mailbox of either, a website; else a note says that nobody is."""
    parties = {path.stem: path for path in (registry / "registry/parties").glob("*.yaml")}
    for owner, field in (("istres", "contact_email"), ("metropole", "contact_email"), ("metropole", "website")):
        for path in parties.values():
            lines = path.read_text("utf-8").splitlines(keepends=True)
            path.write_text("".join(one for one in lines if not one.startswith(("contact_email", "website"))), "utf-8")
        value = "donnees@ville.example.org" if field == "contact_email" else "https://ville.example.org/donnees"
        with parties[owner].open("a", encoding="utf-8") as file:
            file.write(f"{field}: {value}\n")
        found = graph(registry)
        card = found.value(URIRef(f"{NAME}:flow:bikes"), ns.DCAT.contactPoint)
        address = found.value(card, VCARD.hasEmail if field == "contact_email" else VCARD.hasURL)
        assert str(address) == (f"mailto:{value}" if field == "contact_email" else value)
        assert found.value(card, VCARD.fn)
        dataset = by_id(export_main(registry, "ngsi-ld", "flow"))["Dataset:bikes"]
        assert dataset.get("contactPoint") == ([value] if field == "contact_email" else None)
    text = parties["metropole"].read_text("utf-8")
    parties["metropole"].write_text(text.replace(f"website: {value}\n", ""), "utf-8")
    (written,) = make_export(registry, form="dcat").files
    assert any("no contact point" in words.in_("en") for words in written.without)


# -- SensorThings ------------------------------------------------------------------------------------------------


def things(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The Things of a batch as a server makes them: references to an earlier request become what it created."""
    made: dict[str, Any] = {}

    def resolve(item: Any) -> Any:
        if isinstance(item, dict) and item.keys() == {"@iot.id"}:
            return made[item["@iot.id"].removeprefix("$")]
        if isinstance(item, dict):
            return {name: resolve(value) for name, value in item.items()}
        return [resolve(value) for value in item] if isinstance(item, list) else item

    for request in batch["requests"]:
        assert (request["method"], request["atomicityGroup"]) == ("post", "registry")
        assert request["id"] not in made
        made[request["id"]] = resolve(request["body"])
    return [made[request["id"]] for request in batch["requests"] if request["url"] == "Things"]


@pytest.mark.parametrize("audience", ["internal", "partners", "public"])
def test_the_things_are_those_of_the_standard(registry: Path, audience: str) -> None:
    validator = checker("sensorthings-1.1.schema.json")
    found = things(export_main(registry, "sensorthings", audience=audience))
    assert [faults(validator, thing) for thing in found] == [[]] * 4
    assert [thing["name"] for thing in found] == ["bikes", "gateway", "noise-1", "noise-2"]


def test_what_several_things_share_is_created_once(registry: Path) -> None:
    batch = export_main(registry, "sensorthings")
    created = [(item["url"], item["body"]["name"]) for item in batch["requests"]]
    assert [name for url, name in created if url == "Sensors"] == ["bikes", "Acme SoundNode 2"]
    assert [name for url, name in created if url == "Locations"] == ["mairie", "ep-1", "mat-1"]
    properties = [name for url, name in created if url == "ObservedProperties"]
    assert properties == ["bikeCount", "ownThing", "noiseLevel", "batteryLevel"]


def test_a_datastream_has_unit_sensor_and_flows(registry: Path) -> None:
    bikes, gateway, noise, second = things(export_main(registry, "sensorthings", lang="fr"))
    assert second["Datastreams"][0]["Sensor"] == noise["Datastreams"][0]["Sensor"]
    stream = noise["Datastreams"][0]
    assert stream["unitOfMeasurement"] == {"name": "dB[SPL]", "symbol": "dB[SPL]", "definition": "ucum:dB%5BSPL%5D"}
    assert stream["Sensor"]["encodingType"] == "application/pdf"
    assert stream["ObservedProperty"]["description"] == "niveau sonore"
    assert stream["properties"] == {"flows": [{"id": "noise", "access": "public", "licence": "etalab-2.0"}]}
    assert (noise["properties"]["owner_id"], noise["properties"]["status"]) == ("metropole", "active")
    assert "Locations" not in bikes
    assert "Datastreams" not in gateway
    assert bikes["Datastreams"][1]["unitOfMeasurement"] == {"name": None, "symbol": None, "definition": None}


def test_a_device_that_moved_has_its_earlier_places(registry: Path) -> None:
    """As the record says, whenever it was recorded; nothing of supports that are not for the audience."""
    device = registry / "registry/equipment/noise-2.yaml"
    text = device.read_text("utf-8").replace("support: mat-1", "support: ep-2")
    device.write_text(
        f'{text}placed_on: "2024-09-01"\nplacements:\n'
        '  - {support: mat-1, from: "2024-06-01", until: "2024-08-31", reason: works}\n'
        'previous_owners:\n  - {owner: istres, until: "2024-07-31"}\n',
        "utf-8",
    )
    validator = checker("sensorthings-1.1.schema.json")
    found = {thing["name"]: thing for thing in things(export_main(registry, "sensorthings"))}
    assert faults(validator, found["noise-2"]) == []
    past = [(item["time"], item["Locations"][0]["name"]) for item in found["noise-2"]["HistoricalLocations"]]
    assert past == [("2024-06-01T00:00:00Z", "mat-1"), ("2024-09-01T00:00:00Z", "ep-2")]
    assert found["noise-2"]["Locations"][0]["name"] == "ep-2"
    assert found["noise-2"]["properties"]["placed_on"] == "2024-09-01"
    assert "HistoricalLocations" not in found["noise-1"]
    public = {thing["name"]: thing for thing in things(export_main(registry, "sensorthings", audience="public"))}
    assert "HistoricalLocations" not in public["noise-2"]  # the mast is for partners
    (entity,) = [one for one in export_main(registry, "ngsi-ld") if one["id"] == "urn:ngsi-ld:Device:noise-2"]
    assert entity["placements"]["value"] == [
        {"support": "urn:ngsi-ld:Support:mat-1", "from": "2024-06-01", "until": "2024-08-31"}
    ]
    assert entity["previous_owners"]["value"] == [{"owner": "urn:ngsi-ld:Organization:istres", "until": "2024-07-31"}]
    assert faults(checker("ngsi-ld-entity.schema.json"), entity) == []
    rows = contents(make_export(registry, "equipment"))["equipment_placements.csv"].decode().splitlines()
    assert rows[1] == "noise-2,1,mat-1,,,2024-06-01,2024-08-31,works"


# -- DCAT-AP -----------------------------------------------------------------------------------------------------


def judged(found: Graph) -> tuple[bool, Graph, str]:
    """Whether SHACL finds nothing against the profile, what it finds, and how it says it."""
    import pyshacl  # here, since each worker reads every module of tests

    fine, results, explanation = pyshacl.validate(found, shacl_graph=str(SCHEMAS / "dcat-ap-3.shapes.ttl"))
    assert isinstance(results, Graph)
    return fine, results, explanation


def violations(found: Graph) -> str:
    _fine, results, _told = judged(found)
    shacl = ns.SH
    return "".join(
        f"{results.value(item, shacl.resultPath)} {results.value(item, shacl.resultMessage)}\n"
        for item in results.subjects(ns.RDF.type, shacl.ValidationResult)
    )


def graph(root: Path, **wanted: Any) -> Graph:
    content = contents(make_export(root, form="dcat", **wanted))[FILES["dcat"]]
    return Graph().parse(data=content, format="json-ld")


@pytest.mark.parametrize("audience", ["internal", "partners", "public"])
def test_the_catalogue_keeps_to_the_profile(registry: Path, audience: str) -> None:
    fine, _results, explanation = judged(graph(registry, audience=audience))
    assert fine, explanation


def test_the_shapes_notice_what_is_missing(registry: Path) -> None:
    found = graph(registry)
    for subject, name, value in (
        (None, ns.DCAT.accessURL, None),
        (None, ns.DCTERMS.publisher, None),
        (None, ns.DCTERMS.title, None),
    ):
        broken = Graph() + found
        broken.remove((subject, name, value))
        fine, _results, _told = judged(broken)
        assert not fine, name


def test_what_rdflib_reads_of_a_flow(registry: Path) -> None:
    found = graph(registry)
    catalogue = URIRef(f"{NAME}:catalogue")
    noise, bikes = URIRef(f"{NAME}:flow:noise"), URIRef(f"{NAME}:flow:bikes")
    assert set(found.objects(catalogue, ns.DCAT.dataset)) == {noise, bikes}  # what is not public is left out
    assert set(found.subjects(ns.RDF.type, ns.DCAT.Dataset)) == {noise, bikes}
    publisher = found.value(catalogue, ns.DCTERMS.publisher)
    assert str(found.value(publisher, ns.FOAF.name)) == "Métropole d'essai"
    assert str(found.value(publisher, ns.DCTERMS.identifier)) == "200054807"
    assert found.value(noise, ns.DCTERMS.title) == Literal("Niveaux sonores", "fr")
    assert found.value(noise, ns.DCTERMS.description) == Literal("Suivre le bruit routier", "fr")
    assert found.value(bikes, ns.DCTERMS.description) == Literal("Passages de vélos", "fr")
    assert found.value(noise, ns.DCAT.temporalResolution) == Literal("PT15M", datatype=ns.XSD.duration)
    assert str(found.value(noise, ns.DCTERMS.accrualPeriodicity)).endswith("/frequency/15MIN")
    assert str(found.value(bikes, ns.DCTERMS.accrualPeriodicity)).endswith("/frequency/UPDATE_CONT")
    days = [found.value(flow, name) for flow in (noise, bikes) for name in (ns.DCTERMS.issued, ns.DCTERMS.modified)]
    assert [str(day) for day in days] == ["2024-06-01", "2024-06-01", "2024-06-02", "2024-06-02"]
    assert {str(word) for word in found.objects(noise, ns.DCAT.keyword)} == {
        "Observatoire du bruit",
        "niveau sonore",
        "niveau de batterie",
    }
    period = found.value(noise, ns.DCTERMS.temporal)
    assert found.value(period, ns.DCAT.startDate) == Literal("2024-03-12", datatype=ns.XSD.date)
    places = {str(found.value(place, ns.DCTERMS.identifier)) for place in found.objects(bikes, ns.DCTERMS.spatial)}
    assert places == {"13047", "13103"}
    words = {str(word) for word in found.objects(found.value(noise, ns.DCTERMS.provenance), ns.RDFS.label)}
    assert "Convention : Convention avec la Ville d'Istres ; délibération IVIS-009-13539/23/BM, 2023-047" in words
    distribution = found.value(noise, ns.DCAT.distribution)
    assert str(found.value(distribution, ns.DCAT.accessURL)) == "https://data.example.org/bruit?de=nuit%20et%20jour"
    service = found.value(distribution, ns.DCAT.accessService)
    assert found.value(service, ns.DCAT.servesDataset) == noise
    assert str(found.value(catalogue, OWN.reference_date)) == "2024-06-02"


@pytest.mark.parametrize(
    ("status", "where", "shown", "expected"),
    [
        ("active", [], ["bikes", "noise"], ["1 flow neither"]),
        ("suspended", [], ["bikes", "noise"], ["1 flow neither"]),
        ("ended", [], ["bikes", "noise"], ["1 flow neither"]),
        ("planned", [], ["bikes"], ["1 flow neither", "1 flow never in service; --where status=planned exports it"]),
        ("planned", ["status!=ended"], ["bikes"], ["1 flow neither", "1 flow never"]),
        ("planned", ["status=planned"], ["noise"], []),
        ("planned", ["access=restricted"], ["bikes"], []),
    ],
)
def test_a_portal_harvests_what_is_or_was_in_service(
    registry: Path, status: str, where: list[str], shown: list[str], expected: list[str]
) -> None:
    file = registry / "registry/flows/noise.yaml"
    file.write_text(file.read_text("utf-8").replace("status: active", f"status: {status}"), "utf-8")
    done = make_export(registry, form="dcat", where=where)
    found = Graph().parse(data=contents(done)[FILES["dcat"]], format="json-ld")
    assert violations(found) == ""
    assert set(found.subjects(ns.RDF.type, ns.DCAT.Dataset)) == {URIRef(f"{NAME}:flow:{id}") for id in shown}
    (catalogue,) = done.files
    assert catalogue.rows == len(shown)
    assert len(catalogue.without) == len(expected)
    assert all(part in words.in_("en") for part, words in zip(expected, catalogue.without, strict=True))


@pytest.mark.parametrize(
    ("written", "shown"), [("P1W", "P7D"), ("PT1H30M", "PT1H30M"), ("P", None), ("PT", None), ("often", None)]
)
def test_durations_are_those_of_xml_schema(registry: Path, written: str, shown: str | None) -> None:
    flow = registry / "registry/flows/noise.yaml"
    flow.write_text(flow.read_text("utf-8").replace("PT15M", written), "utf-8")
    found = graph(registry)
    assert violations(found) == ""
    value = found.value(URIRef(f"{NAME}:flow:noise"), ns.DCAT.temporalResolution)
    assert (None if value is None else str(value)) == shown


HOSTILE = "a\"'<>{}|\\^`;-- é"


def test_hostile_text_stays_text(registry: Path) -> None:
    file, fields = registry / "registry/flows/noise.yaml", ("title", "access_url", "theme")
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith(fields)]
    hostile = [f"{field}: {json.dumps(HOSTILE, ensure_ascii=False)}" for field in fields]
    file.write_text("\n".join([*lines, *hostile, ""]), "utf-8")
    (registry / "smartreg.toml").write_text(f"name = {json.dumps(HOSTILE)}\n", "utf-8")
    found = graph(registry)
    assert violations(found) == ""
    assert Literal(HOSTILE, "fr") in set(found.objects(None, ns.DCTERMS.title))
    assert len(Graph().parse(data=found.serialize(format="nt"), format="nt")) == len(found)  # every IRI is one
    for entity in export_main(registry, "ngsi-ld"):
        assert faults(checker("ngsi-ld-entity.schema.json"), entity) == []


def test_a_registry_without_a_name_or_a_keeper_still_has_a_catalogue(registry: Path) -> None:
    (registry / "smartreg.toml").write_text("")
    found = graph(registry)
    assert violations(found) == ""
    assert (URIRef("urn:smartreg:registry:catalogue"), ns.RDF.type, ns.DCAT.Catalog) in found


# -- SCDL --------------------------------------------------------------------------------------------------------


def test_frictionless_finds_only_the_gaps_that_are_reported(registry: Path, tmp_path: Path) -> None:
    from frictionless import Resource, Schema, system

    made_ = make_export(registry, form="scdl")
    (tmp_path / "x.csv").write_bytes(contents(made_)[FILES["scdl"]])
    schema = Schema.from_descriptor(json.loads((SCHEMAS / "scdl-deliberations-2.1.2.json").read_text("utf-8")))
    with system.use_context(trusted=True):
        report = Resource(path=str(tmp_path / "x.csv"), schema=schema).validate()
    errors = report.flatten(["rowNumber", "fieldName", "type"])
    assert errors == [
        [3, name, "constraint-error"] for name in ("COLL_SIRET", "DELIB_MATIERE_CODE", "DELIB_MATIERE_NOM")
    ]
    note = made_.files[0].note
    assert note is not None
    assert "COLL_SIRET 1, DELIB_MATIERE_CODE 1, DELIB_MATIERE_NOM 1" in note.in_("en")


def test_complete_deliberations_are_valid(registry: Path, tmp_path: Path) -> None:
    from frictionless import Package, Schema, system
    from frictionless.resources import TableResource

    exported_ = make_export(registry, form="scdl", where=["body=metropole"])
    for name, content in contents(exported_).items():
        (tmp_path / name).write_bytes(content)
    note = exported_.files[0].note
    assert note is not None
    assert note.in_("en").startswith("complete")
    schema = Schema.from_descriptor(json.loads((SCHEMAS / "scdl-deliberations-2.1.2.json").read_text("utf-8")))
    with system.use_context(trusted=True):
        resource = TableResource(path=str(tmp_path / FILES["scdl"]), schema=schema)
        assert resource.validate().flatten() == []
        (row,) = resource.read_rows()
        assert Package(str(tmp_path / "datapackage.json")).validate().flatten() == []
    assert (row["COLL_NOM"], row["COLL_SIRET"]) == ("Métropole d'essai", "20005480700017")
    assert (row["DELIB_ID"], str(row["DELIB_DATE"])) == ("IVIS-009-13539/23/BM", "2023-03-16")
    assert row["DELIB_OBJET"] == "Approbation de la convention cadre,\navec ses « annexes »"
    assert row["VOTE_POUR"] is None


# -- what is asked for, and for whom -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("kind", ["network", "convention"])
def test_a_kind_that_the_standard_knows_nothing_of(registry: Path, form: str, kind: str) -> None:
    with pytest.raises(UsageFault, match=kind):
        make_export(registry, kind, form=form)
    with pytest.raises(UsageFault, match=kind):
        make_export(registry, "flow" if form == "dcat" else "equipment", kind, form=form)


def test_schemas_that_map_nothing_to_scdl(registry: Path) -> None:
    (registry / "schemas").mkdir()
    for path, content in bundled_files().items():
        (registry / "schemas" / Path(path).name).write_bytes(content.replace(b'"scdl": "', b'"sensorthings": "'))
    with pytest.raises(UsageFault, match="map nothing to SCDL") as fault:
        make_export(registry, form="scdl")
    assert fault.value.hint is not None
    assert "--refresh" in fault.value.hint.in_("en")


@pytest.mark.parametrize("form", FILES)
def test_columns_are_not_chosen(registry: Path, form: str) -> None:
    done = smartreg("export", "-f", form, "--columns", "id", cwd=registry)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--columns" in done.stderr


def test_an_ending_that_several_formats_share(registry: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "x.jsonld")
    done = smartreg("export", "-o", target, cwd=registry)
    assert (done.returncode, list(tmp_path.glob("x*"))) == (2, [])
    assert b"ngsi-ld | dcat" in done.stderr
    assert smartreg("export", "flow", "-f", "dcat", "-o", target, cwd=registry).returncode == 0
    assert Graph().parse(target).value(URIRef(f"{NAME}:flow:noise"), ns.RDF.type) == ns.DCAT.Dataset


def test_the_public_sees_no_identifier_and_no_support_of_partners(registry: Path) -> None:
    withheld = [b"SN-2401", b"70B3D57E", b"70:B3", b"B827EB", b"1250", b"Nacelle", b"mat-1", b"4.991"]
    for form in FILES:
        inside = b"".join(contents(make_export(registry, form=form)).values())
        public = b"".join(contents(make_export(registry, form=form, audience="public")).values())
        assert [word for word in withheld if word in public] == [], form
        assert form != "ngsi-ld" or b"SN-2401" in inside


def outputs(seed: int) -> Iterator[tuple[str, bytes]]:
    texts, _ = registry_and_edit(seed)
    registry = open_registry(MemoryTree(texts), None, frozenset())
    seen = view(registry, "internal")
    kinds = tuple(seen.schemas.kinds.values())
    chosen = Chosen(kinds, seen, tuple(tables(seen, kinds)), {"commit": None})
    for exporter in (ngsi_ld, sensorthings, dcat, scdl):
        yield from ((file.name, file.content) for file in exporter.export(chosen))


@settings(max_examples=5)
@given(st.integers(0, 2**32))
@example(452)  # a model whose documentation is no text
def test_whatever_the_records_hold_the_standard_is_kept(seed: int) -> None:
    files = dict(outputs(seed))
    normalized = checker("ngsi-ld-entity.schema.json")
    entities = json.loads(files["entities.jsonld"])
    assert [faults(normalized, entity) for entity in entities] == [[]] * len(entities)
    thing = checker("sensorthings-1.1.schema.json")
    found = things(json.loads(files["batch.json"]))
    assert [faults(thing, item) for item in found] == [[]] * len(found)
    assert violations(Graph().parse(data=files["catalogue.jsonld"], format="json-ld")) == ""
