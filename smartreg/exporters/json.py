"""JSON: one document with its origin and every record, as its kind's schema describes it."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.escape import inert_json
from smartreg.core.messages import Message
from smartreg.exporters import VERSION, Chosen, Written, field_names

names = field_names


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
