"""The journal of a write: everything needed to finish or undo it, on disk before the first file changes.

It lives in the working tree's own Git directory, in `smartreg/write/`: `journal.json`, with `old-N`, the N-th file
as it was (a hard link, so restoring it needs no space), and `new-N`, the new file until it is in place. The folder is
prepared under another name, and renamed once it is complete: of two writers, only one can do so.

A journal says which files to put back, so it is believed only with the mark of this user for this folder, from a
process of this computer (`core.user_key`): a folder that was received with its `.git` may hold any journal.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import stat
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smartreg.core.errors import StateFault
from smartreg.core.files import NotRegular, make_folder, read_regular
from smartreg.core.messages import Message, Text
from smartreg.core.user_key import is_marked, key_path, mark
from smartreg.gitio.objects import blob_id
from smartreg.gitio.refusals import refuse_places
from smartreg.gitio.repo import Repo, Write
from smartreg.gitio.turns import BusyElsewhere, Writer

_VERSION = 2
_LONGEST = 1 << 28  # bytes
_SYNC_ALL_FROM = 64  # number of files from which one system-wide sync is faster than one per file
_DRAFT = "write-"  # and the number of the process


class Planned(NamedTuple):
    """A file of the write: the Git blob id of its bytes before and after; None if absent."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Journal:
    """One write. `prefix` leads from the top of the working tree to the root that the paths start from; `head` is the
    commit before it; `subject`: of its commit, empty for a write that settles conflicts; `folders` are those that it
    creates; `commits` is false if only files are written."""

    prefix: str
    head: str | None
    subject: str
    commits: bool
    folders: tuple[str, ...]
    files: tuple[Planned, ...]
    writer: Writer

    @property
    def settles(self) -> bool:
        """Whether the write tells Git that conflicts are settled."""
        return not (self.commits or self.subject)


def folder_of(repo: Repo) -> Path:
    """The folder of the journal, in the Git directory of this working tree."""
    return repo.git_dir / "smartreg" / "write"


def is_pending(repo: Repo) -> bool:
    """Whether a write was begun and neither finished nor undone; it may still be running."""
    return os.path.lexists(folder_of(repo) / "journal.json")


def begin_time_ns(repo: Repo) -> int:
    """When the write of the journal in place began to change files, in nanoseconds."""
    return os.lstat(folder_of(repo) / "journal.json").st_mtime_ns


def prepare(repo: Repo, journal: Journal, writes: Sequence[Write], expected: Mapping[str, bytes | None]) -> Path:
    """Make everything needed durable, and the journal itself, in a folder of this process; `publish` puts it in place.
    Raises StateFault if a file is not as `expected`."""
    make_folder(folder_of(repo).parent)
    clear(repo)
    draft = folder_of(repo).with_name(f"{_DRAFT}{os.getpid()}")
    os.mkdir(draft)
    try:
        fresh: list[Path] = []
        for number, write in enumerate(writes):
            path = repo.root / write.path
            mode = _keep_old(path, draft / f"old-{number}", write.path, expected[write.path])
            if write.content is not None:
                fresh.append(draft / f"new-{number}")
                _make(fresh[-1], write.content, mode)
        text = json.dumps(asdict(journal))
        given = mark(draft.parent, b"journal", text.encode("ascii"))
        fresh.append(draft / "journal.json")
        _make(fresh[-1], json.dumps({"version": _VERSION, "mark": given, "journal": text}).encode("ascii"), None)
        _sync_files(fresh)
        _sync_files([draft])
    except BaseException:
        _discard_quietly(draft)
        raise
    return draft


def publish(repo: Repo, draft: Path) -> None:
    """Put the prepared journal in place. BusyElsewhere if there is one already."""
    try:
        os.rename(draft, folder_of(repo))
    except OSError as fault:
        _discard_quietly(draft)
        if fault.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise BusyElsewhere from None
        raise


def load(repo: Repo) -> Journal | None:
    """The journal of a write in progress. Raises StateFault if it cannot be read, or is not one of this user, of a
    process of this computer, or leads where no record is written."""
    folder = folder_of(repo)
    if not is_pending(repo):
        return None
    try:
        make_folder(folder.parent)
        make_folder(folder)
        stored = json.loads(read_regular(folder / "journal.json", _LONGEST))
        if stored["version"] not in (1, _VERSION):
            raise ValueError
        given, text = stored.get("mark"), stored.get("journal", "")
        if not is_marked(given, folder.parent, b"journal", text.encode("utf-8")):
            raise _not_ours(folder)
        content = json.loads(text)
        files, writer = (Planned(*file) for file in content.pop("files")), Writer(*content.pop("writer"))
        journal = Journal(**{**content, "folders": tuple(content["folders"])}, files=tuple(files), writer=writer)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, NotRegular):
        message = Message("the journal of an interrupted write is damaged")
        raise StateFault(message, _by_hand(folder)) from None
    if not journal.writer.is_here:
        raise _not_ours(folder)
    paths = (*journal.folders, *(file.path for file in journal.files))
    refuse_places(repo.top, [journal.prefix + path for path in paths], ())
    return journal


def _not_ours(folder: Path) -> StateFault:
    return StateFault(
        Message(
            "a write was interrupted that is not known to be yours, on this computer, in this folder: its journal "
            "does not bear the mark of your key ({key_path}); nothing was changed",
            key_path=key_path(),
        ),
        _by_hand(folder),
    )


def _by_hand(folder: Path) -> Text:
    """The steps for a journal that is not believed."""
    name = shlex.quote(str(folder))
    return Message(
        "if another computer is writing here, wait; otherwise look at git status, put back what is wrong (git "
        "restore FILE), then remove the journal: rm -r {name}",
        name=name,
    )


def place_files(repo: Repo, journal: Journal) -> None:
    """Put every new file in place, each with one rename, and delete removed ones; durable on return, and the journal
    before."""
    folder = folder_of(repo)
    _sync_files([folder.parent])
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
        _sync_files([parent])


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
        elif _id_of(folder / f"old-{number}", repo.object_format()) != planned.old:
            raise StateFault(
                Message("the copy of {path} from before an interrupted write is damaged", path=planned.path),
                _by_hand(folder),
            )
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
    """Remove what finished and killed writes left behind: drafts, and a folder without a journal. NotRegular if
    something else is in its place."""
    with os.scandir(folder_of(repo).parent) as entries:
        drafts = [Path(entry.path) for entry in entries if _is_left_draft(entry.name)]
    for draft in drafts:
        discard(draft)
    if os.path.lexists(folder_of(repo)) and not is_pending(repo):
        discard(folder_of(repo))


def discard(folder: Path) -> None:
    """Remove a folder of files. NotRegular if it is none."""
    make_folder(folder)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                raise NotRegular(errno.EISDIR, "a folder", entry.path)
            with suppress(FileNotFoundError):
                os.unlink(entry.path)
    with suppress(FileNotFoundError):
        os.rmdir(folder)


def _discard_quietly(draft: Path) -> None:
    """Remove a draft after a failure, which is the one to be told; the next write removes what stays."""
    with suppress(OSError):
        discard(draft)


def _is_left_draft(name: str) -> bool:
    """Whether no process that lives prepares a journal under this name."""
    number = name.removeprefix(_DRAFT)
    if number == name or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return int(number) == os.getpid()


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
        Message("{path} changed meanwhile; nothing was written", path=path),
        Message("look at it, then run the command again"),
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
