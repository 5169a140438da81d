"""`explain CODE`"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from smartreg.cli.nouns import root_above
from smartreg.cli.parameters import Argument, Option, command
from smartreg.cli.session import Session
from smartreg.commands.explain import all_pages, explain, page_of, pages_json
from smartreg.core.errors import UsageFault
from smartreg.core.styled import Span, line, plain
from smartreg.core.values import Words
from smartreg.rules import all_rules

Code: TypeAlias = Annotated[
    str | None,
    Argument("CODE", Words("such as REF201", "comme REF201"), required=False, completes="rule"),
]
Every: TypeAlias = Annotated[
    bool,
    Option(("--all",), Words("the page of all rules, as Markdown", "la page de toutes les règles, en Markdown")),
]


def run(session: Session, code: Code, every: Every) -> int:
    if every:
        found = all_rules(_plugins(session)).values()
        if session.format == "json":
            session.console.write(pages_json(found, session.lang))
        else:
            session.console.write(_inert(all_pages(found, session.lang)))
        return 0
    if code is None:
        raise UsageFault(
            Words("CODE is missing", "il manque CODE"),
            Words("smartreg explain --all shows every rule", "smartreg explain --all montre toutes les règles"),
        )
    rule = explain(code, lambda: _plugins(session))
    if session.format == "json":
        session.console.write(pages_json([rule], session.lang))
        return 0
    if session.format == "markdown":
        session.console.write(_inert(page_of(rule, session.lang)))
        return 0
    session.console.show(
        line(Span(text, "bold") if text.startswith("#") else text) for text in page_of(rule, session.lang).splitlines()
    )
    return 0


def _inert(page: str) -> str:
    """The lines of a page: that of a plug-in's rule is somebody else's text."""
    return plain(map(line, page.splitlines()))


def _plugins(session: Session) -> tuple[str, ...]:
    """Those of the registry where one is: pages are read anywhere."""
    return session.workspace.config.plugins if root_above(str(session.directory)) is not None else ()


COMMAND = command(run, formats=("text", "markdown", "json"))
