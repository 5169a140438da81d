"""The surroundings of a record: what it names, and what names it. A view, never more than the audience may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from smartreg.core.values import Json, Record, RecordId
from smartreg.exporters.chosen import Chosen
from smartreg.schema import ITEM


@dataclass(frozen=True)
class Around:
    """A view of the registry, with look-ups that go from a record to those around it."""

    chosen: Chosen

    def find(self, record: Record | None, name: str) -> Record | None:
        """The record that a field names."""
        kind = None if record is None else self.chosen.view.schemas.kinds[record.rid.kind]
        found = kind.by_path.get((name,)) if kind else None
        id = record.data.get(name) if record else None
        if found is None or not isinstance(id, str):
            return None
        return self._get(found.refs, id)

    def all_named(self, record: Record | None, name: str) -> list[Record]:
        """The records that the items of a list name."""
        kind = None if record is None else self.chosen.view.schemas.kinds[record.rid.kind]
        found = kind.by_path.get((name, ITEM)) if kind else None
        ids = items_of(record, name) if record else ()
        named = (self._get(found.refs, id) for id in ids if found and isinstance(id, str))
        return list({item.rid: item for item in named if item}.values())

    def _get(self, refs: Sequence[str], id: str) -> Record | None:
        return next((item for ref in refs if (item := self.chosen.view.get(RecordId(ref, id)))), None)

    def all_of(self, kind: str) -> Sequence[Record]:
        """Every visible record of a kind, requested or not."""
        return self.chosen.view.seen.get(kind, ())

    @cached_property
    def on_support(self) -> Mapping[str, Sequence[Record]]:
        """The equipment that is on each support now: in service, whatever its state."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.all_of("equipment"):
            life = self.chosen.view.schemas.kinds["equipment"].lifecycle
            if life is None or text_of(record, life.field) in life.in_service:
                found[text_of(record, "support") or ""].append(record)
        return found

    @cached_property
    def flows(self) -> Mapping[str, Sequence[Record]]:
        """The flows that each device feeds."""
        found: dict[str, list[Record]] = defaultdict(list)
        for flow in self.all_of("flow"):
            for id in dict.fromkeys(item for item in items_of(flow, "equipment") if isinstance(item, str)):
                found[id].append(flow)
        return found

    @cached_property
    def personal(self) -> frozenset[str]:
        """The equipment of flows that carry personal data."""
        return frozenset(
            id
            for id, flows in self.flows.items()
            if any(value_of(flow, "personal_data", "involved") is True for flow in flows)
        )


def value_of(record: Record | None, *path: str) -> Json:
    """The plain value at a path; None where there is none, or something that is not plain."""
    found: Json = record.data if record else None
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if isinstance(found, (Mapping, list)) else found


def text_of(record: Record | None, *path: str) -> str | None:
    """The text at a path."""
    found = value_of(record, *path)
    return found if isinstance(found, str) else None


def items_of(record: Record, name: str) -> Sequence[Json]:
    """The items of a list; none where there is no list."""
    found = record.data.get(name)
    return found if isinstance(found, list) else ()
