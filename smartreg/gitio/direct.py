"""The short way to a commit: the same commit as `git commit --only`, without reading all files twice.

`git fast-import` writes objects and branch (only if the branch has not moved), then `git update-index` puts our paths
into the index: a third of the time at 10 000 files. Used only if nothing of the user's would act on a commit: no hook,
signature, filter or other encoding. Otherwise, and whenever it refuses, `git commit` does it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from smartreg.gitio.refusals import YES, WorktreeState
from smartreg.gitio.repo import Repo, Write
from smartreg.gitio.runner import Running
from smartreg.gitio.settings import Attribute, ask_attributes

_HOOKS = (
    *("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-auto-gc"),
    *("post-index-change", "reference-transaction", "post-rewrite"),
)
_NOT_CONVERTED = frozenset({"unspecified", "unset"})
_NO = frozenset({"false", "no", "off", "0"})
_NONE = 1  # exit code of `git check-ignore` if it knows no such path
_UTF_8 = frozenset({"utf-8", "utf8"})


class PendingChecks(NamedTuple):
    """Pending questions to Git that decide whether the short way is possible; they run in the background. `ignored` is
    only asked about new files."""

    author: Running
    committer: Running
    attributes: Running
    ignored: Running | None


class Direct(NamedTuple):
    """A commit that may go the short way: the branch, its commit, the author, the modes of the files."""

    branch: str
    head: str
    author: bytes
    committer: bytes
    modes: Mapping[str, str]


def ask(repo: Repo, paths: Sequence[str], new: Sequence[str]) -> PendingChecks:
    """Start the questions. `new`: the paths without a file yet; the others are tracked, hence not ignored."""
    return PendingChecks(
        repo.git.identity("GIT_AUTHOR_IDENT"),
        repo.git.identity("GIT_COMMITTER_IDENT"),
        ask_attributes(repo.git, paths),
        # Without --no-index, Git goes through its whole index for each path.
        repo.git.about(("check-ignore", "--no-index", "-z", "--stdin"), new) if new else None,
    )


def short_way(
    repo: Repo, pending: PendingChecks, attributes: Sequence[Attribute], found: WorktreeState, writes: Sequence[Write]
) -> Direct | None:
    """The short way for these writes; None if there is none. `attributes`: Git's answer."""
    author, committer = pending.author.answer(), pending.committer.answer()
    asked = pending.ignored
    ignored = asked is not None and (asked.answer() is not None or asked.process.returncode != _NONE)
    branch, head = found.status.branch, found.status.head
    if branch is None or head is None or author is None or committer is None:
        return None
    converted = not attributes or any(attribute.value not in _NOT_CONVERTED for attribute in attributes)
    if ignored or converted or _is_hooked(repo, found.settings) or not _is_plain(repo, branch, found.settings):
        return None
    if any(b"\r" in (write.content or b"") for write in writes):  # line ends may be converted
        return None
    return Direct(branch, head, author, committer, found.modes)


def _is_hooked(repo: Repo, settings: Mapping[str, str]) -> bool:
    """Whether a program of the user may run on a commit."""
    if "core.hookspath" in settings or any(key.startswith("hook.") for key in settings):
        return True
    return any(os.path.lexists(repo.common_dir / "hooks" / name) for name in _HOOKS)


def _is_plain(repo: Repo, branch: str, settings: Mapping[str, str]) -> bool:
    """Whether branch, signature and encoding have Git's default settings."""
    try:
        at = (repo.git_dir / "HEAD").read_bytes()
    except OSError:
        return False
    return (
        at == f"ref: refs/heads/{branch}\n".encode("utf-8", "surrogateescape")
        and settings.get("commit.gpgsign", "false").lower() not in YES
        and settings.get("core.fsmonitor", "false").lower() in _NO  # Git would start a service that outlives it
        and settings.get("core.ignorestat", "false").lower() not in YES  # `update-index` passes over what that marked
        and settings.get("core.sparsecheckout", "false").lower() not in YES  # what is outside it is for `git add`
        and settings.get("i18n.commitencoding", "utf-8").lower() in _UTF_8
    )


def stream(repo: Repo, direct: Direct, writes: Sequence[Write], message: str) -> bytes:
    """The commit in the language of `git fast-import`, which answers with its id."""
    lines = [
        b"commit refs/heads/%s" % direct.branch.encode("utf-8", "surrogateescape"),
        b"mark :1",
        b"author " + direct.author,
        b"committer " + direct.committer,
        _data(message.encode("utf-8")),
        b"from %s" % direct.head.encode("ascii"),
    ]
    for path, content in writes:
        place = _quote(repo.prefix + path)
        if content is None:
            lines.append(b"D " + place)
        else:
            mode = direct.modes.get(path, "100644").encode("ascii")
            lines += [b"M %s inline %s" % (mode, place), _data(content)]
    return b"\n".join([*lines, b"get-mark :1", b"done", b""])


def answer(place: Path) -> str:
    """The commit that Git names in its answer."""
    return place.read_bytes().split()[-1].decode("ascii")


def _data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)


def _quote(path: str) -> bytes:
    plain = path.encode("utf-8", "surrogateescape")
    return b'"%s"' % plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
