"""What is fuzzed: readers of what strangers send. Any bytes give values or a refusal in our words, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from smartreg import yamlio
from smartreg.config import read_config
from smartreg.errors import SmartregError
from smartreg.importers import csv, geojson, json
from smartreg.importers.mapping import read_mapping
from smartreg.schema import read_schemas

Target = Callable[[bytes], None]


def read_yaml(data: bytes) -> None:
    """What is read is written and read again; what is not has an error. An edit is made, or refused."""
    document = yamlio.read(data, "f")
    assert (document.data is None) == any(fault.severity == "error" for fault in document.faults)
    if document.data is None:
        return
    with suppress(SmartregError):  # what a record cannot hold
        assert yamlio.read(yamlio.dump(document.data), "f").data == document.data
    for key in list(document.data)[:1]:
        with suppress(SmartregError):
            edited = yamlio.edit(data, [yamlio.SetValue((key,), "x")])
            assert yamlio.read(edited, "f").data == {**document.data, key: "x"}


def read_csv(data: bytes) -> None:
    with suppress(SmartregError):
        csv.read_sheet("f.csv", data, None, csv.dialect_named(None))


def read_json(data: bytes) -> None:
    for form in ("json", "jsonl"):
        with suppress(SmartregError):
            json.read_sheet("f.json", data, form, ("support",))


def read_geojson(data: bytes) -> None:
    with suppress(SmartregError):
        geojson.read_sheet("f.geojson", data, "location")


def read_schema(data: bytes) -> None:
    """A schema is refused, or judges."""
    with suppress(SmartregError):
        for judge in read_schemas({"pole.schema.json": data}).judges.values():
            judge.faults({"id": "x", "a": [1, "x", None]})


def read_settings(data: bytes) -> None:
    with suppress(SmartregError):
        read_config(data)
    with suppress(SmartregError):
        read_mapping(data, "f.toml")


TARGETS: dict[str, Target] = {
    "yaml": read_yaml,
    "csv": read_csv,
    "json": read_json,
    "geojson": read_geojson,
    "schema": read_schema,
    "settings": read_settings,
}
