"""Which files differ between two trees."""

from __future__ import annotations

from smartreg.trees.listing import Listing
from smartreg.trees.tabled import Tabled
from smartreg.trees.tree import File


def apart(old: Listing, new: Listing) -> set[str]:
    """The paths in which two listings may differ: few where both are told from the same table."""
    one, other = old.base, new.base
    if isinstance(one, Tabled) and isinstance(other, Tabled) and one.table.sum == other.table.sum:
        return {*old.changes, *new.changes}
    return {*old, *new}


def differing(old: Listing, new: Listing) -> frozenset[str]:
    """The files that came, went or are others, or of which that is not known; as Git sees it: one whose line ends it
    converts has not changed."""
    return frozenset(path for path in apart(old, new) if not _same(old.get(path), new.get(path)))


def _same(old: File | None, new: File | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.blob is not None and (old.blob, old.special) == (new.blob, new.special)
