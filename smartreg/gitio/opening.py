"""Find or create the Git repository of a registry."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from smartreg.core.errors import StateFault
from smartreg.core.messages import Message
from smartreg.gitio.repo import Repo
from smartreg.gitio.runner import NOT_STARTED, Git, GitFailed, text

_TRUST = r"--add safe\.directory (.+)"  # the command that Git itself advises, its path quoted


class UntrustedOwner(StateFault):
    """Git refuses to read another user's repository until `safe.directory` names it."""


def open_repo(root: Path) -> Repo:
    """The Git working tree at or above `root`. Raises StateFault if there is none, UntrustedOwner if Git distrusts
    it."""
    root = Path(os.path.realpath(root))
    questions = ("--show-object-format", "--is-inside-work-tree", "--show-prefix", "--show-toplevel")
    places = ("--absolute-git-dir", "--path-format=absolute", "--git-common-dir")
    try:
        answers = text(Git(root).read("rev-parse", *questions, *places)).split("\n")
    except GitFailed as fault:
        raise (_not_started(root) if fault.code == NOT_STARTED else _refusal(root, fault.said)) from None
    if len(answers) != 7:
        raise StateFault(
            Message("the folder's name holds a line break"),
            Message("rename the folder"),
        )
    object_format, _, prefix, top, git_dir, common_dir, _ = answers
    return Repo(root, Path(top), Path(git_dir), Path(common_dir), prefix, Git(root, object_format))


def default_branch(folder: Path) -> str:
    """The branch of a new repository: the user's, else `main`."""
    return Git(Path(os.path.realpath(folder))).line("config", "init.defaultBranch") or "main"


def init_repo(path: Path) -> Repo:
    """Make `path` a Git repository with the user's templates and default branch (else `main`), or open it."""
    path.mkdir(parents=True, exist_ok=True)
    git = Git(Path(os.path.realpath(path)))
    if git.line("rev-parse", "--is-inside-work-tree") != "true":
        branch = () if git.line("config", "init.defaultBranch") else ("--initial-branch=main",)
        try:
            git.read("init", "--quiet", *branch)
        except GitFailed as fault:
            raise (_not_started(path) if fault.code == NOT_STARTED else fault) from None
    return open_repo(path)


def _not_started(root: Path) -> StateFault:
    if not root.is_dir():
        return StateFault(Message("{root} is not a folder", root=root))
    return StateFault(
        Message("Git is not installed, or cannot be started"),
        Message("install Git 2.38 or newer"),
    )


def _refusal(root: Path, said: str) -> StateFault:
    if "dubious ownership" in said:
        advised = re.search(_TRUST, said)
        command = f"git config --global --add safe.directory {advised[1] if advised else shlex.quote(str(root))}"
        return UntrustedOwner(
            Message("this Git repository belongs to another user, and Git does not read it"),
            Message("if you trust it: {command}", command=command),
        )
    if "bare" in said or "work tree" in said:
        return StateFault(
            Message("this is a bare Git repository: it has no files"),
            Message("work in a clone of it: git clone …"),
        )
    if "not a git repository" in said:
        return StateFault(
            Message("there is no Git repository here"),
            Message("run `smartreg init`, or `git init` in the registry's folder"),
        )
    return StateFault(
        Message("Git cannot read this repository: {said}", said=said),
        Message("mend it, or clone it again"),
    )
