"""Numbers of records in words: 12 equipment, 1 network, 3 flows."""

from __future__ import annotations

from collections.abc import Mapping

from smartreg.core.values import Words

NAMES = {
    "equipment": (Words("equipment", "équipement"), Words("equipment", "équipements")),
    "support": (Words("support", "support"), Words("supports", "supports")),
    "flow": (Words("flow", "flux"), Words("flows", "flux")),
    "network": (Words("network", "réseau"), Words("networks", "réseaux")),
}
"""Kind → what one of them is called, and several."""


def counted(counts: Mapping[str, int]) -> Words | None:
    """How many there are of each kind; None when there are none."""
    parts = [(counts[kind], names[counts[kind] > 1]) for kind, names in NAMES.items() if counts.get(kind)]
    if not parts:
        return None
    return Words(
        ", ".join(f"{count} {name.en}" for count, name in parts),
        ", ".join(f"{count} {name.fr}" for count, name in parts),
    )
