"""Where an export comes from: registry, commit, reference date, rules; and when each record last changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from smartreg.gitio import Repo, blob_id
from smartreg.registry import FOLDER, Registry
from smartreg.rules import all_rules
from smartreg.trees import CommitTree, Tree
from smartreg.values import Json, Record
from smartreg.workspace import Workspace


def source_of(workspace: Workspace, registry: Registry) -> dict[str, Json]:
    """The origin of an export: name of the registry, commit, reference date (the commit's), a digest of schemas,
    settings and rules."""
    repo = workspace.repo
    commit = commit_shown(workspace, registry.tree)
    return {
        "registry": registry.config.name,
        "commit": commit,
        "reference_date": repo.commit_info(commit).date.date().isoformat() if repo is not None and commit else None,
        "rules": judged_by(registry),
    }


def judged_by(registry: Registry) -> str:
    """A digest of the schemas, settings and rules by which the registry is judged: of what they say, not of their
    bytes, since a clone may have other line ends."""
    schemas = {kind.name: kind.schema for kind in registry.schemas.kinds.values()}
    settings = repr(replace(registry.config, digest=""))
    rules = list(all_rules(registry.config.plugins))
    said = json.dumps([schemas, settings, rules], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def commit_shown(workspace: Workspace, tree: Tree) -> str | None:
    """The commit whose files are those of the tree: its own, or HEAD where nothing differs from it, not even a file
    that Git was told not to look at."""
    repo = workspace.repo
    head = None if repo is None or tree.commit else repo.head()
    if repo is None or head is None:
        return tree.commit
    known, files = CommitTree(repo, head).files(), tree.files()
    if known.keys() != files.keys():
        return None
    unsure = [path for path, file in files.items() if file.blob != known[path].blob and not file.special]
    if any(files[path].blob for path in unsure):
        return None
    same = all(blob_id(content, tree.object_format) == known[path].blob for path, content in tree.read_many(unsure))
    return head if same else None


def last_changes(workspace: Workspace, commit: str | None) -> Callable[[Record], str | None]:
    """The day (the author's) of the commit that last changed the file of a record, as `commit` or else HEAD has it;
    None where the text is no longer that of the commit, and everywhere in a clone that lacks part of the history. The
    history is read when the first record is asked for."""
    days = cache(lambda: _days(workspace.repo, commit))

    def day(record: Record) -> str | None:
        known = days().get(record.file, ())
        fitting = [day for day, blob in known if blob == record.blob or commit is not None]
        return fitting[0] if fitting else None

    return day


def _days(repo: Repo | None, commit: str | None) -> Mapping[str, Sequence[tuple[str, str | None]]]:
    """Per file the day and the blob of the last commit that changed it, then of the last merge: a merge counts only for
    what none of the merged sides had."""
    if repo is None or repo.is_shallow():
        return {}
    plain: dict[str, tuple[str, str | None]] = {}
    merged: dict[str, tuple[str, str | None]] = {}
    for found in repo.history((FOLDER,), start=commit or "HEAD"):
        last = merged if len(found.parents) > 1 else plain
        for change in found.changes:
            last.setdefault(change.path, (found.date.date().isoformat(), change.after))
    return {path: [last[path] for last in (plain, merged) if path in last] for path in {**plain, **merged}}
