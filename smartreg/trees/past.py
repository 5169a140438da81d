"""The files of commits, told from those of another one and from what Git says differs between the two.

That other one is the commit that HEAD was at when the working tree was looked at last, for its index was kept then;
else the last one that was listed by itself, of which a table is kept that bears the commit in its name. Where both are
gone or damaged, where Git does not know the commit any more or too much differs, a commit is listed by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import sha1
from pathlib import Path

from smartreg.gitio import Entry, GitFailed, Repo, Running, read_changes
from smartreg.named import NamedTuple
from smartreg.trees.listing import Listing
from smartreg.trees.noted import FOLDER, Shelf, put
from smartreg.trees.objects import files_of, special_of
from smartreg.trees.table import Table, Unreadable
from smartreg.trees.tabled import Tabled, table_of
from smartreg.trees.tree import SETTINGS, File

_WORTH = 2_000  # files from which on a list is worth keeping
_SHARE = 8  # where one file in so many differs, a commit is listed by itself


class Way(NamedTuple):
    """The question, under way, in what a commit differs from another one, of which a list is kept."""

    start: str
    asked: Running


def ask(repo: Repo, oid: str) -> Way | None:
    """Start asking what `listing` will ask, for whoever has other work meanwhile."""
    start = Shelf(repo).head() or next((_commit_of(file) for file in _lists(repo)), None)
    return None if start is None or start == oid else Way(start, repo.ask_changed(start, oid))


def listing(repo: Repo, oid: str, way: Way | None = None) -> Listing:
    """The files of the commit `oid`."""
    return _told(repo, oid, way) or _listed(repo, oid)


def _told(repo: Repo, oid: str, way: Way | None) -> Listing | None:
    """From a list that is kept; None where there is none, or it is of no use."""
    for commit, base in _kept(repo):
        asked = way.asked if way is not None and way.start == commit else None
        changes = {} if commit == oid else _changes(asked or repo.ask_changed(commit, oid))
        if changes is not None and len(changes) * _SHARE <= len(base):
            return base.altered(changes)
    return None


def _kept(repo: Repo) -> Iterator[tuple[str, Listing]]:
    """Commits with their files: that of HEAD when the working tree was looked at, if nothing was staged then; the one
    that was listed by itself."""
    seen = Shelf(repo).recall()
    if seen is not None and not seen[1].staged:
        table, noted = seen
        base = Tabled(table)
        yield noted.head, base.altered({path: File(path, blob) if blob else None for path, blob in noted.blobs(table)})
    for file in _lists(repo):
        listed = _read(file)
        if listed is not None:
            yield _commit_of(file), listed


def _changes(asked: Running) -> Mapping[str, File | None] | None:
    """The files of a commit that are others than in the other one, None for one that is gone."""
    found: dict[str, File | None] = {}
    try:
        told = read_changes(asked.result())
    except GitFailed:
        return None
    for change in told:
        path, blob, mode = change.path, change.after, change.mode_after
        if path.startswith(f"{SETTINGS}/"):  # the settings became a folder
            return None
        found[path] = None if blob is None or mode is None else File(path, blob, special_of(path, Entry(mode, blob)))
    return found


def _listed(repo: Repo, oid: str) -> Listing:
    files = files_of(repo.tree(oid))
    if len(files) < _WORTH or any(file.special for file in files.values()):
        return files
    block = table_of([(path, file.blob or "") for path, file in files.items()])
    folder = _folder(repo)
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        before = _lists(repo)
        put(folder / f"{_start(repo)}{oid}.table", block)
        for file in before:
            file.unlink(missing_ok=True)
    return Tabled(Table(block))


@lru_cache(maxsize=2)
def _read(file: Path) -> Tabled | None:
    try:
        return Tabled(Table(file.read_bytes()))
    except (OSError, Unreadable):
        return None


def _lists(repo: Repo) -> list[Path]:
    return sorted(_folder(repo).glob(f"{_start(repo)}*"))


def _commit_of(file: Path) -> str:
    return file.stem.rpartition("-")[2]


def _folder(repo: Repo) -> Path:
    return repo.common_dir / FOLDER


def _start(repo: Repo) -> str:
    """How the names of the lists of this registry begin, before the commit. The repository may hold others."""
    name = sha1(f"{repo.prefix}\0{repo.object_format()}".encode("utf-8", "surrogateescape"), usedforsecurity=False)
    return f"listing-of-{name.hexdigest()[:16]}-"
