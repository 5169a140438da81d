"""Which files differ between two trees."""

from __future__ import annotations

from smartreg.trees.file import File
from smartreg.trees.indexed import IndexedFiles
from smartreg.trees.listing import Listing


def differing_paths(old: Listing, new: Listing) -> set[str]:
    """The paths in which two listings may differ: few where both derive from the same state."""
    one, other = old.base, new.base
    if isinstance(one, IndexedFiles) and isinstance(other, IndexedFiles) and one.state.serial == other.state.serial:
        return {*old.changes, *new.changes}
    return {*old, *new}


def find_differing(old: Listing, new: Listing) -> frozenset[str]:
    """The files that came, went or are others, or of which that is not known; as Git sees it: one whose line ends it
    converts has not changed."""
    return frozenset(path for path in differing_paths(old, new) if not _same(old.get(path), new.get(path)))


def _same(old: File | None, new: File | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.blob is not None and (old.blob, old.special) == (new.blob, new.special)
