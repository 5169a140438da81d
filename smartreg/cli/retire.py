"""`retire RECORD`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.dates import day
from smartreg.cli.parameters import Option, Reason, RecordWord, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.retire import retire
from smartreg.core.values import Words

On: TypeAlias = Annotated[
    str | None, Option(("--on",), Words("when; today by default", "quand ; aujourd'hui par défaut"), "YYYY-MM-DD")
]
ReplacedBy: TypeAlias = Annotated[
    str | None,
    Option(
        ("--replaced-by",),
        Words("the record that takes its place", "l'enregistrement qui le remplace"),
        "RECORD",
        completes="record",
    ),
]


def run(session: Session, writing: Writing, record: RecordWord, on: On, reason: Reason, replaced_by: ReplacedBy) -> int:
    when = day("--on", on) if on else session.today
    options = writing.options(session, session.today, reason)
    return written(
        session,
        lambda: retire(session.workspace, session.from_root(record), on=when, replaced_by=replaced_by, options=options),
    )


COMMAND = command(run, writes=True, formats=FORMATS)
