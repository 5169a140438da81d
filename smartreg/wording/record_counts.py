"""Numbers of records in words: 12 equipment, 1 network, 3 flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smartreg.core import messages
from smartreg.core.messages import plural

_COUNTED: Mapping[str, Callable[[int], messages.Text]] = {
    "equipment": lambda n: plural("{n} equipment", "{n} equipment", n=n),
    "support": lambda n: plural("{n} support", "{n} supports", n=n),
    "flow": lambda n: plural("{n} flow", "{n} flows", n=n),
    "network": lambda n: plural("{n} network", "{n} networks", n=n),
}


def count_by_kind(counts: Mapping[str, int]) -> messages.Text | None:
    """The count of each kind in words; None if there are none."""
    parts = [say(number) for kind, say in _COUNTED.items() if (number := counts.get(kind, 0))]
    return messages.joined(parts) if parts else None
