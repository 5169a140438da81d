"""`diff [REV [REV]]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.parameters import Argument, Option, command
from smartreg.cli.progress import working
from smartreg.cli.session import Session
from smartreg.commands.diff import diff
from smartreg.errors import UsageFault
from smartreg.reporters import changes_json, changes_markdown, changes_text
from smartreg.values import Words

SIDES = 2


Revs: TypeAlias = Annotated[
    list[str],
    Argument(
        "REV",
        Words(
            "none: HEAD and the working tree; one: that and the working tree; two: both",
            "aucune : HEAD et les fichiers ; une : elle et les fichiers ; deux : elles deux",
        ),
        required=False,
    ),
]
Only: TypeAlias = Annotated[
    list[str],
    Option(
        ("--only",),
        Words("only this record", "seulement cet enregistrement"),
        "RECORD",
        completes="record",
    ),
]
Staged: TypeAlias = Annotated[bool, Option(("--staged",), Words("compare with the index", "comparer avec l'index"))]
Stat: TypeAlias = Annotated[bool, Option(("--stat",), Words("only which records", "seulement quels enregistrements"))]
ExitCode: TypeAlias = Annotated[
    bool, Option(("--exit-code",), Words("exit 1 when there is a difference", "sortie 1 s'il y a une différence"))
]


def run(session: Session, revs: Revs, only: Only, staged: Staged, stat: Stat, exit_code: ExitCode) -> int:
    if len(revs) > SIDES:
        raise UsageFault(
            Words(f'"{revs[2]}" is one revision too many', f"la révision « {revs[2]} » est de trop"),
            Words("to keep one record: --only RECORD", "pour ne garder qu'un enregistrement : --only ENREGISTREMENT"),
        )
    with working(session, Words("comparing", "comparaison")):
        found = diff(
            session.workspace,
            rev=revs[0] if revs else None,
            other=revs[1] if len(revs) == SIDES else None,
            staged=staged,
            records=[session.from_root(word) for word in only],
            on=None if stat else session.today,
        )
    if session.format == "json":
        session.console.write(changes_json.report(found, lang=session.lang))
    elif session.format == "markdown":
        session.console.write(changes_markdown.report(found, lang=session.lang))
    else:
        session.console.show(changes_text.report(found, lang=session.lang, stat=stat))
    return int(exit_code and bool(found.changes or found.others))


COMMAND = command(run, formats=("text", "markdown", "json"))
