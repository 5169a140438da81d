"""The build fingerprint: what answers depend on besides the data, namely the files of smartreg and its libraries.

By size and time of change, as Python decides whether its byte code is stale.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@cache
def build_fingerprint() -> str:
    """A digest that changes with the files of smartreg, its libraries or Python."""
    found = hashlib.sha256(sys.version.encode())
    for line in (*_files(_PACKAGE), *_libraries()):
        found.update(line.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                about = entry.stat()
                yield f"{entry.path}\0{about.st_size}\0{about.st_mtime_ns}\n"


def _libraries() -> Iterator[str]:
    """The folders of installed packages: they change whenever a package is installed, removed or upgraded."""
    for place in sys.path:
        if place.endswith("-packages") and os.path.isdir(place):
            yield f"{place}\0{os.stat(place).st_mtime_ns}\n"
