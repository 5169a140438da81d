"""`resolve`: resolve the conflicts that a merge left in a record, one field at a time or all of them.

A merge without the driver (on a server, or in a clone that lacks it) marks neighbouring lines and lists that both sides
changed. They are merged by field first, as the driver would have: what is left is in conflict.

While Git is in the middle of a merge only the file is written: when nothing conflicts any more it is for the user to
look at it and to `git add` it, as with any other file. Markers that somebody committed are settled by a commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import NamedTuple

from smartreg.core.errors import Refused, StateFault, UsageFault
from smartreg.core.messages import Message, Text, joined, verbatim
from smartreg.core.values import Json, KeyPath, RecordId, path_text
from smartreg.diff import FieldChange, ItemKey, apply_changes, place_text
from smartreg.domain.typed import read_value
from smartreg.edit import Edit, Outcome, WriteOptions
from smartreg.edit.merge import Choice, Settling, can_be_valued
from smartreg.gitio import MergeSide, Repo, Side, merge_sides, work_under_way
from smartreg.gitio.merge_file import LineMerger
from smartreg.registry import SIDES, Registry, distinguishing_fields, keep_both, record_at
from smartreg.schema import Field, Kind, field_path, find_field, value_hint
from smartreg.trees import WorkingTree
from smartreg.workspace.workspace import Workspace, record_named, write, zone_named
from smartreg.yamlio import CONFLICT, parse_conflicts

LOOKED_AT = 50  # merges that are searched for the one that brought markers


@dataclass(frozen=True)
class Conflict:
    """A record with conflicts: what it is, where, and its two sides. `in_merge`: Git waits for them to be settled;
    `added_twice`: both sides added the file; `apart`: the fields that show that these are two records."""

    rid: RecordId
    file: str
    settling: Settling
    in_merge: bool
    added_twice: bool = False
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The text to write of one record: its text (None: deleted), and the fields that stay in conflict."""

    rid: RecordId
    file: str
    text: bytes | None
    left: tuple[FieldChange, ...] = ()
    in_merge: bool = True


@dataclass(frozen=True)
class DeleteModifyConflict:
    """A record that one branch deleted and the other changed, whose file Git left."""

    rid: RecordId
    file: str
    changed_by: Side


def files_in_conflict(workspace: Workspace) -> list[str]:
    """The files of records that hold markers of a conflict, or that one branch of a merge deleted."""
    registry = workspace.current
    registry.read_all()
    marked = {fault.where.file for fault in registry.read_faults() if fault.code == CONFLICT}
    return sorted(marked | {conflict.file for conflict in _find_delete_modify(workspace)})


def find_delete_modify(workspace: Workspace, word: str) -> DeleteModifyConflict | None:
    """The record of that name (id or path) when one branch deleted it; None when none did."""
    for conflict in _find_delete_modify(workspace):
        if word in (conflict.file, conflict.rid.id, str(conflict.rid)):
            return conflict
    return None


def _find_delete_modify(workspace: Workspace) -> Iterator[DeleteModifyConflict]:
    tree = workspace.current.tree
    for file, changed_by in tree.half_deletions().items() if isinstance(tree, WorkingTree) else ():
        rid = record_at(file, workspace.current.schemas)
        if rid is not None:
            yield DeleteModifyConflict(rid, file, changed_by)


def side_names(workspace: Workspace, file: str, labels: tuple[str, str] = ("", "")) -> tuple[Text, Text]:
    """What people call ours and theirs: the branch, and who last changed the file there, and when. Where Git says none
    of it, the `labels` at the markers of the conflict, unless they are `HEAD` or the id of a commit."""
    sides = merge_sides(workspace.git, file)
    named = [label if label != "HEAD" and not re.match("[0-9a-f]{7,64}($| )", label) else "" for label in labels]
    if sides is None:
        return verbatim(named[0]) if named[0] else SIDES["ours"], verbatim(named[1]) if named[1] else SIDES["theirs"]
    ours, theirs = sides
    zone = zone_named(workspace.current.config.timezone)
    if named[1] and not theirs.rebased:
        theirs = theirs._replace(branch=named[1])
    return _name_side(ours, SIDES["ours"], zone), _name_side(theirs, SIDES["theirs"], zone)


def _name_side(side: MergeSide, usual: Text, zone: tzinfo) -> Text:
    branch = verbatim(side.branch) if side.branch else usual
    if side.rebased:
        branch = Message("{branch}, being rebased", branch=branch)
    when = f"{side.when.astimezone(zone):%Y-%m-%d %H:%M} {zone}" if side.when else None
    return joined([branch, *(verbatim(word) for word in (side.author, when) if word)])


def decide(workspace: Workspace, conflict: DeleteModifyConflict, choice: Choice) -> Resolution:
    """Keep the file as it is, bring it back if it is gone, or delete it; then `git add`."""
    if choice != conflict.changed_by:
        return Resolution(conflict.rid, conflict.file, None)
    if conflict.file in workspace.current.tree.files():
        return Resolution(conflict.rid, conflict.file, workspace.current.tree.read(conflict.file))
    repo = workspace.git
    [(_, text)] = repo.blobs([repo.index((conflict.file,))[conflict.file].blob])
    return Resolution(conflict.rid, conflict.file, text)


def conflict_of(workspace: Workspace, word: str) -> Conflict:
    """The conflicts of a record. StateFault when it has none, or markers that do not belong together."""
    registry = workspace.current
    rid, file = _file_of(workspace, word)
    text = registry.tree.read(file)
    settling = Settling.of(text, registry.schemas.kinds[rid.kind])
    repo = workspace.git
    if settling is None:
        unmerged = file in repo.status((file,)).unmerged
        raise _no_conflict(file, readable=registry.at(file) is not None, unmerged=unmerged)
    in_merge = work_under_way(repo) is not None or file in repo.status((file,)).unmerged
    base = _ancestor(repo, file)
    if base is not None:
        settling = settling.merge_fields(base, merger_for(workspace, settling))
        return Conflict(rid, file, settling, in_merge)
    apart = distinguishing_fields(registry.schemas.kinds[rid.kind], registry.frame.indexed, *settling.data)
    return Conflict(rid, file, settling, in_merge, True, apart)


def _ancestor(repo: Repo, file: str) -> bytes | None:
    """The text that both sides of a conflict began with: Git keeps it during the merge (stage 1 of the index); later it
    is that of the merge commit which brought the markers. None where Git knows none."""
    staged = text_at(repo, f":1:./{file}")
    if staged is not None or repo.head() is None:
        return staged
    merges = repo.git.read("rev-list", "--merges", f"--max-count={LOOKED_AT}", "HEAD", "--", file).decode().split()
    for merge in merges:
        parents = repo.commit_info(merge).parents
        readable = [text_at(repo, f"{oid}:./{file}") is not None for oid in (merge, *parents)]
        if readable == [False, True, True]:
            try:
                return text_at(repo, f"{repo.merge_base(*parents)}:./{file}")
            except StateFault:  # a shallow clone lacks it
                return None
    return None


def text_at(repo: Repo, place: str) -> bytes | None:
    """The text of a blob that Git finds at a place, without conflicts; None when there is none."""
    oid = repo.git.line("rev-parse", "--verify", "--quiet", place)
    if oid is None:
        return None
    [(_, text)] = repo.blobs([oid])
    return text if parse_conflicts(text) is None else None


class SideChoice(NamedTuple):
    """How one field in conflict is settled: for a side, or with a value of its own."""

    field: FieldChange
    choice: Choice | None
    value: Json = None


def settle(conflict: Conflict, answers: Sequence[SideChoice], merger: LineMerger) -> Resolution:
    """Settle these fields; where there are none, what merges by itself is taken, and the rest stays in conflict."""
    settling = conflict.settling
    for field, choice, value in answers:
        settling = settling.settle([field], choice) if choice else settling.set_value(field, value)
    last: Choice = next((choice for _, choice, _ in reversed(answers) if choice), "ours")
    return Resolution(conflict.rid, conflict.file, settling.text(merger, last), settling.fields, conflict.in_merge)


def settle_whole(conflict: Conflict, choice: Choice) -> Resolution:
    """Settle all that conflicts for one side. Refused for two records under one id: one of them would be lost."""
    if conflict.apart:
        listed = ", ".join(conflict.apart)
        raise Refused(
            Message(
                "{conflict} is two records under one id ({listed} differ): one side alone would lose the other",
                conflict=conflict.rid,
                listed=listed,
            ),
            keep_both(conflict.rid, conflict.apart[0]),
        )
    return Resolution(conflict.rid, conflict.file, conflict.settling.whole(choice), (), conflict.in_merge)


def resolve(workspace: Workspace, settled: Sequence[Resolution], options: WriteOptions) -> Outcome:
    """Write what was settled. While Git waits for it there is no commit, and nothing to confirm: `git add` says that it
    is right."""
    tree = workspace.current.tree
    present = {each.file: tree.read(each.file) for each in settled if each.file in tree.files()}
    writes = {each.file: each.text for each in settled if present.get(each.file) != each.text}
    records = tuple(each.rid for each in settled)
    what = str(records[0]) if len(records) == 1 else f"{len(records)} records"
    edit = Edit("resolve", records, writes, f"Settle conflicts of {what}", settles=True)
    if any(each.in_merge for each in settled):
        options = replace(options, commit=False, confirm=None)
    return write(workspace, workspace.current, edit, options)


def value_for(workspace: Workspace, conflict: Conflict, name: str, value: str) -> SideChoice:
    """The resolution of a field by a value of its own, typed by the schema."""
    fields = fields_named(conflict, name)
    if len(fields) > 1 or not can_be_valued(fields[0]):
        listed = ", ".join(place_text(change.path) for change in fields)
        raise UsageFault(
            Message("{name} is not one value: {listed}", name=name, listed=listed),
            Message("settle it with --ours or --theirs"),
        )
    return SideChoice(fields[0], None, read_field_value(workspace.current, conflict, fields[0], value))


def fields_named(conflict: Conflict, name: str) -> list[FieldChange]:
    """The conflicts at a field. UsageFault when it has none; StateFault when a side cannot be read by itself."""
    settling = conflict.settling
    if None in settling.data:
        raise StateFault(
            Message("{file}: a side of the conflict cannot be read by itself", file=conflict.file),
            Message(
                "settle it as a whole: smartreg resolve {conflict} --ours (or --theirs), or edit the file",
                conflict=conflict.rid,
            ),
        )
    fields = settling.conflicts_at(name)
    if not fields and settling.kind is not None:
        with suppress(UsageFault):
            fields = settling.conflicts_at(path_text(field_path(settling.kind, name)))
    if not fields:
        listed = ", ".join(place_text(change.path) for change in settling.fields)
        command = f"smartreg resolve {conflict.rid}"
        raise UsageFault(
            Message("{name} is not in conflict in {conflict}", name=name, conflict=conflict.rid),
            Message("in conflict: {listed}", listed=listed)
            if listed
            else Message("all of it merges: {command}", command=command),
        )
    return fields


def read_field_value(registry: Registry, conflict: Conflict, field: FieldChange, text: str) -> Json:
    """The value that a text means for the field. UsageFault when it is of another type, or the schema refuses it."""
    kind = registry.schemas.kinds[conflict.rid.kind]
    declared = schema_field(kind, field)
    value = read_value(kind, _plain(field), text, registry)
    if declared.enum and value not in declared.enum:
        name, listed = place_text(field.path), [declared.choice(item) for item in declared.enum]
        raise UsageFault(
            Message('{name} cannot be "{text}"; it can be {listed}', name=name, text=text, listed=joined(listed)),
            value_hint(declared, text),
        )
    ours = conflict.settling.data[0] or {}
    judge = registry.schemas.judges[kind.name]
    faults_before = {fault.message for fault in judge.faults(ours)}
    for fault in judge.faults(apply_changes(ours, (FieldChange(field.path, field.before, value),))):
        if fault.message not in faults_before:
            raise UsageFault(fault.message, fault.hint)
    return value


def schema_field(kind: Kind, field: FieldChange) -> Field:
    """The schema's entry for a field in conflict. UsageFault for none that it knows."""
    return find_field(kind, _plain(field))


def _plain(field: FieldChange) -> KeyPath:
    return tuple(0 if isinstance(part, ItemKey) else part for part in field.path)


def merger_for(workspace: Workspace, conflict: Settling) -> LineMerger:
    """Git's merge of lines, with the names of the two sides at its markers."""
    ours, theirs = conflict.labels
    return LineMerger(workspace.root, (ours, "base", theirs))


def _file_of(workspace: Workspace, word: str) -> tuple[RecordId, str]:
    registry = workspace.current
    if word in registry.by_file:
        return registry.by_file[word], word
    rid = record_named(registry, word)
    files = registry.files_of(rid)
    if len(files) > 1:
        listed = ", ".join(files)
        raise UsageFault(
            Message("{rid} is in {files} files", rid=rid, files=len(files)),
            Message("give the path of one: {listed}", listed=listed),
        )
    return rid, files[0]


def _no_conflict(file: str, *, readable: bool, unmerged: bool) -> StateFault:
    if not readable and not unmerged:  # a merge of lines may also leave a field twice, without markers
        return StateFault(
            Message("{file} has no conflict, but cannot be read", file=file),
            Message("smartreg validate {file} says why", file=file),
        )
    if readable:
        return StateFault(
            Message("{file} has no conflict", file=file),
            Message("if Git still waits for it: git add {file}", file=file),
        )
    return StateFault(
        Message("{file} has no conflict that can be told by field", file=file),
        Message("edit it, or take a whole side: git checkout --ours {file} (or --theirs)", file=file),
    )
