"""A desk that is served to the tests of a module, and a browser's part in it: a cookie, headers, forms."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from html import unescape
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import urlencode

from smartreg.web.app import Desk
from smartreg.web.safety import Access
from smartreg.web.serve import DeskServer, host_of, listen

Fields = Mapping[str, str | Sequence[str]]
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "----tests"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def text_of(reply: Reply) -> str:
    """What a page says below its menu, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", reply.text.split("<main", 1)[1])).split())


@dataclass(frozen=True)
class DeskClient:
    """A browser that was let in. Addresses are those of pages: `/records`."""

    desk: Desk
    cookie: str

    @property
    def host(self) -> str:
        return self.desk.access.host

    @property
    def origin(self) -> str:
        return self.desk.access.origin

    def address(self, path: str) -> str:
        """The whole address of a page, for a real browser."""
        return f"{self.origin}{self.desk.access.base}{path}"

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str | None] | None = None
    ) -> Reply:
        """A request as a browser sends it, with other headers (None: without this one). A path that begins with `!` is
        not below ours."""
        own: dict[str, str | None] = {"Host": self.host, "Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        if method == "POST":
            own |= {"Origin": self.origin, "Content-Type": FORM, "Content-Length": str(len(body))}
        own |= headers or {}
        target = path[1:] if path.startswith("!") else self.desk.access.base + path
        connection = HTTPConnection(self.host, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in own.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Reply(response.status, response.msg, response.read())
        finally:
            connection.close()

    def get(self, path: str, **query: str | Sequence[str]) -> Reply:
        """A page."""
        words = f"?{urlencode(query, doseq=True)}" if query else ""
        return self.request("GET", path + words)

    def post(
        self, path: str, fields: Fields | None = None, files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> Reply:
        """A form that is sent, with the token of the session; `files`: name and content of each."""
        given = {"csrf": self.desk.access.csrf, **(fields or {})}
        if files is None:
            return self.request("POST", path, urlencode(given, doseq=True).encode())
        parts = [(f'name="{name}"', str(value).encode()) for name, value in given.items()]
        parts += [(f'name="{name}"; filename="{file}"', content) for name, (file, content) in files.items()]
        body = b"".join(
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
            for head, content in parts
        )
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        whole = body + f"--{BOUNDARY}--\r\n".encode()
        return self.request("POST", path, whole, {**kind, "Content-Length": str(len(whole))})

    def send_bytes(self, sent: bytes) -> bytes:
        """Bytes as they are, and what comes back until the server closes."""
        address, _, port = self.host.rpartition(":")
        with socket.create_connection((address, int(port)), timeout=60) as connection:
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


@contextmanager
def serving(root: Path, lang: str = "en", *, read_only: bool = False, seconds: float = 20.0) -> Iterator[DeskClient]:
    """The desk of a registry, served in a thread, and a browser that was let in."""
    with listen("127.0.0.1", 0) as listening:
        desk = Desk(root, lang, Access(host_of(listening)), read_only, seconds=seconds)
        started = threading.Event()
        server = DeskServer(desk, started.set)
        # As the program serves it: in the context of its run, which says which English a registry speaks.
        serve = partial(copy_context().run, server.run, sockets=[listening])
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            assert started.wait(30)
            path = desk.access.renew().removeprefix(desk.access.origin)
            stranger = DeskClient(desk, "")
            cookie = stranger.request("GET", f"!{path}", headers={"Sec-Fetch-Site": "cross-site"}).headers["Set-Cookie"]
            yield DeskClient(desk, re.split("; ?", cookie)[0])
        finally:
            server.should_exit = True
            thread.join()
            desk.stop()
