"""`transfer RECORD PARTY`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.dates import day
from smartreg.cli.parameters import Argument, Option, Reason, RecordWord, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.move import transfer
from smartreg.core.values import Words

Party: TypeAlias = Annotated[
    str, Argument("PARTY", Words("the new owner", "le nouveau propriétaire"), completes="ref:party")
]
On: TypeAlias = Annotated[
    str | None,
    Option(
        ("--on",),
        Words(
            "first day of the new owner; today by default", "premier jour du nouveau propriétaire ; aujourd'hui sinon"
        ),
        "YYYY-MM-DD",
    ),
]


def run(session: Session, writing: Writing, record: RecordWord, party: Party, on: On, reason: Reason) -> int:
    when = day("--on", on) if on else session.today
    options = writing.options(session, session.today, reason)
    word, owner = session.from_root(record), session.from_root(party)
    return written(session, lambda: transfer(session.workspace, word, owner, on=when, options=options))


COMMAND = command(run, writes=True, formats=FORMATS)
