"""Read a record that may have any fault: its texts, what it names, what its status says about its life, what equipment
measures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from smartreg.core.messages import Text, verbatim
from smartreg.core.values import Json, KeyPath, Link, Record, RecordId
from smartreg.domain.checks import Snapshot
from smartreg.schema import Lifecycle, Schemas

MUNICIPAL = ("commune", "municipality")
"""The category of a municipality: in France, and elsewhere."""
AT_WORK = frozenset({"installed", "active", "faulty"})
"""States in which equipment draws power, measures and uses its network; decommissioned equipment only hangs there."""


class WithSchemas(Protocol):
    """A registry, or the context of a rule of record scope."""

    @property
    def schemas(self) -> Schemas: ...


def text(record: Record, name: str) -> str | None:
    """The text of a top-level field; None if it is absent, empty or not a text."""
    value = record.data.get(name)
    return value or None if value.__class__ is str else None


def texts(record: Record, name: str) -> tuple[str, ...]:
    """The texts of a top-level list; empty if it is absent or not a list."""
    return text_list(record.data.get(name))


def code_of(record: Record) -> str | None:
    """The code of the municipality that a record names, by whichever field its country has."""
    return text(record, "insee_code") or text(record, "official_code")


def code_field(record: Record) -> str:
    """The field in which a record has it."""
    return "official_code" if "official_code" in record.data else "insee_code"


def codes_in(group: object) -> tuple[str, ...]:
    """The codes of municipalities in a group of fields: where a device moves, say."""
    if not isinstance(group, Mapping):
        return ()
    return text_list(group.get("insee_codes")) or text_list(group.get("official_codes"))


def covered_by(network: Record) -> tuple[str, tuple[str, ...]]:
    """The municipalities that a network covers, and the field that says so."""
    name = "coverage_official_codes" if "coverage_official_codes" in network.data else "coverage_insee_codes"
    return name, texts(network, name)


def is_municipality(party: Record) -> bool:
    """Whether a party is a commune, or what another country has in its place."""
    return text(party, "category") in MUNICIPAL


def text_list(value: object) -> tuple[str, ...]:
    """The texts of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def numbered_texts(value: object) -> Iterator[tuple[int, str]]:
    """The texts of a list, each with its place; nothing for anything else."""
    items = value if isinstance(value, list) else ()
    return ((index, item) for index, item in enumerate(items) if isinstance(item, str))


def object_list(value: object) -> list[Mapping[str, Json]]:
    """The objects of a list; empty for anything else."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def numbered_objects(value: object) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """The objects of a list, each with its place; nothing for anything else."""
    items = value if isinstance(value, list) else ()
    return ((index, item) for index, item in enumerate(items) if isinstance(item, Mapping))


def lifecycle_of(registry: WithSchemas, record: Record) -> Lifecycle | None:
    """The life cycle of its kind; None for a kind without any, and for one that the schemas do not have."""
    kind = registry.schemas.kinds.get(record.rid.kind)
    return kind.lifecycle if kind else None


def has_ended(registry: WithSchemas, record: Record) -> bool:
    """Whether its status ends its life (removed, cancelled, retired …)."""
    kind = registry.schemas.kinds.get(record.rid.kind)  # here and below without another call: asked a million times
    life = kind.lifecycle if kind else None
    return life is not None and text(record, life.field) in life.ends


def in_service(registry: WithSchemas, record: Record) -> bool:
    """Whether its status means that it exists and is in service (for equipment: still on its support)."""
    kind = registry.schemas.kinds.get(record.rid.kind)
    life = kind.lifecycle if kind else None
    return life is not None and text(record, life.field) in life.in_service


def state(registry: WithSchemas, record: Record) -> Text:
    """Its status in both languages; empty if it has none."""
    value = text(record, "status") or ""
    kind = registry.schemas.kinds.get(record.rid.kind)
    field = kind.by_path.get(("status",)) if kind else None
    return field.labels.get(value, verbatim(value)) if field else verbatim(value)


def links_of(registry: Snapshot, record: Record) -> Sequence[Link]:
    """The references in this file, even if another file claims the same id."""
    if len(registry.files_of(record.rid)) == 1:
        return registry.links_from(record.rid)
    kind = registry.schemas.kinds.get(record.rid.kind)
    return kind.links(record) if kind else ()


def record_named_by(registry: Snapshot, record: Record, field: str, kind: str) -> Record | None:
    """The record of `kind` that the top-level `field` names; None if there is none."""
    target = text(record, field)
    return registry.get(RecordId(kind, target)) if target else None


def properties(device: Record) -> dict[str, KeyPath]:
    """The observed properties, each with the place where the device first names it."""
    first_paths: dict[str, KeyPath] = {}
    for index, item in numbered_objects(device.data.get("measures")):
        name = item.get("property")
        if isinstance(name, str) and name:
            first_paths.setdefault(name, ("measures", index, "property"))
    return first_paths
