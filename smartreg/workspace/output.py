"""Files and folders that a command writes because the user named them, by `-o` or any other option: the only place that
writes them. Nothing is written into a Git directory, nor over records, schemas and settings of a registry."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message, Text
from smartreg.gitio import open_repo
from smartreg.registry import FOLDER, PROOF_FOLDER, SCHEMA_FOLDER
from smartreg.schema.settings_file import further_folders
from smartreg.trees import SETTINGS, find_root, is_root, settings_text

GIT = ".git"
_GIT_DIRECTORY = ("HEAD", "objects", "refs")  # by these Git knows one
_IN_GIT = Message("lies in a Git directory")
_SOURCES = {
    FOLDER: Message("lies among the records of a registry"),
    SCHEMA_FOLDER: Message("lies among the schemas of a registry"),
    SETTINGS: Message("is the settings file of a registry"),
    PROOF_FOLDER: Message("lies among what others gave for the seals of a registry"),
}
_ELSEWHERE = Message("choose another path; nothing was written")


class Output(NamedTuple):
    """A path that may be written, the root of the registry at hand (None: there is none), and whether the user wrote
    the path with a slash at its end. Made by `output` alone."""

    path: Path
    root: Path | None
    as_folder: bool = False

    def inside(self, name: str) -> Output:
        """A file or folder in this folder. UsageFault when it must not be written."""
        return Output(_check(self.path / name, self.root), self.root)

    def with_suffix(self, suffix: str) -> Output:
        """The file of the same name with another ending. UsageFault if it must not be written."""
        return Output(_check(self.path.with_suffix(suffix), self.root), self.root)

    def refuse_folder(self) -> None:
        """UsageFault when there is a folder of that name, or none to put the file into."""
        if self.path.is_dir():
            raise UsageFault(Message("{path} is a folder", path=self.path))
        if not self.path.parent.is_dir():
            raise UsageFault(
                Message("there is no folder {parent}", parent=self.path.parent),
                Message("make it first; nothing was written"),
            )

    def refuse_root(self) -> None:
        """UsageFault when this folder, which would be replaced as a whole, holds a registry or a repository."""
        real = os.path.realpath(self.path)
        above = self.root is not None and any(
            Path(real) in (place, *place.parents)
            for place in (self.root, *map(self.root.joinpath, _sources(self.root)))
        )
        if above or is_root(Path(real)) or os.path.lexists(os.path.join(real, GIT)):
            raise UsageFault(
                Message("{path} holds a registry or a repository", path=self.path),
                _ELSEWHERE,
            )


def output(word: str, start: Path) -> Output:
    """Where a command that works in `start` may write. UsageFault for a path that lies in a Git directory, or in what a
    registry is made of: by its real path, whatever links lead there and however it is spelled."""
    try:
        root = find_root(start)
    except StateFault:
        root = None
    return Output(_check(Path(word), root), root, word.endswith(("/", os.sep)))


def _check(path: Path, root: Path | None) -> Path:
    real = Path(os.path.realpath(path))
    why = _why_not(real, root)
    if why is not None:
        raise UsageFault(Message("{path} {why}", path=path, why=why), _ELSEWHERE)
    if root is not None and _is_linked(real, root):
        raise UsageFault(
            Message("{path} is another name of a file of the registry or its repository", path=path),
            _ELSEWHERE,
        )
    return path


def _why_not(real: Path, root: Path | None) -> Text | None:
    """The reason against an output there: a Git directory, the registry at hand, or the one that it lies in."""
    places = (real, *real.parents)
    if any(map(_is_git_directory, places)):
        return _IN_GIT
    if root is not None:
        for name, why in _sources(root).items():
            if any(_is_same(place, root / name) for place in places):
                return why
    around = next((place for place in places if is_root(place)), real)
    sources = _sources(around).items() if around != real else ()
    return next((why for name, why in sources if any(_is_named(place, around, name) for place in places)), None)


def _sources(root: Path) -> Mapping[str, Text]:
    """The files and folders of a registry, and the message about a path in it."""
    return {**_SOURCES, **dict.fromkeys(further_folders(settings_text(root)), _SOURCES[FOLDER])}


def _is_git_directory(place: Path) -> bool:
    return _fold(place.name) == GIT or all(os.path.lexists(place / name) for name in _GIT_DIRECTORY)


def _is_named(place: Path, root: Path, name: str) -> bool:
    """Whether a path is that of `name` below `root`, also where case or normalisation make no difference. Where both
    are there, the system knows; else it is enough that some system may take one for the other."""
    source = root / name
    if os.path.lexists(place) and os.path.lexists(source):
        return _is_same(place, source)
    return place.is_relative_to(root) and _fold(place.relative_to(root).as_posix()) == _fold(name)


def _is_same(place: Path, other: Path) -> bool:
    try:
        return os.path.samefile(place, other)
    except OSError:
        return place == other


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _is_linked(real: Path, root: Path) -> bool:
    """Whether a file is a hard link to one of the registry or its repository."""
    try:
        about = os.stat(real)
    except OSError:
        return False
    if not stat.S_ISREG(about.st_mode) or about.st_nlink == 1:
        return False
    return any((other.st_dev, other.st_ino) == (about.st_dev, about.st_ino) for other in _files(root))


def _files(root: Path) -> Iterator[os.stat_result]:
    """The files of a registry and of its repository."""
    places = [root / name for name in _sources(root)]
    with suppress(StateFault):
        repo = open_repo(root)
        places += [repo.top / GIT, repo.git_dir, repo.common_dir]
    for place in places:
        inside = (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
        for path in inside if place.is_dir() else (place,):
            with suppress(OSError):
                yield os.lstat(path)


def save(output: Output, content: bytes) -> None:
    """Write a temporary file next to the destination, then rename onto it. A destination that is no regular file (a
    link, a pipe, a device) is written directly. UsageFault when its folder does not exist or it is a folder itself."""
    output.refuse_folder()
    path = output.path
    if is_written_through(path):
        path.write_bytes(content)
        return
    try:
        _replace(path, content)
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, str(path)) from fault  # not the name of the temporary file


def append(output: Output, content: bytes) -> None:
    """Add to the end of a file, or make it."""
    with output.path.open("ab") as file:
        file.write(content)


def is_written_through(path: Path) -> bool:
    """Whether a destination is never replaced by another file: a link, a pipe or a device."""
    return path.is_symlink() or (path.exists() and not path.is_file())


def _replace(path: Path, content: bytes) -> None:
    from tempfile import NamedTemporaryFile  # heavy, and most runs write no such file

    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, _mode(path))
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those of a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
