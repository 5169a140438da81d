"""`renew CONVENTION --until DATE`"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from smartreg.cli import acts
from smartreg.cli.amend import Convention
from smartreg.cli.amendment import PARAMETERS, amendment
from smartreg.cli.dates import day
from smartreg.cli.needed import date_needed
from smartreg.cli.parameters import Command, Option, Reason, declared
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.renew import renew
from smartreg.core.values import Words

UNTIL = Words("the new last day of effect", "le nouveau dernier jour d'effet")
Until: TypeAlias = Annotated[str | None, Option(("--until",), UNTIL, "DATE")]


def run(session: Session, writing: Writing, convention: Convention, until: Until, reason: Reason, **words: Any) -> int:
    asked, answered = amendment(session, words, [] if until else [date_needed("--until", UNTIL)])
    when = day("--until", until or answered["--until"])
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    return written(session, lambda: renew(session.workspace, word, when, asked, options))


COMMAND = Command(run, (*declared(run), *PARAMETERS, *acts.PARAMETERS), writes=True, formats=FORMATS)
