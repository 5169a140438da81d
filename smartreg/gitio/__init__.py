"""The only door to Git. Paths in and out are POSIX, relative to the root of the registry."""

from smartreg.gitio.asked import Asked, Listing
from smartreg.gitio.committing import commit, recover
from smartreg.gitio.days import Day
from smartreg.gitio.history import Commit, FileChange
from smartreg.gitio.looking import Look, look
from smartreg.gitio.merging import Loom, Woven
from smartreg.gitio.message import CommitMessage
from smartreg.gitio.opening import init_repo, open_repo
from smartreg.gitio.refusals import preflight, work_under_way
from smartreg.gitio.repo import REGISTRY_PATHS, Entry, Repo, Write, blob_id
from smartreg.gitio.runner import Git, GitFailed
from smartreg.gitio.status import Status

__all__ = [
    "REGISTRY_PATHS",
    "Asked",
    "Commit",
    "CommitMessage",
    "Day",
    "Entry",
    "FileChange",
    "Git",
    "GitFailed",
    "Listing",
    "Look",
    "Loom",
    "Repo",
    "Status",
    "Woven",
    "Write",
    "blob_id",
    "commit",
    "init_repo",
    "look",
    "open_repo",
    "preflight",
    "recover",
    "work_under_way",
]
