"""What a commit holds, worked out from Git's objects alone: what a seal says, and what a seal is compared with."""

from __future__ import annotations

import hashlib

from smartreg.gitio import Repo
from smartreg.history.audit.seal import Sealed
from smartreg.registry import Registry
from smartreg.schema.settings_file import folders_in
from smartreg.trees import SCOPE, SETTINGS


def content_of(repo: Repo, commit: str) -> str:
    """The SHA-256 of the list of all files of the registry: for each, sorted by path, the line that `sha256sum` writes.
    A symlink counts by its target, a submodule by its commit."""
    entries = repo.tree(commit, (*SCOPE, *folders_in(repo.text(commit, SETTINGS)).values()))
    blobs = dict.fromkeys(entry.blob for entry in entries.values() if entry.mode != "160000")
    digests = {blob: hashlib.sha256(content).hexdigest() for blob, content in repo.blobs(blobs)}
    listing = hashlib.sha256()
    for path in sorted(entries, key=lambda path: path.encode("utf-8", "surrogateescape")):
        blob = entries[path].blob
        line = f"{digests.get(blob, blob)}  {path}\n"
        listing.update(line.encode("utf-8", "surrogateescape"))
    return listing.hexdigest()


def sealed_by(repo: Repo, registry: Registry, commit: str, rules: str) -> Sealed:
    """What the commit holds, as `registry` reads it."""
    counts = {kind: number for kind in registry.schemas.kinds if (number := len(registry.ids(kind)))}
    return Sealed(commit, repo.tree_id(commit) or "", counts, content_of(repo, commit), rules)
