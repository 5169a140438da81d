"""`remove RECORD`"""

from __future__ import annotations

from smartreg.cli.parameters import Reason, RecordWord, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.remove import remove


def run(
    session: Session,
    writing: Writing,
    record: RecordWord,
    reason: Reason,
) -> int:
    options = writing.options(session, session.today, reason)
    return written(session, lambda: remove(session.workspace, session.from_root(record), options))


COMMAND = command(run, writes=True, formats=FORMATS)
