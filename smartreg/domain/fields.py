"""Reading a record that may have any fault: its texts, its references, and what its status says of its life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from smartreg.core.values import Link, Record, RecordId, Words
from smartreg.domain.checks import Snapshot
from smartreg.schema import Schemas


class WithSchemas(Protocol):
    """A registry, or the context of a rule of record scope."""

    @property
    def schemas(self) -> Schemas: ...


def text(record: Record, name: str) -> str | None:
    """The text of a top-level field; None when it is absent, empty or no text."""
    value = record.data.get(name)
    return value or None if value.__class__ is str else None


def texts(record: Record, name: str) -> tuple[str, ...]:
    """The texts of a top-level list; empty when it is absent or no list."""
    return text_list(record.data.get(name))


def text_list(value: object) -> tuple[str, ...]:
    """The texts of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def has_ended(judged: WithSchemas, record: Record) -> bool:
    """True when its status is one that ends its life (removed, cancelled, retired …)."""
    kind = judged.schemas.kinds.get(record.rid.kind)
    life = kind.lifecycle if kind else None
    return life is not None and text(record, life.field) in life.ends


def in_service(judged: WithSchemas, record: Record) -> bool:
    """True when its status is one in which it is there and serves (for equipment: still on its support)."""
    kind = judged.schemas.kinds.get(record.rid.kind)
    life = kind.lifecycle if kind else None
    return life is not None and text(record, life.field) in life.in_service


def state(judged: WithSchemas, record: Record) -> Words:
    """Its status in both languages; empty when it has none."""
    value = text(record, "status") or ""
    kind = judged.schemas.kinds.get(record.rid.kind)
    field = kind.by_path.get(("status",)) if kind else None
    return field.labels.get(value, Words(value, value)) if field else Words(value, value)


def links_of(registry: Snapshot, record: Record) -> Sequence[Link]:
    """The references of this very file, also where another file claims the same id."""
    if len(registry.files_of(record.rid)) == 1:
        return registry.links_from(record.rid)
    kind = registry.schemas.kinds.get(record.rid.kind)
    return kind.links(record) if kind else ()


def record_named_by(registry: Snapshot, record: Record, field: str, kind: str) -> Record | None:
    """The record of `kind` that the top-level `field` names; None when there is none."""
    target = text(record, field)
    return registry.get(RecordId(kind, target)) if target else None
