"""A folder of files with one object each (JSON, YAML, a GeoJSON feature), as other registries under Git keep them:
every file is a row, and its name without the ending the column `file`, from which ids are made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json
from smartreg.importing.readers.formats import Bundle, ending_of
from smartreg.importing.readers.geojson import item_of
from smartreg.importing.readers.json import JsonItem, NoObjects, sheet_of, value_of_text
from smartreg.importing.readers.sheet import MANY, Sheet, form_fault
from smartreg.yamlio import read

FILE = "file"


def read_sheet(bundle: Bundle, position: str, whole: Collection[str] = ()) -> Sheet:
    """Read the objects in the order of their files. `position` and `whole` as in GeoJSON and JSON. Faults come with the
    sheet, each with its file."""
    items: list[JsonItem] = []
    faults: list[Finding] = []
    for number, (path, content) in enumerate(sorted(bundle.companions.items()), 1):
        place = f"{bundle.name}/{path}"
        found = _from_yaml(place, content) if ending_of(path) in ("yaml", "yml") else _from_json(content, position)
        if isinstance(found, Mapping):
            heading = FILE if FILE not in found else f"{FILE}_name"
            items.append(JsonItem(number, {heading: path.rpartition("/")[2].rpartition(".")[0], **found}))
        elif isinstance(found, Text):
            faults.append(form_fault(place, None, found))
        else:
            faults += found
    if faults:
        return Sheet(bundle.name, "utf-8", "", faults=tuple(faults[:MANY]), form=bundle.form)
    return sheet_of(bundle.name, bundle.form, items, whole=whole)


def _from_yaml(place: str, content: bytes) -> Mapping[str, Json] | list[Finding]:
    document = read(content, place)
    return document.data if document.data is not None else list(document.faults)


def _from_json(content: bytes, position: str) -> Mapping[str, Json] | Text:
    """The object, or why there is none."""
    try:
        value = value_of_text(content)
    except NoObjects as fault:
        return fault.words
    if isinstance(value, Mapping) and value.get("type") == "FeatureCollection":
        features = value.get("features")
        value = features[0] if isinstance(features, list) and len(features) == 1 else None
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        item = item_of(1, value, position, placed=True)
        return item.data if isinstance(item, JsonItem) else item
    return value if isinstance(value, Mapping) else Message("this file does not hold one object")
