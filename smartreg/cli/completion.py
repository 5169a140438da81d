"""`completion bash|zsh|fish`: the script by which a shell asks `complete` at Tab, in any folder."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from smartreg.cli.options import t
from smartreg.cli.session import Session, with_session
from smartreg.cli.shell import SCRIPTS
from smartreg.core.installation import invocation

Shell: TypeAlias = Annotated[
    Literal["bash", "zsh", "fish"], typer.Argument(metavar="SHELL", help=t("your shell", "votre shell"))
]

app = typer.Typer()


@app.command("completion")
@with_session()
def completion_command(session: Session, shell: Shell) -> int:
    session.console.write(SCRIPTS[shell].replace("@smartreg@", invocation()))
    return 0
