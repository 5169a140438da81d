"""`rename` in the middle of a merge: both branches added a record under one id. One of the two gets another id, with
the references of its branch; the other keeps the file. As with `resolve`, only files are written, for `git add`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Message
from smartreg.core.values import Json, KeyPath, Record, RecordId, path_text, value_at
from smartreg.edit import Edit, Outcome, WriteOptions, change_text, file_of
from smartreg.edit.merge import Choice, Settling
from smartreg.features.merge.resolve import Conflict, conflict_of, merger_for, text_at
from smartreg.gitio import Repo
from smartreg.registry import Registry, distinguishing_fields
from smartreg.schema import Kind
from smartreg.trees import CommitTree
from smartreg.workspace.workspace import Workspace, file_named, means, write
from smartreg.yamlio import parse_conflicts, read, tighten

DEFAULT = "refs/remotes/*/HEAD"
_INCOMING = ("MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD")
_REBASES = ("rebase-merge", "rebase-apply")
_OTHER: dict[Choice, Choice] = {"ours": "theirs", "theirs": "ours"}


@dataclass(frozen=True)
class _Renaming:
    """Which side's record gets the new id, and the registries of both sides' commits (None: not known)."""

    rid: RecordId
    new_id: str
    side: Choice
    renamed: Registry | None
    other: Registry | None


def find_shared(workspace: Workspace, word: str) -> Conflict | None:
    """The conflict of a record that both branches of a merge under way added; None for any other record."""
    try:
        file = file_named(workspace.current, word)
    except UsageFault:
        return None
    if file not in workspace.current.tree.files() or parse_conflicts(workspace.current.tree.read(file)) is None:
        return None
    conflict = conflict_of(workspace, file)
    return conflict if conflict.added_twice and conflict.in_merge else None


def side_to_rename(workspace: Workspace, conflict: Conflict) -> Choice:
    """The side whose record fewer people know: that of the commit which a rebase replays, else ours, unless ours is on
    the default branch of a remote and theirs is not."""
    repo = workspace.git
    if _is_rebase(repo):
        return "theirs"
    ours, theirs = (_is_published(workspace, conflict, side) for side in _OTHER)
    return "theirs" if ours and not theirs else "ours"


def free_id(registry: Registry, kind: Kind, id: str) -> RecordId:
    """The id for a record that is renamed. UsageFault when it is taken."""
    new = RecordId(kind.name, id)
    if new in registry:
        raise UsageFault(Message("{new} exists already", new=new), Message("choose another id"))
    return new


def rename_one_side(workspace: Workspace, conflict: Conflict, new_id: str, options: WriteOptions) -> Outcome:
    """Keep both records: one side's under the new id, the other one in its file. UsageFault when the id is taken;
    StateFault where later commits of a rebase go on with the record."""
    registry, repo, rid = workspace.current, workspace.git, conflict.rid
    kind = registry.schemas.kinds[rid.kind]
    new = free_id(registry, kind, new_id)
    side = side_to_rename(workspace, conflict)
    own, kept = conflict.settling.whole(side), conflict.settling.whole(_OTHER[side])
    file_of(kind, {**(read(own, "").data or {}), "id": new_id})
    incoming = _incoming(repo)
    if _is_rebase(repo) and incoming is not None:
        _refuse_later_commits(workspace, conflict, incoming)
    commits = {"ours": repo.head(), "theirs": incoming}
    renamed, other = (
        workspace.of_tree(CommitTree(repo, oid, workspace.index)) if (oid := commits[choice]) else None
        for choice in (side, _OTHER[side])
    )
    folder, _, name = conflict.file.rpartition("/")
    target = f"{folder}/{new_id}.{name.rpartition('.')[2]}"
    writes: dict[str, bytes | None] = {conflict.file: kept, target: change_text(kind, own, [(("id",), new_id)])}
    writes |= _references(workspace, _Renaming(rid, new_id, side, renamed, other), conflict.file)
    subject = f"Rename {rid} to {new_id}"
    edit = Edit("rename", (rid, new), writes, subject, settles=True, past="unpublished")
    return write(workspace, registry, edit, replace(options, commit=False, confirm=None))


def _incoming(repo: Repo) -> str | None:
    """The commit that is being merged into HEAD, or replayed on it."""
    commits = (repo.git.line("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") for name in _INCOMING)
    return next(filter(None, commits), None)


def _is_rebase(repo: Repo) -> bool:
    return any((repo.git_dir / name).is_dir() for name in _REBASES)


def _is_published(workspace: Workspace, conflict: Conflict, side: Choice) -> bool:
    """Whether the default branch of a remote has the record of this side."""
    registry, kind = workspace.current, workspace.current.schemas.kinds[conflict.rid.kind]
    own = read(conflict.settling.whole(side), "").data
    for tip in workspace.git.tips(DEFAULT):
        text = text_at(workspace.git, f"{tip}:./{conflict.file}")
        data = read(text, "").data if text is not None else None
        if own is not None and data is not None:
            return not distinguishing_fields(kind, registry.frame.indexed, own, data)
    return False


def _refuse_later_commits(workspace: Workspace, conflict: Conflict, replayed: str) -> None:
    """A rebase replays them on the record that keeps the id: changes of ours would end up in theirs."""
    repo = workspace.git
    places = (repo.git_dir / name / "orig-head" for name in _REBASES)
    tip = next((place.read_text("ascii").strip() for place in places if place.is_file()), replayed)
    if tip == replayed:
        return
    before, after = (workspace.of_tree(CommitTree(repo, oid, workspace.index)) for oid in (replayed, tip))
    texts = (registry.tree.files().get(conflict.file) for registry in (before, after))
    counts = [sum(link.source != conflict.rid for link in side.links_to(conflict.rid)) for side in (before, after)]
    if len({text and text.blob for text in texts}) > 1 or counts[0] != counts[1]:
        raise StateFault(
            Message(
                "later commits of this rebase change {conflict} or name it, and would do so to the other record",
                conflict=conflict.rid,
            ),
            Message("git rebase --abort, then git merge: there both records can be kept"),
        )


def _references(workspace: Workspace, renaming: _Renaming, file: str) -> Iterator[tuple[str, bytes]]:
    """Path and text of every record in which references of the renamed side get the new id."""
    registry, rid = workspace.current, renaming.rid
    registries = [side for side in (registry, renaming.renamed) if side is not None]
    sources = dict.fromkeys(link.source for side in registries for link in side.links_to(rid))
    for path in dict.fromkeys(path for source in sources for path in registry.files_of(source)):
        if path == file:
            continue
        kind, text = registry.schemas.kinds[registry.by_file[path].kind], registry.tree.read(path)
        settling = Settling.of(text, kind)
        if settling is None:
            changed = _follow(workspace, renaming, path, text)
        elif text_at(workspace.git, f":1:./{path}") is None:  # two records under one id as well
            texts = [
                _follow(workspace, renaming, path, side_text, own=side == renaming.side)
                for side, side_text in zip(_OTHER, settling.texts, strict=True)
            ]
            changed = tighten(merger_for(workspace, settling).compare(*texts).text)
        else:
            texts = [_follow(workspace, renaming, path, side_text) for side_text in settling.texts]
            changed = tighten(merger_for(workspace, settling).compare(*texts).text)
        if changed != text:
            yield path, changed


def _follow(workspace: Workspace, renaming: _Renaming, path: str, text: bytes, *, own: bool | None = None) -> bytes:
    """The text with the new id where the renamed side named the record. `own`: whether the text is that side's; None
    for a text that was merged."""
    registry, old = workspace.current, renaming.rid
    source = registry.by_file[path]
    kind, data = registry.schemas.kinds[source.kind], read(text, "").data
    if data is None or own is False:
        return text
    links = [link for link in kind.links(Record(source, path, data, "")) if means(registry, link, old)]
    of_renamed, of_other = (_fields_naming(side, source, old) for side in (renaming.renamed, renaming.other))
    # A record that neither side has was renamed in this merge itself.
    is_new = not any(side is not None and source in side for side in (renaming.renamed, renaming.other))
    changes: list[tuple[KeyPath, Json]] = []
    for link in links:
        field = _plain(link.path)
        if own or field not in of_other:
            if own or field in of_renamed or is_new:
                changes.append((link.path, renaming.new_id))
        elif isinstance(link.path[-1], int):
            items = value_at(data, link.path[:-1])
            changes.append((link.path[:-1], [*items, renaming.new_id]))
        elif field in of_renamed:
            name = path_text(link.path)
            workspace.note(
                Message(
                    "{path}: both branches set {name} to {old}; it stays: check which of the two is meant",
                    path=path,
                    name=name,
                    old=old.id,
                )
            )
    return change_text(kind, text, changes) if changes else text


def _fields_naming(registry: Registry | None, source: RecordId, target: RecordId) -> set[tuple[str, ...]]:
    """The fields in which a record of one side names another."""
    if registry is None:
        return set()
    return {_plain(link.path) for link in registry.links_from(source) if means(registry, link, target)}


def _plain(path: KeyPath) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))
