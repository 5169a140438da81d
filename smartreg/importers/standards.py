"""The origin that an exported file states in the form of a standard."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from smartreg.core.errors import UsageFault
from smartreg.core.strict import Unreadable, read_json
from smartreg.core.values import Json

# How the files of each format begin, as they are exported.
_BEGINNINGS = {
    "parquet": b"PAR1",
    "ngsi-ld": b'[\n{"id": "urn:ngsi-ld:Registry:',
    "sensorthings": b'{"requests": [',
    "dcat": b'{"@context": {"dcat"',
}
STANDARDS = tuple(_BEGINNINGS)
_PREFIX = "smartreg:"
_METADATA_START = (
    b'{"version": 1, "registry"'  # the beginning of our text in the metadata of Parquet, where it is uncompressed
)


def standard_of(content: bytes) -> str | None:
    """The format of a file that follows a standard, by how it begins; None for any other."""
    return next((name for name, start in _BEGINNINGS.items() if content.startswith(start)), None)


def json_in(file: str, content: bytes) -> Json:
    """The value of a JSON file; UsageFault with the place of what is wrong."""
    try:
        return read_json(content)
    except Unreadable as fault:
        raise UsageFault(fault.in_file(file)) from None


def in_standard(file: str, content: bytes) -> Json:
    """What the file says of its origin; None when it says nothing. UsageFault when it is JSON that cannot be read."""
    form = standard_of(content)
    try:
        return _in_metadata(content) if form == "parquet" else _READERS[form or ""](json_in(file, content))
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _in_entities(content: Json) -> Json:
    registry = content[0]
    return {name: item["value"] for name, item in registry.items() if isinstance(item, Mapping)}


def _in_batch(content: Json) -> Json:
    bodies = [item["body"] for item in content["requests"] if item["url"] == "Things"]
    found: Json = bodies[0]["properties"]["smartreg"]
    return found


def _in_catalogue(content: Json) -> Json:
    nodes = [node for node in content["@graph"] if node["@type"] == "dcat:Catalog"]
    found: dict[str, Any] = {"commit": None}  # unknown values are left out
    return found | {name.removeprefix(_PREFIX): value for name, value in nodes[0].items() if name.startswith(_PREFIX)}


def _in_metadata(content: bytes) -> Json:
    start = content.rindex(_METADATA_START)
    found, _end = json.JSONDecoder().raw_decode(content[start:].decode("utf-8", "replace"))
    value: Json = found
    return value


_READERS: Mapping[str, Callable[[Json], Json]] = {
    "ngsi-ld": _in_entities,
    "sensorthings": _in_batch,
    "dcat": _in_catalogue,
}
