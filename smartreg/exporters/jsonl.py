"""JSON Lines: one record per line, as its kind's schema describes it; the origin has no place in this format."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from smartreg.core.messages import Message
from smartreg.core.values import Json
from smartreg.exporters import Chosen, Format, Written, field_names
from smartreg.readers.exported import record_tables


def export(chosen: Chosen) -> Iterator[Written]:
    """One file: `{"kind": …, "id": …, "data": {…}}` per line, kinds in their order, ids sorted."""
    note = Message("one record per line, UTF-8")
    yield Written("registry.jsonl", chosen.json_lines, chosen.json_lines.count(b"\n"), note, main=True)


def _items(line: Any) -> Iterator[tuple[str, str, Json]]:
    yield str(line["kind"]), str(line["id"]), line["data"]


FORMAT = Format(
    "jsonl",
    export,
    ".jsonl",
    single=True,
    names=field_names,
    compared="records",
    tables=partial(record_tables, "jsonl", _items, lines=True),
    json=True,
)
