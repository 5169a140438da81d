"""Serve the desk on this computer until Ctrl-C: one process, no account, nothing left behind."""

from __future__ import annotations

import gc
import os
import signal
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from smartreg.core.errors import StateFault, UsageFault
from smartreg.core.messages import Language, Message
from smartreg.core.webpage import escape_html
from smartreg.web.app import Desk as Desk
from smartreg.web.safety import Access as Access

LOOPBACK = ("127.0.0.1", "localhost", "::1")
STOPS_IN_S = 5


def listen(host: str, port: int) -> socket.socket:
    """A socket on this computer alone; port 0: a free one. UsageFault for any other address, StateFault if the port is
    taken."""
    if host not in LOOPBACK:
        raise UsageFault(
            Message("--host {host}: the desk is served to this computer only", host=host),
            Message("leave --host out; others use a clone of their own"),
        )
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listening = socket.socket(family)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
    except OSError:
        listening.close()
        raise StateFault(
            Message("port {port} is taken", port=port), Message("leave --port out: a free one is chosen")
        ) from None
    return listening


def host_of(listening: socket.socket) -> str:
    """The Host header of requests to a socket."""
    address, port = listening.getsockname()[:2]
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class EntryFile:
    """A page on disk that only this user can read and that leads into the desk, each time with a new token: in the
    command line of a browser, every user of the computer could read it."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang
        handle, name = tempfile.mkstemp(prefix="smartreg-", suffix=".html")
        os.close(handle)
        self.path = Path(name)

    def write(self, address: str) -> None:
        """Lead to this address."""
        title = Message("Open the registry").in_(self._lang)
        target = escape_html(address)
        text = (
            f'<!DOCTYPE html>\n<html lang="{self._lang}">\n<meta charset="utf-8">\n'
            f'<meta name="referrer" content="no-referrer">\n<meta http-equiv="refresh" content="0; url={target}">\n'
            f'<title>{escape_html(title)}</title>\n<a href="{target}">{escape_html(title)}</a>\n</html>\n'
        )
        self.path.write_text(text, "utf-8")

    def remove(self) -> None:
        with suppress(OSError):
            self.path.unlink()


class DeskServer(uvicorn.Server):
    """The server of a desk; `ready` is called once it accepts requests."""

    def __init__(self, desk: Desk, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                desk.app(),
                log_config=None,
                access_log=False,
                log_level="critical",  # what goes wrong in a page is written by `Desk`
                server_header=False,
                proxy_headers=False,
                ws="none",
                http="h11",
                timeout_graceful_shutdown=STOPS_IN_S,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept requests."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def ask_in_windows_alone() -> None:
    """Let whatever signs a commit ask for a passphrase in a window, or fail at once: who looks at a page does not see a
    question in the terminal that the desk was started from, and nobody else may write while it waits."""
    os.environ["SSH_ASKPASS_REQUIRE"] = "force"
    os.environ.pop("GPG_TTY", None)


def serve(desk: Desk, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Answer until Ctrl-C or SIGTERM."""
    gc.enable()  # commands collect no garbage, but this runs for days
    ask_in_windows_alone()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server hands on what stopped it
    with suppress(KeyboardInterrupt):
        DeskServer(desk, ready).run(sockets=[listening])


def open_browser(file: Path) -> bool:
    """Have the user's browser open the page that leads in; False where there is none."""
    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(file.as_uri())
    return False
