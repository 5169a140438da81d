"""The application: which page answers which address, and what becomes of what it raises."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp, Scope

from smartreg.commands.history import log
from smartreg.commands.show import find, listing
from smartreg.core.errors import Refused, SmartregError, StateFault, UsageFault
from smartreg.core.messages import Language, Message, Text, english_of, english_said, is_language, languages
from smartreg.gitio.runner import LIMIT, WriteLimit
from smartreg.history.entries import LogOptions
from smartreg.web.catalogue import MENU, MODULES
from smartreg.web.filling import CHANGE, CONTINUE
from smartreg.web.lanes import Aside, Lane
from smartreg.web.pages.record import verdict_of
from smartreg.web.rendering import draw, make_environment, static_file
from smartreg.web.safety import LARGEST_FORM, LARGEST_UPLOAD, MOST_FIELDS, MOST_FILES, Access, Guard
from smartreg.web.state import Shown
from smartreg.web.visit import Absent, Answer, Asked, Download, Links, Page, Redirect, View, Visit, WholePage

WRITE_S = 120.0  # so long hooks and what signs may take: a key is touched, a passphrase typed
IDLE_S = 600.0  # so long a process waits for another visit of its page
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
    """The pages of all modules of the catalogue: first those of the menu, in its order."""
    unsorted = [page for name in MODULES for page in import_module(name).PAGES]
    return tuple(sorted(unsorted, key=lambda page: (*MENU, page.path).index(page.path)))


@dataclass
class Desk:
    """One run: a registry, a language, who may come in, and who works for it. `many`: with so many records, pages that
    compute long are computed aside."""

    folder: Path
    lang: Language
    access: Access
    read_only: bool = False
    indexed: bool = True
    seconds: float = 20.0
    many: int = 2000
    _visited: float = float("-inf")
    _is_writing: bool = False
    _stopping: threading.Event = field(default_factory=threading.Event)
    aside: dict[str, Aside] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[Desk], tuple[object, ...]]:
        """In another process: the same, without who may come in and who works for it."""
        access = Access(self.access.host, self.access.base, self.access.csrf)
        return Desk, (self.folder, self.lang, access, self.read_only, self.indexed)

    @cached_property
    def reading(self) -> Lane:
        return Lane(self.folder, self.indexed)

    @cached_property
    def writing(self) -> Lane:
        return Lane(self.folder, self.indexed)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return find_pages()

    @cached_property
    def environment(self) -> Environment:
        return make_environment(self.pages)

    def prepare(self) -> Shown:
        """Ask each question once before the first page does: what takes long the first time (findings, tables, words,
        history) is kept in the index for all others. To be run by the thread that reads."""
        shown = self.reading.live.refresh()
        workspace = shown.workspace
        verdict_of(shown)
        listing(workspace, None, limit=1)
        find(workspace, ["a"], shown.today, limit=1)
        if workspace.repo and workspace.repo.head():
            log(workspace, wanted=LogOptions(limit=1))
        self.visit(self.reading, self.pages[0], Asked("/", {}, QueryParams(), self.lang))
        return shown

    def stop(self) -> None:
        """End what works for it; a write comes to its end, or is undone."""
        self._stopping.set()
        for aside in self.aside.values():
            aside.stop()
        self.reading.worker.shutdown()
        self.writing.worker.shutdown()

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
        loop, live = asyncio.get_running_loop(), self.reading.live
        while True:
            await asyncio.sleep(1.0)
            if loop.time() - self._visited < WATCHED_S and live.age > 1.0 and not self._is_writing:
                with suppress(Exception):  # the next visit meets it again, and says it
                    await loop.run_in_executor(self.reading.worker, copy_context().run, live.refresh)

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
                    403, Message("This form is not of this session. Open its page again."), self._asked(request.scope)
                )
        asked = replace(
            self._asked(request.scope),
            parameters=request.path_params,
            posted=request.method == "POST",
            form=form,
            is_settled=not self._is_writing,
        )
        lane = self.writing if asked.posted and self._writes(form) else self.reading
        try:
            visit = partial(self.visit, lane, page, asked)
            answer = await loop.run_in_executor(lane.worker, copy_context().run, visit)
            if answer is None:
                if page.path not in self.aside:
                    self.aside[page.path] = Aside(answer_aside, (english_said(), self))
                aside = self.aside[page.path]
                answer = await loop.run_in_executor(aside.worker, partial(aside.ask, page.path, asked))
            return answer
        except StateFault as fault:
            return self._explain(409, fault.message, asked, fault.hint)
        except asyncio.CancelledError:  # Ctrl-C, and this page took too long to wait for
            return self._explain(503, Message("smartreg web was stopped."), asked)

    def _writes(self, form: FormData) -> bool:
        """Whether a form is to be written, not shown again; or waits until a write has ended, or was finished."""
        is_shown_again = form.get("step") in (CONTINUE, CHANGE)
        return not is_shown_again or self._is_writing or self.reading.live.is_interrupted

    def _state(self, lane: Lane, asked: Asked, *, anew: bool) -> Shown:
        """The state that a page shows: while a write is under way, the one before it."""
        if lane is self.writing:
            return lane.live.refresh(recovers=True)
        if not asked.is_settled or self._is_writing:
            return lane.live.kept()
        return lane.live.refresh() if anew else lane.live.recent()

    def visit(self, lane: Lane, page: Page, asked: Asked, *, aside: bool = False) -> Response | None:
        """The answer; None if the page is to be computed aside."""
        shown = None
        lane.notes.clear()
        self._is_writing = self._is_writing or lane is self.writing
        limit = LIMIT.set(WriteLimit(WRITE_S, self._stopping) if lane is self.writing else None)
        try:
            shown = self._state(lane, asked, anew=aside or asked.posted)
            visit = Visit(**vars(asked), shown=shown, base=self.access.base, read_only=self.read_only)
            if not aside and lane is self.reading and page.is_long(visit, self.many):
                return None
            return self._respond(page.handler(visit), asked, shown, lane.notes)
        except SmartregError as fault:
            status = next((number for kind, number in STATUSES if isinstance(fault, kind)), 500)
            return self._explain(status, fault.message, asked, fault.hint, shown)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return self._explain(
                500,
                Message("smartreg made a mistake here. What happened is written where smartreg web was started."),
                asked,
            )
        finally:
            LIMIT.reset(limit)
            if lane is self.writing:
                self._is_writing = False
                self.reading.live.expire()

    def _respond(self, answer: Answer, asked: Asked, shown: Shown, notes: Sequence[Text]) -> Response:
        match answer:
            case View(template, values, status):
                return HTMLResponse(self._draw(asked, template, values, shown, notes), status)
            case Redirect(url):
                return RedirectResponse(url, 303)
            case Download(name, content, media_type):
                headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
                return Response(content, headers=headers, media_type=media_type)
            case WholePage(html):
                return HTMLResponse(html, headers={"Content-Security-Policy": "frame-ancestors 'none'"})

    def _draw(
        self, asked: Asked, template: str, values: Mapping[str, object], shown: Shown | None, notes: Sequence[Text] = ()
    ) -> str:
        query = {name: asked.query.getlist(name) for name in asked.query}
        links = Links(self.access.base)
        return draw(
            self.environment,
            template,
            values,
            lang=asked.lang,
            links=Links(self.access.base, asked.query.get("lang")),
            shown=shown,
            here=asked.path,
            address=links.url(asked.path, **query),
            addresses={code: links.url(asked.path, **{**query, "lang": [code]}) for code in languages()},
            posted=asked.posted,
            query=asked.query,
            csrf=self.access.csrf,
            read_only=self.read_only,
            notes=[note for note in (shown.workspace.notice, *notes) if note] if shown else [],
        )

    def _explain(
        self, status: int, why: Text, asked: Asked, hint: Text | None = None, shown: Shown | None = None
    ) -> Response:
        """The page of a refusal or a fault; of a request that came to no page it shows nothing of the registry."""
        heading = HEADINGS.get(status, HEADINGS[403])
        values = {"heading": heading, "why": why, "hint": hint}
        return HTMLResponse(self._draw(asked, "fault.html", values, shown), status)

    def _turn_away(self, status: int, why: Text, scope: Scope) -> Response:
        """The page for a request that the guard refuses: whoever sent it learns no address of ours."""
        values = {"heading": HEADINGS.get(status, HEADINGS[403]), "why": why}
        text = draw(self.environment, "refused.html", values, lang=self._asked(scope).lang, links=Links(""))
        return HTMLResponse(text, status)

    def _come_in(self, cookie: str, scope: Scope) -> Response:
        """The page that sets the cookie. It leads on by itself: after a redirect that began elsewhere, browsers would
        not send a cookie that is SameSite=Strict."""
        response = HTMLResponse(self._draw(self._asked(scope), "start.html", {}, None))
        response.headers["Set-Cookie"] = cookie
        return response

    async def _static(self, request: Request) -> Response:
        file = static_file(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        return Response(file[0], media_type=file[1])

    async def _no_page(self, request: Request, fault: HTTPException) -> Response:
        return self._explain(
            fault.status_code, REFUSED.get(fault.status_code, REFUSED[400]), self._asked(request.scope)
        )

    def _asked(self, scope: Scope) -> Asked:
        """The request for a page, as far as its address says."""
        query = Request(scope).query_params
        lang = query.get("lang", "")
        path = str(scope["path"]).removeprefix(self.access.base)
        return Asked(path, {}, query, lang if is_language(lang) else self.lang)


def answer_aside(connection: Connection, english: str, desk: Desk) -> None:
    """Answer the pages that another desk asks for, until it stops or asks for nothing for long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other desk hears Ctrl-C
    pages = {page.path: page for page in desk.pages}
    with suppress(EOFError, BrokenPipeError), english_of(english):
        while connection.poll(IDLE_S):
            path, asked = connection.recv()
            connection.send(desk.visit(desk.reading, pages[path], asked, aside=True))
