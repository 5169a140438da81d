"""Was a record ever in service? What was is evidence: it is neither renamed nor removed (CHG801, CHG802)."""

from __future__ import annotations

from smartreg.errors import Refused
from smartreg.schema import Kind
from smartreg.values import Record, Words
from smartreg.workspace import Workspace
from smartreg.yamlio import read


def refuse_if_ever_in_service(workspace: Workspace, record: Record, kind: Kind, done: Words) -> None:
    """Refused when the record's status is, or ever was in its committed history, one that counts as in service."""
    if kind.lifecycle is None:
        return
    status = _ever(workspace, record, kind)
    if status is not None:
        raise Refused(
            Words(
                f"{record.rid} was {status}: what was in service is not {done.en}",
                f"{record.rid} a été {status} : ce qui a été en service n'est pas {done.fr}",
            ),
            Words(
                f"smartreg retire {record.rid} keeps it as evidence",
                f"smartreg retire {record.rid} le garde comme preuve",
            ),
        )


def _ever(workspace: Workspace, record: Record, kind: Kind) -> str | None:
    life = kind.lifecycle
    if life is None:
        return None
    telling = life.in_service | life.ends & life.dates.keys()  # an end that needs a date comes after service
    if record.data.get(life.field) in telling:
        return str(record.data[life.field])
    repo = workspace.git
    blobs = [change.after for commit in repo.history(paths=[record.file]) for change in commit.changes if change.after]
    for _oid, text in repo.blobs(dict.fromkeys(blobs)):
        data = read(text, record.file).data or {}
        if data.get(life.field) in telling:
            return str(data[life.field])
    return None
