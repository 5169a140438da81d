"""What a page is given, and what it answers with.

A page is a function of a `Visit`, run where nothing else uses its registry meanwhile: it returns a `View` (a
template with values), a `Redirect`, a `Download` or a `WholePage`. What it raises becomes a page as well: a UsageFault
400, an `Absent` 404, a refusal 422, a StateFault 409.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData, QueryParams

from smartreg.core.errors import UsageFault
from smartreg.core.messages import Language, Message, Text
from smartreg.core.values import RecordId
from smartreg.registry import Registry
from smartreg.web.state import Shown
from smartreg.workspace.workspace import Workspace


class Absent(UsageFault):
    """What the address names does not exist: 404."""


@dataclass(frozen=True)
class View:
    """A page to draw: a template in `templates/`, and its values (texts are said in the language of the visit)."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Redirect:
    """Go on there (303): a path of ours, as `Visit.url` gives it."""

    url: str


@dataclass(frozen=True)
class Download:
    """A file to keep, never shown by the browser itself."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class WholePage:
    """A page that has its own frame, style and policy, as `core.webpage.frame` makes them."""

    html: str


Answer: TypeAlias = View | Redirect | Download | WholePage


@dataclass(frozen=True)
class Asked:
    """A request for a page: its address below ours, what stands in it, and what was posted. `is_settled`: no write is
    under way that a reader could see half of."""

    path: str
    parameters: Mapping[str, str]
    query: QueryParams
    lang: Language
    posted: bool = False
    form: FormData = field(default_factory=FormData)
    is_settled: bool = True


@dataclass(frozen=True, kw_only=True)
class Visit(Asked):
    """A request with the state that is shown. It is also the context of a form (`forms.question.FormContext`)."""

    shown: Shown
    base: str = ""
    read_only: bool = False

    @property
    def workspace(self) -> Workspace:
        return self.shown.workspace

    @property
    def registry(self) -> Registry:
        return self.shown.workspace.current

    def has_many(self, many: int) -> bool:
        """Whether the registry has so many records."""
        return sum(len(self.registry.ids(kind)) for kind in self.registry.schemas.kinds) >= many

    @property
    def today(self) -> date:
        return self.shown.today

    @property
    def zone(self) -> tzinfo:
        """The time zone of the registry, in which pages say times."""
        zone = self.shown.seen.tzinfo
        assert zone is not None  # `State` sees the registry in its own zone
        return zone

    @cached_property
    def links(self) -> Links:
        return Links(self.base, self.query.get("lang"))

    def url(self, path: str, **query: object) -> str:
        """The address of a page: `url("/records", q="noise")`. A parameter that is None is left out."""
        return self.links.url(path, **query)


@dataclass(frozen=True)
class Links:
    """The addresses of pages below `base`, the part that only this user's browser knows; they keep a language that was
    asked for."""

    base: str
    lang: str | None = None

    def url(self, path: str, **query: object) -> str:
        """A path with its query; a list is a parameter given several times."""
        pairs = {"lang": self.lang, **query}
        words = urlencode({name: value for name, value in pairs.items() if value is not None}, doseq=True)
        return f"{self.base}{quote(path)}" + (f"?{words}" if words else "")

    def record(self, rid: RecordId, page: str = "") -> str:
        """The page of a record, or one below it: `record(rid, "edit")`."""
        return self.url(f"/records/{rid.kind}/{rid.id}" + (f"/{page}" if page else ""))


Handler: TypeAlias = Callable[[Visit], Answer]


@dataclass(frozen=True)
class Page:
    """An address and the function that answers it: `/records/{kind}/{id}` gives the function `parameters` of these
    names. `posts`: it also takes a posted form; `uploads`: with files. `menu`: its name in the menu of all pages.
    `command`: the command that does the same, with the names of its arguments; `does`: what it does, for a link.
    `is_long`: whether a visit may compute long, in a registry that has this number of records or more."""

    path: str
    handler: Handler
    posts: bool = False
    uploads: bool = False
    menu: Text | None = None
    command: str = ""
    does: Message | None = None
    is_long: Callable[[Visit, int], bool] = lambda _visit, _many: False
