"""`graph [RECORD…]`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from smartreg.cli.export import ForAudience, headings
from smartreg.cli.options import At, t
from smartreg.cli.session import Session, with_session
from smartreg.commands.choice import INTERNAL
from smartreg.commands.graph import FORMATS, data_graph, draw_graph
from smartreg.core.messages import Message

ENDINGS = {".mmd": "mermaid", ".dot": "dot", ".gv": "dot"}
Records: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="RECORD",
        help=t("only what passes through these (default: everything)"),
    ),
]
Each: TypeAlias = Annotated[bool, typer.Option("--each", help=t("show each piece of equipment on its own"))]


app = typer.Typer()


@app.command("graph")
@with_session(formats=FORMATS)
def graph_command(session: Session, records: Records, audience: ForAudience, each: Each, at: At) -> int:
    words = [session.from_root(word) for word in records]
    flows = data_graph(session.workspace, words, at=at, audience=audience or INTERNAL, each=each)
    if not flows.nodes:
        session.console.note(Message("no flow in service passes through there"))
    session.console.write(draw_graph(flows, _format(session), headings(session)))
    return 0


def _format(session: Session) -> str:
    """The requested format, else the one of the file's ending, else the default."""
    explicit = session.common.format
    ending = session.output.path.suffix if session.output else ""
    return session.format if explicit else ENDINGS.get(ending, session.format)
