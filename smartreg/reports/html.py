"""The page: one file that works from disk with the network off (`page/` makes its data and holds its scripts)."""

from __future__ import annotations

from collections.abc import Sequence

from smartreg.core.markdown import markdown
from smartreg.core.messages import Language, Message
from smartreg.core.webpage import element, frame, island, resource
from smartreg.reports.page.options import PageOptions
from smartreg.reports.page.whole import whole
from smartreg.reports.page.words import WORDS
from smartreg.schema.countries import FRANCE

PACKAGE = "smartreg.reports.page"
USUAL: Language = "en"
_PARTS = ("say", "draw", "records", "filters", "marks", "communes", "map", "list", "details", "tables", "download")
SCRIPTS = (
    *_PARTS,
    *("story", "charts", "figures", "streams", "registers", "changes", "findings", "explorer", "address", "start"),
)
EXPLORER = (*_PARTS, "explorer", "address", "alone")
"""The scripts of the map with its list and details, on a page that another frame holds."""
SECTIONS = (
    *("story", "decisions", "conclusion", "figures", "conventions", "parties", "explorer", "changes", "findings"),
    "provenance",
)
WITHOUT_SCRIPTS = Message(
    "This page draws everything by scripts that it carries itself; they are switched off here. The same report "
    "exists as a text: ask whoever sent you this page."
)


def render(look: PageOptions) -> bytes:
    """The bytes of the page; the same look gives the same bytes."""
    lang = look.lang or USUAL
    title = look.title.in_(lang)
    text = frame(
        title,
        lang,
        _body(look, title, lang),
        styles=(
            resource(PACKAGE, "leaflet/leaflet.css"),
            resource("smartreg.core", "style.css"),
            _style(look.view.country),
        ),
        scripts=(_leaflet(), _script()),
        images=" ".join(
            origin for origin in ("data:" if look.logo else "", look.tiles.origin if look.tiles else "") if origin
        ),
    )
    return text.encode("utf-8", "backslashreplace")


def _style(country: str = FRANCE) -> str:
    style = "".join(resource(PACKAGE, name) for name in ("page.css", "sections.css", "explorer.css"))
    return style if country == FRANCE else f"{style}.tongues {{ display: none }}\n"


def _leaflet() -> str:
    """Leaflet under its licence; without the line by which tools would look for its map of sources."""
    licence, code = resource(PACKAGE, "leaflet/LICENSE"), resource(PACKAGE, "leaflet/leaflet.js")
    return f"/*!\n{licence}*/\n{code[: code.rindex('//# sourceMappingURL')]}"


def explorer_style() -> str:
    """The style of the map, its list and details, beside that of all pages."""
    return resource(PACKAGE, "leaflet/leaflet.css") + _style()


def explorer_script() -> str:
    """The script that draws the map from the island `data` into the section `explorer`."""
    return f"{_leaflet()}\n{_script(EXPLORER)}"


def _script(names: Sequence[str] = SCRIPTS) -> str:
    """Our scripts in one scope, so that none of their names is global."""
    parts = "\n".join(resource(PACKAGE, f"scripts/{name}.js") for name in names)
    return f'"use strict";\n(function () {{\n{parts}\n}})();\n'


def _body(look: PageOptions, title: str, lang: Language) -> str:
    """The bones of the page: how many elements it has does not depend on the data."""
    conclusion = f'<h2 id="conclusion-title"></h2><div class="written">{markdown(look.conclusion or "")}</div>'
    within = {"conclusion": conclusion if look.conclusion else ""}
    sections = "\n".join(
        f'<section id="{name}" aria-labelledby="{name}-title">{within.get(name, "")}</section>' for name in SECTIONS
    )
    return "\n".join(
        (
            element("a", WORDS["skip"].in_(lang), class_="skip", href="#content"),
            f'<header id="top">{element("h1", title)}</header>',
            '<nav id="contents"></nav>',
            f'<main id="content" tabindex="-1">\n<noscript>{element("p", WITHOUT_SCRIPTS.in_(lang))}</noscript>',
            f"{sections}\n</main>",
            island("data", whole(look)),
        )
    )
