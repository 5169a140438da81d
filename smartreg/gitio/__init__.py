"""The only door to Git. Paths in and out are POSIX, relative to the root of the registry."""

from smartreg.gitio.asked import Asked, Listing
from smartreg.gitio.committing import commit, recover
from smartreg.gitio.days import Day
from smartreg.gitio.history import Commit, FileChange
from smartreg.gitio.journal import changed_meanwhile
from smartreg.gitio.journal import is_pending as is_write_pending
from smartreg.gitio.looking import Look, look
from smartreg.gitio.merging import Loom, Woven
from smartreg.gitio.message import CommitMessage
from smartreg.gitio.opening import init_repo, open_repo
from smartreg.gitio.refusals import preflight, refuse_stranger, work_under_way
from smartreg.gitio.repo import REGISTRY_PATHS, Entry, Repo, Write, blob_id
from smartreg.gitio.runner import Git, GitFailed
from smartreg.gitio.settings import DRIVER, attributes, configure, driver_settings, editor, settings
from smartreg.gitio.signatures import Signature, verify
from smartreg.gitio.status import Status
from smartreg.gitio.tags import Tag, make_tag, tags

__all__ = [
    "DRIVER",
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
    "Signature",
    "Status",
    "Tag",
    "Woven",
    "Write",
    "attributes",
    "blob_id",
    "changed_meanwhile",
    "commit",
    "configure",
    "driver_settings",
    "editor",
    "init_repo",
    "is_write_pending",
    "look",
    "make_tag",
    "open_repo",
    "preflight",
    "recover",
    "refuse_stranger",
    "settings",
    "tags",
    "verify",
    "work_under_way",
]
