"""`foreign/lock.json`: which release of each source is kept here, and beside it the manifests of these releases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from smartreg.core.messages import Message
from smartreg.core.strict import Unreadable, read_json
from smartreg.schema.settings import FOREIGN

LOCK = f"{FOREIGN}/lock.json"


@dataclass(frozen=True)
class Pin:
    """The last accepted release of a source: the `id` of its registry, its number, the digest of its manifest, the
    commit that it shows, when it was issued and until when it is sure to be the latest (UTC). `checked`: the day on
    which this was last written. `base`: the records of the release from which losses are counted, and how many were
    `lost` since. `refused`: why a later release was refused, empty if none was."""

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


def read_lock(text: bytes | None) -> Mapping[str, Pin]:
    """The pins by alias; none without a lock. Raises Unreadable."""
    value = read_json(text) if text is not None else {}
    if not isinstance(value, dict):
        raise Unreadable(_NO_LOCK)
    return {alias: _pin(block) for alias, block in value.items()}


def _pin(block: object) -> Pin:
    types = {item.name: int if item.type == "int" else str for item in fields(Pin)}
    if not isinstance(block, dict) or block.keys() != types.keys():
        raise Unreadable(_NO_LOCK)
    if any(type(block[name]) is not kind for name, kind in types.items()):
        raise Unreadable(_NO_LOCK)
    return Pin(**block)


def lock_text(pins: Mapping[str, Pin]) -> bytes:
    """The lock: sorted keys, a line for each value."""
    blocks = {alias: asdict(pin) for alias, pin in pins.items()}
    return f"{json.dumps(blocks, indent=1, sort_keys=True)}\n".encode()


def manifest_file(alias: str) -> str:
    """The file with the manifest of the release that is kept of a source; its signature is beside it."""
    return f"{FOREIGN}/{alias}.json"


_NO_LOCK = Message("this is not the lock of sources")
