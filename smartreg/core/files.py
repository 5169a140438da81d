"""The only way to read a file whose name comes from a tree, a branch or somebody else's program; folders that are no
links; and the Git directory around a folder, found without Git or any library."""

from __future__ import annotations

import errno
import os
import stat

# NONBLOCK: opening a FIFO must not wait for a writer.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_TO_LOCK = os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW

_BLOCK = 1 << 20


class NotRegular(OSError):
    """The path is a symbolic link, a folder, a pipe, a socket or a device."""


def read_regular(
    path: str | bytes | os.PathLike[str], limit: int, *, folder: int | None = None, follow: bool = False
) -> bytes:
    """At most `limit` bytes of a regular file, opened once. `folder`: the descriptor that a relative path starts from;
    `follow`: whether the file may be a symbolic link to a regular one, as those in Git's own folder may.

    Raises NotRegular for anything else, without waiting or reading, and OSError if the file cannot be read.
    """
    try:
        file = os.open(path, _FLAGS | (0 if follow else os.O_NOFOLLOW), dir_fd=folder)
    except OSError as fault:
        if fault.errno in (errno.ELOOP, errno.ENXIO):  # a symbolic link, a socket
            raise NotRegular(fault.errno, "not a regular file", path) from None
        raise
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise NotRegular(errno.EISDIR if stat.S_ISDIR(about.st_mode) else errno.ENXIO, "not a regular file", path)
        # One byte more than expected: a short read proves the end.
        content = os.read(file, min(about.st_size + 1, limit))
        if len(content) <= about.st_size:
            return content
        return content + _rest(file, limit - len(content))
    finally:
        os.close(file)


def _rest(file: int, limit: int) -> bytes:
    """Read the rest of a file that grows, or whose size the system does not report."""
    pieces = []
    while limit and (piece := os.read(file, min(limit, _BLOCK))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder, unless there is one. NotRegular if a link or a file has its name."""
    try:
        os.mkdir(path)
    except FileExistsError:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise NotRegular(errno.ENOTDIR, "not a folder", path) from None


def open_to_lock(path: str | os.PathLike[str]) -> int:
    """The descriptor of a file to lock, which is made if absent. NotRegular if it is anything but a regular file with
    this name alone."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | _TO_LOCK, 0o666)
    except OSError as fault:
        if fault.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise NotRegular(fault.errno, "not a regular file", path) from None
        raise
    about = os.fstat(file)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        os.close(file)
        raise NotRegular(errno.ENXIO, "not a regular file", path)
    return file


_LIMIT = 1 << 16
_POINTER = b"gitdir: "


def may_be_sparse(folder: str) -> bool:
    """False if Git never had a sparse checkout of the repository that contains `folder`; True is only a hint."""
    git = git_dir_around(os.path.abspath(folder))
    return git is not None and os.path.lexists(os.path.join(git, "info", "sparse-checkout"))


def git_dir_around(folder: str) -> str | None:
    """The Git directory of the working tree at or above `folder`; None where there is none."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    place = os.path.join(folder, ".git")
    if os.path.isdir(place):
        return place
    try:
        pointer = read_regular(place, _LIMIT)  # of a linked working tree, or a submodule
    except OSError:
        return None
    return os.path.join(folder, os.fsdecode(pointer.removeprefix(_POINTER).strip()))
