"""One file of a tree: where it stands, what is known of it, and what stands there instead of a regular file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

Special: TypeAlias = Literal[
    "", "symlink", "submodule", "directory", "unmerged", "other", "undecodable name", "other encoding"
]
PLAIN: tuple[Special, ...] = ("", "other encoding")  # a file that may be a record, even if nobody can tell what it says
# Bytes, or how to ask for them: to measure 10 000 files costs more than the few that a command looks at are worth.
Size: TypeAlias = int | Callable[[], int | None] | None


def length(size: Size) -> int | None:
    """The size in bytes, asked for now where it was not known; None when there is none to tell."""
    return size() if callable(size) else size


class File(NamedTuple):
    """One file of a tree.

    `blob` is the Git blob id of the bytes that `read` gives, or None where that is not known beforehand. Where `size`
    (bytes) is told too, the file holds that blob only if the blob is as long: Git may have changed line ends.
    `special` is empty for a regular file; else it says what stands there instead (a symlink is neither followed
    nor read, a submodule or a symlinked folder is not entered; of a file that Git keeps in another encoding on disk,
    and that was changed there, nobody can tell what Git would take of it).
    """

    path: str
    blob: str | None
    special: Special = ""
    size: Size = None
