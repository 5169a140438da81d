"""`foreign/lock.json`: which release of each source is kept here, and beside it the manifests of these releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple

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
    `lost` since. `refused`: why a later release was refused, empty if none was. `withdrawn`: its data were."""

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


class KeptRelease(NamedTuple):
    """The last accepted release of a source, and the folder with its files (`kind=…/data.parquet`, `records.jsonl`);
    None where its data were withdrawn."""

    alias: str
    source: Source
    pin: Pin
    manifest: Manifest
    folder: Path | None


def read_lock(text: bytes | None) -> Mapping[str, Pin]:
    """The pins by alias; none without a lock. Raises Unreadable."""
    value = read_json(text) if text is not None else {}
    if not isinstance(value, dict):
        raise Unreadable(_NO_LOCK)
    return {alias: _pin(block) for alias, block in value.items()}


def _pin(block: object) -> Pin:
    types = {item.name: _TYPES[str(item.type)] for item in fields(Pin)}
    if not isinstance(block, dict) or {*block, _MARK} != types.keys():
        raise Unreadable(_NO_LOCK)
    if any(type(value) is not types[name] for name, value in block.items()):
        raise Unreadable(_NO_LOCK)
    return Pin(**block)


def lock_text(pins: Mapping[str, Pin]) -> bytes:
    """The lock: sorted keys, a line for each value; a release whose data were withdrawn is marked."""
    blocks = {
        alias: {name: value for name, value in asdict(pin).items() if value is not False} for alias, pin in pins.items()
    }
    return f"{json.dumps(blocks, indent=1, sort_keys=True)}\n".encode()


def manifest_file(alias: str) -> str:
    """The file with the manifest of the release that is kept of a source; its signature is beside it."""
    return f"{FOREIGN}/{alias}.json"


_MARK = "withdrawn"
_TYPES = {"int": int, "str": str, "bool": bool}
_NO_LOCK = Message("this is not the lock of sources")
