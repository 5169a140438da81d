"""`resolve`: settle the conflicts of a record that a merge left, one field at a time or all that are left.

A merge without the driver (on a server, or in a clone that lacks it) marks neighbouring lines and lists that both sides
changed. They are merged by field first, as the driver would have: what is left is in conflict.

While Git is in the middle of a merge only the file is written: when nothing conflicts any more it is for the user to
look at it and to `git add` it, as with any other file. Markers that somebody committed are settled by a commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from smartreg.commands.workspace import Workspace, record_named, write
from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.values import Json, RecordId, Words, path_text
from smartreg.diff import FieldChange, ItemKey, place_text
from smartreg.edit import Edit, Outcome, WriteOptions, field_path, find_field, read_value
from smartreg.edit.merge import Choice, Settling, can_be_valued
from smartreg.gitio import Repo, Side, work_under_way
from smartreg.gitio.merging import Loom
from smartreg.registry import Registry, record_at
from smartreg.schema import Kind, value_hint
from smartreg.trees import WorkingTree
from smartreg.yamlio import parse_conflicts

LOOKED_AT = 50  # merges that are searched for the one that brought markers


@dataclass(frozen=True)
class Conflict:
    """A record with conflicts: what it is, where, and its two sides. `in_merge`: Git waits for them to be settled."""

    rid: RecordId
    file: str
    settling: Settling
    in_merge: bool


@dataclass(frozen=True)
class Resolved:
    """What was written, and what is left in conflict."""

    conflict: Conflict
    outcome: Outcome
    left: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Halved:
    """A record that one branch deleted and the other, the `keeper`, changed; Git left the file of the latter."""

    rid: RecordId
    file: str
    keeper: Side


def find_halved(workspace: Workspace, word: str) -> Halved | None:
    """The record of that name (id or path) when one branch deleted it; None when none did."""
    tree = workspace.current.tree
    for file, keeper in tree.half_deletions().items() if isinstance(tree, WorkingTree) else ():
        rid = record_at(file, workspace.current.schemas)
        if rid is not None and word in (file, rid.id, str(rid)):
            return Halved(rid, file, keeper)
    return None


def decide(workspace: Workspace, halved: Halved, choice: Choice, options: WriteOptions) -> Outcome:
    """Keep the file as it lies there, bring it back where it is gone, or delete it; Git is told by `git add`."""
    keeps = choice == halved.keeper
    writes: dict[str, bytes | None] = {} if keeps else {halved.file: None}
    if keeps and halved.file not in workspace.current.tree.files():
        repo = workspace.git
        [(_, text)] = repo.blobs([repo.index((halved.file,))[halved.file].blob])
        writes = {halved.file: text}
    edit = Edit("resolve", (halved.rid,), writes, f"Settle conflicts of {halved.rid}", settles=True)
    return write(workspace, workspace.current, edit, replace(options, commit=False, confirm=None))


def conflict_of(workspace: Workspace, word: str) -> Conflict:
    """The conflicts of a record. StateFault when it has none, or markers that do not belong together."""
    registry = workspace.current
    rid, file = _file_of(workspace, word)
    text = registry.tree.read(file)
    settling = Settling.of(text, registry.schemas.kinds[rid.kind])
    if settling is None:
        raise _no_conflict(file, readable=registry.at(file) is not None)
    repo = workspace.git
    in_merge = work_under_way(repo) is not None or file in repo.status((file,)).unmerged
    base = _ancestor(repo, file)
    if base is not None:
        settling = settling.merge_fields(base, _loom(workspace, settling))
    return Conflict(rid, file, settling, in_merge)


def _ancestor(repo: Repo, file: str) -> bytes | None:
    """The text that both sides of a conflict began with: Git keeps it during the merge (stage 1 of the index); later it
    is that of the merge commit which brought the markers. None where Git knows none."""
    staged = _text(repo, f":1:./{file}")
    if staged is not None or repo.head() is None:
        return staged
    merges = repo.git.read("rev-list", "--merges", f"--max-count={LOOKED_AT}", "HEAD", "--", file).decode().split()
    for merge in merges:
        parents = repo.commit_info(merge).parents
        readable = [_text(repo, f"{oid}:./{file}") is not None for oid in (merge, *parents)]
        if readable == [False, True, True]:
            try:
                return _text(repo, f"{repo.merge_base(*parents)}:./{file}")
            except StateFault:  # a shallow clone lacks it
                return None
    return None


def _text(repo: Repo, place: str) -> bytes | None:
    """The text of a blob that Git finds at a place, without conflicts; None when there is none."""
    oid = repo.git.line("rev-parse", "--verify", "--quiet", place)
    if oid is None:
        return None
    [(_, text)] = repo.blobs([oid])
    return text if parse_conflicts(text) is None else None


def resolve(
    workspace: Workspace, conflict: Conflict, fields: Sequence[FieldChange], choice: Choice, options: WriteOptions
) -> Resolved:
    """Settle these fields for one side; all conflicts when there are none named."""
    settling = conflict.settling
    if not fields:
        return _write(workspace, conflict, settling.whole(choice), (), options)
    after = settling.settle(fields, choice)
    return _write(workspace, conflict, after.text(_loom(workspace, settling), choice), after.fields, options)


def resolve_to(workspace: Workspace, conflict: Conflict, name: str, value: str, options: WriteOptions) -> Resolved:
    """Give one field in conflict a value of its own, typed by the schema."""
    fields = fields_named(conflict, name)
    if len(fields) > 1 or not can_be_valued(fields[0]):
        listed = ", ".join(place_text(change.path) for change in fields)
        raise UsageFault(
            Words(f"{name} is not one value: {listed}", f"{name} n'est pas une seule valeur : {listed}"),
            Words("settle it with --ours or --theirs", "réglez-le avec --ours ou --theirs"),
        )
    kind = workspace.current.schemas.kinds[conflict.rid.kind]
    after = conflict.settling.set_value(fields[0], _convert(workspace.current, kind, fields[0], value))
    return _write(workspace, conflict, after.text(_loom(workspace, conflict.settling), "ours"), after.fields, options)


def fields_named(conflict: Conflict, name: str) -> list[FieldChange]:
    """The conflicts at a field. UsageFault when it has none; StateFault when a side cannot be read by itself."""
    settling = conflict.settling
    if None in settling.data:
        raise StateFault(
            Words(
                f"{conflict.file}: a side of the conflict cannot be read by itself",
                f"{conflict.file} : un côté du conflit n'est pas lisible seul",
            ),
            Words(
                f"settle it as a whole: smartreg resolve {conflict.rid} --ours (or --theirs), or edit the file",
                f"réglez-le en entier : smartreg resolve {conflict.rid} --ours (ou --theirs), ou éditez le fichier",
            ),
        )
    found = settling.conflicts_at(name)
    if not found and settling.kind is not None:
        with suppress(UsageFault):
            found = settling.conflicts_at(path_text(field_path(settling.kind, name)))
    if not found:
        listed = ", ".join(place_text(change.path) for change in settling.fields)
        command = f"smartreg resolve {conflict.rid}"
        raise UsageFault(
            Words(f"{name} is not in conflict in {conflict.rid}", f"{name} n'est pas en conflit dans {conflict.rid}"),
            Words(f"in conflict: {listed}", f"en conflit : {listed}")
            if listed
            else Words(f"all of it merges: {command}", f"tout fusionne : {command}"),
        )
    return found


def _write(
    workspace: Workspace, conflict: Conflict, text: bytes, left: tuple[FieldChange, ...], options: WriteOptions
) -> Resolved:
    edit = Edit("resolve", (conflict.rid,), {conflict.file: text}, f"Settle conflicts of {conflict.rid}", settles=True)
    if conflict.in_merge:
        options = replace(options, commit=False, confirm=None)
    return Resolved(conflict, write(workspace, workspace.current, edit, options), left)


def _convert(registry: Registry, kind: Kind, change: FieldChange, value: str) -> Json:
    """The value that a text means for the field. UsageFault when it is of another type, or none of those allowed."""
    path = tuple(0 if isinstance(part, ItemKey) else part for part in change.path)
    field, found = find_field(kind, path), read_value(kind, path, value, registry)
    if field.enum and found not in field.enum:
        name, listed = place_text(change.path), [field.choice(item) for item in field.enum]
        raise UsageFault(
            Words(
                f'{name} cannot be "{value}"; it can be {", ".join(one.en for one in listed)}',
                f"{name} ne peut pas être « {value} » ; valeurs admises : {', '.join(one.fr for one in listed)}",
            ),
            value_hint(field, value),
        )
    return found


def _loom(workspace: Workspace, settling: Settling) -> Loom:
    ours, theirs = settling.labels
    return Loom(workspace.root, (ours, "base", theirs))


def _file_of(workspace: Workspace, word: str) -> tuple[RecordId, str]:
    registry = workspace.current
    if word in registry.by_file:
        return registry.by_file[word], word
    rid = record_named(registry, word)
    files = registry.files_of(rid)
    if len(files) > 1:
        listed = ", ".join(files)
        raise UsageFault(
            Words(f"{rid} is in {len(files)} files", f"{rid} se trouve dans {len(files)} fichiers"),
            Words(f"give the path of one: {listed}", f"donnez le chemin de l'un d'eux : {listed}"),
        )
    return rid, files[0]


def _no_conflict(file: str, *, readable: bool) -> StateFault:
    if readable:
        return StateFault(
            Words(f"{file} has no conflict", f"{file} n'a pas de conflit"),
            Words(
                f"if Git still waits for it: git add {file}",
                f"si Git l'attend encore : git add {file}",
            ),
        )
    return StateFault(
        Words(f"{file} has no conflict that can be told by field", f"{file} n'a pas de conflit lisible par champ"),
        Words(
            f"edit it, or take a whole side: git checkout --ours {file} (or --theirs)",
            f"éditez-le, ou prenez un côté entier : git checkout --ours {file} (ou --theirs)",
        ),
    )
