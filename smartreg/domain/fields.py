"""Read a record that may have any fault: its texts, its references, what its status says about its life, what equipment
measures; find references that name no record of an allowed kind, and suggest corrections.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from smartreg.core.findings import Fix, Put
from smartreg.core.messages import SOURCE, Localized, Message, Text, verbatim
from smartreg.core.spelling import all_close, fold
from smartreg.core.values import KeyPath, Link, Record, RecordId
from smartreg.domain.checks import Snapshot
from smartreg.schema import Schemas


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


def text_list(value: object) -> tuple[str, ...]:
    """The texts of a list; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def has_ended(registry: WithSchemas, record: Record) -> bool:
    """Whether its status ends its life (removed, cancelled, retired …)."""
    kind = registry.schemas.kinds.get(record.rid.kind)
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
    found: dict[str, KeyPath] = {}
    items = device.data.get("measures")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        name = item.get("property") if isinstance(item, Mapping) else None
        if isinstance(name, str) and name:
            found.setdefault(name, ("measures", index, "property"))
    return found


MOST_SUGGESTIONS = 50
"""Ids looked up in one run: each costs a comparison with every id of its kinds, and many mean another fault."""


def find_unresolved(registry: Snapshot, subjects: Iterable[Record]) -> Iterator[tuple[Record, Link]]:
    """Each reference of the subjects that names no record of an allowed kind, whether or not it can be read."""
    known: set[tuple[str, tuple[str, ...]]] = set()
    for record in subjects:
        for link in links_of(registry, record):
            sought = (link.target, link.kinds)
            if sought in known:
                continue
            if any(registry.files_of(RecordId(kind, link.target)) for kind in link.kinds):
                known.add(sought)
            else:
                yield record, link


class Suggestions:
    """The nearest existing ids, each computed once, for the first `MOST_SUGGESTIONS` look-ups."""

    def __init__(self, registry: Snapshot) -> None:
        self._registry = registry
        self._found: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def nearest(self, link: Link) -> Text | None:
        """`did you mean "istres-ep-00412" (street_light · EP-0412)?`, or None if nothing is similar."""
        near = self._near(link)
        if not near:
            return None
        id = near[0]
        label = self._label(next(RecordId(kind, id) for kind in link.kinds if id in self._registry.ids(kind)))
        if label is None:
            return Message('did you mean "{id}"?', id=id)
        return Message('did you mean "{id}" ({label})?', id=id, label=label)

    def fix(self, link: Link) -> Fix | None:
        """The only similar id: a safe fix if it differs only in case, accents and separators."""
        near = self._near(link)
        if not near:
            return None
        alike = [id for id in near if id == fold(link.target)]
        if alike:
            return Fix(Put(link.path, alike[0]))
        return Fix(Put(link.path, near[0]), safe=False) if len(near) == 1 else None

    def _near(self, link: Link) -> tuple[str, ...]:
        """The similar ids, most similar first; two of them are enough to decide."""
        sought = (link.target, link.kinds)
        if sought not in self._found and len(self._found) < MOST_SUGGESTIONS:
            ids = [id for kind in link.kinds for id in self._registry.ids(kind)]
            self._found[sought] = all_close(link.target, ids) if len(link.target) <= 200 else ()
        return self._found.get(sought, ())

    def _label(self, rid: RecordId) -> Text | None:
        """What people call a record; None if nothing."""
        record = self._registry.get(rid)
        kind = self._registry.schemas.kinds[rid.kind]
        label = (
            Localized.of(en=kind.label_of(record.data, "en"), fr=kind.label_of(record.data, "fr")) if record else None
        )
        return label if label and label.in_(SOURCE) else None
