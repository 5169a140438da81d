"""The ids of a kind by the names of its files, for Tab: Python alone."""

from __future__ import annotations

import os
from collections.abc import Iterator

ENDS = (".yaml", ".yml")


def ids(root: str, folder: str, start: str = "") -> Iterator[str]:
    """The ids of the records in a kind's folder that begin with `start`, sorted."""
    found: list[str] = []
    waiting = [os.path.join(root, "registry", folder)]
    while waiting:
        place = waiting.pop()
        try:
            names = os.listdir(place)
        except OSError:  # no folder
            continue
        found += [name.rpartition(".")[0] for name in names if name.startswith(start) and name.endswith(ENDS)]
        inner = (os.path.join(place, name) for name in names if not name.endswith(ENDS))
        waiting += [path for path in inner if not os.path.islink(path)]
    return iter(sorted(found))
