"""JSON: one document with its origin and every record, as its kind's schema describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from smartreg.exporters import VERSION, Chosen, Written, field_names
from smartreg.values import Words

names = field_names


def export(chosen: Chosen) -> Iterator[Written]:
    """One file: `version`, `source`, and `records` of `kind`, `id` and `data`, kinds in their order, ids sorted."""
    records = [{"kind": record.rid.kind, "id": record.rid.id, "data": data} for record, data in chosen.records()]
    source = {name: value for name, value in chosen.origin.items() if name != "version"}
    document = {"version": VERSION, "source": source, "records": records}
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    content = f"{text}\n".encode("utf-8", "backslashreplace")
    yield Written("registry.json", content, len(records), Words("one document, UTF-8", "un document, UTF-8"), main=True)
