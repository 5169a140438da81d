"""DCAT-AP 3 of the tables of an observatory, as JSON-LD that data.gouv.fr and other portals harvest: a dataset for each
view, in which each source has a file of its own, with its checksum, its licence and to whom it is owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smartreg.core.messages import SOURCE, Message, Text
from smartreg.exporters.catalogue import AUTHORITY, LICENCES
from smartreg.exporters.dcat import PREFIXES, Node, date_literal, jsonld, link, texts
from smartreg.exporters.parquet import MEDIA_TYPE
from smartreg.features.observatory.core import core
from smartreg.features.observatory.tables import PACKAGE, BuiltFile, BuiltSource, BuiltTables

_SPDX = "http://spdx.org/rdf/terms#"


def catalogue(tables: BuiltTables, name: str, url: str, country: str) -> bytes:
    """The catalogue of tables that are served at `url`, the address of their folder; `name`: of the observatory."""
    sources = [tables.sources[alias] for alias in sorted(tables.sources)]
    title = Message("Tables of the observatory {name}", name=name)
    datasets = [node for number in range(len(core().views)) for node in _dataset(number, sources, url, country)]
    graph: list[Node] = [
        {
            "@id": f"{url}#catalogue",
            "@type": "dcat:Catalog",
            "dct:title": texts(title, country),
            "dct:description": texts(title, country),
            "dct:publisher": {"@type": "foaf:Agent", "foaf:name": name},
            "dct:rights": _rights(licences_statement(source.licence for source in sources), country),
            **date_literal("dct:modified", max((source.issued for source in sources), default=None)),
            "dcat:dataset": [{"@id": node["@id"]} for node in datasets if node["@type"] == "dcat:Dataset"],
        },
        *datasets,
    ]
    return jsonld({**PREFIXES, "spdx": _SPDX}, graph)


def licences_statement(licences: Iterable[str]) -> Text:
    """Under which licences the data are; several are not mixed in silence."""
    words = sorted({licence or "?" for licence in licences})
    if len(words) == 1:
        return Message("All data are under the licence {licence}", licence=words[0])
    return Message(
        "The data are under several licences ({licences}); whoever joins them must respect all of them",
        licences=", ".join(words),
    )


def _dataset(number: int, sources: Sequence[BuiltSource], url: str, country: str) -> Iterator[Node]:
    """The dataset of a view, if a source has a file of it, and its distributions."""
    resource = core().document["resources"][number]
    view, address = resource["name"], f"{url}#{resource['name']}"
    files = [(source, source.files[view]) for source in sources]
    standard = {"@id": f"{url}/{PACKAGE}#/resources/{number}/schema", "@type": "dct:Standard"}
    yield {
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": address,
        "dct:title": {"@value": resource["title"], "@language": SOURCE},
        "dct:description": {"@value": resource["description"], "@language": SOURCE},
        "dct:accessRights": link(f"{AUTHORITY}/access-right/PUBLIC"),
        "dct:conformsTo": standard,
        **date_literal("dct:modified", max(source.issued for source, _ in files)),
        "dcat:distribution": [{"@id": f"{url}/{file.path}"} for _, file in files],
    }
    for source, file in files:
        yield {"dct:conformsTo": {"@id": standard["@id"]}, **_distribution(source, file, url, country)}


def _distribution(source: BuiltSource, file: BuiltFile, url: str, country: str) -> Node:
    address, licence = f"{url}/{file.path}", LICENCES.get(source.licence)
    owed = Message(
        "{name}, release {serial}, licence {licence}",
        name=source.name or source.alias,
        serial=source.serial,
        licence=source.licence or "?",
    )
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dct:title": source.name or source.alias,
        "dcat:accessURL": link(address),
        "dcat:downloadURL": link(address),
        "dct:format": link(f"{AUTHORITY}/file-type/PARQUET"),
        "dcat:mediaType": link(f"https://www.iana.org/assignments/media-types/{MEDIA_TYPE}"),
        "dcat:byteSize": {"@value": str(file.bytes), "@type": "xsd:nonNegativeInteger"},
        **date_literal("dct:issued", source.issued),
        **({"dct:license": link(licence)} if licence else {}),
        "dct:rights": _rights(owed, country),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": file.sha256, "@type": "xsd:hexBinary"},
        },
    }


def _rights(words: Text, country: str) -> Node:
    return {"@type": "dct:RightsStatement", "rdfs:label": texts(words, country)}
