"""The nouns of smartreg: immutable values that depend on nothing.

Shapes: a *key path* is a tuple of mapping keys and list indexes, `("measures", 0, "unit")`; a *file* is a POSIX
path relative to the root of the registry; data holds JSON types only (dates stay text).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from smartreg.core.messages import LANGUAGES as LANGUAGES
from smartreg.core.messages import Language as Language

REGISTRY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""The id of a registry: a random UUID (version 4, RFC 9562) in lower case."""

Json: TypeAlias = Any  # str | int | float | bool | None | Mapping[str, Json] | Sequence[Json]
Data: TypeAlias = Mapping[str, Json]
KeyPath: TypeAlias = tuple[str | int, ...]


class RecordId(NamedTuple):
    """Kind and id, written `equipment/istres-noise-003`."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class Record(NamedTuple):
    """One record: its location and content. `data` is never changed; `blob`: its Git blob id, empty if it is to be
    written."""

    rid: RecordId
    file: str
    data: Data
    blob: str = ""


class Link(NamedTuple):
    """A reference: `source` names the id `target` at `path`; `kinds`: the kinds that the schema allows there."""

    source: RecordId
    path: KeyPath
    target: str
    kinds: tuple[str, ...]


class Mark(NamedTuple):
    """A place in a text; line and column count from 1, columns in code points."""

    line: int
    column: int


class Location(NamedTuple):
    """Where a finding is: a file and a key path. `mark` only if the text could not be read; `row` and `column`
    (heading) only for imported sheets. `on_key` points at the key instead of the value (unknown field)."""

    file: str
    path: KeyPath = ()
    on_key: bool = False
    mark: Mark | None = None
    row: int | None = None
    column: str | None = None


def short_id(commit: str) -> str:
    """A commit id for people: always its first seven digits."""
    return commit[:7]


def path_text(path: KeyPath) -> str:
    """Write a key path as people type it: `measures[0].unit`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def value_at(data: Json, path: KeyPath) -> Json:
    """The value at `path`; None if some step of it is absent."""
    for part in path:
        if isinstance(part, int):
            if not isinstance(data, Sequence) or isinstance(data, str) or not -len(data) <= part < len(data):
                return None
            data = data[part]
        else:
            if (data.__class__ is not dict and not isinstance(data, Mapping)) or part not in data:
                return None
            data = data[part]
    return data
