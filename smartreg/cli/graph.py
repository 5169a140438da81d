"""`graph [RECORD…]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.export import Audience, headings
from smartreg.cli.parameters import Argument, At, Option, command
from smartreg.cli.session import Session
from smartreg.commands.graph import FORMATS, INTERNAL, data_graph, drawn
from smartreg.core.values import Words

ENDINGS = {".mmd": "mermaid", ".dot": "dot", ".gv": "dot"}
Records: TypeAlias = Annotated[
    list[str],
    Argument(
        "RECORD",
        Words("what passes by these; everything by default", "ce qui passe par ceux-ci ; tout par défaut"),
        required=False,
        completes="record",
    ),
]
Each: TypeAlias = Annotated[
    bool,
    Option(
        ("--each",),
        Words("every piece of equipment by itself", "chaque équipement à part"),
    ),
]


def run(session: Session, records: Records, audience: Audience, each: Each, at: At) -> int:
    words = [session.from_root(word) for word in records]
    found = data_graph(session.workspace, words, at=at, audience=audience or INTERNAL, each=each)
    if not found.nodes:
        session.console.note(Words("nothing in service passes there", "rien de ce qui est en service n'y passe"))
    session.console.write(drawn(found, _format(session), headings(session)))
    return 0


def _format(session: Session) -> str:
    """The format that was asked for; else the one that the ending of the file names, else the usual one."""
    asked = any(word.startswith(("-f", "--format")) for word in session.words)
    ending = session.output.path.suffix if session.output else ""
    return session.format if asked else ENDINGS.get(ending, session.format)


COMMAND = command(run, formats=FORMATS)
