"""JSON Lines: one record per line, as its kind's schema describes it; the origin has no place in this format."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.core.messages import Message
from smartreg.exporters import Chosen, Written, field_names

names = field_names


def export(chosen: Chosen) -> Iterator[Written]:
    """One file: `{"kind": …, "id": …, "data": {…}}` per line, kinds in their order, ids sorted."""
    note = Message("one record per line, UTF-8")
    yield Written("registry.jsonl", chosen.json_lines, chosen.json_lines.count(b"\n"), note, main=True)
