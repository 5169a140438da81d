"""`replace OLD [NEW-ID] [PATH=VALUE…]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.dates import day
from smartreg.cli.parameters import Argument, Option, Reason, command
from smartreg.cli.session import Session
from smartreg.cli.writing import FORMATS, Writing, written
from smartreg.commands.replace import replace
from smartreg.core.errors import UsageFault
from smartreg.core.values import Words

Old: TypeAlias = Annotated[
    str, Argument("OLD", Words("the device that is taken down", "l'équipement déposé"), completes="ref:equipment")
]
New: TypeAlias = Annotated[
    list[str],
    Argument(
        "[NEW-ID] PATH=VALUE",
        Words(
            "the new id (made from the old one otherwise), and what differs: serial_number=SN-2 dev_eui=…",
            "le nouvel identifiant (tiré de l'ancien sinon), et ce qui diffère : serial_number=SN-2 dev_eui=…",
        ),
        required=False,
        completes="field",
    ),
]
On: TypeAlias = Annotated[
    str | None,
    Option(
        ("--on",), Words("day of the exchange; today by default", "jour de l'échange ; aujourd'hui sinon"), "YYYY-MM-DD"
    ),
]


def run(session: Session, writing: Writing, old: Old, new: New, on: On, reason: Reason) -> int:
    ids = [word for word in new if "=" not in word]
    if len(ids) > 1:
        raise UsageFault(
            Words(f"{ids[1]} is no PATH=VALUE", f"{ids[1]} n'est pas de la forme CHEMIN=VALEUR"),
            Words(
                f"smartreg replace {old} {ids[0]} serial_number=…", f"smartreg replace {old} {ids[0]} serial_number=…"
            ),
        )
    when = day("--on", on) if on else session.today
    options = writing.options(session, session.today, reason)
    word, id = session.from_root(old), ids[0] if ids else None
    assignments = [word for word in new if "=" in word]
    return written(session, lambda: replace(session.workspace, word, id, assignments, on=when, options=options))


COMMAND = command(run, writes=True, formats=FORMATS)
