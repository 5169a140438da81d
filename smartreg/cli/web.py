"""`web`: the desk, in a browser on this computer."""

from __future__ import annotations

import importlib.util
from typing import Annotated, TypeAlias

import typer

from smartreg.cli import load
from smartreg.cli.options import t
from smartreg.cli.progress import show_progress
from smartreg.cli.session import Session, with_session
from smartreg.core.errors import UsageFault
from smartreg.core.installation import install_command
from smartreg.core.messages import Message
from smartreg.core.typed import count
from smartreg.trees.folders import find_root

LIBRARIES = ("starlette", "uvicorn", "jinja2", "python_multipart", "segno")
LAST_PORT = 65_535

Port: TypeAlias = Annotated[
    str | None, typer.Option("--port", metavar="NUMBER", help=t("serve on this port (default: a free one)"))
]
Host: TypeAlias = Annotated[
    str | None,
    typer.Option("--host", metavar="ADDRESS", help=t("an address of this computer alone: 127.0.0.1, localhost or ::1")),
]
ReadOnly: TypeAlias = Annotated[bool, typer.Option("--read-only", help=t("show everything, change nothing"))]
NoBrowser: TypeAlias = Annotated[
    bool, typer.Option("--no-browser", help=t("print the address instead of opening a browser"))
]

app = typer.Typer()


@app.command("web")
@with_session()
def web_command(session: Session, port: Port, host: Host, read_only: ReadOnly, no_browser: NoBrowser) -> int:
    refuse_without_libraries()
    number = count("--port", port) if port else 0
    if number > LAST_PORT:
        raise UsageFault(Message("--port {port}: the last one is {last}", port=number, last=LAST_PORT))
    serving = load("web.serve")
    root = find_root(session.directory)
    with serving.listen("127.0.0.1" if host is None else host, number) as listening:
        access = serving.Access(serving.host_of(listening))
        desk = serving.Desk(root, session.lang, access, read_only, session.indexed)
        with show_progress(session, Message("reading the registry")):
            shown = desk.reading.work(desk.prepare)
        console = session.console
        console.note(
            Message("serving {name} ({root}) to this computer only; stop with Ctrl-C", name=shown.workspace.config.name,
                    root=root)
        )  # fmt: skip
        entry = serving.EntryFile(session.lang)
        access.renewed = entry.write
        address = access.renew()

        def say_ready() -> None:
            if no_browser:
                console.note(Message("open {address} (works once; later: {file})", address=address, file=entry.path))
            elif serving.open_browser(entry.path):
                console.note(Message("open in your browser; to come in again: {file}", file=entry.path))
            else:
                console.note(Message("open {file} in your browser", file=entry.path))

        try:
            serving.serve(desk, listening, say_ready)
        finally:
            entry.remove()
            desk.stop()
    return 0


def refuse_without_libraries() -> None:
    """UsageFault where a library of the desk is not installed."""
    if missing := [name for name in LIBRARIES if importlib.util.find_spec(name) is None]:
        raise UsageFault(Message("web needs {library}", library=missing[0]), install_command("web"))
