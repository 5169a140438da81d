"""A folder of files with one object each (JSON, YAML, a GeoJSON feature), as other registries under Git keep them:
every file is a row, and its name without the ending the column `file`, from which ids are made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, Text
from smartreg.core.values import Json
from smartreg.readers.formats import Bundle, ending_of
from smartreg.readers.geojson import item_of
from smartreg.readers.json import JsonItem, NoObjects, sheet_of, value_of_text
from smartreg.readers.sheet import Sheet, form_fault, unusable
from smartreg.yamlio import read

FILE = "file"


def read_sheet(bundle: Bundle, position: str, whole: Collection[str] = ()) -> Sheet:
    """Read the objects in the order of their files. `position` and `whole` as in GeoJSON and JSON. Faults come with the
    sheet, each with its file."""
    items: list[JsonItem] = []
    faults: list[Finding] = []
    for number, (path, content) in enumerate(sorted(bundle.companions.items()), 1):
        place = f"{bundle.name}/{path}"
        data: Mapping[str, Json] | None = None
        if ending_of(path) in ("yaml", "yml"):
            document = read(content, place)
            data = document.data
            faults += document.faults if data is None else ()
        else:
            try:
                data = _from_json(content, position)
            except NoObjects as fault:
                faults.append(form_fault(place, None, fault.words))
        if data is None:
            continue
        heading = FILE if FILE not in data else f"{FILE}_name"
        items.append(JsonItem(number, {heading: path.rpartition("/")[2].rpartition(".")[0], **data}))
    if faults:
        return unusable(bundle.name, bundle.form, faults)
    return sheet_of(bundle.name, bundle.form, items, None, whole)


def _from_json(content: bytes, position: str) -> Mapping[str, Json]:
    """The object of a text, or of its only feature. NoObjects where there is none."""
    value = value_of_text(content)
    if isinstance(value, Mapping) and value.get("type") == "FeatureCollection":
        features = value.get("features")
        value = features[0] if isinstance(features, list) and len(features) == 1 else None
    if isinstance(value, Mapping) and value.get("type") == "Feature":
        item = item_of(1, value, position, placed=True)
        if isinstance(item, Text):
            raise NoObjects(item)
        return item.data
    if not isinstance(value, Mapping):
        raise NoObjects(Message("this file does not hold one object"))
    return value
