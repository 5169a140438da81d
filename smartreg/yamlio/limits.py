"""How large a record may be. A record is a page of facts; whatever is over these bounds is a mistake or an attack."""

from __future__ import annotations

from typing import Final

from smartreg.core.values import Json

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 20_000
"""Keys, values, lists and mappings together."""


def count_nodes(data: Json) -> int:
    """Nodes of a read document: each key, each value."""
    count = 0
    waiting = [data]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            count += len(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return count
