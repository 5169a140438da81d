"""The application: which page answers which address, and what becomes of what it raises."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TypeVar
from urllib.parse import quote

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Scope

from smartreg.commands.history import log
from smartreg.commands.show import find, listing
from smartreg.core.errors import Refused, SmartregError, StateFault, UsageFault
from smartreg.core.messages import Language, Message, Text, is_language, languages
from smartreg.history.entries import LogOptions
from smartreg.web import pages
from smartreg.web.pages.record import verdict_of
from smartreg.web.rendering import draw, make_environment, static_file
from smartreg.web.safety import LARGEST_FORM, LARGEST_UPLOAD, MOST_FIELDS, MOST_FILES, Access, Guard
from smartreg.web.state import LiveRegistry, Shown
from smartreg.web.visit import Absent, Answer, Download, Links, Page, Redirect, View, Visit, WholePage

Value = TypeVar("Value")
WATCHED_S = 60.0  # so long after a visit, changes of the registry are looked for in the background
STATUSES: tuple[tuple[type[SmartregError], int], ...] = (
    (Absent, 404),
    (UsageFault, 400),
    (Refused, 422),
    (StateFault, 409),
)
REFUSED: Mapping[int, Text] = {
    400: Message("This form cannot be read."),
    404: Message("Nothing is at this address."),
    405: Message("This page takes no form."),
}
HEADINGS: Mapping[int, Text] = {
    400: Message("This cannot be shown"),
    401: Message("Not let in"),
    403: Message("Refused"),
    404: Message("There is no such page"),
    409: Message("Not possible now"),
    422: Message("Refused"),
    500: Message("Internal error"),
    503: Message("Not possible now"),
}


def find_pages() -> tuple[Page, ...]:
    """The pages of all modules in `pages/`: first those of the menu, in its order."""
    names = sorted(module.name for module in iter_modules(pages.__path__))
    found = [page for name in names for page in import_module(f"{pages.__name__}.{name}").PAGES]
    return tuple(sorted(found, key=lambda page: (*pages.MENU, page.path).index(page.path)))


@dataclass
class Desk:
    """One run: a registry, a language, who may come in, and the one thread that works for it."""

    folder: Path
    lang: Language
    access: Access
    read_only: bool = False
    indexed: bool = True
    seconds: float = 20.0
    notes: list[Text] = field(default_factory=list)
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "desk"))
    _visited: float = float("-inf")

    @cached_property
    def live(self) -> LiveRegistry:
        return LiveRegistry(self.folder, self.notes.append, indexed=self.indexed)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return find_pages()

    @cached_property
    def environment(self) -> Environment:
        return make_environment(self.pages)

    def work(self, job: Callable[[], Value]) -> Value:
        """What a job gives that was done in the thread of the desk, to whoever waits for it."""
        return self.worker.submit(copy_context().run, job).result()

    def prepare(self) -> Shown:
        """Ask each question once before the first page does: what takes long the first time (findings, tables, words,
        history) is kept in the index for all others. To be run by `work`."""
        shown = self.live.refresh()
        workspace = shown.workspace
        verdict_of(shown)
        listing(workspace, None, limit=1)
        find(workspace, ["a"], shown.today, limit=1)
        if workspace.repo and workspace.repo.head():
            log(workspace, wanted=LogOptions(limit=1))
        return shown

    def app(self) -> ASGIApp:
        """The application, behind its guard."""
        routes = [Route("/static/{name}", self._static)]
        routes += [
            Route(page.path, partial(self._answer, page), methods=["GET", "POST"] if page.posts else ["GET"])
            for page in self.pages
        ]
        handlers = {HTTPException: self._no_page}
        inner = Starlette(routes=routes, lifespan=self._lifespan, exception_handlers=handlers)  # type: ignore[arg-type]
        taking = [compile_path(self.access.base + page.path)[0] for page in self.pages if page.uploads]
        return Guard(
            inner,
            self.access,
            self._turn_away,
            self._come_in,
            lambda path: any(pattern.match(path) for pattern in taking),
            self.read_only,
            self.seconds,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch())
        yield
        watching.cancel()

    async def _watch(self) -> None:
        """Look for changes every second while somebody reads, so that no visit waits for it."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1.0)
            if loop.time() - self._visited < WATCHED_S and self.live.age > 1.0:
                with suppress(Exception):  # the next visit meets it again, and says it
                    await loop.run_in_executor(self.worker, self.live.refresh)

    # -- answers ---------------------------------------------------------------------------------------------

    async def _answer(self, page: Page, request: Request) -> Response:
        loop = asyncio.get_running_loop()
        self._visited = loop.time()
        form = FormData()
        if request.method == "POST":
            most = LARGEST_UPLOAD if page.uploads else LARGEST_FORM
            form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=most)
            if not self.access.is_own_form(form.get("csrf")):
                return self._explain(
                    403, Message("This form is not of this session. Open its page again."), request.scope
                )
        try:
            return await loop.run_in_executor(self.worker, partial(self._visit, page, request, form))
        except asyncio.CancelledError:  # Ctrl-C, and this page took too long to wait for
            return self._explain(503, Message("smartreg web was stopped."), request.scope)

    def _visit(self, page: Page, request: Request, form: FormData) -> Response:
        posted = request.method == "POST"
        self.notes.clear()
        try:
            shown = self.live.refresh(recovers=True) if posted else self.live.recent()
            visit = Visit(
                shown,
                self._language(request.scope),
                self.access.base,
                request.url.path.removeprefix(self.access.base),
                request.path_params,
                request.query_params,
                self.access.csrf,
                self.read_only,
                posted,
                form,
            )
            return self._respond(page.handler(visit), request.scope, shown)
        except SmartregError as fault:
            status = next((number for kind, number in STATUSES if isinstance(fault, kind)), 500)
            return self._explain(status, fault.message, request.scope, fault.hint)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return self._explain(
                500,
                Message("smartreg made a mistake here. What happened is written where smartreg web was started."),
                request.scope,
            )
        finally:
            if posted:
                self.live.expire()

    def _respond(self, answer: Answer, scope: Scope, shown: Shown) -> Response:
        match answer:
            case View(template, values, status):
                return HTMLResponse(self._draw(scope, template, values, shown), status)
            case Redirect(url):
                return RedirectResponse(url, 303)
            case Download(name, content, media_type):
                headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
                return Response(content, headers=headers, media_type=media_type)
            case WholePage(html):
                return HTMLResponse(html, headers={"Content-Security-Policy": "frame-ancestors 'none'"})

    def _draw(
        self, scope: Scope, template: str, values: Mapping[str, object], shown: Shown | None, **frame: object
    ) -> str:
        request = Request(scope)
        query = request.query_params
        path = str(scope["path"]).removeprefix(self.access.base)
        asked: dict[str, object] = {name: query.getlist(name) for name in query}
        links = Links(self.access.base)
        return draw(
            self.environment,
            template,
            values,
            lang=self._language(scope),
            links=Links(self.access.base, query.get("lang")),
            shown=shown,
            here=path,
            address=links.url(path, **asked),
            addresses={code: links.url(path, **{**asked, "lang": code}) for code in languages()},
            posted=request.method == "POST",
            query=query,
            csrf=self.access.csrf,
            read_only=self.read_only,
            notes=[note for note in (shown.workspace.notice, *self.notes) if note] if shown else [],
            **frame,
        )

    def _explain(self, status: int, why: Text, scope: Scope, hint: Text | None = None) -> Response:
        """The page of a refusal or a fault. It shows nothing of the registry."""
        heading = HEADINGS.get(status, HEADINGS[403])
        values = {"heading": heading, "why": why, "hint": hint}
        return HTMLResponse(self._draw(scope, "fault.html", values, None), status)

    def _turn_away(self, status: int, why: Text, scope: Scope) -> Response:
        """The page for a request that the guard refuses: whoever sent it learns no address of ours."""
        values = {"heading": HEADINGS.get(status, HEADINGS[403]), "why": why}
        text = draw(self.environment, "refused.html", values, lang=self._language(scope), links=Links(""))
        return HTMLResponse(text, status)

    def _come_in(self, cookie: str, scope: Scope) -> Response:
        """The page that sets the cookie. It leads on by itself: after a redirect that began elsewhere, browsers would
        not send a cookie that is SameSite=Strict."""
        response = HTMLResponse(self._draw(scope, "start.html", {}, None))
        response.headers["Set-Cookie"] = cookie
        return response

    async def _static(self, request: Request) -> Response:
        file = static_file(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        return Response(file[0], media_type=file[1])

    async def _no_page(self, request: Request, fault: HTTPException) -> Response:
        return self._explain(fault.status_code, REFUSED.get(fault.status_code, REFUSED[400]), request.scope)

    def _language(self, scope: Scope) -> Language:
        asked = Request(scope).query_params.get("lang", "")
        return asked if is_language(asked) else self.lang
