"""What an export shows, for every format: the requested records, as they are and as tables, and their origin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from smartreg.core.escape import escape_json
from smartreg.core.values import Json, Language, Record
from smartreg.domain.crs import Projection
from smartreg.schema import Kind
from smartreg.tables import Table, View

VERSION = 1  # of what every format says of its origin


@dataclass(frozen=True)
class Chosen:
    """What an export shows: the kinds; a view of the registry (`view.of_kind` gives the requested records, `view.get`
    any visible one); the same as tables; `fields`, the names given by `--columns` (none: all); `source`, the origin;
    `modified` and `created`, the days of the commits that last changed a record, and that brought it; `keeper`, the id
    of the party that runs the registry; `crs`, the system that points are shown in too (None: WGS 84 alone); `labels`,
    the language of the labels in the tables (None: codes)."""

    kinds: tuple[Kind, ...]
    view: View
    tables: tuple[Table, ...]
    source: Mapping[str, Json]
    fields: tuple[str, ...] = ()
    modified: Callable[[Record], str | None] = lambda _record: None
    created: Callable[[Record], str | None] = lambda _record: None
    keeper: str | None = None
    crs: Projection | None = None
    labels: Language | None = None

    def records(self) -> Iterator[tuple[Record, Json]]:
        """Each requested record, with its data, narrowed to `fields`."""
        for kind in self.kinds:
            for record in self.view.of_kind(kind.name):
                yield record, only(record.data, kind, self.fields) if self.fields else record.data

    @cached_property
    def lines(self) -> bytes:
        """One line of JSON per record, with its characters as they are: what `digest` is of."""
        lines = (
            json.dumps(
                {"kind": record.rid.kind, "id": record.rid.id, "data": data}, ensure_ascii=False, allow_nan=False
            )
            for record, data in self.records()
        )
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")

    @property
    def json_lines(self) -> bytes:
        """The same lines where nothing acts in a terminal or a CI log: what is written."""
        return escape_json(self.lines.decode()).encode()

    @cached_property
    def origin(self) -> Mapping[str, Json]:
        """Where the data comes from, with a digest of it: the SHA-256 of `lines`, whatever the format."""
        return {"version": VERSION, **self.source, "digest": f"sha256:{hashlib.sha256(self.lines).hexdigest()}"}


def only(data: Json, kind: Kind, names: tuple[str, ...]) -> Json:
    """The data of a record cut down to the fields of these names (`owner`, `power.source`, or those of columns)."""
    wanted = {"id", *names}
    fields = (field for field in kind.fields if not field.in_list)
    return _cut(data, [field.path for field in fields if field.name in wanted or field.column in wanted])


def field_names(chosen: Chosen) -> Iterator[str]:
    """What `fields` may name where records are shown as they are."""
    for kind in chosen.kinds:
        for field in kind.fields:
            if not field.in_list:
                yield field.name
                yield field.column or field.name


def _cut(data: Json, paths: list[tuple[str, ...]]) -> Json:
    if () in paths or not isinstance(data, Mapping):
        return data
    found = {}
    for name, value in data.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if inner:
            found[name] = _cut(value, inner)
    return found
