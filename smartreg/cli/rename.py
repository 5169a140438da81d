"""`rename RECORD NEW-ID`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Argument, Reason, RecordWord, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.rename import rename
from smartreg.core.values import Words

NewId: TypeAlias = Annotated[str, Argument("NEW-ID", Words("the new id", "le nouvel identifiant"))]


def run(session: Session, writing: Writing, record: RecordWord, new_id: NewId, reason: Reason) -> int:
    options = writing.options(session, session.today, reason)
    return written(session, lambda: rename(session.workspace, session.from_root(record), new_id, options))


COMMAND = command(run, writes=True, formats=FORMATS)
