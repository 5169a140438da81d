"""The only door to Git: questions and input go in, bytes and values of ours come out.

Paths in and out are POSIX, relative to the root of the registry. Nothing here knows what a record is.
"""

from smartreg.gitio.bombs import FOLDER_MODE
from smartreg.gitio.committing import commit, conclude_merge, recover, report_interrupted
from smartreg.gitio.forge import change_address
from smartreg.gitio.history import Commit, FileChange
from smartreg.gitio.journal import concurrent_change
from smartreg.gitio.journal import is_pending as is_write_pending
from smartreg.gitio.message import (
    AGREE,
    ALLOWS,
    CONSENTS,
    CONVENTION,
    DELIBERATION,
    MOST_RECORDS,
    ON_BEHALF_OF,
    OP,
    REASON,
    RECORD,
    UNDOES,
    VERSION,
    WITHDRAW,
    CommitMessage,
    Operation,
    field_trailers,
    is_trailer_key,
    looks_like_ours,
    refuse_our_trailers,
)
from smartreg.gitio.objects import TreeEntry, blob_id
from smartreg.gitio.opening import UntrustedOwner, default_branch, init_repo, open_repo
from smartreg.gitio.pending_reads import IndexFiles, PendingReads
from smartreg.gitio.refusals import preflight, refuse_stranger, work_under_way
from smartreg.gitio.repo import REGISTRY_PATHS, REMOTES, Repo, Write
from smartreg.gitio.revision import UNSHALLOW, Stamp, commit_days, ref_names
from smartreg.gitio.runner import Git, GitFailed
from smartreg.gitio.settings import (
    DRIVER,
    Converting,
    attributes,
    configure,
    driver_settings,
    editor,
    encodings_of,
    settings,
    textconv_settings,
)
from smartreg.gitio.sides import MergeSide, merge_sides
from smartreg.gitio.status import Side, Status
from smartreg.gitio.write_checks import PendingWriteChecks, ask_before_write

__all__ = [
    "AGREE",
    "ALLOWS",
    "CONSENTS",
    "CONVENTION",
    "DELIBERATION",
    "DRIVER",
    "FOLDER_MODE",
    "MOST_RECORDS",
    "ON_BEHALF_OF",
    "OP",
    "REASON",
    "RECORD",
    "REGISTRY_PATHS",
    "REMOTES",
    "UNDOES",
    "UNSHALLOW",
    "VERSION",
    "WITHDRAW",
    "Commit",
    "CommitMessage",
    "Converting",
    "FileChange",
    "Git",
    "GitFailed",
    "IndexFiles",
    "MergeSide",
    "Operation",
    "PendingReads",
    "PendingWriteChecks",
    "Repo",
    "Side",
    "Stamp",
    "Status",
    "TreeEntry",
    "UntrustedOwner",
    "Write",
    "ask_before_write",
    "attributes",
    "blob_id",
    "change_address",
    "commit",
    "commit_days",
    "conclude_merge",
    "concurrent_change",
    "configure",
    "default_branch",
    "driver_settings",
    "editor",
    "encodings_of",
    "field_trailers",
    "init_repo",
    "is_trailer_key",
    "is_write_pending",
    "looks_like_ours",
    "merge_sides",
    "open_repo",
    "preflight",
    "recover",
    "ref_names",
    "refuse_our_trailers",
    "refuse_stranger",
    "report_interrupted",
    "settings",
    "textconv_settings",
    "work_under_way",
]
