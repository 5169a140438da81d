"""The journal of a write: everything needed to finish or undo it, on disk before the first file changes.

It lives in the working tree's own Git directory, in `smartreg/write/`: `journal.json`, with `old-N`, the N-th file
as it was (a hard link, so restoring it needs no space), and `new-N`, the new file until it is in place. There is one
writer at a time: a lock file in the common Git directory, which the system releases when its holder dies.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.files import NotRegular, read_regular
from smartreg.core.values import Words
from smartreg.gitio.objects import blob_id
from smartreg.gitio.repo import Repo, Write

_VERSION = 1
_SYNC_ALL_FROM = 64  # number of files from which one system-wide sync is faster than one per file


class Planned(NamedTuple):
    """A file of the write: the Git blob id of its bytes before and after; None if absent."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Journal:
    """One write. `prefix` leads from the top of the working tree to the root that the paths start from; `head` is the
    commit before it; `folders` are those that it creates; `commits` is false if only files are written."""

    prefix: str
    head: str | None
    subject: str
    commits: bool
    folders: tuple[str, ...]
    files: tuple[Planned, ...]


def folder_of(repo: Repo) -> Path:
    """The folder of the journal, in the Git directory of this working tree."""
    return repo.git_dir / "smartreg" / "write"


def is_pending(repo: Repo) -> bool:
    """Whether a write was begun and neither finished nor undone; it may still be running."""
    return os.path.exists(folder_of(repo) / "journal.json")


def begin(repo: Repo, journal: Journal, writes: Sequence[Write], expected: Mapping[str, bytes | None]) -> None:
    """Make everything needed durable, then the journal itself. Raises StateFault if a file is not as `expected`."""
    folder = folder_of(repo)
    folder.mkdir(parents=True, exist_ok=True)
    clear(repo)
    fresh: list[Path] = []
    for number, write in enumerate(writes):
        path = repo.root / write.path
        mode = _keep_old(path, folder / f"old-{number}", write.path, expected[write.path])
        if write.content is not None:
            fresh.append(folder / f"new-{number}")
            _make(fresh[-1], write.content, mode)
    _sync_files(fresh)
    draft = folder / "journal.draft"
    _make(draft, json.dumps({"version": _VERSION, **asdict(journal)}).encode("ascii"), None)
    _sync_files([draft])
    os.replace(draft, folder / "journal.json")
    _sync_folder(folder)


def load(repo: Repo) -> Journal | None:
    """The journal of a write in progress. Raises StateFault if it cannot be read."""
    place = folder_of(repo) / "journal.json"
    try:
        stored = json.loads(place.read_bytes())
        if stored.pop("version") != _VERSION:
            raise ValueError
        files = tuple(Planned(*file) for file in stored.pop("files"))
        return Journal(**{**stored, "folders": tuple(stored["folders"])}, files=files)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StateFault(
            Words(
                en="the journal of an interrupted write is damaged",
                fr="le journal d'une écriture interrompue est abîmé",
            ),
            Words(
                en=f"look at `git status`, put right what is wrong, then remove {place}",
                fr=f"regardez `git status`, corrigez ce qui ne va pas, puis supprimez {place}",
            ),
        ) from None


def place_files(repo: Repo, journal: Journal) -> None:
    """Put every new file in place, each with one rename, and delete removed ones; durable on return."""
    folder = folder_of(repo)
    for name in journal.folders:
        (repo.root / name).mkdir(exist_ok=True)
    touched = {repo.root / PurePosixPath(name).parent for name in journal.folders}
    for number, planned in enumerate(journal.files):
        path = repo.root / planned.path
        touched.add(path.parent)
        if planned.new is None:
            path.unlink()
        else:
            _move(folder / f"new-{number}", path, number)
    for parent in touched:
        _sync_folder(parent)


def put_back(repo: Repo, journal: Journal) -> tuple[str, ...]:
    """Undo `place_files`, even if half done; returns the paths with neither the old nor our bytes, which stay as they
    are."""
    folder = folder_of(repo)
    root = repo.top / journal.prefix
    kept = []
    for number, planned in enumerate(journal.files):
        path = root / planned.path
        _half_moved(path, number).unlink(missing_ok=True)
        now = _id_of(path, repo.object_format())
        if now == planned.old:
            continue
        if now != planned.new:
            kept.append(planned.path)
        elif planned.old is None:
            path.unlink()
        else:
            _move(folder / f"old-{number}", path, number)
    for name in reversed(journal.folders):
        _remove_empty(root / name)
    return tuple(kept)


def drop(repo: Repo) -> None:
    """The write is over."""
    (folder_of(repo) / "journal.json").unlink(missing_ok=True)
    clear(repo)


def clear(repo: Repo) -> None:
    """Remove leftovers of an earlier write from the folder of the journal."""
    with os.scandir(folder_of(repo)) as entries:
        for entry in entries:
            if entry.name != "journal.json":
                os.unlink(entry.path)


def holds(path: Path, content: bytes | None) -> bool:
    """Whether the path is a regular file with exactly these bytes; for None, whether it is absent."""
    if content is None:
        return not os.path.lexists(path)
    try:
        return read_regular(path, len(content) + 1) == content
    except (FileNotFoundError, NotADirectoryError, NotRegular):
        return False


def concurrent_change(path: str) -> StateFault:
    return StateFault(
        Words(
            en=f"{path} changed meanwhile; nothing was written", fr=f"{path} a changé entre-temps ; rien n'a été écrit"
        ),
        Words(en="look at it, then run the command again", fr="regardez-le, puis relancez la commande"),
    )


def _keep_old(path: Path, copy: Path, name: str, expected: bytes | None) -> int | None:
    """Keep the file at `path` as `copy` and return its permissions; None if it is absent as expected."""
    if expected is None or not os.path.lexists(path):
        if not holds(path, expected):
            raise concurrent_change(name)
        return None
    mode, kept = stat.S_IMODE(os.lstat(path).st_mode), copy
    try:
        os.link(path, copy, follow_symlinks=False)
    except OSError:  # another file system, or one without hard links
        _make(copy, expected, mode)
        _sync_files([copy])
        kept = path
    if not holds(kept, expected):
        raise concurrent_change(name)
    return mode


def _make(path: Path, content: bytes, mode: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with open(descriptor, "wb") as file:
        file.write(content)
    if mode is not None:
        os.chmod(path, mode)


def _move(source: Path, target: Path, number: int) -> None:
    try:
        os.replace(source, target)
    except OSError as fault:
        if fault.errno != errno.EXDEV:
            raise
        half_moved = _half_moved(target, number)
        half_moved.unlink(missing_ok=True)
        _make(half_moved, source.read_bytes(), stat.S_IMODE(os.lstat(source).st_mode))
        _sync_files([half_moved])
        os.replace(half_moved, target)


def _half_moved(target: Path, number: int) -> Path:
    return target.with_name(f".smartreg-{number}.tmp")


def _id_of(path: Path, object_format: str) -> str | None:
    """The blob id of a regular file; None if nothing is there, empty for anything else (a folder, a symlink)."""
    try:
        return blob_id(read_regular(path, sys.maxsize), object_format)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except NotRegular:
        return ""


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as fault:
        if fault.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
            raise


def _sync_files(paths: Sequence[Path]) -> None:
    if len(paths) >= _SYNC_ALL_FROM and sys.platform == "linux":  # elsewhere sync() does not wait
        os.sync()
        return
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":  # where folders cannot be opened
        _sync_files([folder])


PATIENCE = 30.0  # seconds that a command waits for another one to finish
_PAUSE = 0.02


class BusyElsewhere(StateFault):
    """Another command is writing."""


@contextmanager
def hold_lock(common_dir: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of all working trees of a repository. Raises BusyElsewhere if another command holds it."""
    place = common_dir / "smartreg"
    place.mkdir(exist_ok=True)
    descriptor = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        give_up = time.monotonic() + patience
        while not _try_lock(descriptor):
            if time.monotonic() >= give_up:
                raise BusyElsewhere(
                    Words(
                        en="another smartreg command is writing to this registry",
                        fr="une autre commande smartreg écrit dans ce registre",
                    ),
                    Words(
                        en="wait until it has finished, then try again", fr="attendez qu'elle finisse, puis réessayez"
                    ),
                )
            time.sleep(_PAUSE)
        # A Git process that may outlive us inherits it (`Git.begin`).
        os.set_inheritable(descriptor, True)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    # The same lock as filelock's, whose import alone costs as much as half a commit, and which would not pass its
    # descriptor to a Git that outlives us.
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
