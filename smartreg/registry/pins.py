"""`foreign/lock.json`: which release of each source is kept here, or why none is, and beside it the manifests of these
releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from smartreg.core.messages import Message
from smartreg.core.strict import Unreadable, read_json
from smartreg.release.format import Manifest
from smartreg.schema.settings import FOREIGN, Source

LOCK = f"{FOREIGN}/lock.json"


@dataclass(frozen=True)
class Pin:
    """The last accepted release of a source: the `id` of its registry, its number, the digest of its manifest, the
    commit that it shows, when it was issued and until when it is sure to be the latest (UTC). `checked`: the day on
    which this was last written. `base`: the records of the release from which losses are counted, and how many were
    `lost` since. `refused`: why a later release was refused, empty if none was. `withdrawn`: its data were.
    `unreachable`: the day since when no release could be fetched, empty if the last fetch came through."""

    id: str
    serial: int
    manifest: str
    commit: str
    issued: str
    expires: str
    checked: str
    base: int
    lost: int = 0
    refused: str = ""
    withdrawn: bool = False
    unreachable: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why nothing is kept yet of a source: the `id` of its registry, why its release was refused (`Why` of
    `release/format.py`), and the day on which this was written."""

    id: str
    refused: str
    checked: str


class Lock(NamedTuple):
    """What the lock says, by alias: of sources with a release that is kept, and of those without."""

    pins: Mapping[str, Pin]
    refusals: Mapping[str, Refusal]


class KeptRelease(NamedTuple):
    """The last accepted release of a source, and the folder with its files (`kind=…/data.parquet`, `records.jsonl`);
    None where its data were withdrawn."""

    alias: str
    source: Source
    pin: Pin
    manifest: Manifest
    folder: Path | None


def read_lock(text: bytes | None) -> Lock:
    """The lock; an empty one without a file. Raises Unreadable."""
    value = read_json(text) if text is not None else {}
    if not isinstance(value, dict) or not all(isinstance(block, dict) for block in value.values()):
        raise Unreadable(_NO_LOCK)
    kept = {alias: "serial" in block for alias, block in value.items()}
    return Lock(
        {alias: Pin(**_checked(block, Pin)) for alias, block in value.items() if kept[alias]},
        {alias: Refusal(**_checked(block, Refusal)) for alias, block in value.items() if not kept[alias]},
    )


def _checked(block: dict[str, Any], form: type[Pin] | type[Refusal]) -> dict[str, Any]:
    types = {item.name: _TYPES[str(item.type)] for item in fields(form)}
    if not types.keys() - _MARKS <= block.keys() <= types.keys():
        raise Unreadable(_NO_LOCK)
    if any(type(value) is not types[name] for name, value in block.items()):
        raise Unreadable(_NO_LOCK)
    try:
        [date.fromisoformat(block[name]) for name in _DAYS if name in block]
    except ValueError:
        raise Unreadable(_NO_LOCK) from None
    return block


def lock_text(lock: Lock) -> bytes:
    """The lock: sorted keys, a line for each value; a release whose data were withdrawn is marked, and a source that
    cannot be fetched."""
    entries: dict[str, Pin | Refusal] = {**lock.pins, **lock.refusals}
    blocks = {
        alias: {name: value for name, value in asdict(entry).items() if value or name not in _MARKS}
        for alias, entry in entries.items()
    }
    return f"{json.dumps(blocks, indent=1, sort_keys=True)}\n".encode()


def manifest_file(alias: str) -> str:
    """The file with the manifest of the release that is kept of a source; its signature is beside it."""
    return f"{FOREIGN}/{alias}.json"


_DAYS = ("checked", "unreachable")
_MARKS = frozenset(("withdrawn", "unreachable"))
_TYPES = {"int": int, "str": str, "bool": bool}
_NO_LOCK = Message("this is not the lock of sources")
