"""What a local server owes its user: other pages of the same browser, and other programs of the same computer, get
nothing and change nothing.

Each request passes here before anything is read of it. Sources: Fetch Metadata (W3C), RFC 9110 (421), RFC 6265bis
(SameSite, Path), CSP level 3. A name that is made to point at this computer has the wrong Host; a page of another site,
or of another port (which is the same *site*, and is sent our cookies), has the wrong Sec-Fetch-Site and Origin. The
cookie is bound to a path that no other port knows, because browsers would send it there.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from smartreg.core.messages import Message, Text

MIB = 1 << 20
LARGEST_FORM, LARGEST_UPLOAD = MIB, 50 * MIB
MARGIN = MIB // 2  # what a form adds to the files in it
MOST_FIELDS, MOST_FILES = 10_000, 20  # a flow names thousands of devices, each in a field of its own
COOKIE = "smartreg"
START = "/start"
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    # no-referrer would have browsers send `Origin: null` with our own forms (Fetch standard).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class Access:
    """Who may come in: whoever shows the token of this run, once, gets a cookie. `base`: the path below which all
    pages are, and to which the cookie is bound; `csrf` is in each form of the session."""

    host: str
    base: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(12)}")
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    token: str = ""
    renewed: Callable[[str], object] = str
    _session: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def renew(self) -> str:
        """Make a new token; the address that uses it, which `renewed` is told as well."""
        self.token = secrets.token_urlsafe(32)
        address = f"{self.origin}{START}?token={self.token}"
        self.renewed(address)
        return address

    def exchange(self, token: str) -> str | None:
        """The header that sets the cookie, for the right token; that one is then used up."""
        if not self.token or not _are_equal(token, self.token):
            return None
        self.renew()
        return f"{COOKIE}={self._session}; Path={self.base}; HttpOnly; SameSite=Strict"

    def admits(self, cookies: str) -> bool:
        """Whether a Cookie header has the cookie of the session, among those of other ports, which may be no cookies at
        all."""
        pairs = (cookie.strip().partition("=") for cookie in cookies.split(";"))
        return any(name == COOKIE and _are_equal(value, self._session) for name, _, value in pairs)

    def is_own_form(self, csrf: object) -> bool:
        """Whether a form has the token that only our pages have."""
        return isinstance(csrf, str) and _are_equal(csrf, self.csrf)


class Refusal(Exception):
    """A request that is not answered: its status, and why."""

    def __init__(self, status: int, why: Text) -> None:
        super().__init__(status)
        self.status = status
        self.why = why


@dataclass(frozen=True)
class Guard:
    """Refuse what the user's own browser does not send from our pages, before any page is asked; add the headers of
    `HEADERS` to every answer. `explain` makes the page of a refusal, `come_in` the one that sets the cookie and leads
    on. `takes_files`: whether the page at a path takes files. `seconds`: so long a body may take, and a file ten times
    as long."""

    app: ASGIApp
    access: Access
    explain: Callable[[int, Text, Scope], Response]
    come_in: Callable[[str, Scope], Response]
    takes_files: Callable[[str], bool]
    read_only: bool = False
    seconds: float = 20.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # web sockets: nothing here speaks them
            return

        async def send_with_headers(event: Event) -> None:
            if event["type"] == "http.response.start":
                headers = MutableHeaders(scope=event)
                if scope["method"] == "POST":  # else `Back` to a review ends at an error of the browser
                    headers["Cache-Control"] = "private, no-cache"
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(event)

        try:
            entered = self._judge(scope)
            if entered is not None:
                await entered(scope, receive, send_with_headers)
                return
            replayed = await self._read_body(scope, receive) if scope["method"] == "POST" else receive
        except Refusal as refusal:
            response = self.explain(refusal.status, refusal.why, scope)
            response.headers["Connection"] = "close"  # what else was sent of a refused request is not read
            await response(scope, receive, send_with_headers)
            return
        await self.app({**scope, "root_path": self.access.base}, replayed, send_with_headers)

    def _judge(self, scope: Scope) -> Response | None:
        """The answer to the token of this run; None if the request may go on. Refusal."""
        headers, path = Headers(scope=scope), scope["path"]
        if headers.getlist("host") != [self.access.host]:
            raise Refusal(421, Message("This is not the address that is served: {origin}", origin=self.access.origin))
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise Refusal(405, Message("Pages are read and forms are sent; nothing else is possible here."))
        if path == START and scope["method"] == "GET":
            tokens = parse_qs(scope["query_string"].decode("ascii", "replace")).get("token", [])
            cookie = self.access.exchange(tokens[0]) if len(tokens) == 1 else None
            if cookie is not None:
                return self.come_in(cookie, scope)
        if not self.access.admits("; ".join(headers.getlist("cookie"))) or not is_below(path, self.access.base):
            raise Refusal(
                401, Message("This browser has not been let in. Open the file that smartreg web named when it started.")
            )
        site = headers.get("sec-fetch-site", "same-origin")
        if site != "same-origin" and not (site == "none" and scope["method"] != "POST"):
            raise Refusal(403, Message("Another site sent this request."))
        if scope["method"] == "POST":
            self._judge_post(scope, headers)
        return None

    def _judge_post(self, scope: Scope, headers: Headers) -> None:
        if headers.getlist("origin") != [self.access.origin]:
            raise Refusal(403, Message("Another site sent this request."))
        if self.read_only:
            raise Refusal(403, Message("smartreg web was started with --read-only: nothing is changed here."))
        kind = form_type(scope)
        if kind not in FORMS or (kind == FORMS[1] and not self.takes_files(scope["path"])):
            raise Refusal(415, Message("Only a form can be sent here."))

    async def _read_body(self, scope: Scope, receive: Receive) -> Receive:
        """The whole body, counted while it comes in, as what `receive` gives. Refusal for one that is too large or
        too slow."""
        files = self.takes_files(scope["path"])
        most = LARGEST_UPLOAD + MARGIN if files else LARGEST_FORM
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > most:
            raise Refusal(413, _too_large(most))
        body = bytearray()
        try:
            async with asyncio.timeout(self.seconds * (10 if files else 1)):
                more = True
                while more:
                    event = await receive()
                    if event["type"] == "http.disconnect":
                        raise Refusal(400, Message("The form did not arrive whole."))
                    body += event.get("body", b"")
                    more = event.get("more_body", False)
                    if len(body) > most:
                        raise Refusal(413, _too_large(most))
        except TimeoutError:
            raise Refusal(408, Message("The form took too long to arrive. Send it again.")) from None
        if (
            form_type(scope) == FORMS[0] and body.count(b"&") >= MOST_FIELDS
        ):  # older versions of Starlette count no fields
            raise Refusal(400, Message("This form has more than {most} fields.", most=MOST_FIELDS))
        event = {"type": "http.request", "body": bytes(body), "more_body": False}

        async def replay() -> Event:
            return event

        return replay


def form_type(scope: Scope) -> str:
    """The media type of the body, without its parameters."""
    return Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()


def _too_large(most: int) -> Text:
    return Message("This is larger than {mib} MiB, the most that can be sent here.", mib=most // MIB)


def is_below(path: str, base: str) -> bool:
    """Whether a path is one of our pages."""
    return _are_equal(path[: len(base) + 1], f"{base}/")


def _are_equal(given: str, secret: str) -> bool:
    """In a time that does not say how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
