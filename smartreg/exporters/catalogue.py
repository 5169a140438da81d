"""Flows as a catalogue of data describes them, and the words that the European Union has for it.

Authority tables: publications.europa.eu; licences: SPDX; media types: IANA.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from smartreg.core.messages import Message, Text, verbatim
from smartreg.core.values import Record, RecordId
from smartreg.domain.binding import deliberations_of
from smartreg.domain.codes import commune_of
from smartreg.domain.fields import code_of, codes_in
from smartreg.domain.municipalities import municipality
from smartreg.exporters.chosen import Around, items_of, measured_keys, text_of, value_of
from smartreg.exporters.mapped_fields import values
from smartreg.schema import Kind

AUTHORITY = "http://publications.europa.eu/resource/authority"
ACCESS: Mapping[str, str] = {
    word: f"{AUTHORITY}/access-right/{word.upper()}" for word in ("public", "restricted", "non_public")
}
PUBLISHED = ("public", "restricted")  # the access of what a catalogue lists
EVENTS = f"{AUTHORITY}/frequency/UPDATE_CONT"  # a flow without a frequency
_FREQUENCIES = {
    "PT1M": "1MIN",
    "PT5M": "5MIN",
    "PT10M": "10MIN",
    "PT15M": "15MIN",
    "PT30M": "30MIN",
    "PT1H": "HOURLY",
    "PT2H": "BIHOURLY",
    "PT12H": "12HRS",
    "P1D": "DAILY",
    "P7D": "WEEKLY",
    "P1W": "WEEKLY",
}
LICENCES: Mapping[str, str] = {
    name: f"https://spdx.org/licenses/{name}.html"
    for name in ("etalab-2.0", "ODbL-1.0", "CC-BY-4.0", "CC0-1.0", "DL-DE-BY-2.0", "DL-DE-ZERO-2.0")
}
_FILES = {"json": "JSON", "geojson": "GEOJSON", "ngsi_ld": "JSON_LD", "sensorthings": "JSON", "csv": "CSV"}
FILE_TYPES: Mapping[str, str] = {word: f"{AUTHORITY}/file-type/{name}" for word, name in _FILES.items()}
MEDIA_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "geojson": "application/geo+json",
    "ngsi_ld": "application/ld+json",
    "sensorthings": "application/json",
    "senml": "application/senml+json",
    "csv": "text/csv",
    "cbor": "application/cbor",
    "binary": "application/octet-stream",
}


def frequency(flow: Record) -> str:
    """The frequency of a flow in the authority table."""
    duration = value_of(flow, "frequency")
    return EVENTS if duration is None else f"{AUTHORITY}/frequency/{_FREQUENCIES.get(str(duration), 'OTHER')}"


@dataclass(frozen=True)
class Flow:
    """A flow, and its description for people who look for data."""

    around: Around
    record: Record

    @property
    def kind(self) -> Kind:
        return self.around.chosen.view.schemas.kinds[self.record.rid.kind]

    @property
    def title(self) -> str:
        return text_of(self.record, "title") or self.record.rid.id

    @cached_property
    def devices(self) -> list[Record]:
        """The devices that feed it."""
        return self.around.all_named(self.record, "equipment")

    @cached_property
    def use_cases(self) -> list[Record]:
        """Its own, else those of its devices."""
        around, name = self.around, "use_cases"
        if items_of(self.record, name):
            return around.all_named(self.record, name)
        named_items = (item for device in self.devices for item in around.all_named(device, name))
        return list({item.rid: item for item in named_items}.values())

    @property
    def description(self) -> str:
        """The aims of its use cases; else its title. No flow is without, since catalogues demand it."""
        kinds = self.around.chosen.view.schemas.kinds
        texts = (values(kinds[item.rid.kind], item, "dcat").get("dct:description") for item in self.use_cases)
        return "\n".join(dict.fromkeys(text for text in texts if isinstance(text, str))) or self.title

    @property
    def keywords(self) -> list[str]:
        """The titles of its use cases, and what its devices measure, in French."""
        titles = (text_of(item, "title") for item in self.use_cases)
        measured = (properties(self.around, device) for device in self.devices)
        words = [title for title in titles if title] + [
            label.in_("fr") for labels in measured for label in labels.values()
        ]
        return list(dict.fromkeys(words))

    @property
    def communes(self) -> dict[str, str]:
        """The names of the communes of its devices, fixed or mobile, by INSEE code."""
        codes = {code for device in self.devices for code in insee_codes(self.around, device)}
        return {
            code: item.name
            for code in sorted(map(commune_of, codes))
            if (item := municipality(self.around.chosen.view, code))
        }

    @property
    def provenance(self) -> Text | None:
        """The convention that covers it by name, and the deliberations that approved that and its acts."""
        convention = self.around.find(self.record, "convention")
        if convention is None:
            return None
        ids = dict.fromkeys(deliberations_of(convention.data))
        deliberations = (self.around.chosen.view.get(RecordId("deliberation", id)) for id in ids)
        numbers = ", ".join(text_of(act, "number") or act.rid.id for act in deliberations if act is not None)
        title = text_of(convention, "title") or convention.rid.id
        if not numbers:
            return Message("Convention: {title}", title=title)
        return Message("Convention: {title}; deliberation {numbers}", title=title, numbers=numbers)


def properties(around: Around, device: Record) -> dict[str, Text]:
    """The properties that a device measures: key and label; an unknown key is its own label."""
    all_properties = around.chosen.view.schemas.properties
    return {key: all_properties[key].label if key in all_properties else verbatim(key) for key in measured_keys(device)}


def insee_codes(around: Around, device: Record) -> list[str]:
    """The communes of a device: its own, that of its support, or those that it moves in."""
    support = around.find(device, "support")
    own = code_of(device) or (code_of(support) if support is not None else None)
    return [own] if own else [*codes_in(device.data.get("mobile"))]
