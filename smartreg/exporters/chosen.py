"""The input of every exporter: the requested records, as they are and as tables, and their origin.

Also the surroundings of a record: what it refers to, and what refers to it, as far as the audience may see it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from smartreg.core.escape import escape_json
from smartreg.core.messages import Language, Text
from smartreg.core.values import Json, Record, RecordId
from smartreg.domain.crs import Projection
from smartreg.domain.fields import object_list
from smartreg.schema import ITEM, Kind
from smartreg.tables import Table, View

VERSION = 1  # of what every format says of its origin


class OpenQuestion(NamedTuple):
    """Something that the registry does not know of a record, or doubts; and the column that it is about, by its name
    (None: the whole row)."""

    record: RecordId
    column: str | None
    text: Text


@dataclass(frozen=True)
class Guide:
    """What a workbook says to those who fill it in: a heading, what to do, line by line, and the open questions;
    `marks`: comments on cells that are wrong, by table, row (from 1) and column (from 0)."""

    heading: Text
    lines: tuple[Text, ...]
    questions: tuple[OpenQuestion, ...] = ()
    marks: Mapping[tuple[str, int, int], Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Chosen:
    """The content of an export: the kinds; a view of the registry (`view.of_kind` gives the requested records,
    `view.get` any visible one); the same as tables; `fields`, the names given by `--columns` (none: all); `source`, the
    origin; `modified` and `created`, the days of the commits that last changed a record, and that brought it;
    `publisher`, the id of the party that runs the registry; `crs`, the system that points are shown in too (None: WGS
    84 alone); `labels`, the language of the labels in the tables (None: codes); `guide`, for those who fill it in;
    `label_address`, the address on a label that is stuck on a record (None: the settings name none)."""

    kinds: tuple[Kind, ...]
    view: View
    tables: tuple[Table, ...]
    source: Mapping[str, Json]
    fields: tuple[str, ...] = ()
    modified: Callable[[Record], str | None] = lambda _record: None
    created: Callable[[Record], str | None] = lambda _record: None
    publisher: str | None = None
    crs: Projection | None = None
    labels: Language | None = None
    guide: Guide | None = None
    label_address: str | None = None

    def records(self) -> Iterator[tuple[Record, Json]]:
        """Each requested record, with its data, narrowed to `fields`."""
        for kind in self.kinds:
            for record in self.view.of_kind(kind.name):
                yield record, only(record.data, kind, self.fields) if self.fields else record.data

    @cached_property
    def lines(self) -> bytes:
        """One line of JSON per record, with its characters as they are: the input of `digest`."""
        lines = (
            json.dumps(
                {"kind": record.rid.kind, "id": record.rid.id, "data": data}, ensure_ascii=False, allow_nan=False
            )
            for record, data in self.records()
        )
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")

    @property
    def json_lines(self) -> bytes:
        """The same lines, escaped so that nothing acts in a terminal or a CI log: what is written."""
        return escape_json(self.lines.decode()).encode()

    @cached_property
    def origin(self) -> Mapping[str, Json]:
        """Where the data comes from, with a digest of it: the SHA-256 of `lines`, whatever the format."""
        return {"version": VERSION, **self.source, "digest": f"sha256:{hashlib.sha256(self.lines).hexdigest()}"}


def only(data: Json, kind: Kind, names: tuple[str, ...]) -> Json:
    """The data of a record cut down to the fields of these names (`owner`, `power.source`, or those of columns)."""
    kept = {"id", *names}
    fields = (field for field in kind.fields if not field.in_list)
    return _cut(data, [field.path for field in fields if field.name in kept or field.column in kept])


def field_names(chosen: Chosen) -> Iterator[str]:
    """The names that `fields` may contain where records are shown as they are."""
    for kind in chosen.kinds:
        for item in kind.fields:
            if not item.in_list:
                yield item.name
                yield item.column or item.name


def _cut(data: Json, paths: list[tuple[str, ...]]) -> Json:
    if () in paths or not isinstance(data, Mapping):
        return data
    kept = {}
    for name, value in data.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if inner:
            kept[name] = _cut(value, inner)
    return kept


@dataclass(frozen=True)
class Around:
    """A view of the registry with look-ups from a record to those around it."""

    chosen: Chosen

    def find(self, record: Record | None, name: str) -> Record | None:
        """The record that a field refers to."""
        kind = None if record is None else self.chosen.view.schemas.kinds[record.rid.kind]
        reference = kind.by_path.get((name,)) if kind else None
        id = record.data.get(name) if record else None
        if reference is None or not isinstance(id, str):
            return None
        return self._get(reference.refs, id)

    def all_named(self, record: Record | None, name: str) -> list[Record]:
        """The records that the items of a list refer to."""
        kind = None if record is None else self.chosen.view.schemas.kinds[record.rid.kind]
        reference = kind.by_path.get((name, ITEM)) if kind else None
        ids = items_of(record, name) if record else ()
        records = (self._get(reference.refs, id) for id in ids if reference and isinstance(id, str))
        return list({item.rid: item for item in records if item}.values())

    def _get(self, refs: Sequence[str], id: str) -> Record | None:
        return next((item for ref in refs if (item := self.chosen.view.get(RecordId(ref, id)))), None)

    def keepers(self, producer: Record | None) -> Sequence[Record]:
        """Who answers for data: its producer, then the Métropole of the settings."""
        publisher = self._get(("party",), self.chosen.publisher) if self.chosen.publisher else None
        return list({party.rid: party for party in (producer, publisher) if party is not None}.values())

    def all_of(self, kind: str) -> Sequence[Record]:
        """Every visible record of a kind, requested or not."""
        return self.chosen.view.seen.get(kind, ())

    @cached_property
    def on_support(self) -> Mapping[str, Sequence[Record]]:
        """The equipment that is on each support now: in service, whatever its state."""
        by_support: dict[str, list[Record]] = defaultdict(list)
        for record in self.all_of("equipment"):
            life = self.chosen.view.schemas.kinds["equipment"].lifecycle
            if life is None or text_of(record, life.field) in life.in_service:
                by_support[text_of(record, "support") or ""].append(record)
        return by_support

    @cached_property
    def flows(self) -> Mapping[str, Sequence[Record]]:
        """The flows that each device feeds."""
        by_device: dict[str, list[Record]] = defaultdict(list)
        for flow in self.all_of("flow"):
            for id in dict.fromkeys(item for item in items_of(flow, "equipment") if isinstance(item, str)):
                by_device[id].append(flow)
        return by_device

    @cached_property
    def personal(self) -> frozenset[str]:
        """The equipment of flows that carry personal data."""
        return frozenset(
            id
            for id, flows in self.flows.items()
            if any(value_of(flow, "personal_data", "involved") is True for flow in flows)
        )


def value_of(record: Record | None, *path: str) -> Json:
    """The plain value at a path; None if there is none, or it is not plain."""
    value: Json = record.data if record else None
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return None if isinstance(value, (Mapping, list)) else value


def text_of(record: Record | None, *path: str) -> str | None:
    """The text at a path."""
    value = value_of(record, *path)
    return value if isinstance(value, str) else None


def items_of(record: Record, name: str) -> Sequence[Json]:
    """The items of a list; none if there is no list."""
    items = record.data.get(name)
    return items if isinstance(items, list) else ()


def measured_keys(device: Record) -> list[str]:
    """The keys of the properties that a device measures."""
    keys = (item.get("property") for item in object_list(device.data.get("measures")))
    return [key for key in keys if isinstance(key, str)]
