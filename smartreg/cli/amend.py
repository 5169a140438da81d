"""`amend CONVENTION PATH=VALUE…`"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from smartreg.cli import acts
from smartreg.cli.amendment import PARAMETERS, amendment
from smartreg.cli.parameters import Argument, Command, Option, Reason, declared
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.amend import amend
from smartreg.errors import UsageFault
from smartreg.values import Words

Convention: TypeAlias = Annotated[
    str,
    Argument("CONVENTION", Words("a signed convention", "une convention signée"), completes="ref:convention"),
]
Assignments: TypeAlias = Annotated[
    list[str],
    Argument(
        "PATH=VALUE",
        Words("parties=a,b families=installation,data scope.insee_codes=13047 …", "parties=a,b families=data …"),
        required=False,
        completes="field",
    ),
]
Unset: TypeAlias = Annotated[
    list[str], Option(("--unset",), Words("remove this field, such as scope", "supprimer ce champ, tel scope"), "PATH")
]


def run(
    session: Session,
    writing: Writing,
    convention: Convention,
    assignments: Assignments,
    unset: Unset,
    reason: Reason,
    **words: Any,
) -> int:
    if not assignments and not unset:
        raise UsageFault(
            Words("nothing to amend", "rien à modifier"),
            Words(
                f"smartreg amend {convention} families=installation,data --deliberation DELIBERATION-ID -y;"
                f" to prolong it: smartreg renew {convention}",
                f"smartreg amend {convention} families=installation,data --deliberation DELIBERATION-ID -y ;"
                f" pour la prolonger : smartreg renew {convention}",
            ),
        )
    asked, _ = amendment(session, words)
    options = writing.options(session, session.today, reason)
    word = session.from_root(convention)
    return written(session, lambda: amend(session.workspace, word, asked, assignments, unset, options))


COMMAND = Command(run, (*declared(run), *PARAMETERS, *acts.PARAMETERS), writes=True, formats=FORMATS)
