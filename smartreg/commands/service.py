"""Was a record ever in service? What was is evidence: it is neither renamed nor removed (CHG801, CHG802)."""

from __future__ import annotations

from collections.abc import Iterator

from smartreg.commands.workspace import Workspace
from smartreg.core.errors import Refused
from smartreg.core.values import Record, Words
from smartreg.gitio import Commit, FileChange
from smartreg.schema import Kind
from smartreg.validation.check import Selection
from smartreg.yamlio import read


def refuse_if_ever_in_service(workspace: Workspace, record: Record, kind: Kind, code: str, done: Words) -> None:
    """Refused when the record's status is, or ever was in its committed history, one that counts as in service, unless
    the settings let the rule with this code pass. Where another file bears the same id, what was in service stays with
    that one."""
    config = workspace.current.config
    grade = Selection(config.select, config.ignore, config.severity).grade(code, "error")
    if grade != "error" or kind.lifecycle is None or len(workspace.current.files_of(record.rid)) > 1:
        return
    status = _ever(workspace, record, kind)
    if status is None:
        return
    raise Refused(
        Words(
            f"{record.rid} was {status}: what was in service is not {done.en} ({code})",
            f"{record.rid} a été « {kind.state(status).fr} » : ce qui a été en service n'est pas {done.fr} ({code})",
        ),
        _instead(workspace, record, kind),
    )


def was_ever_in_service(workspace: Workspace, record: Record, kind: Kind) -> bool:
    """True if the record's status is, or ever was in its committed history, one that counts as in service."""
    return _ever(workspace, record, kind) is not None


def _instead(workspace: Workspace, record: Record, kind: Kind) -> Words:
    """Retire it; or undo the commit that added it and no other, where no later one changed it and nothing names it."""
    retire = Words(
        f"smartreg retire {record.rid} keeps it as evidence", f"smartreg retire {record.rid} le garde comme preuve"
    )
    commits = list(dict.fromkeys(commit.oid for commit, _ in _changes(workspace, record, kind)))
    named = any(link.source != record.rid for link in workspace.current.links_to(record.rid))
    if named or len(commits) != 1 or len(workspace.git.commit_info(commits[0]).changes) != 1:
        return retire
    undo = f"smartreg undo {workspace.git.short(commits[0])}"
    return Words(f"{retire.en}; added by mistake? {undo}", f"{retire.fr} ; ajouté par erreur ? {undo}")


def _ever(workspace: Workspace, record: Record, kind: Kind) -> str | None:
    life = kind.lifecycle
    if life is None:
        return None
    status = str(record.data.get(life.field))
    if status in life.served:
        return status
    for _oid, text in workspace.git.blobs(_former(workspace, record, kind)):
        data = read(text, record.file).data or {}
        status = str(data.get(life.field))
        if status in life.served:
            return status
    return None


def _former(workspace: Workspace, record: Record, kind: Kind) -> dict[str, None]:
    """The blob ids of all texts that the history knows of the record, in whatever folder of its kind it stood."""
    changes = (change for _, change in _changes(workspace, record, kind))
    return {blob: None for change in changes for blob in (change.after, change.before) if blob}


def _changes(workspace: Workspace, record: Record, kind: Kind) -> Iterator[tuple[Commit, FileChange]]:
    """What the history did to files of its name in the folder of its kind, newest first."""
    names = {f"{record.rid.id}{suffix}" for suffix in (".yaml", ".yml")}
    for commit in workspace.git.history(paths=[kind.place]):
        for change in commit.changes:
            if change.path.rpartition("/")[2] in names:
                yield commit, change
