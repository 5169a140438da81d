"""One file of a tree: its path, what is known of it, and what it is if not a regular file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

Special: TypeAlias = Literal[
    "", "symlink", "submodule", "directory", "unmerged", "other", "undecodable name", "other encoding"
]
PLAIN: tuple[Special, ...] = ("", "other encoding")  # a file that may be a record, even if it cannot be read
# Bytes, or how to ask for them: to measure 10 000 files costs more than the few that a command looks at are worth.
Size: TypeAlias = int | Callable[[], int | None] | None


def length(size: Size) -> int | None:
    """The size in bytes, read now if it is not known; None without a size."""
    return size() if callable(size) else size


class File(NamedTuple):
    """One file of a tree.

    `blob` is the Git blob id of the bytes that `read` gives, or None if not known yet. Where `size` (bytes) is given
    too, the file holds that blob only if the blob has that length: Git may have changed line ends. `special` is empty
    for a regular file; else it says what the path is instead (a symlink is neither followed nor read, a submodule or a
    symlinked folder is not entered; of a file that Git keeps in another encoding on disk, and that was changed there,
    it is unknown what Git would store).
    """

    path: str
    blob: str | None
    special: Special = ""
    size: Size = None
