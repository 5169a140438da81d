"""Pages from templates: every text escaped, every sentence from the catalogue in the language of the visit.

Templates say `{{ Message("Records") }}`: the same functions as the code, collected by `make texts`. A value that a
template lacks is an error, not an empty text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from smartreg.core.findings import CALLED
from smartreg.core.markdown import visible_lines
from smartreg.core.messages import Language, Message, Text, joined, message_in, number, plural, plural_in
from smartreg.core.webpage import resource
from smartreg.domain.deadlines import DECISIONS
from smartreg.domain.responsibilities import ROLES
from smartreg.domain.titles import STANDINGS
from smartreg.reports.html import explorer_script, explorer_style
from smartreg.web.hints import guide
from smartreg.web.visit import Links, Page
from smartreg.wording.record_counts import count_by_kind
from smartreg.workspace.show_convention import FILE_STATES

FOLDER = Path(__file__).parent
TEMPLATES, STATIC = FOLDER / "templates", FOLDER / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}


@pass_context
def said(context: Context, value: object) -> object:
    """What an expression of a template becomes: a text in the language of the visit; signs that act unseen are shown,
    line ends aside, unless the value is `exact`."""
    if value is None:
        raise TypeError("None in a template")
    if isinstance(value, Markup):
        return value
    return visible_lines(value.in_(context["lang"]) if isinstance(value, Text) else str(value))


def exact(value: str) -> Markup:
    """A value that a form sends back as it is: escaped, and otherwise unchanged."""
    return escape(value)


def make_environment(pages: Sequence[Page]) -> Environment:
    """The templates; `menu` has the pages that all pages lead to."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=said,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    sentences = (Message, plural, message_in, plural_in, joined, number)
    environment.globals |= {function.__name__: function for function in sentences}
    environment.globals |= {
        "CALLED": CALLED,
        "DECISIONS": DECISIONS,
        "FILE_STATES": FILE_STATES,
        "ROLES": ROLES,
        "STANDINGS": STANDINGS,
        "count_by_kind": count_by_kind,
        "counted": lambda rids: Counter(rid.kind for rid in rids),
    }
    commands = {page.command.partition(" ")[0]: page for page in pages if page.command}
    environment.globals |= {"commands": commands, "menu": [page for page in pages if page.menu is not None]}
    environment.filters |= {"exact": exact, "guide": guide}
    return environment


def draw(
    environment: Environment, template: str, values: Mapping[str, Any], *, lang: Language, links: Links, **frame: Any
) -> str:
    """The text of a page. `frame`: what the frame of all pages shows besides."""
    around = {"lang": lang, "links": links, "url": links.url, "record_url": links.record, **frame}
    return environment.get_template(template).render(**values, **around)


def static_file(name: str) -> tuple[str, str] | None:
    """The text and the media type of a file that pages are made with: the style of all that smartreg writes as HTML
    with that of the desk, or a script."""
    if name == "style.css":
        return f"{resource('smartreg.core', 'style.css')}\n{resource('smartreg.web.static', 'desk.css')}", "text/css"
    if name in ("map.js", "map.css"):
        return (explorer_script(), "text/javascript") if name == "map.js" else (explorer_style(), "text/css")
    file = STATIC / name
    if file.name != name or file.suffix not in MEDIA_TYPES or not file.is_file():
        return None
    return file.read_text("utf-8"), MEDIA_TYPES[file.suffix]
