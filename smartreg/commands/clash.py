"""Two branches that took the same id: then one of the two records is renamed, whatever its status says."""

from __future__ import annotations

from smartreg.commands.workspace import Workspace
from smartreg.core.errors import StateFault
from smartreg.core.values import Record
from smartreg.gitio import Repo

BRANCHES = ("refs/heads", "refs/remotes")
DEFAULT = "refs/remotes/*/HEAD"


def is_taken_elsewhere(workspace: Workspace, record: Record) -> bool:
    """Whether another branch made a record of its own in the same file, and ours is not on the default branch of a
    remote, where others rely on its id."""
    repo, file = workspace.git, record.file
    if any(_is_shared(repo, tip, file) for tip in repo.tips(DEFAULT)):
        return False
    tips = [tip for tip in repo.tips(*BRANCHES) if repo.tree(tip, (file,))]
    return any(not _is_shared(repo, tip, file) for tip in tips)


def _is_shared(repo: Repo, tip: str, file: str) -> bool:
    """Whether the file was there already when our branch and that one parted."""
    try:
        return bool(repo.tree(repo.merge_base("HEAD", tip), (file,)))
    except StateFault:
        return False
