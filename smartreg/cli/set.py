"""`set RECORD PATH=VALUE…`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Argument, Option, Reason, RecordWord, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.set_ import set_fields
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words

Assignments: TypeAlias = Annotated[
    list[str],
    Argument(
        "PATH=VALUE",
        Words(
            "status=faulty, measures[0].unit=m; use_cases+=noise adds to a list, -= takes away",
            "status=faulty, measures[0].unit=m ; use_cases+=bruit ajoute à une liste, -= retire",
        ),
        required=False,
        completes="field",
    ),
]
Unset: TypeAlias = Annotated[
    list[str],
    Option(("--unset",), Words("remove this field", "supprimer ce champ"), "PATH"),
]

Correct: TypeAlias = Annotated[
    bool,
    Option(
        ("--correct",),
        Words(
            "what is there was entered wrongly; -m says why, and rules on fixed fields warn instead of refusing",
            "la valeur présente est une erreur de saisie ; -m dit pourquoi, et les règles d'immuabilité avertissent",
        ),
    ),
]


def run(
    session: Session,
    writing: Writing,
    record: RecordWord,
    assignments: Assignments,
    unset: Unset,
    correct: Correct,
    reason: Reason,
) -> int:
    if not assignments and not unset:
        raise UsageFault(
            Words("nothing to set", "rien à modifier"),
            Words(f"smartreg set {record} status=…", f"smartreg set {record} status=…"),
        )
    options = writing.options(session, session.today, reason)
    return written(
        session,
        lambda: set_fields(session.workspace, session.from_root(record), assignments, unset, options, correct=correct),
    )


COMMAND = command(run, writes=True, formats=FORMATS)
