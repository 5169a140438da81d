"""The only door to Git. Paths in and out are POSIX, relative to the root of the registry."""

from smartreg.gitio.asked import Asked, IndexFiles
from smartreg.gitio.committing import commit, recover
from smartreg.gitio.history import Commit, FileChange, read_changes
from smartreg.gitio.journal import changed_meanwhile
from smartreg.gitio.journal import is_pending as is_write_pending
from smartreg.gitio.looking import Look, look
from smartreg.gitio.message import CommitMessage
from smartreg.gitio.opening import default_branch, init_repo, open_repo
from smartreg.gitio.refusals import preflight, refuse_stranger, work_under_way
from smartreg.gitio.repo import REGISTRY_PATHS, Entry, Repo, Write, blob_id
from smartreg.gitio.runner import Git, GitFailed, Running
from smartreg.gitio.settings import DRIVER, attributes, configure, driver_settings, editor, settings
from smartreg.gitio.status import Side, Status

__all__ = [
    "DRIVER",
    "REGISTRY_PATHS",
    "Asked",
    "Commit",
    "CommitMessage",
    "Entry",
    "FileChange",
    "Git",
    "GitFailed",
    "IndexFiles",
    "Look",
    "Repo",
    "Running",
    "Side",
    "Status",
    "Write",
    "attributes",
    "blob_id",
    "changed_meanwhile",
    "commit",
    "configure",
    "default_branch",
    "driver_settings",
    "editor",
    "init_repo",
    "is_write_pending",
    "look",
    "open_repo",
    "preflight",
    "read_changes",
    "recover",
    "refuse_stranger",
    "settings",
    "work_under_way",
]
