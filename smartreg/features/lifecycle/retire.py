"""`retire`: bring a record to the end of its life cycle. Nothing is deleted: the record is the evidence.

`remove`: delete a record that was never in service and that nothing refers to. What was in service is neither
renamed nor removed (CHG801, CHG802).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from smartreg.core.errors import Refused, UsageFault
from smartreg.core.messages import Message, Text
from smartreg.core.values import Link, Record, RecordId, path_text, short_id
from smartreg.domain.devices import REPLACES
from smartreg.domain.kinds import PARTY
from smartreg.edit import Edit, Outcome, WriteOptions, change_text, end_of_life
from smartreg.gitio import Commit, FileChange
from smartreg.registry import Registry, alias_of
from smartreg.schema import Kind
from smartreg.schema.settings import FILE
from smartreg.validation.check import Selection
from smartreg.workspace.workspace import Workspace, record_of, write
from smartreg.yamlio import read


def refuse_if_ever_in_service(workspace: Workspace, record: Record, kind: Kind, code: str, done: Text) -> None:
    """Refused when the record's status is, or ever was in its committed history, one that counts as in service, unless
    the settings let the rule with this code pass. Where another file bears the same id, what was in service stays with
    that one."""
    config = workspace.current.config
    grade = Selection(config.select, config.ignore, config.severity).grade(code, "error")
    if grade != "error" or kind.lifecycle is None or len(workspace.current.files_of(record.rid)) > 1:
        return
    status = served_status(workspace, record, kind)
    if status is None:
        return
    raise Refused(
        Message(
            "{record} was {status2}: a record that was in service cannot be {done} ({code})",
            record=record.rid,
            status2=status,
            done=done,
            code=code,
            status=kind.state(status),
        ),
        _instead(workspace, record, kind),
    )


def _instead(workspace: Workspace, record: Record, kind: Kind) -> Text:
    """Retire it; or undo the commit that added it and no other, where no later one changed it and nothing names it."""
    retire = Message("smartreg retire {record} keeps it as evidence", record=record.rid)
    commits = list(dict.fromkeys(commit.oid for commit, _ in _changes(workspace, record, kind)))
    is_named = any(_links_here(workspace.current, record.rid))
    if is_named or len(commits) != 1 or len(workspace.git.commit_info(commits[0]).changes) != 1:
        return retire
    undo = f"smartreg undo {short_id(commits[0])}"
    return Message("{retire}; added by mistake? {undo}", retire=retire, undo=undo)


def served_status(workspace: Workspace, record: Record, kind: Kind) -> str | None:
    """The status by which a record is, or ever was in its committed history, in service; None if it never was."""
    life = kind.lifecycle
    if life is None:
        return None
    status = str(record.data.get(life.field))
    if status in life.served:
        return status
    # All texts that the history knows of the record, in whatever folder of its kind it stood.
    changes = (change for _, change in _changes(workspace, record, kind))
    blobs = dict.fromkeys(blob for change in changes for blob in (change.after, change.before) if blob)
    for _oid, text in workspace.git.blobs(blobs):
        data = read(text, record.file).data or {}
        status = str(data.get(life.field))
        if status in life.served:
            return status
    return None


def _changes(workspace: Workspace, record: Record, kind: Kind) -> Iterator[tuple[Commit, FileChange]]:
    """The changes in the history to files of its name in the folder of its kind, newest first."""
    names = {f"{record.rid.id}{suffix}" for suffix in (".yaml", ".yml")}
    for commit in workspace.git.history(paths=[kind.place]):
        for change in commit.changes:
            if change.path.rpartition("/")[2] in names:
                yield commit, change


def retire(
    workspace: Workspace, record: str, *, on: date, replaced_by: str | None = None, options: WriteOptions
) -> Outcome:
    """Set the status that ends the record's life and the dates that the states on the way need; with `replaced_by`, the
    other record says that it replaces this one. Refused when the life cycle knows no way from the present status."""
    registry = workspace.current
    retired = record_of(registry, record)
    kind = registry.schemas.kinds[retired.rid.kind]
    if kind.lifecycle is None:
        raise UsageFault(
            Message("a {kind} has no life cycle", kind=kind.name, title=kind.title),
            Message("it stays in force; if it was entered by mistake: smartreg remove {rid}", rid=retired.rid),
        )
    changes = end_of_life(kind, kind.lifecycle, retired, on)
    writes: dict[str, bytes | None] = {retired.file: change_text(kind, registry.tree.read(retired.file), changes)}
    subject = f"Retire {retired.rid} on {on.isoformat()}"
    edit = Edit("retire", (retired.rid,), writes, subject)
    if replaced_by:
        new = _heir(registry, kind, retired, replaced_by)
        text = change_text(kind, registry.tree.read(new.file), [((REPLACES,), retired.rid.id)])
        edit = replace(
            edit,
            records=(retired.rid, new.rid),
            writes={**writes, new.file: text},
            subject=f"{subject}, replaced by {new.rid.id}",
        )
    return write(workspace, registry, edit, options)


def _heir(registry: Registry, kind: Kind, old: Record, word: str) -> Record:
    """The record that takes the place of `old`. UsageFault when it cannot."""
    if (REPLACES,) not in kind.by_path:
        raise UsageFault(
            Message('a {kind} has no field "{replaces}"', kind=kind.name, replaces=REPLACES, title=kind.title)
        )
    new = record_of(registry, word, kind.name)
    if new.rid.kind != kind.name:
        raise UsageFault(
            Message("{new} is not of kind {kind}", new=new.rid, kind=kind.name, title=kind.title),
            Message("smartreg list {noun} shows them", noun=kind.noun),
        )
    if new.rid == old.rid:
        raise UsageFault(Message("{old} cannot replace itself", old=old.rid))
    other = new.data.get(REPLACES)
    if other not in (None, old.rid.id):
        raise UsageFault(
            Message("{new} replaces {other} already", new=new.rid, other=other),
            Message(
                "if that is wrong: smartreg set {new} {replaces}={old}", new=new.rid, replaces=REPLACES, old=old.rid.id
            ),
        )
    return new


SHOWN = 10


def remove(workspace: Workspace, record: str, options: WriteOptions) -> Outcome:
    """Delete a record. Refused while others name it, or when it was ever in service (CHG802)."""
    registry = workspace.current
    removed = record_of(registry, record)
    kind = registry.schemas.kinds[removed.rid.kind]
    if len(registry.files_of(removed.rid)) == 1:  # else the id stays that of another file
        _refuse_named(registry, removed)
    refuse_if_ever_in_service(workspace, removed, kind, "CHG802", Message("removed"))
    edit = Edit("remove", (removed.rid,), {removed.file: None}, f"Remove {removed.rid}")
    return write(workspace, registry, edit, options)


def _links_here(registry: Registry, rid: RecordId) -> Iterator[Link]:
    """The references to a record from other records here: those of other registries hold nobody back."""
    return (link for link in registry.links_to(rid) if link.source != rid and alias_of(link.source.id) is None)


def _refuse_named(registry: Registry, record: Record) -> None:
    naming = [f"{link.source} ({path_text(link.path)})" for link in _links_here(registry, record.rid)]
    if record.rid == RecordId(PARTY, registry.config.metropole or ""):
        naming.insert(0, f"{FILE} (metropole)")
    if not naming:
        return
    listed = "".join(f"\n  {text}" for text in naming[:SHOWN])
    more = f"\n  … {len(naming) - SHOWN}" if len(naming) > SHOWN else ""
    is_single = len(naming) == 1
    raise Refused(
        Message(
            "{record} is named in {naming} place:{listed}{more}",
            record=record.rid,
            naming=len(naming),
            listed=listed,
            more=more,
        )
        if is_single
        else Message(
            "{record} is named in {naming} places:{listed}{more}",
            record=record.rid,
            naming=len(naming),
            listed=listed,
            more=more,
        ),
        Message("change those first, or retire this record"),
    )
