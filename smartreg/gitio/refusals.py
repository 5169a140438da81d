"""Refuse, before the first byte is written, states of Git in which a commit would fail or be lost."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from smartreg.core.errors import StateFault
from smartreg.core.files import read_regular
from smartreg.core.messages import Message, Text, first_few, verbatim
from smartreg.core.secret import private_in_name
from smartreg.gitio.bombs import refuse_bombs
from smartreg.gitio.objects import LS_FILES, blob_id, read_entries
from smartreg.gitio.repo import BRANCHES, Repo
from smartreg.gitio.runner import Running
from smartreg.gitio.settings import ENCODING, LIST, encodings_of, read_settings
from smartreg.gitio.status import Status, read_status

LOCK_PATIENCE = 5.0  # seconds that another Git command may take
_PAUSE = 0.05
_SHOWN = 3  # names in a message
_MANY = 200  # paths that still fit on a command line, even with long names
_UNDER_WAY = {
    "MERGE_HEAD": Message("a merge is in progress"),
    "CHERRY_PICK_HEAD": Message("a cherry-pick is in progress"),
    "REVERT_HEAD": Message("a revert is in progress"),
    "rebase-merge": Message("a rebase is in progress"),
    "rebase-apply": Message("a rebase is in progress"),
}
_TO_A_BRANCH = Message("go to a branch: git switch main")
_ASSUMED = "h"  # assume-unchanged
_LARGEST = 64 << 20  # bytes of a file that is compared with its blob
_NO_BRANCH = "(null)"  # what `git status` calls the branch of a HEAD on a ref outside refs/heads/
YES = frozenset({"", "true", "yes", "on", "1"})


class WorktreeState(NamedTuple):
    """The result of the check: the state of the working tree, Git's settings, the modes of existing files."""

    status: Status
    settings: Mapping[str, str]
    modes: Mapping[str, str]


class Examination(NamedTuple):
    """Git's pending answers about the working tree, and its index at that time."""

    config: Running
    status: Running
    listed: Running | None
    index_then: tuple[int, ...]


def preflight(repo: Repo, paths: Sequence[str] = ()) -> None:
    """Raises StateFault if no commit can be made here now (no identity, detached HEAD, merge in progress, index locked
    …), or if Git would not store the bytes written at one of the `paths`."""
    status = examine(repo, begin(repo, (), ()), (), ()).status
    if status.unmerged:
        raise _conflict(min(status.unmerged))
    if paths:
        refuse_encodings(encodings_of(repo.git, paths))


def begin(repo: Repo, paths: Collection[str], present: Collection[str]) -> Examination:
    """Start asking Git, in the background; without paths, about the whole working tree."""
    few = paths if len(paths) <= _MANY else ()
    return Examination(
        repo.git.start(*LIST),
        # Git would start up to twenty threads to look at its whole index for them.
        repo.git.start(*(_ALONE if few else ()), *_STATUS, "--", *few, attributes=True),
        repo.git.start(*LS_FILES, *(present if few else ())) if present else None,
        index_state(repo),
    )


def examine(repo: Repo, pending: Examination, paths: Collection[str], present: Collection[str]) -> WorktreeState:
    """`preflight`, and refuse paths with the user's uncommitted work; `present`: the paths that already have a file."""
    _refuse_under_way(repo)
    await_index(repo)
    settings = dict(read_settings(pending.config.result()))
    refuse_stranger(settings)
    status = read_status(pending.status.result(lambda: refuse_bombs(repo.git, "HEAD")), repo.prefix)
    entries = read_entries(pending.listed.result()) if pending.listed else {}
    if status.branch is None:
        raise StateFault(
            Message("HEAD is detached: a commit here would be lost"),
            _TO_A_BRANCH,
        )
    if status.branch == _NO_BRANCH or status.branch.startswith("refs/"):
        _refuse_other_refs(repo)
    ignoring = settings.get("core.ignorestat", "false").lower() in YES
    private = private_in_name(status.branch)
    if private is not None:
        raise StateFault(
            Message(
                "the name of this branch holds what looks like {private}, and its merge would keep it for ever",
                private=private,
            ),
            Message("give it another name: git branch -m NAME"),
        )
    for path in sorted(paths):
        flag = entries[path].flag if path in entries else None
        if ignoring and flag == _ASSUMED and _holds(repo, path, entries[path].blob):
            flag = "H"  # Git marks all files of such a clone, not the user this one
        _refuse_own_work(path, status, flag, path in present)
    return WorktreeState(status, settings, {path: entry.mode for path, entry in entries.items()})


def _holds(repo: Repo, path: str, blob: str) -> bool:
    """Whether the file on disk has the bytes of the blob."""
    try:
        return blob_id(read_regular(repo.root / path, _LARGEST), repo.object_format()) == blob
    except OSError:
        return False


def _refuse_other_refs(repo: Repo) -> None:
    """Raises StateFault if HEAD is on a ref that is no branch, or leads to one: a commit would move a tag, or what is
    known of a remote."""
    ref = repo.git.line("symbolic-ref", "--quiet", "HEAD")
    if ref is not None and not ref.startswith(BRANCHES):
        raise StateFault(
            Message("HEAD is on {ref}, which is no branch", ref=ref),
            _TO_A_BRANCH,
        )


def index_state(repo: Repo) -> tuple[int, ...]:
    """A value that changes whenever Git writes the index; empty without one."""
    try:
        about = os.stat(repo.git_dir / "index")
    except OSError:
        return ()
    return (about.st_mtime_ns, about.st_size, about.st_ino)


def await_index(repo: Repo) -> None:
    """Wait briefly for another Git command. Raises StateFault if index.lock stays."""
    lock = repo.git_dir / "index.lock"
    give_up = time.monotonic() + LOCK_PATIENCE
    while os.path.lexists(lock):
        if time.monotonic() >= give_up:
            raise StateFault(
                Message("Git's index is locked by {lock}", lock=lock),
                Message("wait for the other Git command; when none is running, remove that file"),
            )
        time.sleep(_PAUSE)


def refuse_encodings(encodings: Mapping[str, str]) -> None:
    """Raises StateFault if Git would decode the written files with one of these encodings: `é` would become `Ã©`."""
    for path, name in sorted(encodings.items()):
        raise StateFault(
            Message(
                "{path}: Git would take this for {name}, by its attribute {encoding}={name}; records are UTF-8",
                path=path,
                name=name,
                encoding=ENCODING,
            ),
            Message(
                "take the attribute out of .gitattributes, .git/info/attributes or the file that git config "
                "core.attributesFile names"
            ),
        )


def refuse_places(root: Path, paths: Iterable[str], new: Collection[str]) -> None:
    """Raises StateFault for a path outside the root or behind a symlink, and for a new one that differs from an
    existing name only in case or in the encoding of accents: on many computers these are the same file."""
    listings: dict[Path, dict[str, str]] = {}
    for path in paths:
        parts = path.split("/")
        if any(part in ("", ".", "..") or part.casefold() == ".git" for part in parts) or "\0" in path:
            raise StateFault(Message("{path} is not a place for a record", path=repr(path)))
        folder = root
        for part in parts:
            if path in new:
                _refuse_twin(folder, part, path, listings)
            folder = folder / part
            if os.path.islink(folder):
                raise StateFault(
                    Message("{path} is, or is behind, a symbolic link", path=path),
                    Message("put a real file or folder in its place"),
                )


def _refuse_twin(folder: Path, part: str, path: str, listings: dict[Path, dict[str, str]]) -> None:
    if folder not in listings:
        names = os.listdir(folder) if folder.is_dir() else []
        listings[folder] = {name.lower() if name.isascii() else _fold(name): name for name in names}
    twin = listings[folder].get(_fold(part), part)
    if twin != part:
        raise StateFault(
            Message('{path}: "{twin}" is there already and differs only in upper and lower case', path=path, twin=twin),
            Message("choose another name"),
        )


def _fold(name: str) -> str:
    return normalize("NFC", name.casefold())


def _refuse_under_way(repo: Repo) -> None:
    words = work_under_way(repo)
    if words is not None:
        raise StateFault(words, Message("finish or abort it first: git status"))


def work_under_way(repo: Repo) -> Text | None:
    """The operation that Git is in the middle of: a merge, a rebase …; None if there is none."""
    return next((words for name, words in _UNDER_WAY.items() if os.path.lexists(repo.git_dir / name)), None)


def refuse_stranger(settings: Mapping[str, str]) -> None:
    """Raises StateFault if neither the settings nor the environment name the committer."""
    for what in ("name", "email"):
        for who in ("author", "committer"):
            candidates = (
                os.environ.get(f"GIT_{who}_{what}".upper()),
                settings.get(f"{who}.{what}"),
                settings.get(f"user.{what}"),
            )
            if not any(name and name.strip() for name in candidates):
                raise StateFault(
                    Message("Git does not know who you are: no identity"),
                    Message('git config --global user.name "…" and git config --global user.email "…"'),
                )


def outside(repo: Repo, paths: Iterable[str]) -> StateFault:
    """The refusal to write what a sparse checkout leaves out, like that of `git add`; it names the command that checks
    it out."""
    listed = sorted(paths)
    shown = first_few(listed, _SHOWN)
    if repo.git.line("config", "--type=bool", "core.sparseCheckout") != "true":
        names = shlex.join(listed)
        command = f"git update-index --no-skip-worktree {names} && git restore {names}"
    elif repo.git.line("config", "--type=bool", "core.sparseCheckoutCone") == "false":
        at = ' -C "$(git rev-parse --show-toplevel)"' if repo.prefix else ""
        command = f"git{at} sparse-checkout add " + shlex.join(f"/{repo.prefix}{path}" for path in listed)
    else:
        command = "git sparse-checkout add " + shlex.join(sorted({path.rpartition("/")[0] for path in listed}))
    return StateFault(
        Message("outside of the sparse checkout: {shown}; nothing was changed", shown=shown),
        Message("bring it in: {command}", command=command),
    )


def _refuse_own_work(path: str, status: Status, flag: str | None, present: bool) -> None:
    if path in status.unmerged:
        raise _conflict(path)
    if path in status.dirty():
        raise StateFault(
            Message("{path} has changes that are not committed", path=path),
            Message("commit them, set them aside (git stash push -- {path}), or use --no-commit", path=path),
        )
    if present and flag is None:
        raise StateFault(
            Message("{path} was never committed", path=path),
            Message("commit it first, or use --no-commit"),
        )
    if present and flag != "H":
        raise StateFault(
            Message("Git is set to ignore changes of {path}", path=path),
            verbatim(f"git update-index --no-assume-unchanged --no-skip-worktree {path}"),
        )


def _conflict(path: str) -> StateFault:
    return StateFault(
        Message("{path} has a merge conflict", path=path),
        Message("settle it, then: git add {path}", path=path),
    )


_ALONE = ("-c", "core.preloadIndex=false")
_STATUS = (
    *("status", "--porcelain=v2", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all"),
    *("--branch", "--no-ahead-behind"),
)
