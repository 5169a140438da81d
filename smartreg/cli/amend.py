"""`amend CONVENTION PATH=VALUE…`"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, TypeAlias

from smartreg.cli import acts
from smartreg.cli.amendment import PARAMETERS, amendment
from smartreg.cli.parameters import Argument, Command, Option, Reason, declared
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.amend import amend
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words

Convention: TypeAlias = Annotated[
    str,
    Argument("CONVENTION", Words("a signed convention", "une convention signée"), completes="ref:convention"),
]
Assignments: TypeAlias = Annotated[
    list[str],
    Argument(
        "PATH=VALUE",
        Words("parties+=a families+=data removal_days=60 scope.supports-=b …", "parties+=a families+=data …"),
        required=False,
        completes="field",
    ),
]
Unset: TypeAlias = Annotated[
    list[str], Option(("--unset",), Words("remove this field, such as scope", "supprimer ce champ, tel scope"), "PATH")
]

Initially: TypeAlias = Annotated[
    list[str],
    Option(
        ("--initially",),
        Words(
            "what a field said as first signed, where it already holds the amendment (with -m REASON)",
            "ce que disait un champ à l'origine, s'il contient déjà l'avenant (avec -m MOTIF)",
        ),
        "PATH=VALUE",
        completes="field",
    ),
]


def run(
    session: Session,
    writing: Writing,
    convention: Convention,
    assignments: Assignments,
    unset: Unset,
    initially: Initially,
    reason: Reason,
    **words: Any,
) -> int:
    if not assignments and not unset:
        raise UsageFault(
            Words("nothing to amend", "rien à modifier"),
            Words(
                f"smartreg amend {convention} families+=data --deliberation DELIBERATION-ID -y;"
                f" to prolong it: smartreg renew {convention}",
                f"smartreg amend {convention} families+=data --deliberation DELIBERATION-ID -y ;"
                f" pour la prolonger : smartreg renew {convention}",
            ),
        )
    asked, _ = amendment(session, words)
    asked = replace(asked, initially=tuple(initially))
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    return written(session, lambda: amend(session.workspace, word, asked, assignments, unset, options))


COMMAND = Command(run, (*declared(run), *PARAMETERS, *acts.PARAMETERS), writes=True, formats=FORMATS)
