"""`undo [COMMIT]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Argument, Reason, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.undo import undo
from smartreg.core.values import Words

CommitWord: TypeAlias = Annotated[
    str | None, Argument("COMMIT", Words("the last one by default", "le dernier par défaut"), required=False)
]


def run(session: Session, writing: Writing, commit: CommitWord, reason: Reason) -> int:
    options = writing.options(session, session.today, reason)
    return written(session, lambda: undo(session.workspace, commit=commit, options=options))


COMMAND = command(run, writes=True, formats=FORMATS)
