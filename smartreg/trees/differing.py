"""Which files differ between two trees, as Git sees it: one whose line ends it converts has not changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smartreg.trees.listing import Altered
from smartreg.trees.tabled import Tabled
from smartreg.trees.tree import File


def differing(old: Mapping[str, File], new: Mapping[str, File]) -> frozenset[str]:
    """The files that came, went or are others, or of which that is not known."""
    return frozenset(path for path in _suspects(old, new) if not _same(old.get(path), new.get(path)))


def _suspects(old: Mapping[str, File], new: Mapping[str, File]) -> Iterable[str]:
    """Of two that are told from one table, only the files that are others than there."""
    (one, changes), (other, more) = _parts(old), _parts(new)
    if isinstance(one, Tabled) and isinstance(other, Tabled) and one.table.sum == other.table.sum:
        return changes.keys() | more.keys()
    return old.keys() | new.keys()


def _parts(files: Mapping[str, File]) -> tuple[Mapping[str, File], Mapping[str, File | None]]:
    return (files.base, files.changes) if isinstance(files, Altered) else (files, {})


def _same(old: File | None, new: File | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.blob is not None and (old.blob, old.special) == (new.blob, new.special)
