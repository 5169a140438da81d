"""Differences between HEAD, index and working tree, from one `git status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from smartreg.gitio.runner import text

Side: TypeAlias = Literal["ours", "theirs"]
_CHANGED_BY: Mapping[str, Side] = {"UD": "ours", "DU": "theirs"}
_SETS = ("modified", "deleted", "untracked", "intended", "unmerged", "twice")


class Staged(NamedTuple):
    """A path that differs between HEAD and index: mode and blob of the index, mode and blob of HEAD; no blob for no
    file."""

    mode: str
    blob: str | None
    mode_before: str
    before: str | None


class Status(NamedTuple):
    """Paths by what happened to them: `modified` and `deleted` since the index, `staged` between HEAD and index;
    `intended` by `git add --intent-to-add`. `delete_modify`: the `unmerged` paths that one branch deleted, and the
    side that changed them; `twice`: those that both branches added."""

    modified: frozenset[str]
    deleted: frozenset[str]
    untracked: frozenset[str]
    staged: Mapping[str, Staged]
    intended: frozenset[str]
    unmerged: frozenset[str]
    head: str | None
    branch: str | None
    delete_modify: Mapping[str, Side]
    twice: frozenset[str]

    def dirty(self) -> frozenset[str]:
        """Tracked paths with uncommitted work."""
        return self.modified | self.deleted | self.staged.keys() | self.unmerged


def read_status(out: bytes, prefix: str) -> Status:
    """Read `git status --porcelain=v2 -z --branch --no-renames`, whose paths begin with `prefix` (removed here)."""
    sets: dict[str, set[str]] = {name: set() for name in _SETS}
    staged: dict[str, Staged] = {}
    delete_modify: dict[str, Side] = {}
    header: dict[str, str] = {}
    skip = len(prefix)
    for line in text(out).split("\0")[:-1]:
        kind = line[:2]
        if kind == "# ":
            _, key, value = line.split(" ", 2)
            header[key] = value
        elif kind == "? ":
            sets["untracked"].add(line[2 + skip :])
        elif kind == "u ":
            path, changed_by = line.split(" ", 10)[10][skip:], _CHANGED_BY.get(line[2:4])
            sets["unmerged"].add(path)
            if changed_by is not None:
                delete_modify[path] = changed_by
            if line[2:4] == "AA":
                sets["twice"].add(path)
        elif kind == "1 ":
            fields = line.split(" ", 8)
            path, since_head, since_index = fields[8][skip:], fields[1][0], fields[1][1]
            if since_head != ".":
                staged[path] = Staged(fields[4], _there(fields[7]), fields[3], _there(fields[6]))
            if since_index == "A":
                sets["intended"].add(path)
            if since_index != ".":
                sets["deleted" if since_index == "D" else "modified"].add(path)
    oid, branch = header.get("branch.oid", "(initial)"), header.get("branch.head", "(detached)")
    return Status(
        **{name: frozenset(paths) for name, paths in sets.items()},
        staged=staged,
        head=None if oid == "(initial)" else oid,
        branch=None if branch == "(detached)" else branch,
        delete_modify=delete_modify,
    )


def _there(oid: str) -> str | None:
    return oid if oid.strip("0") else None
