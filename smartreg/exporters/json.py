"""JSON: one document with its origin and every record, as its kind's schema describes it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from smartreg.core.escape import inert_json
from smartreg.core.messages import Message
from smartreg.core.values import Json
from smartreg.exporters import VERSION, Chosen, Format, Written, field_names
from smartreg.exporters.origin import origin_in_document
from smartreg.readers.exported import record_tables


def export(chosen: Chosen) -> Iterator[Written]:
    """One file: `version`, `source`, and `records` of `kind`, `id` and `data`, one per line, kinds in their order, ids
    sorted."""
    records = chosen.json_lines.split(b"\n")[:-1]
    source = {name: value for name, value in chosen.origin.items() if name != "version"}
    head = inert_json({"version": VERSION, "source": source}, indent=2)
    opened = head.removesuffix("\n}")
    start = f'{opened},\n  "records": [\n'.encode()
    content = start + b",\n".join(records) + b"\n  ]\n}\n"
    yield Written("registry.json", content, len(records), Message("one document, UTF-8"), main=True)


def _items(document: Any) -> Iterator[tuple[str, str, Json]]:
    return ((str(item["kind"]), str(item["id"]), item["data"]) for item in document["records"])


FORMAT = Format(
    "json",
    export,
    ".json",
    single=True,
    names=field_names,
    origin=origin_in_document,
    compared="records",
    tables=partial(record_tables, "json", _items),
    json=True,
)
