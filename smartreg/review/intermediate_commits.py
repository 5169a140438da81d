"""Files that were added and removed within a change: they show at neither end, but stay in Git for ever once the branch
is merged. Only blobs that a merge would add and that the later side does not have are checked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from smartreg.core.findings import Finding
from smartreg.core.messages import Message, number
from smartreg.core.secret import secrets_in
from smartreg.core.values import Location, Mark, RecordId, short_id
from smartreg.gitio import Repo
from smartreg.registry import Registry, record_at, too_many_files
from smartreg.review.notes import LARGE
from smartreg.trees import READ_LIMIT
from smartreg.yamlio import read

SECRET = "REC107"
REWRITE = Message("Git keeps all that a branch ever held: squash or rewrite it before the merge")
REPLACE = Message(
    "replace the secret itself; Git keeps all that a branch ever held: squash or rewrite it before the merge"
)


def check_intermediate_commits(
    repo: Repo,
    sides: tuple[Registry, Registry],
    span: tuple[str, str],
    commits: Sequence[str],
    checked: Collection[str],
) -> Iterator[Finding]:
    """YML016 for commits with too many files; REC107 for records in intermediate commits with a secret that neither
    side has, CHG819 for their large files. `commits`: those that the first commit of `span` reaches and the second does
    not, children first; `checked`: the checked blobs of its later side."""
    for commit, folder in repo.bombs(commits):
        short = short_id(commit)
        yield too_many_files(
            folder.removeprefix(repo.prefix),
            Message(
                "commit {short} of this change adds or removes a folder with more files than can be listed", short=short
            ),
        )
    schemas, most_mb = sides[0].schemas, sides[0].config.thresholds.large_file_mb
    brought = repo.new_blobs(*span, checked)
    records: dict[str, tuple[str, RecordId]] = {}
    for oid, (path, size) in brought.items():
        file = path.removeprefix(repo.prefix)
        rid = record_at(file, schemas) if path.startswith(repo.prefix) else None
        if rid is not None:
            records[oid] = file, rid
        elif size > most_mb * 1e6:
            yield _large(repo, commits, oid, file, size)
    for oid, text in repo.blobs(sorted(records), READ_LIMIT):
        file, rid = records[oid]
        data = read(text, file).data
        secrets = set(secrets_in(text.decode("utf-8", "replace") if data is None else data))
        if secrets and secrets - {secret for side in sides for secret in _reported_secrets(side, rid)}:
            yield _secret(repo, commits, oid, file)


def _reported_secrets(registry: Registry, rid: RecordId) -> Iterator[str]:
    """The secrets of a record that REC107 reports anyway."""
    for file in registry.files_of(rid):
        record = registry.at(file)
        if record is not None:
            yield from secrets_in(record.data)


def _secret(repo: Repo, commits: Sequence[str], oid: str, file: str) -> Finding:
    commit = short_id(repo.first_with(oid, commits))
    return Finding(
        SECRET,
        "error",
        Message(
            "the history of this change holds what looks like a secret: commit {commit} has it in this file",
            commit=commit,
        ),
        Location(file, mark=Mark(1, 1)),
        REPLACE,
    )


def _large(repo: Repo, commits: Sequence[str], oid: str, file: str, size: int) -> Finding:
    commit, shown = short_id(repo.first_with(oid, commits)), f"{size / 1e6:.1f}"
    return Finding(
        LARGE,
        "warning",
        Message(
            "the history of this change holds a large file: {shown} MB in commit {commit}",
            shown=number(shown),
            commit=commit,
        ),
        Location(file),
        REWRITE,
    )
