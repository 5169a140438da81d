"""Folders on disk, read without following a symlink, opening anything but regular files, or trusting a name.

Also finds the root of a registry, the folder that every path is relative to, and reads its schemas and settings
without listing its records.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.files import may_be_sparse, read_regular
from smartreg.core.messages import Message
from smartreg.gitio import open_repo
from smartreg.index import Stamp
from smartreg.index.mtime import is_reliable
from smartreg.trees.objects import find_skipped_below, read_blobs
from smartreg.trees.tree import (
    FOLDERS,
    READ_LIMIT,
    SCOPE,
    SETTINGS,
    File,
    Special,
    decode_name,
    encode_path,
    name_fault,
)

# Nothing there, or nothing that could be a regular file.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def walk(root: Path, others: Iterable[str] = ()) -> dict[str, Special]:
    """All files in a registry's folders, and in `others`, by path, with what each is if not a regular file.

    Folders are entered unless they are symlinks or hold a Git repository of their own. StateFault if access is denied.
    """
    files: dict[str, Special] = {}
    folders: list[str] = []
    top = os.fsencode(root)
    for name in (*SCOPE, *others):
        special = at_top(top, name)
        if special == "directory" and name != SETTINGS:
            folders.append(name)
        elif special is not None:
            files[name] = special or ("" if name == SETTINGS else "other")
    while folders:
        folder = folders.pop()
        try:
            entries = _entries(top, folder)
        except OSError as fault:
            if not _absent(fault):
                raise _unreadable(folder, fault) from None
            # The path is too long; whatever has vanished meanwhile is not part of the tree.
            if fault.errno == errno.ENAMETOOLONG:
                files[folder] = "other"
            continue
        if any(entry.name == b".git" for entry in entries):
            files[folder] = "submodule"
            continue
        for entry in entries:
            path = f"{folder}/{decode_name(entry.name)}"
            if entry.is_file(follow_symlinks=False):
                files[path] = name_fault(path)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                files[path] = "symlink" if entry.is_symlink() else "other"
    return files


def stamp(top: bytes, folder: str) -> Stamp:
    """The times of change (first the one that no program can set) and inode of a folder, which change with every name
    added to, removed from or changed in it; OSError if there is none."""
    about = os.lstat(top + b"/" + encode_path(folder))
    if not stat.S_ISDIR(about.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, folder)
    return about.st_ctime_ns, about.st_mtime_ns, about.st_ino


def reliable_stamp(began: int, current: Stamp) -> Stamp | None:
    """The stamp, if any change after `began` (nanoseconds) must alter it."""
    return current if is_reliable(began, *current[:2]) else None


def _entries(top: bytes, folder: str) -> list[os.DirEntry[bytes]]:
    with os.scandir(top + b"/" + encode_path(folder)) as listing:
        return list(listing)


def at_top(top: bytes, name: str) -> Special | None:
    """The sort of file at this name in a registry, None for nothing. If a parent folder is a symlink or a Git
    repository of its own, that is returned."""
    above = name.rpartition("/")[0]
    around = at_top(top, above) if above else "directory"
    if around == "directory" and above and os.path.lexists(top + b"/" + encode_path(above) + b"/.git"):
        return "submodule"
    if around != "directory":
        return around
    try:
        mode = os.lstat(top + b"/" + encode_path(name)).st_mode
    except OSError as fault:
        if _absent(fault):
            return None
        raise _unreadable(name, fault) from None
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISLNK(mode):
        return "symlink"
    return "" if stat.S_ISREG(mode) and name not in FOLDERS else "other"


class SizeOf:
    """The length of the file `path` below the folder `top` when called; None if it is gone. A `partial` would take five
    times the memory, for each file."""

    __slots__ = ("_path", "_top")

    def __init__(self, top: bytes, path: str) -> None:
        self._top, self._path = top, path

    def __call__(self) -> int | None:
        try:
            return os.lstat(self._top + b"/" + encode_path(self._path)).st_size
        except OSError:
            return None


def read_files(root: Path, paths: Iterable[str], limit: int = READ_LIMIT) -> Iterator[tuple[str, bytes]]:
    """The bytes of the regular files among `paths`, at most `limit` of each; Raises StateFault without access. No step
    of a path below `root` is followed if it is a symlink.
    """
    with closing(_Folders(root)) as folders:
        for path in paths:
            try:
                folder, _, name = path.rpartition("/")
                content = read_regular(encode_path(name), limit, folder=folders.open(folder))
            except OSError as fault:
                if not _absent(fault):
                    raise _unreadable(path, fault) from None
                continue
            yield path, content


class _Folders:
    """Keeps the last folder open: files of one folder are mostly read one after the other."""

    def __init__(self, root: Path) -> None:
        try:
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as fault:
            raise _unreadable(".", fault) from None
        # None while no folder is fully opened.
        self._path: str | None = ""
        self._last = self._root

    def open(self, path: str) -> int:
        """A descriptor of the folder, valid until the next call; OSError if there is no such real folder."""
        if path != self._path:
            self._forget()
            for step in path.split("/") if path else ():
                before = self._last
                self._last = os.open(encode_path(step), _FOLDER, dir_fd=before)
                if before != self._root:
                    os.close(before)
            self._path = path
        return self._last

    def close(self) -> None:
        self._forget()
        os.close(self._root)

    def _forget(self) -> None:
        if self._last != self._root:
            os.close(self._last)
        self._last, self._path = self._root, None


def _absent(fault: OSError) -> bool:
    # For a name that no file can have, there is no errno.
    return fault.errno is None or fault.errno in _ABSENT


def _unreadable(path: str, fault: OSError) -> StateFault:
    if fault.errno in (errno.EACCES, errno.EPERM):
        return StateFault(
            Message("{path} may not be read", path=path),
            Message("give yourself the right to read it"),
        )
    return StateFault(
        Message("the system fails to read {path}", path=path),
        Message("check the disk, then try again"),
    )


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds `smartreg.toml`, or both `schemas/` and `registry/`.

    "Above" means on the real path of `start`, up to the top of a Git work tree. Raises StateFault if there is none.
    """
    root = root_above(start)
    if root is None:
        raise StateFault(
            Message("this is not a registry"),
            Message("go to a folder with smartreg.toml, or start one: smartreg init"),
        )
    return root


def root_above(start: Path) -> Path | None:
    """`find_root`; None if there is none."""
    folder = Path(os.path.realpath(start))
    candidates = list(_up_to_the_top(folder))
    for holds_registry in (is_root, *([_leaves_registry_out] if may_be_sparse(os.fspath(folder)) else [])):
        for candidate in candidates:
            if holds_registry(candidate):
                return candidate
    return None


def _up_to_the_top(folder: Path) -> Iterator[Path]:
    for candidate in (folder, *folder.parents):
        yield candidate
        if os.path.lexists(candidate / ".git"):
            return


def is_root(folder: Path) -> bool:
    """Whether a folder is the root of a registry. A symlink counts by its name: its target is reported once the tree is
    read."""
    return os.path.lexists(folder / SETTINGS) or all(
        os.path.islink(folder / name) or os.path.isdir(folder / name) for name in FOLDERS
    )


def _leaves_registry_out(folder: Path) -> bool:
    """Whether there is a registry whose settings and folders a sparse checkout leaves out."""
    if not folder.is_dir():
        return False
    left_out = find_skipped_below(open_repo(folder), SCOPE)
    return SETTINGS in left_out or all(
        os.path.isdir(folder / name) or any(path.startswith(f"{name}/") for path in left_out) for name in FOLDERS
    )


FOLDER = "schemas"


class OddSchema(Exception):
    """A schema is no regular file, or the folder of schemas no folder."""

    def __init__(self, file: File) -> None:
        super().__init__(file.path)
        self.file = file


def schema_texts(root: Path) -> dict[str, bytes]:
    """The files `schemas/*.json` by name, at most `READ_LIMIT` bytes of each: those on disk, and those that a sparse
    checkout leaves out. OddSchema if one is no regular file; StateFault if they cannot be read."""
    texts = dict(_on_disk(root))
    if may_be_sparse(os.fspath(root)):
        repo = open_repo(root)
        left_out = find_skipped_below(repo, (FOLDER,))
        texts |= read_blobs(repo, left_out, filter(_is_schema, left_out))
    return {path.rpartition("/")[2]: texts[path] for path in sorted(texts)}


def settings_text(root: Path) -> bytes | None:
    """The text of `smartreg.toml`, at most `READ_LIMIT` bytes; None if there is no such regular file."""
    texts = dict(read_files(root, (SETTINGS,)))
    if not texts and may_be_sparse(os.fspath(root)):
        repo = open_repo(root)
        texts = dict(read_blobs(repo, find_skipped_below(repo, (SETTINGS,)), (SETTINGS,)))
    return texts.get(SETTINGS)


def _on_disk(root: Path) -> Iterable[tuple[str, bytes]]:
    special = at_top(os.fsencode(root), FOLDER)
    if special is None:
        return ()
    if special != "directory":
        raise OddSchema(File(FOLDER, None, special))
    paths = [path for name in sorted(os.listdir(root / FOLDER)) if _is_schema(path := f"{FOLDER}/{name}")]
    texts = dict(read_files(root, paths))
    for path in paths:
        special = at_top(os.fsencode(root), path) if path not in texts else None
        if special is not None:
            raise OddSchema(File(path, None, special))
    return texts.items()


def _is_schema(path: str) -> bool:
    return path.endswith(".json") and path.count("/") == 1
