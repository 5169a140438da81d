"""A registry as one partition of a data set: replaced as a whole or not at all."""

from __future__ import annotations

import ctypes
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from smartreg.exporters import Written

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of linux/fs.h


def partition_of(names: Iterable[str]) -> str | None:
    """The folder that contains all files of these names; None if there is none."""
    tops = {Path(name).parts[0] for name in names if len(Path(name).parts) > 1}
    return tops.pop() if len(tops) == 1 else None


def write_partition(files: Sequence[Written], target: Path) -> list[Path]:
    """Write the files into `target`, all in one new folder that then takes the place of the one that is there. Readers
    see the old one or the new one; where the system cannot exchange folders, for a moment none. OSError when it cannot
    be written: then nothing has changed."""
    top = partition_of(item.name for item in files) or ""
    place = target / top
    with tempfile.TemporaryDirectory(prefix=".smartreg-", dir=target) as folder:
        draft = Path(folder) / top
        for item in files:
            path = Path(folder) / item.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.content)
        if place.exists():
            _exchange(draft, place)
        else:
            draft.rename(place)
    return [target / item.name for item in files]


def _exchange(draft: Path, place: Path) -> None:
    """Swap two folders; the old one goes away with the temporary folder that the draft was in."""
    with suppress(AttributeError, OSError):
        call = ctypes.CDLL(None, use_errno=True).renameat2
        if call(_HERE, os.fsencode(draft), _HERE, os.fsencode(place), _EXCHANGE) == 0:
            return
    old = draft.with_name("old")
    place.rename(old)
    try:
        draft.rename(place)
    except OSError:
        old.rename(place)
        raise
